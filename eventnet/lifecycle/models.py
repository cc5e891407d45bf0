"""Table of the lifecycle: how far forgetting an event has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import JsonText, Table


class Forgetting(Table):
    """The deletion of one event's data on its promised day: since when, and how many rows went from which table.

    It stays when the data is gone, as the proof; `ended_at` is empty while rows are left.
    """

    __tablename__ = "forgettings"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime]
    rows: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    ended_at: Mapped[datetime | None]
