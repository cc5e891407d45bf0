"""Tables of encounters: scans, pairs, rounds of answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.cards.models import BlindBlock, Block, Grant
from eventnet.db import NEVER_REUSED, BigId, JsonText, Table

__all__ = ["AnswerRound", "BlindBlock", "Block", "Encounter", "Grant", "Scan"]


class Scan(Table):
    """One act: this attendee scanned that one. `client_id` is unique per scanner, so a repeat arrives once.

    `said_at` is what the phone's clock claimed, `received_at` when it reached us, `met_at` the time that
    counts. Waiting for the other person's yes: `settled_at` is empty. Undone: `undone_at` is set. A no sets
    `declined_at` and looks to the scanner like waiting.
    """

    __tablename__ = "scans"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "scanner_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "scanned_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("scanner_id", "client_id"),
        CheckConstraint("scanner_id <> scanned_id", name="two_people"),
        Index("ix_scans_scanned", "event_id", "scanned_id"),
        Index("ix_scans_pair", "event_id", "scanner_id", "scanned_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    client_id: Mapped[str] = mapped_column(doc="UUID made by the scanner")
    scanner_id: Mapped[int] = mapped_column(BigId)
    scanned_id: Mapped[int] = mapped_column(BigId)
    browser_id: Mapped[int | None] = mapped_column(BigId, doc="which browser sent it; empty for imports")
    way: Mapped[str] = mapped_column(doc="page, scanner, code, bearer, import")
    offered: Mapped[list[str]] = mapped_column(JsonText, doc="what the scanner gives: their card at this tap")
    said_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    met_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None] = mapped_column(
        doc="one of the two keeps the other away: to the scanner it waits, the scanned never sees it")


class Encounter(Table):
    """A pair that met: one row a pair, computed from its settled scans. `low_id` < `high_id`."""

    __tablename__ = "encounters"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "low_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "high_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="order"),
        Index("ix_encounters_high", "event_id", "high_id"),
        Index("ix_encounters_first_at", "event_id", "first_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    low_id: Mapped[int] = mapped_column(BigId)
    high_id: Mapped[int] = mapped_column(BigId)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    low_scanned: Mapped[bool] = mapped_column(default=False, doc="low scanned high at least once")
    high_scanned: Mapped[bool] = mapped_column(default=False)


class AnswerRound(Table):
    """One answer to some of those who waited: yes, only the badge, or no. The last one can be taken back.

    `before` keeps the grants between the answerer and these people as they were.
    """

    __tablename__ = "answer_rounds"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_answer_rounds_attendee", "event_id", "attendee_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    reply: Mapped[str] = mapped_column(doc="yes, badge or no")
    people: Mapped[list[int]] = mapped_column(JsonText)
    scans: Mapped[list[int]] = mapped_column(JsonText)
    before: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
