"""Table of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, JsonText, Table


class AuditEntry(Table):
    """One act worth answering for: who did what to whom. Rows are only ever added: see guarding.py.

    `act` is a stable name ("attendees.imported"); `about` holds ids and counts, never personal values.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_event", "event_id", "at"), Index("ix_audit_entries_actor", "event_id", "actor", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    actor: Mapped[str] = mapped_column(doc="organizer:3, attendee:17, desk_pass:4, command line, worker")
    act: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
