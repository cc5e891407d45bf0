"""Deleting one person: nothing of them is left but the name that others were given; nobody else loses anything."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventnet import clock, db, jobs, tables
from eventnet.accounts.models import Browser, Budget
from eventnet.attendees import activation, erased, importing, participation
from eventnet.attendees.mapping import Person
from eventnet.attendees.models import Attendee, Erasure, ImportDraft
from eventnet.audit.models import AuditEntry
from eventnet.contacts import address_book, kept_names
from eventnet.contacts.models import KeptName
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from eventnet.lifecycle import erasing, forgetting, subjects
from eventnet.outbox import planning
from eventnet.outbox.models import Mail
from eventnet.suggestions.picks import Pick, Picks
from eventnet.summaries import reading
from eventnet.summaries.models import Summary
from tests.clients import Client
from tests.factories import Cast, make_attendee
from tests.lifecycle.canaries import everything, fill, on_disk

SECRET = b"a key for tests only, at least 32 characters"
WORD, OTHER = "Xantippe", "Yolanthe"


def erase(person: Attendee, by: str = "attendee:1") -> erasing.Erased:
    with db.transaction():
        return erasing.erase(SECRET, person.event_id, person.id, by)


def swap(client: Client, badge: str) -> Any:
    sent = client.send("/api/v1/encounters", {"sent_at": clock.now().isoformat(), "scans": [
        {"id": f"00000000-0000-4000-8000-{abs(hash(badge)) % 10**12:012d}", "badge": badge,
         "scanned_at": clock.now().isoformat(), "elapsed_ms": 0}]})
    return sent.get_json()["answers"][0]


def test_every_table_with_a_person_in_it_is_known() -> None:
    """Computed from the schema: a new table, or a new column that points at attendees, has to be declared."""
    found = {table.name: subjects.columns_of_people(table) for table in tables.metadata.sorted_tables}
    assert {name: set(subjects.HELD[name].people) if name in subjects.HELD else set() for name in found} == found
    assert subjects.HELD.keys() | subjects.BY_CONTENT.keys() | subjects.NOBODY.keys() == found.keys()
    assert not subjects.HELD.keys() & (subjects.BY_CONTENT.keys() | subjects.NOBODY.keys())


def test_columns_that_look_like_a_person_point_at_one() -> None:
    """A column named for a person without a foreign key would be missed by the test above."""
    roles = ("attendee", "owner", "person", "giver", "receiver", "scanner", "scanned", "blocker", "blocked", "reporter")
    named = {(table.name, column.name) for table in tables.metadata.sorted_tables for column in table.c
             if column.name.removesuffix("_id") in roles and column.name.endswith("_id")}
    assert named - {(name, column) for name, held in subjects.HELD.items() for column in held.people} == set()


@pytest.fixture
def crowds(database: db.Database, evening: Any) -> tuple[list[Attendee], list[Attendee]]:
    """Xantippe alone has that word, among people called Yolanthe; and the same without her at another event."""
    with db.transaction():
        event, crowd, _browsers = fill(OTHER, people=4)
        _other, others, _theirs = fill("Zenobia", people=3)
        mine = sa.select(Attendee).where(Attendee.id == crowd[0].id)
        db.session.scalars(mine).one()
        _rename(event, crowd[0])
    return crowd, others


def _rename(event: Event, person: Attendee) -> None:
    """Every text of rows that are this person's own, and of no one else, says Xantippe instead."""
    db.session.flush()
    for name, held in subjects.HELD.items():
        table = subjects.table(name)
        texts = {column.name: sa.func.replace(sa.func.replace(sa.cast(column, sa.Text), OTHER, WORD),
                                              OTHER.lower(), WORD.lower())
                 for column in table.c if isinstance(column.type, (sa.Text, db.JsonText))}
        if name == "mails":
            db.session.execute(sa.update(Mail).where(Mail.attendee_id == person.id).values(
                content=f"Dear {WORD}, ".encode() * 900))
        if texts and name not in ("scans", "grants", "encounters"):
            db.session.execute(sa.update(table).where(
                *subjects.rows_of(table, event.id, person.id, held.mine)).values(
                    {key: sa.type_coerce(value, sa.Text) for key, value in texts.items()}))
    for budget in db.session.scalars(sa.select(Budget).where(Budget.key.contains(f":attendee:{person.id}"))):
        budget.key = f"swaps:attendee:{person.id}"
    db.session.flush()


def test_nothing_of_the_person_is_left_but_the_name_that_was_given(
    crowds: tuple[list[Attendee], list[Attendee]], database: db.Database,
) -> None:
    crowd, others = crowds
    ada = crowd[0]
    with db.reading():
        before = everything(others[0].event_id)
        name = db.session.get_one(Attendee, ada.id).badge_name
        assert WORD in name
    assert WORD.encode() in on_disk(database)
    done = erase(ada)
    assert erasing.scrub()
    assert done.kept_by == 3
    for table, held in subjects.HELD.items():
        here = subjects.table(table)
        with db.reading():
            left = db.session.scalar(sa.select(sa.func.count()).select_from(here).where(
                *subjects.rows_of(here, ada.event_id, ada.id, held.people)))
        assert (table, left) == (table, 0)
    with db.transaction():
        assert {(kept.name, kept.note) for kept in db.session.scalars(sa.select(KeptName).where(
            KeptName.name.contains(WORD)))} == {
                (name, f"{OTHER} likes tea"), (WORD, f"{OTHER} likes tea")}, "one of them keeps what a block froze"
        # With the names that were given to them gone as well, no byte says hers.
        db.session.execute(sa.delete(KeptName).where(KeptName.name.contains(WORD)))
    assert erasing.scrub()
    disk = on_disk(database)
    assert [word for word in (WORD, WORD.lower()) if word.encode() in disk] == []
    assert OTHER.encode() in disk
    assert everything(others[0].event_id) == before


def test_control_forgotten_table_is_noticed(
    crowds: tuple[list[Attendee], list[Attendee]], database: db.Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: were consents left out of the registry, the database itself would refuse."""
    monkeypatch.delitem(subjects.HELD, "consents")
    with pytest.raises(sa.exc.IntegrityError):
        erase(crowds[0][0])


def test_bytes_stay_in_the_log_until_it_is_emptied(
    crowds: tuple[list[Attendee], list[Attendee]], database: db.Database,
) -> None:
    """The negative control of scrub(); PostgreSQL keeps its log elsewhere."""
    erase(crowds[0][0])
    if database.is_sqlite:
        assert WORD.lower().encode() in on_disk(database)
    with clock.stopped(clock.now() + timedelta(minutes=10)):
        jobs.forget_due_events()
    assert WORD.lower().encode() not in on_disk(database)


def test_others_keep_the_name_and_their_words(cast: Cast, client: Client) -> None:
    swap(client.become(cast.grace), cast.token(cast.ada))
    client.submit(f"/e/mixer/people/{cast.ada.id}/note", {"note": "likes trains", "promise": "send the paper"})
    erase(cast.ada)
    page = client.get("/e/mixer/people")
    assert [text in page.text for text in ("Ada Lovelace", "likes trains", "send the paper", "ada@people.example")] == [
        True, True, True, False]
    assert client.get(f"/e/mixer/people/{cast.ada.id}").status_code == 404
    cards, table = client.get("/e/mixer/people.vcf").text, client.get("/e/mixer/people.csv").text
    assert ("FN:Ada Lovelace" in cards, "EMAIL" in cards, "Ada Lovelace" in table, "ada@" in table) == (
        True, False, True, False)
    with db.reading():
        [kept] = kept_names.of(cast.mixer.id, cast.grace.id)
        assert kept.met_on == cast.mixer.starts_on
    assert client.submit(f"/e/mixer/people/kept/{kept.id}/removal").status_code == 303
    assert "Ada Lovelace" not in client.get("/e/mixer/people").text.replace("Ada Lovelace is off your list", "")


def test_kept_name_is_nobody_elses_to_remove(cast: Cast, client: Client) -> None:
    swap(client.become(cast.grace), cast.token(cast.ada))
    erase(cast.ada)
    with db.reading():
        [kept] = kept_names.of(cast.mixer.id, cast.grace.id)
    with db.transaction(), pytest.raises(NotFound):
        kept_names.remove(cast.mixer.id, cast.bob.id, kept.id)


def test_badge_is_unknown_afterwards(cast: Cast, client: Client) -> None:
    client.become(cast.grace)
    erase(cast.ada)
    answer = swap(client, cast.token(cast.ada))
    assert (answer["result"], answer["reason"]) == ("refused", "unknown")
    assert client.get(f"/B/{cast.token(cast.ada)}").text.count("Ada") == 0


def test_old_links_say_what_happened_and_made_up_ones_nothing(cast: Cast, client: Client) -> None:
    secret = client.settings.secret_key
    links = [f"/A/{activation.activation_token(secret, cast.ada)}", f"/M/{reading.summary_token(secret, cast.ada)}",
             f"/U/{participation.participation_token(secret, cast.ada)}"]
    with db.transaction():
        erasing.erase(secret, cast.mixer.id, cast.ada.id, "attendee:1")
    for link in links:
        answer = client.get(link)
        assert (answer.status_code, "Ada" in answer.text) == (410, False)
        assert "Everything about you at Spring mixer was deleted on 15 October 2026, as you wished." in answer.text
        assert client.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404


def test_import_leaves_them_out_and_a_walk_in_is_welcome(cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Attendee, cast.ada.id).external_key = "T-1"
    erase(cast.ada)
    rows = [Person(1, {"registered_name": "A. L.", "email": "ADA@people.example"}, key="T-9"),
            Person(2, {"registered_name": "A. L.", "email": "new@people.example"}, key="T-1"),
            Person(3, {"registered_name": "Eve", "email": "eve@people.example"}, key="T-3")]
    with db.reading():
        marked = erased.mark(SECRET, cast.mixer.id, rows)
        plan = importing.preview(cast.mixer.id, marked)
        elsewhere = importing.preview(cast.elsewhere.id, erased.mark(SECRET, cast.elsewhere.id, rows))
        control = importing.preview(cast.mixer.id, erased.mark(b"another key", cast.mixer.id, rows))
    reason = "asked to be deleted on 15 October 2026"
    assert [(row.outcome, row.reason) for row in plan.outcomes] == [("skipped", reason)] * 2 + [("new", "")]
    assert [person.values for person in marked[:2]] == [{"registered_name": "A. L."}] * 2
    assert {row.outcome for row in elsewhere.outcomes} == {row.outcome for row in control.outcomes} == {"new"}
    with db.transaction():
        assert make_attendee(db.session.get_one(Event, cast.mixer.id), "Ada Lovelace").id > cast.ada.id


def test_restored_copy_is_cleaned_again(cast: Cast) -> None:
    """As after a restore: she is on the list although the record says she was deleted later than she was added."""
    with db.transaction():
        db.session.get_one(Attendee, cast.grace.id).external_key = "t-2"
    erase(cast.ada)
    erase(cast.grace)
    with db.transaction():
        mixer = db.session.get_one(Event, cast.mixer.id)
        back = make_attendee(mixer, "Ada Lovelace", id=cast.ada.id)
        by_key = make_attendee(mixer, "Grace Hopper", external_key="t-2")
        shares_address = make_attendee(mixer, "Annabella Byron", email="ada@people.example")
        back.made_at = by_key.made_at = shares_address.made_at = clock.now() - timedelta(days=3)
        db.session.flush()
        with clock.stopped(clock.now() + timedelta(days=1)):
            later = make_attendee(mixer, "Ada Byron", email="ada@people.example")
    with db.transaction():
        assert erasing.apply_again(SECRET, cast.mixer.id, "command line") == 2
    with db.reading():
        assert (db.session.get(Attendee, back.id), db.session.get(Attendee, by_key.id)) == (None, None)
        assert db.session.get(Attendee, shares_address.id) is not None, "they did not ask for it"
        assert db.session.get(Attendee, later.id) is not None


def test_mails_that_name_them_are_written_anew_up_to_the_dot(cast: Cast, client: Client) -> None:
    swap(client.become(cast.grace), cast.token(cast.ada))
    states = ("ready", "sending", "dot", "sent", "failed", "in_doubt")
    with db.transaction():
        for state in states:
            _mail(cast.grace, state)
            _mail(cast.bob, state)
        db.session.add(Summary(event_id=cast.mixer.id, attendee_id=cast.grace.id, made_at=clock.now(), picks=Picks(
            (Pick(cast.ada.id, 1.0), Pick(cast.bob.id, 0.5)), (cast.ada.id,), ()).as_json()))
    erase(cast.ada)
    with db.reading():
        found = {(mail.attendee_id, mail.unique_key): (mail.state, mail.content is not None)
                 for mail in db.session.scalars(sa.select(Mail))}
        assert planning.conservation(cast.mixer.id).holds
        picks = Picks.from_json(db.session.get_one(Summary, cast.grace.id).picks)
    assert [found[cast.grace.id, f"{cast.grace.id}:{state}"] for state in states] == [
        ("planned", False), ("planned", False), ("dot", True), ("sent", False), ("failed", False), ("in_doubt", True)]
    assert [found[cast.bob.id, f"{cast.bob.id}:{state}"] for state in states] == [(state, True) for state in states]
    assert ([pick.attendee_id for pick in picks.follow_up], picks.did_you_talk) == ([cast.bob.id], ())


def _mail(person: Attendee, state: str) -> None:
    now = clock.now()
    db.session.add(Mail(
        id=f"{person.id}-{state}", kind="summary", unique_key=f"{person.id}:{state}", event_id=person.event_id,
        attendee_id=person.id, state=state, to_address=person.email, planned_at=now, run_after=now, message_id="m",
        dated_at=now, content=b"You met Ada", digest="d", attempt="x/y/1/2/z" if state in ("sending", "dot") else None,
        lease_until=now, dot_at=now, settled_at=now if state in ("sent", "failed") else None))


def test_mails_to_them_do_not_leave(cast: Cast) -> None:
    with db.transaction():
        _mail(cast.ada, "planned")
        _mail(cast.ada, "sending")
    erase(cast.ada)
    with db.reading():
        assert db.session.scalars(sa.select(Mail)).all() == []


def test_upload_in_waiting_forgets_the_row(cast: Cast) -> None:
    def row(name: str, email: str) -> dict[str, Any]:
        return {"person": {"row": 1, "values": {"registered_name": name, "email": email}, "key": name},
                "outcome": {"row": 1, "outcome": "same", "name": name, "reason": ""}}

    with db.transaction():
        db.session.add(ImportDraft(
            id="draft", event_id=cast.mixer.id, organizer_id=cast.olga.id, file_name="list.csv", source="auto",
            rows=[row("Ada L", "ada@people.example"), row("Grace Hopper", "grace@people.example")],
            made_at=clock.now()))
        db.session.add(ImportDraft(
            id="done", event_id=cast.mixer.id, organizer_id=cast.olga.id, file_name="list.csv", source="auto",
            rows=[{"outcome": row("Ada Lovelace", "")["outcome"]}, {"outcome": row("Grace Hopper", "")["outcome"]}],
            made_at=clock.now()))
    erase(cast.ada)
    with db.reading():
        left = {draft.id: [one["outcome"]["name"] for one in draft.rows]
                for draft in db.session.scalars(sa.select(ImportDraft))}
    assert left == {"draft": ["Grace Hopper"], "done": ["Grace Hopper"]}


def test_page_says_what_goes_and_wants_a_tick(cast: Cast, client: Client) -> None:
    client.become(cast.ada)
    assert "People who have your card keep your name as plain text" in client.get("/e/mixer/delete-me").text
    unsure = client.submit("/e/mixer/delete-me")
    assert (unsure.status_code, "Nothing is deleted yet." in unsure.text) == (422, True)
    answer = client.submit("/e/mixer/delete-me", {"sure": "1"})
    assert (answer.status_code, answer.location, answer.headers["Clear-Site-Data"]) == (
        303, "/e/mixer/privacy", '"storage"')
    assert "Everything about you at Spring mixer is deleted." in client.get("/e/mixer/privacy").text
    assert client.get("/e/mixer/people").location.startswith("/e/mixer/sign-in")
    with db.reading():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Browser)) == 0
        [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "attendee.erased"))
        assert (entry.actor, entry.about["attendee"]) == (f"attendee:{cast.ada.id}", cast.ada.id)


def test_browser_that_is_somebody_else_too_stays_signed_in_there(cast: Cast, client: Client) -> None:
    client.become(cast.mallory).become(cast.ada)
    answer = client.submit("/e/mixer/delete-me", {"sure": "1"})
    assert "Clear-Site-Data" not in answer.headers
    assert client.get("/e/elsewhere/badge").status_code == 200


def test_second_tap_finds_nobody(cast: Cast, client: Client) -> None:
    client.become(cast.ada)
    client.submit("/e/mixer/delete-me", {"sure": "1"})
    assert client.submit("/e/mixer/delete-me", {"sure": "1"}).status_code == 401
    with db.transaction(), pytest.raises(NotFound):
        erasing.erase(SECRET, cast.mixer.id, cast.ada.id, "attendee:1")
    with db.reading():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 1


def test_owner_deletes_on_request_with_a_tick(cast: Cast, client: Client) -> None:
    client.become_organizer(cast.olga.id)
    page = f"/admin/e/mixer/attendees/{cast.ada.id}/erasure"
    assert "Delete everything about Ada Lovelace" in client.get(page).text
    assert client.submit(page).status_code == 422
    answer = client.submit(page, {"asked": "1"})
    assert (answer.status_code, answer.location) == (303, "/admin/e/mixer/attendees")
    with db.reading():
        assert db.session.get(Attendee, cast.ada.id) is None
        [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "attendee.erased"))
        assert entry.actor == f"organizer:{cast.olga.id}"
    assert client.submit(page, {"asked": "1"}).status_code == 404


def test_erasures_go_with_the_event(cast: Cast) -> None:
    erase(cast.ada)
    with clock.stopped(cast.mixer.retention_at + timedelta(hours=1)), db.transaction():
        forgetting.forget_due(clock.now(), 100_000)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 0


def test_scan_and_deletion_at_the_same_moment_leave_one_truth(cast: Cast, client: Client) -> None:
    """Either the scan came first, and the name stays with the scanner; or the badge is unknown. Never half a row."""
    client.become(cast.grace)
    start, seen = threading.Barrier(2), list[Any]()

    def scan() -> None:
        start.wait()
        with clock.stopped(cast.mixer.starts_at + timedelta(hours=1)):
            seen.append(client.send("/api/v1/encounters", {"sent_at": clock.now().isoformat(), "scans": [
                {"id": "00000000-0000-4000-8000-000000000001", "badge": cast.token(cast.ada),
                 "scanned_at": clock.now().isoformat(), "elapsed_ms": 0}]}))

    other = threading.Thread(target=scan)
    other.start()
    start.wait()
    erase(cast.ada)
    other.join()
    [answer] = seen
    with db.reading():
        kept = len(kept_names.of(cast.mixer.id, cast.grace.id))
        assert address_book.counts(cast.mixer.id, cast.grace.id).people == 0
    assert answer.status_code in (200, 503)
    assert answer.status_code == 503 or kept == (answer.get_json()["answers"][0]["result"] == "recorded")


def test_refusal_for_a_made_up_number_is_silent(cast: Cast) -> None:
    with db.reading():
        erased.check_link(SECRET, "not a token", "activation")
        erased.check_link(SECRET, "0" * 34, "activation")
    with pytest.raises(Refusal):
        erase(cast.ada)
        with db.reading():
            erased.check_link(SECRET, activation.activation_token(SECRET, cast.ada), "activation")
