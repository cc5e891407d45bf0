"""Tables of encounters: scans, pairs, grants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, JsonText, Table


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


class Grant(Table):
    """The receipt of a swap, one direction: on this day the giver gave the receiver these fields.

    Names fields, never copies values: edits show, withdrawal hides. One living row a direction.
    `asked_since` is set while the giver gave only the badge because they had not agreed to a card yet; the
    receiver waits for the rest. `answered_at` is when the giver acted themself: scanned, or said yes (which
    empties `asked_since`) or no (which does not).
    """

    __tablename__ = "grants"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "giver_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "receiver_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "giver_id", "receiver_id"),
        CheckConstraint("giver_id <> receiver_id", name="two_people"),
        Index("ix_grants_receiver", "event_id", "receiver_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    giver_id: Mapped[int] = mapped_column(BigId)
    receiver_id: Mapped[int] = mapped_column(BigId)
    fields: Mapped[list[str]] = mapped_column(JsonText)
    wording: Mapped[str]
    given_at: Mapped[datetime]
    asked_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
