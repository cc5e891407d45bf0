"""Tables of contacts: what I wrote about people I met, and the names of those who are deleted since."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import NEVER_REUSED, BigId, JsonText, Table


class Contact(Table):
    """What I wrote about a person I met: note, promise, tags, star. Private to `owner_id`.

    The row appears with the first word; whom I met is told by the grants.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "owner_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "person_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "owner_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    owner_id: Mapped[int] = mapped_column(BigId)
    person_id: Mapped[int] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(default="")
    promise: Mapped[str] = mapped_column(default="", doc="what I said I would do: send CV")
    tags: Mapped[list[str]] = mapped_column(JsonText, default=list)
    starred_at: Mapped[datetime | None] = mapped_column(doc="good talk")
    changed_at: Mapped[datetime]


class KeptName(Table):
    """Somebody I met who had everything about them deleted since: the name they gave me, and my own words.

    Plain text in my list, which leads to nobody: no number, no address, no time of day.
    """

    __tablename__ = "kept_names"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "owner_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_kept_names_owner", "event_id", "owner_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    owner_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str]
    met_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    promise: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(JsonText, default=list)


class Report(Table):
    """Somebody told the organizers about somebody: why, in which words, and what came of it."""

    __tablename__ = "reports"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "reporter_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "reported_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_reports_event", "event_id", "settled_at", "id"),
        Index("ix_reports_reporter", "event_id", "reporter_id"),
        Index("ix_reports_reported", "event_id", "reported_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    reporter_id: Mapped[int] = mapped_column(BigId)
    reported_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(doc="see reporting.REASONS")
    words: Mapped[str]
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("organizers.id"))
    outcome: Mapped[str] = mapped_column(default="", doc="what was done, for the organizers")
