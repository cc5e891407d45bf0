"""The programme of an event: upload it as often as needed, list it, remove an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from eventnet import db
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import ProgrammeItem
from eventnet.events.programme_files import Row
from eventnet.words import gettext as _

Kind = Literal["new", "changed", "same", "refused"]


@dataclass(frozen=True)
class Outcome:
    """What an upload did (or, `is_stored` False, would have done) with each row."""

    rows: Sequence[tuple[Row, Kind]]
    is_stored: bool

    def count(self, kind: Kind) -> int:
        return sum(1 for _row, found in self.rows if found == kind)


def items(event_id: int) -> Sequence[ProgrammeItem]:
    """All items of an event, in the order they take place."""
    return db.session.scalars(
        select(ProgrammeItem).where(ProgrammeItem.event_id == event_id)
        .order_by(ProgrammeItem.starts_at, ProgrammeItem.room, ProgrammeItem.id)
    ).all()


def items_at(event_id: int, moment: datetime) -> Sequence[ProgrammeItem]:
    """What takes place at a moment."""
    return [item for item in items(event_id) if item.starts_at <= moment < item.ends_at]


def compare(event_id: int, rows: Sequence[Row]) -> Outcome:
    """What an upload of these rows would do; writes nothing."""
    known = {item.external_key: item for item in items(event_id)}
    return Outcome([(row, _kind(row, known.get(row.key))) for row in rows], is_stored=False)


def upload(event_id: int, rows: Sequence[Row], by: str) -> Outcome:
    """Add and change items by their keys, all of them or, when one row has a problem, none.

    Items that the file does not mention stay: attendees may have said that they were there.
    """
    known = {item.external_key: item for item in items(event_id)}
    outcome = Outcome([(row, _kind(row, known.get(row.key))) for row in rows], is_stored=True)
    if outcome.count("refused"):
        return Outcome(outcome.rows, is_stored=False)
    for row, kind in outcome.rows:
        assert row.starts_at is not None
        assert row.ends_at is not None
        if kind == "new":
            db.session.add(ProgrammeItem(
                event_id=event_id, external_key=row.key, title=row.title, room=row.room, starts_at=row.starts_at,
                ends_at=row.ends_at))
        elif kind == "changed":
            item = known[row.key]
            item.title, item.room, item.starts_at, item.ends_at = row.title, row.room, row.starts_at, row.ends_at
    log.write("programme.uploaded", by, event_id, new=outcome.count("new"), changed=outcome.count("changed"),
              same=outcome.count("same"))
    db.session.flush()
    return outcome


def remove(event_id: int, item_id: int, by: str) -> str:
    """Remove an item and return its title; raises NotFound, or Refusal when attendees said they were there."""
    here = (ProgrammeItem.event_id == event_id, ProgrammeItem.id == item_id)
    title = db.session.scalar(select(ProgrammeItem.title).where(*here))
    if title is None:
        raise NotFound
    try:
        db.session.execute(delete(ProgrammeItem).where(*here))
    except IntegrityError:
        # A later slice keeps "I was there" with a foreign key to the item; the database is asked, not that slice.
        raise Refusal(_("Somebody said they were at “%(title)s”, so it stays.", title=title),
                      reason="in_use") from None
    log.write("programme.removed", by, event_id, item_id=item_id)
    db.session.flush()
    return title


def _kind(row: Row, item: ProgrammeItem | None) -> Kind:
    if row.problem:
        return "refused"
    if item is None:
        return "new"
    is_same = (item.title, item.room, item.starts_at, item.ends_at) == (row.title, row.room, row.starts_at, row.ends_at)
    return "same" if is_same else "changed"
