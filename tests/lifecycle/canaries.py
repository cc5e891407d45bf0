"""Events full of canaries: one row at least in every table, with a word in every text that must not survive."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from eventnet import db, tables
from eventnet.accounts.models import Browser, Budget
from eventnet.attendees.models import ApiToken, Attendee, HandOver, ImportDraft, SignedInBrowser, SignInRequest
from eventnet.audit import log
from eventnet.cards.models import Attendance, Consent
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.events.models import Event, ProgrammeItem
from eventnet.outbox.models import Mail, Suppression
from eventnet.summaries.models import Campaign, Summary
from tests.factories import make_attendee, make_event, make_organizer

STAYS = {"audit_entries", "event_roles", "forgettings"}


def fill(word: str, people: int = 12, **values: Any) -> tuple[Event, list[Attendee], list[Browser]]:
    """An event `word` long over where everybody met everybody else; every text of a person contains `word`."""
    owner = make_organizer(f"{uuid.uuid4()}@organizers.example")
    event = make_event(f"event-{word[:5].lower()}", owner=owner, venue=f"{word} hall", controller=f"{word} office",
                       controller_email=f"{word}@office.example", **values)
    now = event.starts_at
    crowd = [make_attendee(
        event, f"{word} {n}", shared=["email"], email=f"{word}{n}@people.example", organization=f"{word} & sons",
        phone=word, linkedin=f"https://l.example/{word}", external_key=f"{word}-{n}",
        card={"looking_for": f"{word} work", "offering": word, "summary_email": f"{word}@home.example"},
        edits={"organization": {"by": word}}) for n in range(people)]
    browsers = [Browser(token_hash=str(uuid.uuid4()), label=f"{word} on Linux", made_at=now, ends_at=event.retention_at)
                for _person in crowd]
    item = ProgrammeItem(event_id=event.id, external_key=word, title=f"A talk of {word}", room=word, starts_at=now,
                         ends_at=now + timedelta(hours=1))
    db.session.add_all([item, *browsers])
    db.session.flush()
    for person, browser in zip(crowd, browsers, strict=True):
        _one(event, person, browser, item, word, now)
    _pairs(event, crowd, word, now)
    db.session.add_all([
        ImportDraft(id=str(uuid.uuid4()), event_id=event.id, organizer_id=owner.id, file_name=f"{word}.csv",
                    source="auto", made_at=now, rows=[{"person": {
                        "values": {"registered_name": word, "email": f"{word}0@people.example"},
                        "key": f"{word}-0"}}]),
        Campaign(event_id=event.id, started_at=now, started_by="organizer:1", send_at=now),
        Suppression(event_id=event.id, address=f"{word}@people.example", reason="unsubscribed", made_at=now),
        Budget(key=f"sign-in-asks:{event.id}:{word}@people.example", span_start=now),
        Budget(key=f"hand-over:{event.id}", span_start=now)])
    log.write("attendees.imported", "organizer:1", event.id, new=people)
    db.session.flush()
    _rest(event, crowd, browsers, owner.id, word, now)
    return event, crowd, browsers


def _rest(event: Event, crowd: Sequence[Attendee], browsers: Sequence[Browser], organizer_id: int, word: str,
          now: datetime) -> None:
    """A row in every table of an event that has none yet: about the first attendee, and the second where two meet.

    Made from the schema, so that a table that is added tomorrow is in these tests tomorrow.
    """
    for table in tables.metadata.sorted_tables:
        if "event_id" not in table.c or table.name in STAYS or db.session.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.event_id == event.id)):
            continue
        if sum(key.referred_table.name == "attendees" for key in table.foreign_key_constraints) > len(crowd):
            continue
        points_to = {column: key.column.table.name for column in table.c for key in column.foreign_keys}
        people = iter([person.id for person in crowd])
        row: dict[str, Any] = {}
        for column in table.c:
            name, kind = column.name, column.type
            target = next((key.referred_table.name for key in table.foreign_key_constraints
                           if name in key.column_keys and (name != "event_id" or len(key.column_keys) == 1)),
                          points_to.get(column))
            if name == "event_id":
                row[name] = event.id
            elif target == "attendees":
                row[name] = next(people)
            elif target == "browsers":
                row[name] = browsers[0].id
            elif target == "organizers":
                row[name] = organizer_id
            elif target == "programme_items":
                row[name] = db.session.scalar(sa.select(ProgrammeItem.id).where(ProgrammeItem.event_id == event.id))
            elif column.primary_key and not isinstance(kind, sa.Text):
                continue
            else:
                row[name] = _value(table, name, kind, word, now)
        db.session.execute(sa.insert(table).values(row))


def _value(table: sa.Table, name: str, kind: Any, word: str, now: datetime) -> Any:
    """Something that fits a column; of text one of what a CHECK allows, else the canary."""
    for check in table.constraints:
        if isinstance(check, sa.CheckConstraint):
            allowed = re.search(rf"\b{name}\s+in\s+\(([^)]*)\)", str(check.sqltext))
            if allowed:
                return allowed.group(1).split(",")[0].strip().strip("'")
    if isinstance(kind, db.UtcDateTime):
        return now
    if isinstance(kind, sa.Date):
        return now.date()
    if (table.name, name) == ("blocks", "seen"):
        return {"values": {"name": word, "email": word}, "given_name": word, "family_name": word, "journal": "[]",
                "card_changed_at": now.isoformat(), "changed_at": now.isoformat()}
    if (table.name, name) == ("erasures", "number"):
        return uuid.uuid4().int >> 80  # of somebody who was deleted long ago
    if isinstance(kind, db.JsonText):
        return [word]
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.LargeBinary):
        return word.encode()
    return 1 if isinstance(kind, sa.Integer) else f"{word}-{uuid.uuid4()}"


def _one(event: Event, person: Attendee, browser: Browser, item: ProgrammeItem, word: str, now: datetime) -> None:
    mine: dict[str, Any] = {"event_id": event.id, "attendee_id": person.id}
    db.session.add_all([
        SignedInBrowser(**mine, browser_id=browser.id, way="desk", since=now),
        SignInRequest(**mine, asker_hash=word, next_path=f"/{word}", asked_at=now, ends_at=now),
        HandOver(**mine, browser_id=browser.id, code_hash=str(uuid.uuid4()), made_at=now, ends_at=now),
        ApiToken(**mine, token_hash=str(uuid.uuid4()), label=word, made_at=now),
        Consent(**mine, field="email", wording=word, language="en", given_at=now),
        Attendance(**mine, item_id=item.id, said_at=now),
        Summary(**mine, picks={"reason": word}, made_at=now),
        Mail(id=str(uuid.uuid4()), kind="summary", unique_key=f"attendee:{person.id}", **mine, state="sent",
             to_address=f"{word}@people.example", planned_at=now, run_after=now, settled_at=now,
             content=(f"Dear {word}, " * 900).encode(), digest="d", message_id="m", reply=f"250 to {word}"),
        Budget(key=f"swaps:attendee:{person.id}", span_start=now),
    ])


def _pairs(event: Event, crowd: Sequence[Attendee], word: str, now: datetime) -> None:
    for one in crowd:
        for other in crowd:
            if one is other:
                continue
            pair: dict[str, Any] = {"event_id": event.id}
            db.session.add_all([
                Scan(**pair, client_id=str(uuid.uuid4()), scanner_id=one.id, scanned_id=other.id, way=word,
                     offered=[word], received_at=now, met_at=now, settled_at=now),
                Grant(**pair, giver_id=one.id, receiver_id=other.id, fields=["name", "email"], wording=word,
                      given_at=now),
                Contact(**pair, owner_id=one.id, person_id=other.id, note=f"{word} likes tea", promise=word,
                        tags=[word], changed_at=now)])
            if one.id < other.id:
                db.session.add(Encounter(**pair, low_id=one.id, high_id=other.id, first_at=now, last_at=now))


def rows_of(event_id: int) -> dict[str, int]:
    """How many rows each table has of an event."""
    with db.reading():
        return {table.name: db.session.scalar(sa.select(sa.func.count()).where(table.c.event_id == event_id)) or 0
                for table in tables.metadata.sorted_tables if "event_id" in table.c}


def everything(of: int | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, or those of one event, in order."""
    with db.reading():
        return {
            table.name: sorted((tuple(row) for row in db.session.execute(
                sa.select(table).where(table.c.event_id == of) if of is not None else sa.select(table))), key=repr)
            for table in tables.metadata.sorted_tables if of is None or "event_id" in table.c}


def on_disk(database: db.Database) -> bytes:
    """The bytes of the database and its logs as a thief would read them; of PostgreSQL all rows as text."""
    if not database.is_sqlite:
        return repr(everything()).encode()
    file = Path(str(database.url.database))
    return b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))


def long_after(event: Event) -> datetime:
    return event.retention_at + timedelta(hours=3)
