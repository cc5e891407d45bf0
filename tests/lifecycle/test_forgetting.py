"""Forgetting: nothing before the day, everything after it, and nothing of anybody else's, at any bite size."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventnet import clock, db, jobs, tables
from eventnet.accounts import browsers
from eventnet.accounts.models import Browser, Budget, KnownBrowser
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.audit.models import AuditEntry
from eventnet.events.models import Event
from eventnet.lifecycle import forgetting, leftovers
from eventnet.lifecycle.models import Forgetting
from eventnet.outbox.models import Mail
from tests.factories import make_attendee, make_event, make_organizer
from tests.lifecycle.canaries import STAYS, everything, fill, long_after, on_disk, rows_of

START = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
OLD, OTHER = "Xantippe", "Yolanthe"


@pytest.fixture
def two_events(database: db.Database, evening: datetime) -> tuple[Event, Event]:
    """One event whose day comes on 15 November 2026, and one that is kept for a year longer."""
    with db.transaction():
        one = fill(OLD, retention_months=1)[0]
        other = fill(OTHER, people=4, retention_months=13)[0]
    return one, other


def forget(at: datetime, limit: int = 100_000) -> int:
    with clock.stopped(at), db.transaction():
        return forgetting.forget_due(clock.now(), limit)


def forget_all(at: datetime, limit: int) -> list[int]:
    bites = []
    while gone := forget(at, limit):
        bites.append(gone)
    return bites


def test_browsers_of_organizers_go_half_a_year_after_the_last_sign_in(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        olga, event = make_organizer(), make_event()
        ada = make_attendee(event, "Ada Lovelace")
        until = clock.now() + timedelta(hours=12)
        old, _token = browsers.sign_in_organizer(None, "Firefox on Linux", olga.id, until)
        both, _token = browsers.sign_in_organizer(None, "Safari on iPhone", olga.id, until)
        db.session.add(SignedInBrowser(event_id=event.id, attendee_id=ada.id, browser_id=both.id, way="desk",
                                       since=clock.now()))
    half_a_year = evening + browsers.KNOWN_LASTS
    with clock.stopped(half_a_year - timedelta(days=1)), db.transaction():
        assert leftovers.purge_browsers() == 0
        again, _token = browsers.sign_in_organizer(None, "Chrome on Android", olga.id, clock.now() + timedelta(days=3))
    with clock.stopped(half_a_year), db.transaction():
        assert leftovers.purge_browsers() == 1
        assert leftovers.purge_browsers() == 0
    with db.reading():
        assert set(db.session.scalars(sa.select(Browser.id))) == {both.id, again.id}
        assert old.id not in (both.id, again.id)
        assert set(db.session.scalars(sa.select(KnownBrowser.browser_id))) == {again.id}


def test_every_table_of_the_schema_is_forgotten_or_has_a_reason() -> None:
    emptied = {table.name for table in forgetting.tables_of_an_event()}
    assert emptied | forgetting.KEPT.keys() | forgetting.BESIDE.keys() == set(tables.metadata.tables)
    assert emptied.isdisjoint({*forgetting.KEPT, *forgetting.BESIDE})
    assert forgetting.KEPT.keys() == STAYS


def test_forgetting_knows_every_table_without_the_rest_of_the_program() -> None:
    """A table that nobody imported would silently be kept."""
    said = subprocess.run(
        [sys.executable, "-c", "from eventnet.lifecycle import forgetting as f; "
         "print(*sorted(f.Event.metadata.tables))"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == sorted(tables.metadata.tables)


def test_canaries_are_in_every_table_of_an_event(two_events: tuple[Event, Event], database: db.Database) -> None:
    assert [name for name, n in rows_of(two_events[0].id).items() if not n] == ["forgettings"]
    assert OLD.encode() in on_disk(database)


def test_nothing_happens_before_the_day(two_events: tuple[Event, Event]) -> None:
    before = everything()
    assert forget(two_events[0].retention_at - timedelta(microseconds=1)) == 0
    assert everything() == before


@pytest.mark.parametrize("limit", [7, 100, 100_000])
def test_everything_goes_and_nothing_else_at_any_bite(two_events: tuple[Event, Event], limit: int) -> None:
    one, other = two_events
    before, others = rows_of(one.id), everything(other.id)
    bites = forget_all(long_after(one), limit)
    deleted = {name: n for name, n in before.items() if name not in STAYS}
    assert (sum(bites), max(bites) <= limit) == (sum(deleted.values()), True)
    assert {name for name, n in rows_of(one.id).items() if n} == STAYS
    assert everything(other.id) == others
    with db.reading():
        record = db.session.get_one(Forgetting, one.id)
        assert record.rows == {**deleted, "browsers": 12, "budgets": 14}
        assert record.ended_at == db.session.get_one(Event, one.id).forgotten_at == long_after(one)
        [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "event.forgotten"))
        assert (entry.event_id, entry.actor, entry.about) == (one.id, "worker", {"rows": record.rows})
        assert log.sentence(entry) == (
            f"The worker deleted everything about the event on the promised day: {sum(record.rows.values())} rows.")


def test_event_itself_keeps_slug_name_and_dates(two_events: tuple[Event, Event]) -> None:
    one = two_events[0]
    forget(long_after(one))
    with db.reading():
        left = db.session.get_one(Event, one.id)
        kept = ("slug", "name", "zone", "starts_at", "ends_at", "retention_on")
        assert [getattr(left, name) for name in kept] == [getattr(one, name) for name in kept]
        assert [left.venue, left.controller, left.controller_email, left.region] == [""] * 4


def test_disk_holds_no_canary_and_every_other_word(two_events: tuple[Event, Event], database: db.Database) -> None:
    one = two_events[0]
    with clock.stopped(long_after(one)):
        jobs.forget_due_events()
    disk = on_disk(database)
    assert [word for word in (OLD, OLD.lower()) if word.encode() in disk] == []
    assert OTHER.encode() in disk


def test_killed_in_the_middle_it_goes_on_where_it_was(two_events: tuple[Event, Event]) -> None:
    one, before = two_events[0], rows_of(two_events[0].id)
    assert forget(long_after(one), 50) == 50
    with pytest.raises(KeyboardInterrupt), clock.stopped(long_after(one)), db.transaction():
        forgetting.forget_due(clock.now(), 100)
        raise KeyboardInterrupt
    assert sum(n for name, n in rows_of(one.id).items() if name != "forgettings") == sum(before.values()) - 50
    forget_all(long_after(one) + timedelta(days=1), 100)
    with db.reading():
        record = db.session.get_one(Forgetting, one.id)
    assert (record.begun_at, record.ended_at) == (long_after(one), long_after(one) + timedelta(days=1))
    assert record.rows == {**{name: n for name, n in before.items() if name not in STAYS}, "browsers": 12,
                           "budgets": 14}


def test_again_changes_nothing(two_events: tuple[Event, Event]) -> None:
    one = two_events[0]
    forget(long_after(one))
    before = everything()
    assert forget(long_after(one) + timedelta(days=30)) == 0
    assert everything() == before


def test_event_without_a_row_is_forgotten_too(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        event = make_event(retention_months=1)
    assert forget(long_after(event)) == 0
    with db.reading():
        assert db.session.get_one(Event, event.id).forgotten_at == long_after(event)
        assert forgetting.has_ended_since(long_after(event))


def test_several_events_go_in_one_bite(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        events = [fill(word, people=2, retention_months=1)[0] for word in ("First", "Second")]
    bites = forget_all(long_after(events[0]), 60)
    assert (len(bites), bites[0]) == (2, 60)
    assert [sum(rows_of(event.id).values()) for event in events] == [4, 4]


def test_browser_that_is_somebody_elsewhere_stays(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        one, _crowd, browsers = fill(OLD, people=4, retention_months=1)
        other, others, theirs = fill(OTHER, people=2)
        db.session.add(SignedInBrowser(event_id=other.id, attendee_id=others[0].id, browser_id=browsers[0].id,
                                       way="desk", since=START))
        browsers[1].organizer_id = make_organizer().id
    forget(long_after(one))
    with db.reading():
        assert set(db.session.scalars(sa.select(Browser.id))) == {
            browsers[0].id, browsers[1].id, *(browser.id for browser in theirs)}


def test_budgets_of_others_stay(database: db.Database, evening: datetime) -> None:
    keys = ["sign-in:olga@example.org", "reset:olga@example.org", "sign-in-codes:abc7", "hand-over:77",
            "hand-over:77:x", "sign-in-asks:8:7"]
    with db.transaction():
        person = fill(OTHER, people=1)[1][0]
        db.session.execute(sa.delete(Budget))
        db.session.add_all([Budget(key=key, span_start=START) for key in [
            *keys, f"swaps:attendee:{person.id}", "swaps:attendee:7", "swaps-burst:attendee:999", "hand-over:7",
            "hand-over:7:anchor", "sign-in-asks:7:ada@people.example"]])
        assert leftovers.forget_budgets(7) == 5
        left = set(db.session.scalars(sa.select(Budget.key)))
    assert left == {*keys, f"swaps:attendee:{person.id}"}


def test_numbers_are_never_given_twice(two_events: tuple[Event, Event]) -> None:
    """An old link, code or audit entry names a row by its number: the next row must not get it."""
    with db.reading():
        last = db.session.scalar(sa.select(sa.func.max(Browser.id)))
    with db.transaction():
        event, crowd, browsers = fill("Zenobia", people=1, retention_months=1)
    forget(long_after(event))
    with db.transaction():
        _event, next_crowd, next_browsers = fill("Zerlina", people=1)
    assert browsers[0].id == (last or 0) + 1
    assert (next_crowd[0].id > crowd[0].id, next_browsers[0].id > browsers[0].id) == (True, True)


def test_event_entered_afterwards_is_kept_from_then_on(database: db.Database) -> None:
    with clock.stopped(START + timedelta(days=4000)), db.transaction():
        event = make_event(retention_months=1)
        assert forgetting.due(clock.now() + timedelta(days=27)) == []
        assert event.retention_at > clock.now() + timedelta(days=27)
        assert forgetting.due(clock.now() + timedelta(days=32)) == [event.id]


def test_job_is_in_the_timetable_and_does_all_of_it(
    two_events: tuple[Event, Event], monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, verb = two_events[0], next(job.verb for job in jobs.TIMETABLE if job.verb is jobs.forget_due_events)
    monkeypatch.setattr(jobs, "LONGEST_FORGETTING", 0.0)
    with clock.stopped(long_after(one)):
        assert verb() == 0, "no time, no bite"
        monkeypatch.setattr(jobs, "LONGEST_FORGETTING", 60.0)
        before = sum(n for name, n in rows_of(one.id).items() if name not in STAYS)
        assert verb() == before
        assert verb() == 0


def test_log_is_emptied_later_when_somebody_reads_for_long(
    two_events: tuple[Event, Event], database: db.Database,
) -> None:
    if not database.is_sqlite:
        assert database.empty_log()
        return
    one = two_events[0]
    reader = database.reader.connect()
    reader.execute(sa.select(Attendee.id))
    with clock.stopped(long_after(one)):
        jobs.forget_due_events()
        assert OLD.encode() in on_disk(database)
        reader.close()
        assert jobs.forget_due_events() == 0
    assert OLD.encode() not in on_disk(database)


def test_mail_of_a_forgotten_event_does_not_leave(two_events: tuple[Event, Event]) -> None:
    one, other = two_events

    def objections(at: datetime) -> dict[Any, Any]:
        with clock.stopped(at), db.reading():
            mails = db.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
            events = {mail.id: mail.event_id for mail in mails}
            return {events[mail_id]: reason for mail_id, reason in jobs.objections(mails).items()}

    assert objections(one.retention_at - timedelta(seconds=1)) == {}
    assert objections(one.retention_at) == {one.id: "The event's data is deleted, as promised."}
    assert objections(other.retention_at).keys() == {one.id, other.id}
