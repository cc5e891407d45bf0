"""Everything that is held about one attendee: as a readable overview, and as files to take along."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import or_, select

from eventnet import clock, db, words
from eventnet.accounts.models import Browser, Budget
from eventnet.attendees.models import Attendee, ImportDraft, SignedInBrowser
from eventnet.audit import log
from eventnet.audit.models import AuditEntry
from eventnet.cards import fields
from eventnet.contacts import address_book, exporting, kept_names, vcards
from eventnet.contacts.vcards import CardText
from eventnet.events.models import Event
from eventnet.lifecycle import erasing, meanings, subjects
from eventnet.outbox.models import Mail, Suppression
from eventnet.suggestions.picks import Picks
from eventnet.summaries.models import Summary

SCHEMA = "eventnet.my-data/1"
# Mails of other kinds hold a link or code that signs in; a copy of them would be a key in a downloads folder.
KINDS_WITHOUT_KEYS = ("summary", "farewell")


@dataclass(frozen=True)
class Part:
    """One table of the overview: what it holds, and how many rows are mine."""

    meaning: str
    count: int


def overview(event: Event, me: Attendee) -> list[Part]:
    """What is held, table by table, as far as there is something; the fullest first."""
    found = []
    for name, held in subjects.HELD.items():
        table = subjects.table(name)
        count = db.session.scalar(select(sa.func.count()).select_from(table).where(
            *subjects.rows_of(table, event.id, me.id, held.mine))) or 0
        if count:
            found.append(Part(meanings.of_table(name), count))
    return sorted(found, key=lambda part: (-part.count, part.meaning))


def collect(event: Event, me: Attendee) -> dict[str, Any]:
    """All of it as one JSON value: tables with rows, the meaning of every column, and what is left out and why.

    Other people are named only as far as they stand in my address book; everybody else is "somebody".
    """
    names = {person.id: person.name for person in address_book.everyone(event.id, me.id)}
    tables: dict[str, dict[str, Any]] = {}
    for name, held in subjects.HELD.items():
        rows = [_row(row, held, me.id, names) for row in _rows(event.id, me.id, name, held)]
        if rows:
            tables[name] = {"meaning": meanings.of_table(name), "rows": rows}
    tables["attendees"]["rows"][0]["edited_fields"] = {
        name: {key: value for key, value in mark.items() if key != "who"} for name, mark in me.edits.items()}
    used = sorted({column for part in tables.values() for row in part["rows"] for column in row})
    return {
        "schema": SCHEMA, "made_at": clock.now().isoformat(timespec="seconds"), "times": "UTC, RFC 3339",
        "event": {"name": event.name, "slug": event.slug, "starts_at": _plain(event.starts_at),
                  "ends_at": _plain(event.ends_at), "zone": event.zone, "kept_until": _plain(event.retention_on)},
        "tables": tables,
        "log": _log(event.id, me.id), "browsers": _browsers(event.id, me.id), "counters": _counters(me.id),
        "addresses_without_mail": _suppressed(event.id, me), "uploads": _uploads(event.id, me),
        "summary_names": _picks(event.id, me.id, names),
        "columns": {column: meanings.of_column(column) for column in used},
        "left_out": dict(sorted(subjects.LEFT_OUT.items())),
        "not_included": ["what others wrote about you in their own lists: it is theirs",
                         "the host's own list of addresses that bounced, which is kept without an event"],
    }


def archive(event: Event, me: Attendee, host: str) -> bytes:
    """The ZIP file: data as JSON, the own card, everybody met as vCards and as a table, mails that are still kept."""
    people = address_book.everyone(event.id, me.id)
    kept = kept_names.of(event.id, me.id)
    files: dict[str, bytes] = {
        "README.txt": meanings.read_me(event).encode(),
        "my-data.json": json.dumps(collect(event, me), ensure_ascii=False, indent=1).encode(),
        "my-card.vcf": _own_card(event, me, host).encode(),
        "people.vcf": exporting.bundle(event, people, host, with_notes=True, kept=kept).encode(),
        "people.csv": exporting.spreadsheet(event, people, with_notes=True, kept=kept).encode(),
        **_mails(event.id, me.id)}
    out, now = io.BytesIO(), clock.now().astimezone(event.tz)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            about = zipfile.ZipInfo(name, now.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(about, content)
    return out.getvalue()


def _rows(event_id: int, me: int, name: str, held: subjects.Held) -> Sequence[Any]:
    table = subjects.table(name)
    order = list(table.primary_key.columns)
    return db.session.execute(
        select(table).where(*subjects.rows_of(table, event_id, me, held.mine)).order_by(*order)).mappings().all()


def _row(row: Mapping[Any, Any], held: subjects.Held, me: int, names: Mapping[int, str]) -> dict[str, Any]:
    hidden = {"id", "event_id", *held.without}
    shown: dict[str, Any] = {}
    for column, value in row.items():
        name = str(column)
        if name in held.people and name != "id":
            shown[name.removesuffix("_id")] = _who(value, me, names)
        elif name not in hidden:
            shown[name] = _plain(value)
    return shown


def _who(value: int | None, me: int, names: Mapping[int, str]) -> str | None:
    if value is None:
        return None
    return "you" if value == me else names.get(value) or "somebody"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _log(event_id: int, me: int) -> list[dict[str, Any]]:
    mark = f'"attendee":{me}'
    entries = db.session.scalars(select(AuditEntry).where(
        AuditEntry.event_id == event_id,
        or_(AuditEntry.actor == f"attendee:{me}", sa.type_coerce(AuditEntry.about, sa.Text).contains(mark)),
    ).order_by(AuditEntry.id))
    return [{"at": _plain(entry.at), "act": log.sentence(entry)} for entry in entries
            if entry.actor == f"attendee:{me}" or entry.about.get("attendee") == me]


def _browsers(event_id: int, me: int) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Browser.label, Browser.made_at, Browser.ends_at)
        .join(SignedInBrowser, SignedInBrowser.browser_id == Browser.id)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == me).distinct()
        .order_by(Browser.made_at))
    return [{"label": row.label, "made_at": _plain(row.made_at), "ends_at": _plain(row.ends_at)} for row in rows]


def _counters(me: int) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(Budget).where(
        or_(Budget.key.like(f"%:attendee:{me}"), Budget.key.like(f"%:attendee:{me}:%"))).order_by(Budget.id))
    return [{"of": row.key.partition(":")[0], "since": _plain(row.span_start), "used": row.used} for row in rows]


def _suppressed(event_id: int, me: Attendee) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(Suppression).where(
        Suppression.event_id == event_id, Suppression.address.in_(erasing.addresses_of(me))))
    return [{"address": row.address, "reason": row.reason, "since": _plain(row.made_at)} for row in rows]


def _uploads(event_id: int, me: Attendee) -> list[dict[str, Any]]:
    addresses = erasing.addresses_of(me)
    return [{"file": draft.file_name, "made_at": _plain(draft.made_at), "row": row}
            for draft in db.session.scalars(select(ImportDraft).where(ImportDraft.event_id == event_id))
            for row in draft.rows if erasing.is_about(row, me, addresses)]


def _picks(event_id: int, me: int, names: Mapping[int, str]) -> dict[str, Any]:
    summary = db.session.scalar(select(Summary).where(Summary.event_id == event_id, Summary.attendee_id == me))
    if summary is None:
        return {}
    picks = Picks.from_json(summary.picks)
    return {"write_to_first": [names[one.attendee_id] for one in picks.follow_up if one.attendee_id in names],
            "people_suggested": len(picks.should_meet)}


def _own_card(event: Event, me: Attendee, host: str) -> str:
    values = {name: me.badge_name if name == "name" else str(getattr(me, name)) for name in fields.FIELDS}
    return vcards.vcard(CardText(
        uid=vcards.uid(host, event.id, me.id), values=values, changed_at=me.changed_at, given_name=me.given_name,
        family_name=me.family_name, categories=(event.name,)))


def _mails(event_id: int, me: int) -> dict[str, bytes]:
    rows = db.session.execute(select(Mail.kind, Mail.content, Mail.settled_at).where(
        Mail.event_id == event_id, Mail.attendee_id == me, Mail.content.is_not(None), Mail.state == "sent",
        Mail.kind.in_(KINDS_WITHOUT_KEYS)).order_by(Mail.settled_at, Mail.id))
    return {f"mails/{number}-{row.kind}.eml": row.content for number, row in enumerate(rows, 1)}


def file_name(event: Event) -> str:
    """my-data-spring-mixer-2026-10-16.zip"""
    return f"my-data-{event.slug}-{clock.now().astimezone(event.tz).date().isoformat()}.zip"


def kept_until(event: Event) -> str:
    return words.full_day(event.retention_on)
