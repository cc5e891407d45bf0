"""Replays rows "t i j" of who met whom, such as a sensor or an older system recorded, as scans."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.cards.fields import BADGE_FIELDS
from eventnet.encounters import finding, settling
from eventnet.encounters.finding import Person
from eventnet.encounters.models import Scan
from eventnet.encounters.settling import Giving
from eventnet.errors import Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _

BATCH = 500
MOST_REFUSED_SHOWN = 1000
LONGEST_LINE = 1000
NAMESPACE = uuid.UUID("5f0c0b52-7d0e-4c3c-9d0a-6f8f3a1f2c11")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: at `second` after midnight of the event's first day, `scanner` met `scanned`."""

    line: int
    second: int
    scanner: str
    scanned: str


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Outcome:
    """What became of a file: scans recorded now, scans known from an earlier run, lines refused."""

    recorded: int = 0
    repeated: int = 0
    refused: int = 0
    lines: list[RefusedLine] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        if len(self.lines) < MOST_REFUSED_SHOWN:
            self.lines.append(RefusedLine(line, reason))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, unpacked on the way if it is gzip."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if packed:
            with gzip.open(raw) as plain:
                yield plain  # type: ignore[misc]
        else:
            yield raw


def rows(file: IO[bytes], outcome: Outcome) -> Iterator[Row]:
    """The rows of a file, one line at a time; what is no row is refused with its line."""
    number = 0
    try:
        while text := file.readline(LONGEST_LINE):
            number += 1
            row = _row(number, text.decode("utf-8-sig", "replace"), outcome)
            if row is not None:
                yield row
    except (EOFError, OSError) as error:
        raise Refusal(_("The file cannot be read beyond line %(line)s: it is cut or damaged.", line=number),
                      reason="damaged") from error


def _row(number: int, text: str, outcome: Outcome) -> Row | None:
    parts = text.replace(",", " ").replace(";", " ").split()
    if not parts or parts[0].startswith("#"):
        return None
    if len(parts) < 3:
        outcome.refuse(number, _("This line is not three columns: seconds, who, whom."))
        return None
    try:
        second = int(float(parts[0]))
    except (ValueError, OverflowError):
        outcome.refuse(number, _("The first column is not a number of seconds."))
        return None
    return Row(number, second, parts[1], parts[2])


def import_batch(event_id: int, batch: Sequence[Row], outcome: Outcome) -> None:
    """Record one batch in the current transaction; a row imported before is repeated, not doubled.

    Both people give what their cards share; who has no card, asks first or paused gives the badge and is
    asked for the rest.
    """
    now = clock.now()
    event = db.session.get_one(Event, event_id)
    people = _people_named(event_id, {name for row in batch for name in (row.scanner, row.scanned)})
    pairs: dict[tuple[int, int], list[tuple[datetime, int, int]]] = {}
    persons: dict[int, Person] = {}
    scans: list[dict[str, Any]] = []
    for row in batch:
        scanner, scanned = people.get(row.scanner.casefold()), people.get(row.scanned.casefold())
        met_at = _moment(event, row.second)
        reason = _hindrance(event, row, scanner, scanned, met_at)
        if reason is not None or scanner is None or scanned is None or met_at is None:
            outcome.refuse(row.line, reason or "")
            continue
        persons[scanner.id], persons[scanned.id] = scanner, scanned
        scans.append({
            "event_id": event_id, "scanner_id": scanner.id, "scanned_id": scanned.id, "way": "import",
            "client_id": str(uuid.uuid5(NAMESPACE, f"{event_id} {row.second} {scanner.id} {scanned.id}")),
            "offered": scanner.gives, "said_at": met_at, "received_at": now, "met_at": met_at, "settled_at": now,
        })
    if not scans:
        return
    scans.sort(key=_pair_of)
    inserted = db.connection().execute(
        db.insert(Scan.__table__).on_conflict_do_nothing(index_elements=["scanner_id", "client_id"])
        .returning(Scan.__table__.c.scanner_id, Scan.__table__.c.scanned_id, Scan.__table__.c.met_at), scans).all()
    outcome.recorded += len(inserted)
    outcome.repeated += len(scans) - len(inserted)
    for scanner_id, scanned_id, met_at in inserted:
        pairs.setdefault((min(scanner_id, scanned_id), max(scanner_id, scanned_id)), []).append(
            (met_at, scanner_id, scanned_id))
    for (low, high), met in sorted(pairs.items()):
        times = [at for at, _scanner, _scanned in met]
        meeting = settling.Meeting(min(times), max(times), len(times), any(one[1] == low for one in met),
                                   any(one[1] == high for one in met))
        settling.settle(event_id, meeting, (_giving(persons[low], high), _giving(persons[high], low)), now)


def note_import(event_id: int, outcome: Outcome, actor: str) -> None:
    """The import in the audit log."""
    log.write("encounters.imported", actor, event_id, scans=outcome.recorded, repeated=outcome.repeated,
              refused=outcome.refused)


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in lists short enough for one transaction each."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _pair_of(scan: dict[str, Any]) -> tuple[int, int]:
    return min(scan["scanner_id"], scan["scanned_id"]), max(scan["scanner_id"], scan["scanned_id"])


def _giving(giver: Person, receiver_id: int) -> Giving:
    # Whoever wants to be asked, or paused, was not asked by the program that sent these scans.
    is_asked = giver.agreed_at is None or giver.swap_policy != "at_once"
    return Giving(giver.id, receiver_id, BADGE_FIELDS if is_asked else giver.gives, acted=False, asked=is_asked)


def _moment(event: Event, second: int) -> datetime | None:
    midnight = datetime.combine(event.starts_on, datetime.min.time(), event.tz)
    try:
        # Elapsed seconds, not wall clock: a night with a clock change does not move the second day.
        return (midnight.astimezone(UTC) + timedelta(seconds=second)).astimezone(UTC)
    except OverflowError:
        return None


def _hindrance(event: Event, row: Row, scanner: Person | None, scanned: Person | None,
               met_at: datetime | None) -> str | None:
    for name, person in ((row.scanner, scanner), (row.scanned, scanned)):
        if person is None:
            return _("Nobody here has the key or address %(name)s.", name=name)
        if not person.takes_part:
            return _("%(name)s does not take part.", name=name)
    if scanner is not None and scanned is not None and scanner.id == scanned.id:
        return _("%(name)s cannot meet themself.", name=row.scanner)
    if met_at is None or not event.swaps_open_at <= met_at <= event.swaps_close_at:
        return _("%(second)s seconds is outside the time for swaps.", second=row.second)
    return None


def _people_named(event_id: int, names: set[str]) -> dict[str, Person]:
    """People by external key (with or without the shop's name before it), else by e-mail address, all folded.

    A key or address that several people share names nobody.
    """
    wanted = {name.casefold() for name in names}
    exact: dict[str, int] = {}
    bare: dict[str, set[int]] = {}
    mail: dict[str, set[int]] = {}
    for attendee_id, key, email in db.session.execute(
            select(Attendee.id, Attendee.external_key, Attendee.email_key).where(
                Attendee.event_id == event_id, Attendee.removed_at.is_(None))):
        folded = (key or "").casefold()
        if folded in wanted:
            exact[folded] = attendee_id
        if ":" in folded and folded.partition(":")[2] in wanted:
            bare.setdefault(folded.partition(":")[2], set()).add(attendee_id)
        if email and email.casefold() in wanted:
            mail.setdefault(email.casefold(), set()).add(attendee_id)
    named = {name: next(iter(found)) for way in (mail, bare) for name, found in way.items() if len(found) == 1} | exact
    people = finding.people(list(named.values()), locked=False)
    return {name: people[attendee_id] for name, attendee_id in named.items() if attendee_id in people}
