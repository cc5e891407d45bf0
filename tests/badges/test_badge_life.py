"""The life of a badge: rotated by its wearer or the desk, dead everywhere within a second, and printed again."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.accounts.models import Browser
from eventnet.attendees import participation, roster
from eventnet.attendees.models import Attendee
from eventnet.badges import issuing, printing, reprinting
from eventnet.badges.codes import BadgeReference
from eventnet.encounters.models import Scan
from eventnet.encounters.recording import Answer, Claim, record_scan
from eventnet.encounters.times import Said
from eventnet.events.models import Event
from eventnet.web import cookies
from tests.clients import Client
from tests.factories import Cast

DESK = "/admin/e/mixer/desk"
NOW = Said()


@pytest.fixture
def olga(app: Flask, cast: Cast) -> Client:
    return app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined, no-any-return]


def scan(scanner: Attendee, badge: BadgeReference, said: Said = NOW) -> Answer:
    with db.transaction():
        return record_scan(Claim(str(uuid.uuid4()), badge, "mixer", said), attendee_id=scanner.id, way="bearer")


def token_of(attendee: Attendee) -> str:
    with db.reading():
        badge = issuing.badge_of(attendee.event_id, attendee.id)
        assert badge is not None
        return badge.token


def rotate(attendee: Attendee) -> None:
    with db.transaction():
        issuing.rotate(attendee.event_id, attendee.id)


def waiting() -> list[tuple[str, str]]:
    with db.reading():
        [event_id] = {attendee.event_id for attendee in db.session.query(Attendee).filter_by(badge_name="Ada Lovelace")}
        return [(one.attendee.badge_name, one.reason) for one in reprinting.listed(event_id)]


def test_two_taps_of_the_wearer_end_the_old_badge(app: Flask, cast: Cast) -> None:
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    page = phone.get("/e/mixer/badge").text
    assert "Somebody photographed my badge" in page
    assert page.index("<summary><span>Somebody photographed") < page.index("Get a new badge")
    phone.submit("/e/mixer/badge/new-code")
    assert token_of(cast.grace) != cast.token(cast.grace)
    assert scan(cast.ada, BadgeReference("token", cast.token(cast.grace))).reason == "unknown"
    assert scan(cast.ada, BadgeReference("code", cast.code(cast.grace))).reason == "unknown"
    assert scan(cast.ada, BadgeReference("token", token_of(cast.grace))).result == "recorded"


def test_two_taps_of_the_desk_end_the_old_badge_and_say_who_did_it(olga: Client, cast: Cast) -> None:
    assert "Yes, the old badge stops working" in olga.get(f"{DESK}/{cast.grace.id}/badge").text
    page = olga.submit(f"{DESK}/{cast.grace.id}/badge/new-code", follow_redirects=True).text
    assert "Grace Hopper has a new badge." in page
    assert token_of(cast.grace) != cast.token(cast.grace)
    foreign = olga.submit(f"{DESK}/{cast.mallory.id}/badge/new-code")
    assert (foreign.status_code, token_of(cast.mallory)) == (404, cast.token(cast.mallory))


@pytest.mark.parametrize(("said", "expected"), [
    (Said(elapsed=timedelta(minutes=30)), ("pending", None)),
    (Said(elapsed=timedelta(minutes=9)), ("refused", "unknown")),
    (Said(), ("refused", "unknown")),
    (Said(elapsed=timedelta(days=20_000)), ("refused", "unknown")),
    (Said(elapsed=timedelta(minutes=-5)), ("refused", "unknown")),
], ids=["before", "after", "no time", "before there was a badge", "in the future"])
@pytest.mark.parametrize("kind", ["token", "code"])
def test_scan_that_waited_on_a_phone_counts_by_its_own_time(
        cast: Cast, said: Said, expected: tuple[str, str | None], kind: str) -> None:
    """Made before the rotation it waits for a yes; made after it the badge is unknown."""
    old = BadgeReference("token", cast.token(cast.grace)) if kind == "token" else BadgeReference(
        "code", cast.code(cast.grace))
    with clock.stopped(clock.now() + timedelta(hours=1)):
        rotate(cast.grace)
    with clock.stopped(clock.now() + timedelta(hours=1, minutes=10)):
        answer = scan(cast.ada, old, said)
    assert (answer.result, answer.reason, answer.met) == (*expected, None)
    with db.reading():
        assert [(one.scanned_id, one.settled_at) for one in db.session.query(Scan)] == (
            [(cast.grace.id, None)] if expected[0] == "pending" else [])


def test_own_old_badge_and_one_of_somebody_who_left_stay_unknown(cast: Cast) -> None:
    with clock.stopped(clock.now() + timedelta(hours=1)):
        rotate(cast.grace)
        rotate(cast.ada)
        with db.transaction():
            participation.leave(cast.mixer.id, cast.grace.id)
        before = Said(elapsed=timedelta(minutes=30))
        assert [scan(cast.ada, BadgeReference("token", cast.token(one)), before).reason
                for one in (cast.ada, cast.grace)] == ["unknown", "unknown"]


def test_pages_of_unknown_rotated_and_foreign_badges_are_the_same(app: Flask, cast: Cast) -> None:
    rotate(cast.grace)
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    pages = {ada.get(f"/B/{token}").text.replace(token, "") for token in (
        "0" * 26, cast.token(cast.grace), cast.token(cast.mallory))}
    assert len(pages) == 1


def test_reprint_list_names_who_wears_a_badge_that_is_no_longer_right(olga: Client, cast: Cast) -> None:
    with db.transaction():
        printing.print_now(cast.mixer.id, "https://ev.example", "all", 0, "organizer:1")
    assert waiting() == []
    with clock.stopped(clock.now() + timedelta(minutes=1)):
        rotate(cast.grace)
        with db.transaction():
            roster.change(cast.mixer.id, cast.bob.id, {"badge_name": "Robert Kahn"}, "desk")
            roster.change(cast.mixer.id, cast.ada.id, {"email": "ada@new.example", "phone": "1"}, "desk")
    with clock.stopped(clock.now() + timedelta(minutes=2)):
        assert waiting() == [("Grace Hopper", "new code; the old badge answers like an unknown one"),
                             ("Robert Kahn", "what stands on it was changed")]
        with db.transaction():
            participation.leave(cast.mixer.id, cast.ada.id)
        assert waiting()[-1] == ("Ada Lovelace", "does not take part: a badge without QR code")
        with db.reading():
            faces = printing.faces(cast.mixer.id, "https://ev.example", only="new").faces
            counted = printing.counts(cast.mixer.id)
        assert sorted(face.badge_name for face in faces) == ["Ada Lovelace", "Grace Hopper", "Robert Kahn"]
        assert (counted.again, counted.new, counted.printed) == (3, 3, 0)
        assert olga.get(f"{DESK}/reprints").text.count('<li class="row">') == 3
    with clock.stopped(clock.now() + timedelta(minutes=3)):
        olga.submit(f"{DESK}/{cast.bob.id}/badge/printed")
        assert [name for name, _why in waiting()] == ["Grace Hopper", "Ada Lovelace"]
        answer = olga.submit(f"{DESK}/reprints")
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
        assert waiting() == []
        assert olga.submit(f"{DESK}/reprints").status_code == 303
    with clock.stopped(clock.now() + timedelta(minutes=4)):
        with db.transaction():
            participation.come_back(cast.mixer.id, cast.ada.id)
        assert waiting() == [("Ada Lovelace", "takes part again: a badge with QR code")]


def test_nobody_who_was_never_printed_is_on_the_reprint_list(cast: Cast) -> None:
    """Everybody has the badge on the phone; the list is about necks."""
    rotate(cast.grace)
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"badge_name": "Robert Kahn"}, "desk")
    assert waiting() == []


def test_blank_badge_handed_out_today_is_right(cast: Cast) -> None:
    with db.transaction():
        [blank] = issuing.make_blanks(cast.mixer.id, 1)
        printing.mark_printed(cast.mixer.id, [blank.id], clock.now(), "organizer:1")
    with clock.stopped(clock.now() + timedelta(days=1)):
        with db.transaction():
            roster.change(cast.mixer.id, cast.bob.id, {"badge_name": "Robert Kahn"}, "desk")
        with clock.stopped(clock.now() + timedelta(minutes=1)), db.transaction():
            issuing.bind(cast.mixer.id, cast.bob.id, BadgeReference("code", blank.code), "organizer:1")
        assert waiting() == []


@pytest.fixture
def two_servers(app: Flask, cast: Cast, database_url: str, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Two processes of the program on one database, on the clock of the wall."""
    settings = app.extensions["settings"]
    ports, processes = [], []
    for number in range(2):
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("EVENTNET_")} | {
            "EVENTNET_DATABASE_URL": database_url, "EVENTNET_BASE_URL": settings.base_url,
            "EVENTNET_SECRET_KEY": settings.secret_key.decode(), "EVENTNET_VAR": str(tmp_path / f"var{number}")}
        processes.append(subprocess.Popen(
            [sys.executable, "-c", "from werkzeug.serving import run_simple; from eventnet import create_app; "
             f"run_simple('127.0.0.1', {port}, create_app(), threaded=True)"],
            env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        ports.append(port)
    try:
        for port in ports:
            until = time.monotonic() + 40
            while time.monotonic() < until:
                try:
                    ask(port, "GET", "/healthz", settings.host, "")
                    break
                except OSError:
                    time.sleep(0.1)
        yield ports[0], ports[1]
    finally:
        for process in processes:
            process.terminate()
            process.wait(20)


def move_to(now: datetime, event_id: int) -> None:
    """The processes live on the clock of the wall, so the evening is today."""
    with db.transaction():
        event = db.session.get_one(Event, event_id)
        event.starts_at, event.ends_at = now - timedelta(hours=1), now + timedelta(hours=3)
        event.swaps_open_at, event.swaps_close_at = now - timedelta(hours=24), now + timedelta(hours=72)
        for browser in db.session.query(Browser):
            browser.ends_at = now + timedelta(days=1)


def ask(port: int, method: str, path: str, host: str, cookie: str, body: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body=body or None, headers={
            "Host": host, "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_rotated_badge_is_dead_on_another_process_within_a_second(
        app: Flask, cast: Cast, two_servers: tuple[int, int]) -> None:
    """Both processes served the old badge just now; one rotates it, the other is asked all the while."""
    settings, (one, other) = app.extensions["settings"], two_servers
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    grace: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    name = settings.cookie_name(cookies.BROWSER)
    hers, mine = (f"{name}={client._cookie(cookies.BROWSER)}" for client in (grace, ada))
    move_to(datetime.now(UTC), cast.mixer.id)
    badge = f"/B/{cast.token(cast.grace)}"
    for _warm in range(3):
        for port in two_servers:
            status, page = ask(port, "GET", badge, settings.host, mine)
            assert (status, "Swap with Grace Hopper" in page) == (200, True)

    seen: list[tuple[float, int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            asked = time.monotonic()
            seen.append((asked, ask(other, "GET", badge, settings.host, mine)[0]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        status, _page = ask(one, "POST", "/e/mixer/badge/new-code", settings.host, hers,
                            f"csrf_token={grace.csrf()}")
        rotated_at = time.monotonic()
        assert status == 303
        time.sleep(1.5)
    finally:
        done.set()
        watcher.join()
    assert {status for asked, status in seen if asked > rotated_at + 1} == {404}
    assert seen[0][1] == 200, "it was alive until then"
    fresh = f"/B/{token_of(cast.grace)}"
    assert [ask(port, "GET", fresh, settings.host, mine)[0] for port in two_servers] == [200, 200]
