"""What an event says about data: needed before the first mail, stricter any time, laxer only while nobody was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventnet import clock, db
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.events import calendar, privacy
from eventnet.events.models import Event
from eventnet.outbox import planning
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_event


def change(cast: Cast, **values: Any) -> Event:
    with db.transaction():
        return calendar.change_event(cast.mixer.id, values, "organizer:1")


def tell(cast: Cast, how: str) -> None:
    """Somebody may have read until when: a mail was written, or an attendee became active."""
    with db.transaction():
        if how == "mail":
            planning.plan("activation", "attendee:1", event_id=cast.mixer.id, attendee_id=cast.ada.id)
            db.session.query(Mail).update({"state": "sent", "settled_at": clock.now(), "digest": "d"})
        else:
            log.write("attendee.activated", f"attendee:{cast.ada.id}", cast.mixer.id)


@pytest.mark.parametrize("field", privacy.NEEDED)
def test_each_entry_is_needed_before_the_first_mail(cast: Cast, field: str) -> None:
    event = change(cast, **{field: ""})
    with db.reading():
        assert [gap.field for gap in privacy.missing(event)] == [field]
        with pytest.raises(Refusal) as told:
            calendar.check_may_mail(event)
    assert (told.value.field, told.value.reason) == (field, "entries_missing")
    assert privacy.entry_label(field) in told.value.sentence


@pytest.mark.parametrize("page", ["invitations", "summaries"])
def test_pages_that_mail_link_to_the_field_that_is_missing(cast: Cast, client: Client, page: str) -> None:
    client.become_organizer(cast.olga.id)
    link = '<a href="/admin/e/mixer/settings#purpose">what the data is for</a>'
    assert link not in client.get(f"/admin/e/mixer/{page}").text
    change(cast, purpose="")
    assert link in client.get(f"/admin/e/mixer/{page}").text
    assert 'id="purpose"' in client.get("/admin/e/mixer/settings").text


def test_another_basis_needs_words(cast: Cast) -> None:
    with pytest.raises(Refusal) as told:
        change(cast, legal_basis="other")
    assert told.value.field == "legal_basis_words"
    assert change(cast, legal_basis="other", legal_basis_words="Works agreement of 2024").legal_basis == "other"


@pytest.mark.parametrize("how", ["mail", "activation"])
def test_retention_grows_only_while_nobody_was_told(cast: Cast, how: str) -> None:
    assert change(cast, retention_months=14).retention_months == 14
    tell(cast, how)
    with pytest.raises(Refusal) as told:
        change(cast, retention_months=15)
    assert (told.value.field, told.value.reason) == ("retention_months", "promised")
    assert "everything is deleted on 15 December 2027" in told.value.sentence
    assert change(cast, retention_months=13).retention_months == 13
    assert change(cast, retention_days=30).retention_days == 30
    with pytest.raises(Refusal):
        change(cast, retention_days=31)
    with pytest.raises(Refusal):
        change(cast, retention_days=None)


def test_planned_mail_has_told_nobody(cast: Cast) -> None:
    with db.transaction():
        planning.plan("activation", "attendee:1", event_id=cast.mixer.id, attendee_id=cast.ada.id)
    assert change(cast, retention_months=20).retention_months == 20


def test_coming_event_may_be_moved_and_a_past_one_not(cast: Cast) -> None:
    """Else the end of an event that is over could be dragged along for ever."""
    tell(cast, "activation")
    week = timedelta(days=7)
    moved = {"ends_at": cast.mixer.ends_at + week, "swaps_close_at": cast.mixer.swaps_close_at + week}
    with clock.stopped(cast.mixer.ends_at + timedelta(hours=1)), pytest.raises(Refusal) as told:
        change(cast, **moved)
    assert told.value.reason == "promised"
    with clock.stopped(cast.mixer.starts_at - timedelta(hours=1)):
        assert change(cast, **moved).ends_at == cast.mixer.ends_at + week


def test_days_count_instead_of_months(cast: Cast) -> None:
    event = change(cast, retention_days=30)
    assert event.retention_on.isoformat() == "2026-11-14"
    assert change(cast, retention_days=None).retention_on.isoformat() == "2027-11-15"


@pytest.mark.parametrize("days", [6, 61, 0, -1])
def test_days_have_bounds(cast: Cast, days: int) -> None:
    with pytest.raises(Refusal) as told:
        change(cast, retention_days=days)
    assert told.value.field == "retention_days"


def test_sensitive_event_asks_first_and_is_short(cast: Cast) -> None:
    event = change(cast, sensitive_since=clock.now())
    assert (event.swap_policy, event.retention_days, event.mail_detail("full")) == ("ask", 30, "link")
    assert event.retention_on.isoformat() == "2026-11-14"
    assert change(cast, retention_days=10).retention_days == 10
    assert change(cast, retention_days=60).retention_days == 30
    assert change(cast, swap_policy="paused").swap_policy == "paused"


def test_sensitive_event_shows_organizers_numbers_only(cast: Cast) -> None:
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.names_policy = "pairs"
        assert event.names_policy == "pairs"
        event.sensitive_since = clock.now()
        assert (event.names_policy, event.names_since("pairs"), event.names_since("alone")) == ("numbers", None, None)


def test_sensitive_stays_once_people_took_part(cast: Cast) -> None:
    change(cast, sensitive_since=clock.now())
    assert not change(cast, sensitive_since=None).is_sensitive
    tell(cast, "activation")
    assert change(cast, sensitive_since=clock.now()).is_sensitive
    with pytest.raises(Refusal) as told:
        change(cast, sensitive_since=None)
    assert (told.value.field, told.value.reason) == ("is_sensitive", "promised")


def test_sensitive_is_chosen_when_the_event_is_made(cast: Cast, client: Client) -> None:
    client.become_organizer(cast.olga.id)
    client.submit("/admin/events/new", {
        "name": "Recovery group", "slug": "recovery", "zone": "Europe/Berlin", "starts_at": "2026-12-03T18:00",
        "ends_at": "2026-12-03T21:00", "swap_policy": "at_once", "retention_months": "13", "language": "en",
        "is_sensitive": "y"})
    with db.reading():
        event = calendar.get_event("recovery")
        assert (event.is_sensitive, event.swap_policy, event.retention_days) == (True, "ask", 30)
    page = client.get("/admin/e/recovery/settings").text
    assert "Everything about this event is forgotten on 2 January 2027." in page


def test_new_event_begins_with_what_is_known(cast: Cast, client: Client) -> None:
    client.become_organizer(cast.olga.id)
    page = client.get("/admin/events/new").text
    assert [text in page for text in ("Alumni Office, Cologne", "In Cologne, by the Alumni Office itself.",
                                      "So that people who meet can find each other again.")] == [True] * 3


@pytest.mark.parametrize(("sender", "known"), [
    ("Spring mixer <events@ev.example>", ("Spring mixer", "events@ev.example")),
    ("events@ev.example", ("ev.example", "events@ev.example")),
])
def test_controller_is_known_from_the_sender(sender: str, known: tuple[str, str]) -> None:
    assert privacy.known_controller(sender) == known


def test_event_of_seven_days_is_due_after_them(database: db.Database, evening: datetime) -> None:
    from eventnet.lifecycle import forgetting

    with db.transaction():
        event = make_event(retention_days=7)
    day = datetime(2026, 10, 22, tzinfo=UTC) - timedelta(hours=2)
    assert event.retention_at.astimezone(UTC) == day
    for at, due in ((day - timedelta(seconds=1), []), (day, [event.id])):
        with clock.stopped(at), db.reading():
            assert list(forgetting.due(clock.now())) == due
