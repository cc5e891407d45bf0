"""Not taking part, however it was said: no code on paper, no mail, no suggestion, no answer, no session."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from eventnet import db, jobs
from eventnet.attendees import api_tokens, importing, invitations, mapping, participation, roster, sign_in, tables
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.badges import printing
from eventnet.badges.codes import BadgeReference
from eventnet.encounters.recording import Answer, Claim, record_scan
from eventnet.events.models import Event
from eventnet.outbox import planning
from eventnet.outbox.models import Mail
from eventnet.suggestions import facts
from eventnet.summaries import eligibility
from tests.clients import Client
from tests.factories import Cast

DESK = "/admin/e/mixer/desk"
Leave = Callable[[Attendee], None]


def import_list(event_id: int, text: str) -> list[tuple[str, str]]:
    """Import a list; (outcome, reason) of each row."""
    with db.transaction():
        plan = importing.preview(event_id, mapping.parse(tables.read(text.encode())).people)
        importing.commit(event_id, plan, "organizer:1")
    return [(one.outcome, one.reason) for one in plan.outcomes]


@pytest.fixture(params=["import", "mail", "desk", "card"])
def leave(request: pytest.FixtureRequest, app: Flask, cast: Cast) -> Leave:
    """leave(attendee): says it in one of the four ways there are."""
    settings = app.extensions["settings"]

    def act(attendee: Attendee) -> None:
        if request.param == "import":
            outcomes = import_list(cast.mixer.id, f"Name,E-mail,Opt out\n{attendee.badge_name},{attendee.email},yes\n")
            assert outcomes == [("changed", "no longer takes part")]
            return
        client: Client = app.test_client()  # type: ignore[assignment]
        if request.param == "desk":
            client.become_organizer(cast.olga.id).submit(f"{DESK}/{attendee.id}/participation", {"act": "leave"})
            return
        path = participation.unsubscribe_url(settings, attendee).removeprefix(settings.base_url)
        if request.param == "card":
            client.become(attendee)
            assert "/e/mixer/participation" in client.get("/e/mixer/card").text
            answer = client.get("/e/mixer/participation")
            assert (answer.status_code, answer.location) == (303, path)
        client.post(path, data={"act": "leave", "sure": "1"})

    return act


def scan(scanner: Attendee, badge: BadgeReference) -> Answer:
    with db.transaction():
        return record_scan(Claim(str(uuid.uuid4()), badge, "mixer"), attendee_id=scanner.id, way="bearer")


def mails(attendee: Attendee) -> list[tuple[str, str]]:
    with db.reading():
        return [(mail.kind, mail.state) for mail in db.session.query(Mail).filter_by(attendee_id=attendee.id)]


def test_not_taking_part_reaches_every_page_paper_and_mail(
        leave: Leave, app: Flask, cast: Cast) -> None:
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    with db.transaction():
        key = api_tokens.make(cast.grace, "My script")
        planning.plan("summary", f"attendee:{cast.grace.id}", event_id=cast.mixer.id, attendee_id=cast.grace.id)
    leave(cast.grace)

    with db.reading():
        [face] = printing.faces(cast.mixer.id, "https://ev.example", attendee_ids=[cast.grace.id]).faces
        assert (face.badge_name, face.url, face.code) == ("Grace Hopper", None, None)
        assert cast.grace.id not in facts.of_event(cast.mixer.id).people
        assert {one.attendee_id: one.skipped for one in eligibility.standings(
            db.session.get_one(Event, cast.mixer.id))}[cast.grace.id] == "not_taking_part"
        assert api_tokens.find_bearer(key) is None
    for path in ("/e/mixer/card", "/e/mixer/badge", "/e/mixer/badge.png", "/e/mixer/people", "/e/mixer/summary"):
        answer = phone.get(path)
        assert (path, answer.status_code, answer.location.partition("?")[0]) == (path, 303, "/e/mixer/sign-in")

    by_token = scan(cast.ada, BadgeReference("token", cast.token(cast.grace)))
    by_code = scan(cast.ada, BadgeReference("code", cast.code(cast.grace)))
    unknown = scan(cast.ada, BadgeReference("token", "0" * 26))
    assert {(one.result, one.reason, one.sentence, one.met) for one in (by_token, by_code)} == {
        (unknown.result, unknown.reason, unknown.sentence, None)}
    assert ada.get(f"/B/{cast.token(cast.grace)}").text.count("Grace") == 0
    assert (ada.get(f"/B/{cast.token(cast.grace)}").status_code, ada.submit(
        f"/B/{cast.token(cast.grace)}", {"scan_id": str(uuid.uuid4())}).status_code) == (404, 404)
    assert "Grace" not in ada.get(f"/e/mixer/code?code={cast.code(cast.grace)}").text

    assert mails(cast.grace) == [("summary", "cancelled")]
    with db.transaction():
        invitations.plan_all(cast.mixer.id, "organizer:1")
        sign_in.ask(cast.mixer.id, "grace@people.example", "a browser")
    assert mails(cast.grace) == [("summary", "cancelled")]
    with db.reading():
        late = SimpleNamespace(id="m1", kind="summary", event_id=cast.mixer.id, attendee_id=cast.grace.id)
        assert jobs.objections([late]) == {"m1": "They are no longer on the list, or do not take part."}


def test_taking_part_again_gives_all_of_it_back(app: Flask, cast: Cast) -> None:
    """The negative control of the test above, and the way back of the desk."""
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    olga: Client = app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined]
    page = olga.submit(f"{DESK}/{cast.grace.id}/participation", {"act": "leave"}, follow_redirects=True).text
    assert "Grace Hopper does not take part." in page
    assert phone.get("/e/mixer/badge").status_code == 303
    page = olga.submit(f"{DESK}/{cast.grace.id}/participation", {"act": "return"}, follow_redirects=True).text
    assert "Grace Hopper takes part again." in page
    assert phone.get("/e/mixer/badge").status_code == 200, "signed in again where they were"
    assert scan(cast.ada, BadgeReference("token", cast.token(cast.grace))).result == "recorded"
    with db.reading():
        [face] = printing.faces(cast.mixer.id, "https://ev.example", attendee_ids=[cast.grace.id]).faces
        assert face.code == cast.code(cast.grace)
        assert cast.grace.id in facts.of_event(cast.mixer.id).people
        assert [(one.act, one.actor, one.about["attendee"]) for one in db.session.query(AuditEntry).filter(
            AuditEntry.act.in_(["attendee.taken_out", "attendee.brought_back"])).order_by(AuditEntry.id)] == [
                ("attendee.taken_out", f"organizer:{cast.olga.id}", cast.grace.id),
                ("attendee.brought_back", f"organizer:{cast.olga.id}", cast.grace.id)]


def test_desk_takes_back_what_the_attendee_said_only_when_they_ask(app: Flask, cast: Cast) -> None:
    with db.transaction():
        participation.leave(cast.mixer.id, cast.grace.id)
    olga: Client = app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined]
    here = f"{DESK}/{cast.grace.id}/participation"
    assert "that they do not want to take part" in olga.get(f"{DESK}/{cast.grace.id}").text
    assert "tick first" in olga.submit(here, {"act": "return"}, follow_redirects=True).text
    with db.reading():
        assert roster.get(cast.mixer.id, cast.grace.id).takes_part is False
    olga.submit(here, {"act": "return", "asked": "1", "back": "list"})
    with db.reading():
        grace = roster.get(cast.mixer.id, cast.grace.id)
        assert (grace.takes_part, participation.was_said_by(grace)) == (True, "attendee")


def test_import_never_overrules_what_a_person_or_the_desk_said(cast: Cast) -> None:
    out = "Name,E-mail,Opt out\nGrace Hopper,grace@people.example,yes\nBob Kahn,bob@people.example,no\n"
    with db.transaction():
        participation.leave(cast.mixer.id, cast.bob.id)
        participation.leave(cast.mixer.id, cast.grace.id)
        participation.come_back(cast.mixer.id, cast.grace.id)
    assert import_list(cast.mixer.id, out) == [
        ("same", "takes part, as the attendee said"),
        ("same", "still does not take part: they take that back themselves, or the desk does")]
    with db.reading():
        assert [roster.get(cast.mixer.id, one.id).takes_part for one in (cast.grace, cast.bob)] == [True, False]


@pytest.mark.parametrize(("heading", "cells", "taking_part"), [
    ("Opt-out", ["yes", "no", "", "x", "Opted out", "no networking please"], [False, True, None, False, False, False]),
    ("Nicht in der Teilnehmerliste zeigen", ["ja", "nein", ""], [False, True, None]),
    ("Do you want to share your contact details with other participants?", ["Yes", "No", "", "maybe"],
     [True, False, False, False]),
    ("Einwilligung", ["Ja, gerne", "Nein", ""], [True, False, False]),
    ("Consent", ["", "", ""], [None, None, None]),
    ("Takes part", ["yes", "no", "", "oui", "не"], [True, False, None, True, False]),
    ("同意", ["同意", "不同意"], [True, False]),
    ("I do not want my data to be shared with other attendees", ["☑", "☐", ""], [False, True, None]),
    ("Photo consent", ["no", "yes"], [None, None]),
])
def test_column_is_read_the_right_way_round(heading: str, cells: list[str], taking_part: list[bool | None]) -> None:
    text = f"Name;{heading}\n" + "".join(f"Person {n};{cell}\n" for n, cell in enumerate(cells))
    people = mapping.parse(tables.read(text.encode())).people
    assert [person.takes_part for person in people] == taking_part


def test_preview_says_how_the_column_was_read_and_what_each_row_does(app: Flask, cast: Cast) -> None:
    olga: Client = app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined]
    file = "Name,E-mail,GDPR consent\nZoë Ahn,z@x.example,yes\nMax Orr,m@x.example,no\nIda Lem,i@x.example,\n"
    answer = olga.submit("/admin/e/mixer/attendees/import", {
        "source": "auto", "file": (io.BytesIO(file.encode()), "list.csv")}, follow_redirects=True,
        content_type="multipart/form-data")
    for words in ("“GDPR consent” says who takes part: one person does, 2 do not.",
                  "agrees to take part: no, or empty, means not",
                  "does not take part: a badge without QR code, no mail",
                  "GDPR consent is empty, so they do not take part"):
        assert words in answer.text
