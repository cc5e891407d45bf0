"""Tables of summaries: the campaign, and the suggestions that were told to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, JsonText, Table


class Campaign(Table):
    """The sending of one event's summaries: at most one an event, started by whom, to leave when."""

    __tablename__ = "campaigns"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(doc="organizer:3 or command line")
    send_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]


class Summary(Table):
    """What one attendee's summary says about whom to write to and whom to meet, settled once per campaign.

    Holds ids and reasons, never other people's data: names and fields are read when the page is shown.
    """

    __tablename__ = "summaries"
    __table_args__ = (ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),)

    attendee_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    picks: Mapped[dict[str, Any]] = mapped_column(JsonText)
    made_at: Mapped[datetime]
