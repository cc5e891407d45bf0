"""Desk passes: a borrowed device is a desk until tonight, and nothing more; it locks, and ends at once."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.events import access, desk_passes
from eventnet.events.models import DeskPass, Event
from tests.clients import Client
from tests.conftest import EVENING
from tests.factories import Cast, make_event

PASSES = "/admin/e/mixer/desk-passes"
DESK = "/admin/e/mixer/desk"
TEN = timedelta(minutes=10)


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


def passes(event_id: int) -> list[DeskPass]:
    with db.reading():
        return list(desk_passes.listed(event_id))


def link(olga: Client, pin: str = "4711") -> str:
    """Olga makes a pass and shows its link."""
    with db.reading():
        ends = db.session.get_one(Event, passes_event(olga)).ends_at
    made = olga.submit(PASSES, {"until": ends.isoformat(), "pin": pin})
    assert made.status_code == 303
    [address] = re.findall(r"https://ev\.example(/D/\w+)", olga.get(made.location).get_data(as_text=True))
    return str(address)


def passes_event(client: Client) -> int:
    with client.application.app_context(), db.reading():
        event = access.calendar.find_event("mixer")
        assert event is not None
        return event.id


@pytest.fixture
def device(app: Flask, olga: Client) -> Client:
    """A borrowed device that became Desk 1."""
    borrowed: Client = app.test_client()  # type: ignore[assignment]
    address = link(olga)
    assert borrowed.submit(address).headers["Location"] == DESK
    return borrowed


def acts(event_id: int) -> list[tuple[str, str]]:
    with db.reading():
        return [(entry.act, entry.actor) for entry in log.recent(event_id)]


def test_link_binds_one_device_by_a_tap_and_no_other(app: Flask, olga: Client, cast: Cast) -> None:
    address = link(olga)
    one: Client = app.test_client()  # type: ignore[assignment]
    other: Client = app.test_client()  # type: ignore[assignment]
    assert "Make this device Desk 1?" in one.get(address).get_data(as_text=True)
    assert passes(cast.mixer.id)[0].bound_at is None, "opening the link changes nothing"
    assert one.submit(address).status_code == 303
    assert "Desk" in one.get(DESK).get_data(as_text=True)
    for answer in (other.get(address), other.submit(address), one.submit(address)):
        assert answer.status_code == 410
        assert "This link made its device a desk already" in answer.get_data(as_text=True)
    assert other.get(DESK).headers["Location"].startswith("/admin/sign-in")
    desk = passes(cast.mixer.id)[0]
    assert (desk.number, desk.browser_label, desk.token_hash) == (1, "Firefox on Android", None)
    assert acts(cast.mixer.id)[:2] == [
        ("desk_pass.bound", "desk_pass:1"), ("desk_pass.made", f"organizer:{cast.olga.id}")]


def test_link_waits_for_half_an_hour(app: Flask, olga: Client, cast: Cast) -> None:
    address = link(olga)
    late: Client = app.test_client()  # type: ignore[assignment]
    with clock.stopped(EVENING + timedelta(minutes=30)):
        assert late.get(address).status_code == 410
        assert late.submit(address).status_code == 410
        assert olga.get(f"{PASSES}/1.png").status_code == 404
    with clock.stopped(EVENING + timedelta(minutes=29, seconds=59)):
        assert late.submit(address).status_code == 303


def test_token_and_pin_are_not_in_the_database(olga: Client, cast: Cast) -> None:
    address = link(olga, "4711")
    desk = passes(cast.mixer.id)[0]
    token = address.removeprefix("/D/")
    assert token not in (desk.token_hash, desk.pin_hash)
    assert "4711" not in (desk.token_hash or "") + desk.pin_hash


def test_device_does_the_desks_work_as_itself(device: Client, cast: Cast) -> None:
    assert "Bob Kahn" in device.get(f"{DESK}?q=bob").get_data(as_text=True)
    assert device.submit(f"{DESK}/{cast.bob.id}/check-in").status_code == 303
    walk_in = device.submit(f"{DESK}/walk-in", {"registered_name": "Zoë Ahn", "email": "zoe@people.example"})
    assert walk_in.status_code == 303
    assert device.submit(f"{DESK}/{cast.bob.id}/badge").status_code == 303
    assert ("attendee.checked_in", "desk_pass:1") in acts(cast.mixer.id)
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).checked_in_at == EVENING


def test_acts_are_told_with_the_name_of_the_desk(device: Client, olga: Client, cast: Cast) -> None:
    device.submit(f"{DESK}/{cast.bob.id}/check-in")
    assert "Desk 1 checked an attendee in." in olga.get("/admin/e/mixer/log").get_data(as_text=True)


@pytest.mark.parametrize("path", [
    "/admin/", "/admin/e/mixer/", "/admin/e/mixer/attendees", "/admin/e/mixer/attendees/1", "/admin/e/mixer/settings",
    "/admin/e/mixer/badges", "/admin/e/mixer/log", "/admin/e/mixer/meetings", PASSES, "/admin/e/mixer/summaries",
    "/admin/e/elsewhere/desk",
])
def test_device_sees_nothing_but_the_desk(device: Client, path: str) -> None:
    assert device.get(path).headers["Location"].startswith("/admin/sign-in?next=")


@pytest.mark.parametrize("path", [
    "/admin/e/mixer/attendees/export", "/admin/e/mixer/badges.pdf", "/admin/e/mixer/badges/print", PASSES,
    "/admin/e/mixer/settings", "/admin/e/mixer/meetings/export", "/admin/e/mixer/log/export",
])
def test_device_exports_and_changes_nothing(device: Client, path: str) -> None:
    answer = device.submit(path)
    assert answer.status_code == 401
    assert "You are signed out" in answer.get_data(as_text=True)


def test_device_never_shows_an_address_in_full(device: Client, cast: Cast) -> None:
    page = device.get(f"{DESK}/{cast.ada.id}").get_data(as_text=True)
    assert "ada@people.example" not in page
    assert "a•••@people.example" in page or "On the list: a" in page
    assert "ada@people.example" not in device.get(f"{DESK}?q=ada").get_data(as_text=True)
    device.submit(f"{DESK}/{cast.ada.id}", {
        "registered_name": "Ada Lovelace", "badge_name": "Ada King", "organization": "", "title": "", "email": ""})
    with db.reading():
        ada = db.session.get_one(Attendee, cast.ada.id)
        assert (ada.badge_name, ada.email) == ("Ada King", "ada@people.example")


def test_device_does_not_send_somebodys_sign_in_elsewhere(device: Client, olga: Client, cast: Cast) -> None:
    fields = {"registered_name": "Ada Lovelace", "badge_name": "Ada Lovelace", "organization": "", "title": "",
              "email": "eve@people.example"}
    refused = device.submit(f"{DESK}/{cast.ada.id}", fields)
    assert (refused.status_code, "An organizer changes it." in refused.get_data(as_text=True)) == (422, True)
    with db.reading():
        assert db.session.get_one(Attendee, cast.ada.id).email == "ada@people.example"
    assert olga.submit(f"{DESK}/{cast.ada.id}", fields).status_code == 303


def test_device_activates_only_who_is_not_active_yet(device: Client, olga: Client, cast: Cast) -> None:
    for path in ("activation", "activation.png"):
        assert device.get(f"{DESK}/{cast.bob.id}/{path}").status_code == 200
        assert device.get(f"{DESK}/{cast.ada.id}/{path}").status_code == 403
        assert olga.get(f"{DESK}/{cast.ada.id}/{path}").status_code == 200


def test_device_prints_one_badge_and_not_the_list(device: Client, cast: Cast) -> None:
    answer = device.submit(f"{DESK}/reprints")
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "This device prints one badge at a time." in answer.get_data(as_text=True)


def test_device_locks_after_ten_minutes_without_an_act(device: Client, cast: Cast) -> None:
    for quiet in (timedelta(minutes=9, seconds=59), TEN):
        with clock.stopped(EVENING + quiet):
            answer = device.get(f"{DESK}?q=bob")
            assert (answer.status_code == 200) == (quiet < TEN)
    with clock.stopped(EVENING + TEN):
        assert answer.headers["Location"] == f"{DESK}/lock"
        refused = device.submit(f"{DESK}/{cast.bob.id}/check-in")
        assert refused.status_code == 403
        assert "This device is locked, so nothing was done." in refused.get_data(as_text=True)
        assert "Bob" not in refused.get_data(as_text=True)
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).checked_in_at is None


def test_act_keeps_the_device_open(device: Client, cast: Cast) -> None:
    with clock.stopped(EVENING + timedelta(minutes=9)):
        device.submit(f"{DESK}/{cast.bob.id}/check-in")
    with clock.stopped(EVENING + timedelta(minutes=18)):
        assert device.get(DESK).status_code == 200
        assert passes(cast.mixer.id)[0].used_at == EVENING + timedelta(minutes=9)
    with clock.stopped(EVENING + timedelta(minutes=19)):
        assert device.get(DESK).headers["Location"] == f"{DESK}/lock"


def test_page_left_open_goes_to_the_lock_screen(device: Client) -> None:
    with clock.stopped(EVENING + timedelta(minutes=4)):
        assert f'content="361; url={DESK}/lock"' in device.get(DESK).get_data(as_text=True)


def test_pin_opens_a_locked_device(device: Client) -> None:
    assert device.submit(f"{DESK}/lock").headers["Location"] == f"{DESK}/lock"
    assert device.get(DESK).headers["Location"] == f"{DESK}/lock"
    wrong = device.submit(f"{DESK}/unlock", {"pin": "0815"})
    assert wrong.status_code == 422
    assert "That is not the PIN. 4 tries are left." in wrong.get_data(as_text=True)
    assert device.submit(f"{DESK}/unlock", {"pin": "4711"}).headers["Location"] == DESK
    assert device.get(DESK).status_code == 200


def test_five_wrong_pins_wait_for_an_organizer(device: Client, olga: Client, cast: Cast) -> None:
    device.submit(f"{DESK}/lock")
    for _ in range(5):
        device.submit(f"{DESK}/unlock", {"pin": "0815"})
    right = device.submit(f"{DESK}/unlock", {"pin": "4711"})
    assert right.headers["Location"] == f"{DESK}/lock"
    assert "The PIN was wrong five times." in device.get(f"{DESK}/lock").get_data(as_text=True)
    assert "five wrong PINs" in olga.get(PASSES).get_data(as_text=True)
    olga.submit(f"{PASSES}/1/release")
    assert device.get(DESK).headers["Location"] == f"{DESK}/lock", "released, but still locked"
    assert device.submit(f"{DESK}/unlock", {"pin": "4711"}).headers["Location"] == DESK
    assert [act for act, _actor in acts(cast.mixer.id)][:2] == ["desk_pass.released", "desk_pass.held"]


def test_locked_device_names_nobody_on_any_page(device: Client, cast: Cast, app: Flask) -> None:
    device.become_organizer(cast.olga.id)
    device.submit(f"{DESK}/lock")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/admin/e/<slug>") or "GET" not in (rule.methods or ()):
            continue
        address = re.sub(r"<[^>]*attendee_id>", str(cast.bob.id), rule.rule.replace("<slug>", "mixer"))
        text = device.get(re.sub(r"<[^>]+>", "1", address)).get_data(as_text=True)
        assert not re.search("Bob|Kahn|Ada|Lovelace|Grace|Hopper|people.example", text), address


def test_ended_pass_finds_nothing_with_its_next_tap(device: Client, olga: Client, cast: Cast) -> None:
    olga.submit(f"{PASSES}/1/removal")
    assert device.get(DESK).headers["Location"].startswith("/admin/sign-in")
    assert device.submit(f"{DESK}/{cast.bob.id}/check-in").status_code == 401
    assert ("desk_pass.revoked", f"organizer:{cast.olga.id}") in acts(cast.mixer.id)


def test_all_passes_end_with_the_event(device: Client, olga: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).ends_at = EVENING + timedelta(minutes=5)
    with clock.stopped(EVENING + timedelta(minutes=5)):
        assert device.get(DESK).headers["Location"].startswith("/admin/sign-in")
        assert olga.submit(PASSES, {"until": EVENING.isoformat()}).status_code == 409
        assert "No device is a desk right now" in olga.get(PASSES).get_data(as_text=True)


def test_organizer_with_a_pass_is_the_desk_there_and_themself_elsewhere(device: Client, cast: Cast) -> None:
    device.become_organizer(cast.olga.id)
    device.submit(f"{DESK}/{cast.bob.id}/check-in")
    device.submit(f"/admin/e/mixer/attendees/{cast.bob.id}/removal")
    assert acts(cast.mixer.id)[:2] == [
        ("attendee.removed", f"organizer:{cast.olga.id}"), ("attendee.checked_in", "desk_pass:1")]


def test_giving_a_locked_pass_back_signs_the_organizer_out(device: Client, cast: Cast) -> None:
    device.become_organizer(cast.olga.id)
    device.submit(f"{DESK}/lock")
    assert device.submit(f"{DESK}/return").headers["Location"] == "/"
    assert device.get("/admin/e/mixer/attendees").headers["Location"].startswith("/admin/sign-in")
    assert passes(cast.mixer.id)[0].revoked_at == EVENING


def test_giving_an_open_pass_back_leaves_the_organizer(device: Client, cast: Cast) -> None:
    device.become_organizer(cast.olga.id)
    device.submit(f"{DESK}/return")
    assert device.get("/admin/e/mixer/attendees").status_code == 200


def test_second_pass_of_a_device_takes_the_place_of_the_first(device: Client, olga: Client, cast: Cast) -> None:
    device.submit(link(olga, "2580"))
    assert [(desk.number, desk.revoked_at is None) for desk in passes(cast.mixer.id)] == [(2, True), (1, False)]


def test_pass_of_another_event_is_not_there(app: Flask, device: Client, cast: Cast) -> None:
    oscar: Client = app.test_client()  # type: ignore[assignment]
    oscar.become_organizer(cast.oscar.id)
    for path in ("/admin/e/elsewhere/desk-passes/1", "/admin/e/elsewhere/desk-passes/1.png"):
        assert oscar.get(path).status_code == 404
    assert oscar.submit("/admin/e/elsewhere/desk-passes/1/removal").status_code == 404
    assert oscar.submit("/admin/e/elsewhere/desk-passes/1/release").status_code == 404
    assert device.get(DESK).status_code == 200


@pytest.mark.parametrize(("pin", "sentence"), [
    ("12345", "That PIN is guessed at once."), ("0000", "That PIN is guessed at once."),
    ("9876", "That PIN is guessed at once."), ("471", "A PIN has 4 to 6 digits."),
    ("4711081", "A PIN has 4 to 6 digits."), ("47a1", "A PIN has 4 to 6 digits."), ("٤٧١١", "A PIN has 4 to 6 digits."),
])
def test_pin_that_is_easy_or_no_pin_is_refused(olga: Client, cast: Cast, pin: str, sentence: str) -> None:
    answer = olga.submit(PASSES, {"until": cast.mixer.ends_at.isoformat(), "pin": pin})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert passes(cast.mixer.id) == []


def test_pin_that_was_given_can_be_looked_up_a_chosen_one_cannot(olga: Client, app: Flask, cast: Cast) -> None:
    until = cast.mixer.ends_at.isoformat()
    given = olga.get(olga.submit(PASSES, {"until": until}).location).get_data(as_text=True)
    [pin] = re.findall(r'translate="no">(\d{4})</strong>', given)
    chosen = olga.get(olga.submit(PASSES, {"until": until, "pin": "4711"}).location).get_data(as_text=True)
    assert "It has the PIN you chose." in chosen
    assert "4711" not in chosen
    borrowed: Client = app.test_client()  # type: ignore[assignment]
    borrowed.submit(re.findall(r"https://ev\.example(/D/\w+)", given)[0])
    borrowed.submit(f"{DESK}/lock")
    assert borrowed.submit(f"{DESK}/unlock", {"pin": pin}).headers["Location"] == DESK


@pytest.mark.parametrize(("now", "ends"), [
    # The mixer ends at 22:00 in Cologne (20:00 UTC) on 15 October.
    (datetime(2026, 10, 15, 17, 30, tzinfo=UTC), ["2026-10-15T20:00"]),
    (datetime(2026, 10, 14, 12, 0, tzinfo=UTC), ["2026-10-14T22:00", "2026-10-15T20:00"]),
    (datetime(2026, 10, 1, 12, 0, tzinfo=UTC), ["2026-10-01T22:00", "2026-10-15T20:00"]),
])
def test_pass_lasts_until_tonight_or_a_later_night_of_the_event(cast: Cast, now: datetime, ends: list[str]) -> None:
    found = [at.astimezone(UTC).isoformat()[:16] for at in desk_passes.may_end(cast.mixer, now)]
    assert found == ends


def test_night_of_an_event_past_midnight_belongs_to_the_evening(cast: Cast) -> None:
    with db.transaction():
        late = make_event("late", starts_at=datetime(2026, 10, 15, 20, 0, tzinfo=UTC),
                          ends_at=datetime(2026, 10, 16, 1, 0, tzinfo=UTC))
    assert desk_passes.may_end(late, EVENING) == [late.ends_at]


def test_pass_beyond_the_events_end_is_refused(cast: Cast, settings: object) -> None:
    with pytest.raises(Refusal, match="at most until the event's end"), db.transaction():
        desk_passes.make(cast.mixer.id, cast.olga.id, cast.mixer.ends_at + timedelta(seconds=1), "", b"x" * 32)


def test_lock_negative_control(device: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the question after the lock switched off, the locked device shows people: the tests above would see it."""
    device.submit(f"{DESK}/lock")
    monkeypatch.setattr(DeskPass, "is_locked", lambda _self, _now: False)
    assert "Bob Kahn" in device.get(f"{DESK}?q=bob").get_data(as_text=True)


def test_views_of_a_person_are_written_down_with_numbers_only(
    device: Client, olga: Client, cast: Cast, caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="eventnet.views"):
        olga.get(f"/admin/e/mixer/attendees/{cast.ada.id}", headers={"X-Request-Id": "r-1"})
        device.get(f"{DESK}/{cast.ada.id}")
        olga.get("/admin/e/mixer/attendees/999999")
        olga.get("/admin/e/mixer/attendees")
    seen = [json.loads(record.getMessage()) for record in caplog.records if record.name == "eventnet.views"]
    assert [(one["organizer"], one["desk_pass"], one["attendee"], one["endpoint"]) for one in seen] == [
        (cast.olga.id, None, cast.ada.id, "attendees_admin.attendee"), (None, 1, cast.ada.id, "attendees_desk.person")]
    assert seen[0] == {
        "organizer": cast.olga.id, "desk_pass": None, "event": cast.mixer.id, "attendee": cast.ada.id,
        "endpoint": "attendees_admin.attendee", "request": "r-1", "at": "2026-10-15T17:30:00.000+00:00"}
    assert re.fullmatch("[0-9a-f]{16}", seen[1]["request"])
