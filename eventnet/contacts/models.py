"""Table of contacts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, JsonText, Table


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
