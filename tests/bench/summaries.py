"""A summary with 30 contacts and their cards: composed, frozen and handed over, beside a plain loop."""

from __future__ import annotations

import random
import smtplib
import socket
import subprocess
import sys
import threading
import time
import uuid
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import vobject

from eventnet import clock, config, db, jobs, migrations
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.events import calendar
from eventnet.outbox import planning
from eventnet.summaries import campaigns
from tests.bench.measuring import Row, own_cpu
from tests.factories import make_attendee, make_event

PEOPLE, CONTACTS, PEER_MAILS = 120, 30, 60
WARM_UP = 40  # people of an event before, not measured: statements and templates are compiled once a process


def measure(folder: Path, url: str, engine: str) -> Row:
    """CPU of this process for one summary of ours, and for one of a plain EmailMessage loop to the same server."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)])
    settings = config.load({
        "EVENTNET_DATABASE_URL": url, "EVENTNET_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "EVENTNET_SECRET_KEY": "a key for the bench, at least 32 characters", "EVENTNET_VAR": str(folder)})
    database = db.connect(url)
    try:
        migrations.upgrade(database)
        _wait(port)
        worker, stop = jobs.new_worker(settings), threading.Event()

        def work(event_id: int) -> None:
            while _open(event_id):
                worker.turn(stop)

        _seed("before", WARM_UP)
        work(_start("before"))
        _seed("bench", PEOPLE)
        event_id = _start("bench")
        ours = own_cpu(lambda: work(event_id)) / PEOPLE * 1000
        with db.reading():
            counts = planning.counts(event_id, "summary")
        if counts["sent"] != PEOPLE:
            raise RuntimeError(f"not all summaries left: {counts}")
        _plain_loop(port, 5)
        peer = own_cpu(lambda: _plain_loop(port, PEER_MAILS)) / PEER_MAILS * 1000
    finally:
        sink.terminate()
        sink.wait(10)
        database.dispose()
    return Row(f"one summary, {CONTACTS} contacts and cards, {engine}", ours, "ms", goal=4.0, other=peer,
               other_name="EmailMessage + vobject + send_message", more={"mails": PEOPLE})


def _seed(slug: str, number: int) -> None:
    """A past event where everybody met 30 people and shares name and e-mail."""
    dice = random.Random(3)
    with db.transaction():
        now = clock.now()
        event = make_event(slug, starts_at=now - timedelta(hours=8), ends_at=now - timedelta(hours=4))
        people = [
            make_attendee(event, f"Person Number{n}", shared=["email", "linkedin"], suggest=True,
                          email=f"person{n}@people.example", organization=f"Organization {n % 17}",
                          linkedin=f"https://www.linkedin.com/in/person{n}", checked_in_at=event.starts_at)
            for n in range(number)]
        pairs = {tuple(sorted((n, (n + step) % number))) for n in range(number) for step in range(1, CONTACTS // 2 + 1)}
        for low, high in sorted(pairs):
            one, other = people[low].id, people[high].id
            at = event.starts_at + timedelta(seconds=dice.randrange(4 * 3600))
            db.session.add(Scan(event_id=event.id, client_id=str(uuid.uuid4()), scanner_id=one, scanned_id=other,
                                way="page", received_at=at, met_at=at, settled_at=at, offered=[]))
            db.session.add(Encounter(event_id=event.id, low_id=min(one, other), high_id=max(one, other), first_at=at,
                                     last_at=at, low_scanned=True))
            for giver, receiver in ((one, other), (other, one)):
                db.session.add(Grant(event_id=event.id, giver_id=giver, receiver_id=receiver, wording="2026-11",
                                     fields=["name", "title", "organization", "email", "linkedin"], given_at=at,
                                     answered_at=at))


def _start(slug: str) -> int:
    with db.reading():
        event = calendar.get_event(slug)
        picks = campaigns.picks_for(event.id)
    with db.transaction():
        campaigns.start(event.id, picks, "command line")
    return event.id


def _open(event_id: int) -> bool:
    with db.reading():
        counts = planning.counts(event_id, "summary")
    return any(counts[state] for state in ("planned", "ready", "sending", "dot"))


def _wait(port: int) -> None:
    for _ in range(50):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the sink does not answer")


def _plain_loop(port: int, mails: int) -> None:
    """What one would write first: a string for each part, a card for each contact, a connection for each mail."""
    for n in range(mails):
        rows = "".join(f"<tr><td style='padding:8px'>Person Number{k}</td><td>Organization {k}</td></tr>"
                       for k in range(CONTACTS))
        message = EmailMessage()
        message["From"], message["To"] = "Events <events@ev.example>", f"Person <person{n}@people.example>"
        message["Subject"] = f"You met {CONTACTS} people"
        message.set_content("\n".join(f"Person Number{k}, Organization {k}" for k in range(CONTACTS)) * 4)
        message.add_alternative(f"<html><body><table>{rows * 4}</table></body></html>", subtype="html")
        cards = []
        for k in range(CONTACTS):
            card = vobject.vCard()
            card.add("n").value = vobject.vcard.Name(family=f"Number{k}", given="Person")
            card.add("fn").value = f"Person Number{k}"
            card.add("email").value = f"person{k}@people.example"
            card.add("org").value = [f"Organization {k}"]
            cards.append(card.serialize())
        message.add_attachment("".join(cards).encode(), maintype="text", subtype="vcard", filename="people.vcf")
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(message)
