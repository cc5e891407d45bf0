"""Listing: the mails of an installation or of one event, for the organizer and the command line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from eventnet import db
from eventnet.db import Table
from eventnet.errors import NotFound
from eventnet.outbox.models import STATES, Mail
from eventnet.words import gettext as _


def list_mails(*, state: str | None = None, slug: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """The newest mails first, without their contents. Raises NotFound for an unknown event."""
    events = Table.metadata.tables["events"]  # by name: the slice of events stands later in the import order
    query = select(
        Mail.id, Mail.kind, Mail.state, events.c.slug.label("event"), Mail.attendee_id, Mail.to_address,
        Mail.message_id, Mail.digest, Mail.attempts, Mail.planned_at, Mail.run_after, Mail.dated_at, Mail.dot_at,
        Mail.settled_at, Mail.reply,
    ).outerjoin(events, events.c.id == Mail.event_id)
    if slug is not None:
        if db.session.scalar(select(events.c.id).where(events.c.slug == slug)) is None:
            raise NotFound(_("There is no event called %(slug)s.", slug=slug))
        query = query.where(events.c.slug == slug)
    if state is not None:
        query = query.where(Mail.state == state)
    rows = db.session.execute(query.order_by(Mail.planned_at.desc(), Mail.id).limit(limit)).mappings()
    return [dict(row) for row in rows]


__all__ = ["STATES", "list_mails"]
