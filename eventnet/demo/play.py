"""Plays the evening: every step through the program's own pages and API, as people and phones would."""

from __future__ import annotations

import csv
import io
import re
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from eventnet import clock
from eventnet.demo import evening, mailbox
from eventnet.demo.people import Person
from eventnet.demo.phone import Phone, Trouble

SLUG = "autumn-mixer"
NAME = "Autumn mixer"
ZONE = "Europe/Berlin"
OLGA, PASSWORD = "olga@organizers.example", "a calm evening for everybody"
Progress = Callable[[str, int, int], None]


@dataclass
class Stage:
    """What a play needs: where the program listens, its mails, its clock, and who comes."""

    base_url: str
    context: ssl.SSLContext | None
    inbox: Path
    shift: Path
    guests: list[Person]
    script: evening.Evening
    starts_at: datetime
    progress: Progress
    phones: dict[int, Phone] = field(default_factory=dict)
    activation: dict[int, str] = field(default_factory=dict)
    badges: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Phone(self.base_url, self.context, 1)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(seconds=evening.LENGTH)

    def turn_clock(self, to: datetime) -> None:
        """Make it `to` in all processes of the demo."""
        clock.set_shift(self.shift, (to - datetime.now(UTC)).total_seconds())


def start_of_the_evening(now: datetime) -> datetime:
    """18:00 of the latest evening that is over: its activation links and swaps still work."""
    local = (now - timedelta(minutes=5)).astimezone(ZoneInfo(ZONE))
    end = local.replace(hour=22, minute=0, second=0, microsecond=0)
    if end > local:
        end -= timedelta(days=1)
    return end.astimezone(UTC) - timedelta(seconds=evening.LENGTH)


def before(stage: Stage) -> bytes:
    """Olga signs in, makes the event, imports the list, prints badges and mails the links; returns the PDF."""
    stage.turn_clock(stage.starts_at - timedelta(days=2, hours=3))
    desk, zone = stage.desk, ZoneInfo(ZONE)
    stage.progress("Olga makes the event", 0, 4)
    _sign_in(desk)
    local = "%Y-%m-%dT%H:%M"
    desk.fill("/admin/events/new", {
        "name": NAME, "slug": SLUG, "zone": ZONE, "venue": "Old Town Hall, Cologne",
        "starts_at": stage.starts_at.astimezone(zone).strftime(local),
        "ends_at": stage.ends_at.astimezone(zone).strftime(local),
        "controller": "Alumni Office, Old Market 1, Cologne", "controller_email": "data@organizers.example",
        "purpose": "So that alumni who meet tonight find each other again.", "legal_basis": "interests",
        "hosting": "On this machine, for show.",
    })
    desk.fill(f"/admin/e/{SLUG}/programme", {}, file=("file", "programme.csv", _programme(stage)))
    stage.progress("Olga imports the attendee list", 1, 4)
    preview = desk.fill(f"/admin/e/{SLUG}/attendees/import", {}, file=("file", "ticket-shop.csv", _list(stage.guests)))
    if "What this import will do" not in preview:
        raise Trouble("the import shows no preview")
    desk.press(desk.address)
    stage.progress("Badges are printed", 2, 4)
    desk.fill(f"/admin/e/{SLUG}/badges", {"layout": "a4-sheet", "only": "all"}, to="/badges/print")
    pdf = desk.take(f"/admin/e/{SLUG}/badges.pdf", {"layout": "a4-sheet"})
    if not pdf.startswith(b"%PDF"):
        raise Trouble("the badge sheet is not a PDF")
    stage.progress("Activation links go out", 3, 4)
    desk.fill(f"/admin/e/{SLUG}/invitations", {})
    stage.progress("Activation links go out", 4, 4)
    return pdf


def _sign_in(desk: Phone) -> None:
    """An organizer's sign-in ends after 12 hours, so Olga does this again on the evening."""
    desk.fill("/admin/sign-in", {"email": OLGA, "password": PASSWORD})


def _list(guests: list[Person]) -> bytes:
    """The attendee list as the ticket shop exports it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Ticket ID", "First Name", "Last Name", "Email", "Company", "Job Title", "Phone", "LinkedIn",
                     "Category", "Programme", "Class year"])
    for person in guests:
        writer.writerow([person.key, person.given, person.family, person.email, person.organization, person.title,
                         person.phone, person.linkedin, person.category, person.programme, person.class_year])
    return out.getvalue().encode("utf-8-sig")


def _programme(stage: Stage) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["title", "room", "start", "end"])
    zone = ZoneInfo(ZONE)
    for title, room, start, end in evening.TALKS:
        times = [(stage.starts_at + timedelta(seconds=second)).astimezone(zone) for second in (start, end)]
        writer.writerow([title, room, *(f"{at:%Y-%m-%d %H:%M}" for at in times)])
    return out.getvalue().encode()


def read_links(stage: Stage, patience: float = 90) -> None:
    """Wait until every invited guest has their mail, and take the activation links out of them."""
    by_address = {person.email: n for n, person in enumerate(stage.guests)}
    deadline, read = time.monotonic() + patience, set()
    while len(stage.activation) < len(stage.guests):
        for letter in mailbox.letters(stage.inbox):
            if letter.number in read:
                continue
            read.add(letter.number)
            message = mailbox.read(stage.inbox, letter.number)
            body = message.get_body(("plain",)) if message else None
            found = re.search(rf"{re.escape(stage.base_url)}/A/[0-9A-Z]+", body.get_content() if body else "")
            guest = next((n for address, n in by_address.items() if address in letter.to), None)
            if found and guest is not None:
                stage.activation[guest] = found[0]
        stage.progress("Activation mails arrive", len(stage.activation), len(stage.guests))
        if time.monotonic() > deadline:
            raise Trouble(f"only {len(stage.activation)} of {len(stage.guests)} activation mails arrived")
        time.sleep(0.2)


def during(stage: Stage, badges: dict[str, tuple[str, str]]) -> None:
    """Doors open: check-ins, activations, scans with notes, in the order of the evening.

    `badges` maps a guest's e-mail to (token, code), as `eventnet badges list` gives them.
    """
    stage.badges = {n: badges[person.email] for n, person in enumerate(stage.guests)}
    acts: list[tuple[int, Callable[[], None]]] = []
    for second, guest in stage.script.arrivals:
        acts.append((second, lambda guest=guest: _arrive(stage, guest)))  # type: ignore[misc]
    for meeting in stage.script.meetings:
        acts.append((meeting.second, lambda meeting=meeting: _meet(stage, meeting)))  # type: ignore[misc]
    acts.sort(key=lambda act: act[0])
    stage.turn_clock(stage.starts_at - timedelta(minutes=30))
    _sign_in(stage.desk)
    for number, (second, act) in enumerate(acts):
        stage.turn_clock(stage.starts_at + timedelta(seconds=second))
        act()
        stage.progress("The evening", number + 1, len(acts))


def _arrive(stage: Stage, guest: int) -> None:
    """The desk scans the badge and checks in; whoever activates does so right there."""
    person = stage.guests[guest]
    found = stage.desk.open(f"/admin/e/{SLUG}/desk?q={person.email}")
    action = re.search(rf'action="(/admin/e/{SLUG}/desk/\d+/check-in)"', found)
    if action is None:
        raise Trouble(f"the desk does not find {person.email}")
    stage.desk.press(action[1])
    if not person.activates:
        return
    phone = stage.phones[guest] = Phone(stage.base_url, stage.context, guest)
    phone.fill(stage.activation[guest], {})
    fields: dict[str, object] = {f"share_{field}": "y" for field in person.shares}
    if person.suggest:
        fields["suggest_me"] = "y"
    if not fields:
        # Who ticks nothing is asked whether it is them: a mail scanner would save the card like this as well.
        fields["me"] = "1"
    phone.fill(f"/e/{SLUG}/card", {
        **fields, "swap_policy": person.swap_policy, "looking_own": person.looking_for,
        "offering_own": person.offering, "interests": person.interests})


def _meet(stage: Stage, meeting: evening.Meeting) -> None:
    """One scan, and what the scanner writes down about it."""
    phone = stage.phones[meeting.scanner]
    token, code = stage.badges[meeting.scanned]
    phone.open(f"/e/{SLUG}/scan")
    answer = phone.send("/api/v1/encounters", {
        "sent_at": clock.now().isoformat(),
        "scans": [{"id": str(uuid.uuid4()), "badge": code if meeting.by_code else token, "event": SLUG,
                   "scanned_at": clock.now().isoformat(), "elapsed_ms": 0}],
    })["answers"][0]
    if answer["result"] not in ("recorded", "repeated", "pending"):
        raise Trouble(f"a scan was answered {answer}")
    person = answer.get("person")
    if person and (meeting.note or meeting.promise or meeting.tags or meeting.star):
        fields: dict[str, object] = {"note": meeting.note, "promise": meeting.promise, "tags": ", ".join(meeting.tags)}
        if meeting.star:
            fields["starred"] = "y"
        phone.press(f"{person['url']}/note", fields)


def after(stage: Stage) -> None:
    """The evening is over and the clock is right again: Olga sends the summaries."""
    clock.set_shift(stage.shift, 0)
    _sign_in(stage.desk)
    page = f"/admin/e/{SLUG}/summaries"
    found = re.search(r"(\d+) (?:people get|person gets) a summary", stage.desk.open(page))
    if found is None:
        raise Trouble("the summaries page does not say how many would get one")
    stage.desk.fill(page, {"number": found[1]}, to="/summaries")
    for phone in stage.phones.values():
        phone.close()
