"""A hall with bad Wi-Fi: a real gunicorn that can be killed, behind a network that fails in every way there is."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from eventnet import clock, config, create_app, db, serving
from eventnet.attendees.models import Attendee
from eventnet.badges.models import Badge
from eventnet.encounters.models import Encounter, Scan
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import make_attendee, make_event, make_organizer

SECRET = "a key for tests only, at least 32 characters"
Answer = tuple[int, dict[str, str], bytes]
PORTAL = b"<!doctype html><title>Welcome to Hall Wi-Fi</title><h1>Please accept the terms</h1>"


@dataclass
class Network:
    """What happens to a request on its way; "pass" hands it on.

    portal: 200 and a foreign page. moved: 302 to a foreign page. login: 511. hang: no answer at all. cut: the
    connection ends before anything arrived. lost: the server does its work, the answer is lost. busy: 503 of ours.
    flood: 429 of ours. error: 500.
    """

    mode: str = "pass"
    only: str = ""
    passed: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def mend(self) -> None:
        self.mode, self.only = "pass", ""
        self.released.set()
        self.released = threading.Event()

    def mode_of(self, path: str) -> str:
        return self.mode if path.startswith(self.only) else "pass"


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network
    upstream: int

    def _pass(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        mode = self.network.mode_of(self.path)
        if mode == "cut":
            self._drop()
            return
        if mode == "hang":
            self.network.released.wait(60)
            self._drop()
            return
        if mode in _FAULTS:
            self._answer(*_FAULTS[mode])
            return
        try:
            answer = self._ask(body)
        except (OSError, http.client.HTTPException):
            self._drop()
            return
        self.network.passed.append((self.command, self.path))
        if mode == "lost":
            self._drop()
            return
        self._answer(*answer)

    def _ask(self, body: bytes) -> Answer:
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items()
                       if name.lower() not in ("connection", "keep-alive")}
            upstream.request(self.command, self.path, body, {**headers, "Connection": "close"})
            answer = upstream.getresponse()
            kept = {name: value for name, value in answer.getheaders()
                    if name.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive")}
            return answer.status, kept, answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        try:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    do_GET = do_POST = do_HEAD = _pass  # noqa: N815 (the base class names them so)


_JSON = {"Content-Type": "application/problem+json"}
_FAULTS: dict[str, Answer] = {
    "portal": (200, {"Content-Type": "text/html"}, PORTAL),
    "moved": (302, {"Location": "http://portal.example/"}, b""),
    "login": (511, {"Content-Type": "text/html"}, PORTAL),
    "busy": (503, {**_JSON, "Retry-After": "1"}, b'{"status": 503, "reason": "busy", "detail": "Busy."}'),
    "flood": (429, {**_JSON, "Retry-After": "1"}, b'{"status": 429, "reason": "flood", "detail": "Slow down."}'),
    "error": (500, {"Content-Type": "text/html"}, b"<h1>500</h1>"),
}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that hangs up is no news."""


class Hall:
    """The network, the server behind it, and an event that takes place right now."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.network = Network()
        handler = type("Door", (_Door,), {"network": self.network, "upstream": 0})
        self.door = _Quiet(("localhost", 0), handler)
        handler.upstream = self.upstream = _free_port()
        self.url = f"http://localhost:{self.door.server_port}"
        self.environ = {
            "EVENTNET_DATABASE_URL": database_url, "EVENTNET_BASE_URL": self.url, "EVENTNET_SECRET_KEY": SECRET,
            "EVENTNET_VAR": str(folder / "var"), "EVENTNET_ARGON2": "cheap"}
        self.settings = config.load(self.environ)
        self.app: Flask = create_app(self.settings)
        self.app.test_client_class = Client
        with self.app.app_context(), db.database().writing():
            now = clock.now()
            self.event: Event = make_event(
                "hall", owner=make_organizer(), starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=6),
                swaps_open_at=now - timedelta(hours=24), swaps_burst=10_000, swaps_daily=10_000)
        self.invited = 0
        self.process: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self.door.serve_forever, daemon=True).start()

    def start_server(self) -> None:
        command = serving.gunicorn_command(self.settings, f"127.0.0.1:{self.upstream}")
        self.process = subprocess.Popen(
            command, env={**os.environ, **self.environ}, start_new_session=True, stderr=subprocess.DEVNULL)
        self.wait_until(self._answers, 30)

    def kill_server(self) -> None:
        """As the power would: the master and its workers, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def close(self) -> None:
        self.network.released.set()
        if self.process is not None and self.process.poll() is None:
            self.kill_server()
        self.door.shutdown()
        self.door.server_close()
        db.database().dispose()

    def invite(self, count: int) -> list[Attendee]:
        """So many more people, each with a badge and a card that gives the e-mail."""
        self.invited += count
        with self.app.app_context(), db.database().writing() as session:
            people = [make_attendee(self.event, f"Person {number}", shared=["email"], email=f"p{number}@people.example")
                      for number in range(self.invited - count, self.invited)]
            session.flush()
        return people

    def sign_in(self, context: BrowserContext, attendee: Attendee) -> None:
        client: Client = self.app.test_client().become(attendee)  # type: ignore[attr-defined]
        name = self.settings.cookie_name("eventnet")
        cookie = client.get_cookie(name, domain="localhost")
        assert cookie is not None
        context.add_cookies([{"name": name, "value": cookie.value, "url": self.url}])

    def wait_until(self, is_true: Callable[[], bool], seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not is_true():
            assert time.monotonic() < until, "it did not come about in time"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            probe = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=1)
            probe.request("GET", "/healthz", headers={"Host": self.url.removeprefix("http://")})
            return probe.getresponse().status == 200
        except OSError:
            return False


@dataclass
class Party:
    """Some people of the hall whom nobody else meets: the first scans the badges of the others."""

    hall: Hall
    people: list[Attendee]

    @property
    def me(self) -> Attendee:
        return self.people[0]

    @property
    def others(self) -> list[Attendee]:
        return self.people[1:]

    @property
    def badges(self) -> list[str]:
        """The tokens of the others, in order."""
        with db.reading():
            tokens = {badge.attendee_id: badge.token for badge in db.session.query(Badge)}
        return [tokens[person.id] for person in self.others]

    def scans(self) -> list[Scan]:
        with db.reading():
            return db.session.query(Scan).filter(Scan.scanner_id == self.me.id).order_by(Scan.id).all()

    def encounters(self) -> list[Encounter]:
        with db.reading():
            return db.session.query(Encounter).filter(
                (Encounter.low_id == self.me.id) | (Encounter.high_id == self.me.id)).all()


def make_ready(page: Page) -> None:
    """Wait until the service worker watches over this page, and what it keeps is there."""
    page.evaluate("""async () => {
        await navigator.serviceWorker.ready;
        if (!navigator.serviceWorker.controller) {
            await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
        }
    }""")


def keep(page: Page, tokens: list[str], scanners: str = "mine") -> None:
    """Scan these badges as the scanner page does: each is kept before the next."""
    page.evaluate("""async ([tokens, scanners]) => {
        const { queue } = await import(document.querySelector('script[src*="contacts/phone.js"]').src);
        const mine = [document.querySelector('meta[name="scanner"]').content];
        for (const token of tokens) await queue.add(token, { scanners: scanners === "mine" ? mine : null });
    }""", [tokens, scanners])


def waiting(page: Page) -> int:
    """How many scans the phone still keeps."""
    count: int = steadily(page, """async () => {
        const { queue } = await import(document.querySelector('script[src*="contacts/phone.js"]').src);
        return (await queue.waiting()).length;
    }""")
    return count


def hurry(page: Page) -> None:
    """The phone notices the network now and not after its pause."""
    page.wait_for_load_state()
    steadily(page, "dispatchEvent(new Event('online'))")


def wait_until_sent(party: Party, page: Page) -> None:
    hurry(page)
    party.hall.wait_until(lambda: waiting(page) == 0)


def wait_for_trouble(page: Page) -> None:
    """Until the attempt to send that is under way has failed; Chromium itself tries a cut connection once more."""
    page.evaluate("""async () => {
        const { queue } = await import(document.querySelector('script[src*="contacts/phone.js"]').src);
        await queue.send();
    }""")


def steadily(page: Page, script: str) -> Any:
    """What a script says, asked once more when the page showed news of its own accord meanwhile."""
    try:
        return page.evaluate(script)
    except PlaywrightError as error:
        if "context was destroyed" not in str(error):
            raise
        page.wait_for_load_state()
        return page.evaluate(script)


def _free_port() -> int:
    probe = _Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = probe.server_port
    probe.server_close()
    return port
