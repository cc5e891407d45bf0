"""Tables of cards: what is shared now, and what was agreed to when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.cards.fields import BADGE_FIELDS, CHOSEN_FIELDS, FIELDS
from eventnet.db import BigId, JsonText, Table

__all__ = ["BADGE_FIELDS", "CHOSEN_FIELDS", "FIELDS", "Attendance", "Card", "Consent"]


class Card(Table):
    """What an attendee chose to share. No row, or no `agreed_at`: only what the badge shows.

    `shared` lists the chosen fields beyond the badge. Being suggested to others is a tick of its own.
    """

    __tablename__ = "cards"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        CheckConstraint("swap_policy in ('at_once', 'ask', 'paused')", name="swap_policy"),
        CheckConstraint("summary_detail in ('full', 'names', 'link')", name="summary_detail"),
    )

    attendee_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    shared: Mapped[list[str]] = mapped_column(JsonText, default=list)
    swap_policy: Mapped[str] = mapped_column(default="at_once")
    suggest_me_at: Mapped[datetime | None] = mapped_column(doc="ticked: suggest me to people here")
    looking_for: Mapped[str] = mapped_column(default="")
    offering: Mapped[str] = mapped_column(default="")
    interests: Mapped[str] = mapped_column(default="")
    summary_email: Mapped[str] = mapped_column(default="", doc="where the summary goes, else the registered one")
    summary_detail: Mapped[str] = mapped_column(default="full")
    wording: Mapped[str] = mapped_column(default="", doc="version of the words that were agreed to")
    agreed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Consent(Table):
    """One yes to one field: given when, in which words and language, taken back when."""

    __tablename__ = "consents"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_consents_attendee", "event_id", "attendee_id", "field"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    field: Mapped[str] = mapped_column(doc="a field of the card, or suggest_me")
    wording: Mapped[str]
    language: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Attendance(Table):
    """"I was there": an attendee said so of a programme item. A scan time alone never claims it."""

    __tablename__ = "attendances"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "item_id"], ["programme_items.event_id", "programme_items.id"]),
    )

    attendee_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    said_at: Mapped[datetime]
