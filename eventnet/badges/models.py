"""Table of badges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, Table

_LIVING = "retired_at IS NULL AND attendee_id IS NOT NULL"


class Badge(Table):
    """A name tag: an opaque token for the QR code and a short code to type. It opens nothing by itself.

    An attendee has one badge at a time; a rotated one stays as a retired row so that a late scan can be told
    from an unknown one. A badge without attendee is a blank waiting to be bound at the desk.
    """

    __tablename__ = "badges"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "code"),
        Index("ix_badges_attendee", "event_id", "attendee_id"),
        Index("uq_badges_living", "event_id", "attendee_id", unique=True, sqlite_where=text(_LIVING),
              postgresql_where=text(_LIVING)),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int | None] = mapped_column(BigId)
    token: Mapped[str] = mapped_column(unique=True, doc="26 Crockford characters, upper case")
    code: Mapped[str] = mapped_column(doc="8 Crockford characters, the last one a check character")
    made_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
