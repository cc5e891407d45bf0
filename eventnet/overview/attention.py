"""What asks for an organizer's attention beside the next step: reports, people at a limit, an owner alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from eventnet import db
from eventnet.attendees import overruns
from eventnet.contacts import reporting
from eventnet.events import roles


@dataclass(frozen=True)
class Attention:
    """How many reports wait, how many people ran into a limit, and how many owners could decide something."""

    reports: int
    over_budget: int
    owners: int


def look(event_id: int) -> Attention:
    """All of it in one statement."""
    found = db.session.execute(select(*(number.scalar_subquery() for number in (
        reporting.open_number(event_id), overruns.number(event_id), roles.owner_number(event_id))))).one()
    return Attention(*found)
