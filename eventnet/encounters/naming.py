"""Who met whom by name, for organizers: only of attendees who agreed to it, under a policy that is still in force."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from eventnet import db
from eventnet.attendees.exporting import safe
from eventnet.attendees.models import Attendee
from eventnet.cards import names
from eventnet.encounters.models import Encounter
from eventnet.encounters.withholding import LEAST
from eventnet.errors import Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _
from eventnet.words import ngettext


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whose name organizers may see."""

    id: int
    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who met, both of whom agreed that organizers see it."""

    one: Named
    other: Named
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs to be shown, and how many there are besides."""

    rows: Sequence[Pair]
    withheld: int


def is_shown(event: Event, who: Any) -> ColumnElement[bool]:
    """SQL: whether this attendee may stand in a list of who met whom."""
    return and_(names.may_be_named(event, "pairs", who.id), *_is_there(who))


def pairs(event: Event) -> Pairs:
    """Everybody who met whom, where both agreed. Raises Refusal when the event's policy shows no pairs."""
    if event.names_policy != "pairs":
        raise Refusal(refused(event), reason="names")
    one, other = aliased(Attendee), aliased(Attendee)
    rows = db.session.execute(
        select(Encounter.first_at, Encounter.last_at, Encounter.times, one.id, one.badge_name, one.organization,
               other.id, other.badge_name, other.organization)
        .join(one, and_(one.event_id == Encounter.event_id, one.id == Encounter.low_id))
        .join(other, and_(other.event_id == Encounter.event_id, other.id == Encounter.high_id))
        .where(Encounter.event_id == event.id, is_shown(event, one), is_shown(event, other))
        .order_by(Encounter.first_at, Encounter.id)).all()
    found = [Pair(Named(row[3], row[4], row[5]), Named(row[6], row[7], row[8]), row[0], row[1], row[2])
             for row in rows]
    total = db.session.scalar(select(func.count()).select_from(Encounter).where(Encounter.event_id == event.id)) or 0
    return Pairs(found, total - len(found))


def met_by(event: Event, attendee_id: int, limit: int = 500) -> Sequence[Pair] | None:
    """Whom one attendee met, the latest first; None where organizers may not see it of them.

    Only those who agreed as well, and nothing about how many others there are: that number would be about few.
    """
    if event.names_policy != "pairs" or not db.session.scalar(
            select(Attendee.id).where(Attendee.event_id == event.id, Attendee.id == attendee_id,
                                      is_shown(event, Attendee))):
        return None
    rows = db.session.execute(
        select(Encounter.first_at, Encounter.last_at, Encounter.times, Attendee.id, Attendee.badge_name,
               Attendee.organization)
        .join(Attendee, and_(Attendee.event_id == Encounter.event_id, or_(
            and_(Encounter.low_id == attendee_id, Attendee.id == Encounter.high_id),
            and_(Encounter.high_id == attendee_id, Attendee.id == Encounter.low_id))))
        .where(Encounter.event_id == event.id, is_shown(event, Attendee),
               or_(Encounter.low_id == attendee_id, Encounter.high_id == attendee_id))
        .order_by(Encounter.last_at.desc(), Encounter.id.desc()).limit(limit)).all()
    me = Named(attendee_id, "", "")
    return [Pair(me, Named(row[3], row[4], row[5]), row[0], row[1], row[2]) for row in rows]


def met_nobody(event: Event, limit: int = 500) -> tuple[Sequence[Named], int]:
    """Those who came, met nobody and agreed that organizers see it, by name; and how many they are in all."""
    if event.names_policy == "numbers":
        return [], 0
    which = and_(
        Attendee.event_id == event.id, names.may_be_named(event, "alone", Attendee.id), *_is_there(Attendee),
        or_(Attendee.checked_in_at.is_not(None), Attendee.activated_at.is_not(None)), ~has_met())
    total = db.session.scalar(select(func.count()).select_from(Attendee).where(which)) or 0
    rows = db.session.execute(select(Attendee.id, Attendee.badge_name, Attendee.organization).where(which)
                              .order_by(Attendee.sort_key, Attendee.id).limit(limit)).all()
    return [Named(*row) for row in rows], total


def has_met() -> ColumnElement[bool]:
    """SQL: whether an attendee met anybody."""
    return or_(
        exists().where(Encounter.event_id == Attendee.event_id, Encounter.low_id == Attendee.id),
        exists().where(Encounter.event_id == Attendee.event_id, Encounter.high_id == Attendee.id))


def refused(event: Event) -> str:
    """Why no pairs are shown by name at this event."""
    if event.names_policy == "alone":
        return _("Attendees of this event were told that organizers see who met nobody, not who met whom, so only "
                 "numbers leave.")
    return _("Attendees of this event were not told that organizers see who met whom by name, so only numbers leave.")


def said_of_withheld(count: int) -> str:
    """How many pairs are not in the file, without a number below five."""
    if not count:
        return _("No pair is withheld.")
    if count < LEAST:
        return _("Fewer than five pairs are withheld: not both of them agreed to be seen by name.")
    return ngettext("%(num)s pair is withheld: not both of them agreed to be seen by name.",
                    "%(num)s pairs are withheld: not both of them agreed to be seen by name.", count)


def as_csv(found: Pairs, event: Event) -> str:
    """One row a pair, for a spreadsheet: who, who, first and last time on the event's clock, how often."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["name", "organization", "met", "their organization", "first met", "last met", "times"])
    for pair in found.rows:
        writer.writerow([
            safe(pair.one.name), safe(pair.one.organization), safe(pair.other.name), safe(pair.other.organization),
            pair.first_at.astimezone(event.tz).isoformat(timespec="minutes"),
            pair.last_at.astimezone(event.tz).isoformat(timespec="minutes"), pair.times])
    return out.getvalue()


def as_graphml(found: Pairs, event: Event) -> str:
    """People as nodes with their names, meetings as edges (GraphML 1.0)."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        '<key id="name" for="node" attr.name="name" attr.type="string"/>',
        '<key id="organization" for="node" attr.name="organization" attr.type="string"/>',
        '<key id="first" for="edge" attr.name="first met" attr.type="string"/>',
        '<key id="times" for="edge" attr.name="times" attr.type="int"/>', '<graph edgedefault="undirected">',
    ]
    people = {who.id: who for pair in found.rows for who in (pair.one, pair.other)}
    for who in people.values():
        lines.append(f'<node id="a{who.id}"><data key="name">{escape(who.name)}</data>'
                     f'<data key="organization">{escape(who.organization)}</data></node>')
    for pair in found.rows:
        at = pair.first_at.astimezone(event.tz).isoformat(timespec="minutes")
        lines.append(f'<edge source="a{pair.one.id}" target="a{pair.other.id}"><data key="first">{escape(at)}</data>'
                     f'<data key="times">{pair.times}</data></edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def _is_there(who: Any) -> tuple[ColumnElement[bool], ...]:
    return who.removed_at.is_(None), who.not_taking_part_at.is_(None)
