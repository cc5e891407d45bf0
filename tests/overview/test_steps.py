"""What to do next, from the empty event to the last summary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.attendees import invitations
from eventnet.attendees.models import Attendee
from eventnet.badges import issuing
from eventnet.badges.models import Badge
from eventnet.events.models import Event, EventRole
from eventnet.outbox.models import STATES
from eventnet.overview import steps
from eventnet.overview.numbers import Numbers
from eventnet.overview.steps import Work
from tests.clients import Client
from tests.factories import Cast

START, END = datetime(2026, 10, 15, 16, tzinfo=UTC), datetime(2026, 10, 15, 20, tzinfo=UTC)
BEFORE, DURING, AFTER = START - timedelta(days=2), START + timedelta(hours=1), END + timedelta(hours=9)
NOTHING = Work(0, 0)


def event(**values: str) -> Event:
    about = {"controller": "Alumni Office, Cologne", "controller_email": "data@organizers.example",
             "purpose": "To meet", "legal_basis": "interests", "hosting": "Here", **values}
    return Event(slug="mixer", name="Mixer", zone="Europe/Berlin", starts_at=START, ends_at=END, retention_months=13,
                 made_at=BEFORE, **about)


def numbers(people: int, **mails: int) -> Numbers:
    return Numbers(at=BEFORE, attendees=people, taking_part=people, checked_in=0, activated=3, came=9, encounters=0,
                   met=None, on_their_own=None, mails=dict.fromkeys(STATES, 0) | mails)


@pytest.mark.parametrize(("now", "people", "todo", "mails", "headline", "path", "at"), [
    (BEFORE, 0, NOTHING, {}, "Bring in the attendees", "attendees/import", 0),
    (DURING, 0, NOTHING, {}, "Bring in the attendees", "attendees/import", 0),
    (BEFORE, 12, Work(12, 10), {}, "Print 12 badges", "badges", 1),
    (BEFORE, 12, Work(1, 0), {}, "Print 1 badge", "badges", 1),
    (BEFORE, 12, Work(0, 10), {}, "Mail 10 activation links", "invitations", 2),
    (BEFORE, 12, NOTHING, {}, "Everything is ready for Thursday 15 October", "desk", 3),
    (DURING, 12, Work(2, 2), {}, "Welcome everybody", "desk", 3),
    (AFTER, 12, NOTHING, {}, "Send the summaries", "summaries", 4),
    (AFTER, 12, NOTHING, {"sent": 7, "ready": 1, "dot": 1}, "2 summaries are on their way", "summaries", 4),
    (AFTER, 12, NOTHING, {"sent": 7, "ready": 1, "failed": 1}, "1 summary needs you", "summaries", 4),
    (AFTER, 12, NOTHING, {"sent": 8, "in_doubt": 1, "failed": 1}, "2 summaries need you", "summaries", 4),
    (AFTER, 12, NOTHING, {"sent": 8, "cancelled": 1}, "8 summaries are sent", "", None),
    (AFTER, 0, NOTHING, {}, "Nobody was on the list", "", None),
])
def test_next_step_follows_the_evening(
    now: datetime, people: int, todo: Work, mails: dict[str, int], headline: str, path: str, at: int | None,
) -> None:
    found = steps.next_step(event(), numbers(people, **mails), todo, now)
    assert (found.headline, found.path, found.step, bool(found.action)) == (headline, path, at, bool(path))


@pytest.mark.parametrize(("now", "at"), [(BEFORE, 2), (AFTER, 4)])
def test_who_answers_for_the_data_comes_before_any_mail(now: datetime, at: int) -> None:
    found = steps.next_step(event(controller_email=""), numbers(12), Work(0, 12 if now == BEFORE else 0), now)
    assert (found.headline, found.path, found.step) == ("Say who answers for the data", "settings#data", at)


@pytest.mark.parametrize(("now", "people", "todo", "mails", "shown"), [
    (BEFORE, 0, NOTHING, {}, [
        ("nobody yet", "next"), ("on paper", "open"), ("by mail", "open"), ("Thursday 15 October", "open"),
        ("after the event", "open")]),
    (BEFORE, 12, Work(0, 10), {}, [
        ("12 people", "done"), ("printed", "done"), ("10 to mail", "next"), ("Thursday 15 October", "open"),
        ("after the event", "open")]),
    (DURING, 12, NOTHING, {}, [
        ("12 people", "done"), ("on paper", "done"), ("3 active", "done"), ("open now", "next"),
        ("after the event", "open")]),
    (AFTER, 12, NOTHING, {"sent": 7, "ready": 2}, [
        ("12 people", "done"), ("on paper", "done"), ("3 active", "done"), ("9 came", "done"),
        ("7 of 9 sent", "next")]),
    (AFTER, 12, NOTHING, {"sent": 9}, [
        ("12 people", "done"), ("on paper", "done"), ("3 active", "done"), ("9 came", "done"),
        ("9 of 9 sent", "done")]),
])
def test_steps_say_how_far_each_is(
    now: datetime, people: int, todo: Work, mails: dict[str, int], shown: list[tuple[str, str]],
) -> None:
    n = numbers(people, **mails)
    found = steps.steps(event(), n, todo, now, steps.next_step(event(), n, todo, now).step)
    assert [(step.said, step.state) for step in found] == shown


def test_work_counts_badges_and_links_until_the_event_begins(cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    with db.transaction():
        issuing.issue(cast.mixer.id, cast.ada.id)
        db.session.query(Badge).filter(Badge.attendee_id == cast.ada.id).one().printed_at = clock.now()
        mixer = db.session.get_one(Event, cast.mixer.id)
        mixer.controller, mixer.controller_email = "Alumni Office", "data@organizers.example"
        db.session.get_one(Attendee, cast.bob.id).not_taking_part_at = clock.now()
        db.session.get_one(Attendee, cast.grace.id).activated_at = None
        db.session.get_one(Attendee, cast.ada.id).activated_at = None
        mixer.starts_at = clock.now() + timedelta(minutes=1)
        mixer.ends_at = clock.now() + timedelta(hours=1)
    with db.reading(), statements() as said:
        assert steps.work(mixer, clock.now()) == Work(unprinted=2, unmailed=2)
    assert len(said) == 2
    with db.transaction():
        assert invitations.plan_all(cast.mixer.id, "command line") == 2
    with db.reading():
        assert steps.work(mixer, clock.now()) == Work(unprinted=2, unmailed=0)
        assert steps.work(mixer, mixer.starts_at) == NOTHING


def test_dashboard_of_a_viewer_has_no_step_they_may_not_take(client: Client, cast: Cast) -> None:
    page = client.become_organizer(cast.olga.id).get("/admin/e/mixer/").get_data(as_text=True)
    assert "Welcome everybody" in page
    assert 'href="/admin/e/mixer/settings"' in page
    with db.transaction():
        db.session.query(EventRole).filter(EventRole.organizer_id == cast.olga.id).one().role = "viewer"
    page = client.get("/admin/e/mixer/").get_data(as_text=True)
    assert "What to do next" not in page
    assert 'href="/admin/e/mixer/settings"' not in page
    assert "Checked in" in page
