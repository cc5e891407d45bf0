"""A real conference of two days: from the attendee list to one mail each, with real processes."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import vobject

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import choosing
from eventnet.encounters.models import Encounter, Grant
from tests.smtp_server import SmtpServer
from tests.stories.thinning import scans

pytestmark = [pytest.mark.story, pytest.mark.data]
PARIS = ZoneInfo("Europe/Paris")


class Installation:
    """One installation on its own database: runs `eventnet …` as a person would, with its own worker."""

    def __init__(self, url: str, var: Path, smtp_port: int) -> None:
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("EVENTNET_")},
            "EVENTNET_DATABASE_URL": url, "EVENTNET_BASE_URL": "https://sfhh.example", "EVENTNET_VAR": str(var),
            "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters",
            "EVENTNET_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "EVENTNET_MAIL_FROM": "SFHH conference <events@sfhh.example>", "EVENTNET_ARGON2": "cheap"}

    def run(self, *words: str, given: str = "") -> str:
        done = subprocess.run([sys.executable, "-m", "eventnet.cli", *words], env=self.environ, input=given,
                              capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        return done.stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "eventnet.cli", "worker"], env=self.environ,
                                stderr=subprocess.DEVNULL)


@pytest.fixture
def installation(database_url: str, tmp_path: Path, smtp: SmtpServer) -> Iterator[Installation]:
    made = Installation(database_url, tmp_path / "var", smtp.port)
    db.connect(database_url)
    yield made
    db.database().dispose()


def attendee_list(path: Path, people: list[int]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["External key", "First name", "Last name", "E-mail", "Company"])
        for number in people:
            writer.writerow([number, "Person", f"Nº {number}", f"p{number}@people.example", f"Lab {number % 23}"])


def everybody_agrees() -> None:
    """As if each had opened the link and ticked e-mail; every tenth only came."""
    with db.transaction():
        for attendee in db.session.query(Attendee).all():
            if attendee.id % 10:
                attendee.activated_at = clock.now()
                choosing.choose(attendee.event_id, attendee.id, choosing.Choice(
                    shared=("email",), suggest_me=True, swap_policy="at_once", looking_for="collaborators",
                    offering="introductions", interests="networks", summary_email="", summary_detail="full"))


def test_conference_from_list_to_mails(
    installation: Installation, outside_data: Path, tmp_path: Path, smtp: SmtpServer
) -> None:
    met = scans(outside_data / "contacts-sfhh09" / "SFHH_tij.dat.gz")
    people = sorted({number for row in met for number in row[1:]})
    listing, contacts = tmp_path / "attendees.csv", tmp_path / "scans.txt"
    attendee_list(listing, people)
    contacts.write_text("".join(f"{t} {i} {j}\n" for t, i, j in met))
    first_day = (clock.now() - timedelta(days=3)).astimezone(PARIS).date()
    second_day = first_day + timedelta(days=1)

    installation.run("organizer", "add", "olga@sfhh.example", "--password-stdin", given="a long enough password\n")
    installation.run("event", "add", "sfhh", "--name", "SFHH", "--starts", f"{first_day} 08:00", "--ends",
                     f"{second_day} 20:00", "--timezone", "Europe/Paris", "--organizer", "olga@sfhh.example")
    imported = json.loads(installation.run("attendees", "import", str(listing), "--event", "sfhh", "--json"))
    assert (imported["new"], imported["refused"]) == (len(people), 0)
    again = json.loads(installation.run("attendees", "import", str(listing), "--event", "sfhh", "--json"))
    assert (again["new"], again["changed"], again["same"]) == (0, 0, len(people))
    badges = json.loads(installation.run("badges", "list", "--event", "sfhh", "--json"))
    assert len({badge["badge_url"] for badge in badges}) == len(people)

    everybody_agrees()
    installation.run("encounters", "import", str(contacts), "--event", "sfhh")
    installation.run("encounters", "import", str(contacts), "--event", "sfhh")
    pairs = {(min(i, j), max(i, j)) for _t, i, j in met}
    with db.reading():
        assert db.session.query(Encounter).count() == len(pairs), "the second import adds nothing"
        attendees = db.session.query(Attendee).all()
        received = Counter(grant.receiver_id for grant in db.session.query(Grant).all())
        address = {a.id: a.email for a in attendees}
        # Who never agreed to anything is told how many would like to swap, and gets no cards yet.
        due = {a.email: received[a.id] if a.activated_at else 0 for a in attendees}

    worker = installation.start_worker()
    try:
        sent = json.loads(installation.run("summaries", "send", "--event", "sfhh", "--wait", "--json"))
        once_more = json.loads(installation.run("summaries", "send", "--event", "sfhh", "--wait", "--json"))
    finally:
        worker.terminate()
        worker.wait(30)
    assert sent["sent"] == once_more["sent"] == len(people)
    assert (sent["failed"], sent["in_doubt"], sent["skipped"]) == (0, 0, [])

    got = Counter(mail.recipient for mail in smtp.accepted)
    assert got == Counter(address.values()), "everybody gets one mail, nobody two"
    for mail in smtp.accepted:
        cards = [card for part in mail.message.iter_attachments() if part.get_content_type() == "text/vcard"
                 for card in vobject.readComponents(part.get_content())]
        assert len(cards) == due[mail.recipient]
        assert all(card.fn.value.startswith("Person Nº") for card in cards)
        assert mail.message["List-Unsubscribe"].startswith("<https://sfhh.example/U/")


def test_thinning_keeps_a_fifth_of_the_pairs_in_order(outside_data: Path) -> None:
    met = scans(outside_data / "contacts-sfhh09" / "SFHH_tij.dat.gz", share=0.2)
    assert 0.18 < len(met) / 9565 < 0.22
    assert met == sorted(met)
