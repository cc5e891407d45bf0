"""A swap, measured from outside: a real gunicorn, real connections, CPU of its processes."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eventnet import clock, config, db, links, migrations, serving
from eventnet.accounts import browsers
from eventnet.attendees.models import SignedInBrowser
from eventnet.badges.models import Badge
from eventnet.web import cookies
from tests.bench.measuring import Row, cpu_seconds, flush_ms, percentile
from tests.factories import make_attendee, make_event

SCANNERS, SCANNED = 40, 60
CONNECTIONS = 16


@dataclass
class Phones:
    """Signed-in scanners and the badges they will scan."""

    cookie_name: str
    tokens: list[str]
    csrf: list[str]
    badges: list[str]


def seed(settings: config.Settings) -> Phones:
    """An event that runs now, with scanners signed in and people to be scanned."""
    with db.transaction():
        now = clock.now()
        event = make_event("bench", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
        tokens = []
        for n in range(SCANNERS):
            attendee = make_attendee(event, f"Scanner {n:03}", shared=["email", "linkedin"])
            browser, token = browsers.sign_in(None, "Bench", now + timedelta(days=1))
            db.session.add(SignedInBrowser(event_id=event.id, attendee_id=attendee.id, browser_id=browser.id,
                                           way="activation_link", since=now))
            tokens.append(token)
        people = [make_attendee(event, f"Person {n:03}", shared=["email"]) for n in range(SCANNED)]
        db.session.flush()
        badge_of = {b.attendee_id: b.token for b in db.session.query(Badge).all()}
    return Phones(
        settings.cookie_name(cookies.BROWSER), tokens,
        [links.base32(links.mac(settings.secret_key, "csrf", token)) for token in tokens],
        [badge_of[person.id] for person in people])


def _post(connection: http.client.HTTPConnection, phones: Phones, scanner: int, badge: str) -> float:
    body = json.dumps({"sent_at": datetime.now(UTC).isoformat(), "scans": [
        {"id": str(uuid.uuid4()), "badge": badge, "scanned_at": datetime.now(UTC).isoformat(), "elapsed_ms": 0}]})
    began = time.perf_counter()
    connection.request("POST", "/api/v1/encounters", body, {
        "Content-Type": "application/json", "Cookie": f"{phones.cookie_name}={phones.tokens[scanner]}",
        "X-CSRF-Token": phones.csrf[scanner]})
    answer = connection.getresponse()
    text = answer.read()
    taken = time.perf_counter() - began
    if answer.status != 200 or json.loads(text)["answers"][0]["result"] not in ("recorded", "repeated"):
        raise RuntimeError(f"{answer.status}: {text[:300]!r}")
    return taken


def _floor_post(connection: http.client.HTTPConnection, scanner: int, badge: str) -> float:
    began = time.perf_counter()
    connection.request("POST", "/swap", json.dumps({"badge": badge}),
                       {"Content-Type": "application/json", "Authorization": f"Bearer {scanner}"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(str(answer.status))
    return time.perf_counter() - began


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _run(port: int, pid: int, post: Any, pairs: list[tuple[int, str]]) -> tuple[float, list[float]]:
    """(CPU ms per request on one connection, latencies in ms with 16 connections)."""
    half = len(pairs) // 2
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for scanner, badge in pairs[:20]:
        post(connection, scanner, badge)
    began = cpu_seconds(pid)
    for scanner, badge in pairs[20:half]:
        post(connection, scanner, badge)
    cpu = (cpu_seconds(pid) - began) / (half - 20) * 1000
    latencies: list[float] = []
    rest = pairs[half:]

    def hammer(share: list[tuple[int, str]]) -> None:
        own = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        taken = [post(own, scanner, badge) * 1000 for scanner, badge in share]
        latencies.extend(taken)

    threads = [threading.Thread(target=hammer, args=(rest[n::CONNECTIONS],)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(latencies) != len(rest):
        raise RuntimeError(f"only {len(latencies)} of {len(rest)} swaps were answered")
    return cpu, latencies


def measure(folder: Path, url: str, engine: str) -> Row:
    """One swap on `url`, beside the floor in the same run (SQLite) or alone (PostgreSQL)."""
    folder.mkdir(parents=True, exist_ok=True)
    port, floor_port = _port(), _port()
    environ = {
        "EVENTNET_DATABASE_URL": url, "EVENTNET_BASE_URL": f"http://localhost:{port}",
        "EVENTNET_SECRET_KEY": secrets.token_urlsafe(40), "EVENTNET_VAR": str(folder), "EVENTNET_ARGON2": "cheap"}
    settings = config.load(environ)
    database = db.connect(url)
    migrations.upgrade(database)
    phones = seed(settings)
    database.dispose()
    pairs = [(s, badge) for badge in phones.badges for s in range(SCANNERS)]
    web = subprocess.Popen(serving.gunicorn_command(settings, f"127.0.0.1:{port}"), env={**os.environ, **environ})
    floor = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.bench.floor:app", "--bind", f"127.0.0.1:{floor_port}",
         "--worker-class", "gthread", "--workers", "1", "--threads", "16", "--log-level", "warning",
         "--no-control-socket"],
        env={**os.environ, "FLOOR_DATABASE": str(folder / "floor.sqlite3")})
    try:
        _wait(port)
        _wait(floor_port)
        before = flush_ms(folder)
        cpu, latencies = _run(port, web.pid, lambda c, s, b: _post(c, phones, s, b), pairs)
        floor_cpu, floor_latencies = _run(floor_port, floor.pid, _floor_post, pairs)
        after = flush_ms(folder)
    finally:
        for process in (web, floor):
            process.terminate()
        for process in (web, floor):
            process.wait(30)
    p99 = percentile(latencies, 0.99)
    return Row(
        f"one swap, {engine} (CPU of the server)", cpu, "ms", goal=1.5 if engine == "SQLite" else 2.0, other=floor_cpu,
        other_name="floor: Flask + raw sqlite3",
        more={"p50_ms": percentile(latencies, 0.5), "p99_ms": p99, "floor_p99_ms": percentile(floor_latencies, 0.99),
              "flush_ms": [before, after], "connections": CONNECTIONS, "swaps": len(pairs),
              "p99_goal_ms": max(25.0, 3 * 16 * max(before, after))},
    )


def _port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
