"""Tables of cards: what is shared now, what was agreed to when, and what was given to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.cards.fields import BADGE_FIELDS, CHOSEN_FIELDS, FIELDS
from eventnet.db import NEVER_REUSED, BigId, JsonText, Table

__all__ = [
    "BADGE_FIELDS", "CHOSEN_FIELDS", "FIELDS", "Attendance", "BlindBlock", "Block", "Card", "Consent", "Grant",
    "NamesAnswer",
]


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
    undecided: Mapped[list[str]] = mapped_column(
        JsonText, default=list, server_default="[]",
        doc="ticked after they met people, who get it only after one question that is not answered yet")


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


class NamesAnswer(Table):
    """What an attendee said to organizers seeing by name whom they met: the policy they read, and what they agree to.

    One living row an attendee; an answer that another one replaced has `ended_at`. `agreed` is never wider than
    `asked`. An answer from before the event's policy was (again) as wide counts for nothing, see events.names_*_since.
    """

    __tablename__ = "names_answers"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_names_answers_living", "event_id", "attendee_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    asked: Mapped[str] = mapped_column(doc="the policy that was in force and on their screen")
    agreed: Mapped[str] = mapped_column(doc="numbers (a no), alone or pairs")
    wording: Mapped[str]
    language: Mapped[str]
    answered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Grant(Table):
    """The receipt of a swap, one direction: on this day the giver gave the receiver these fields.

    Names fields, never copies values: edits show, withdrawal hides. One row a direction. `history` is its journal:
    every giving and taking back, only ever added to (see receipts). `asked_since` is set while the giver gave only the
    badge because they had not agreed to a card yet; the receiver waits for the rest. `answered_at` is when the giver
    acted themself: scanned, or said yes (which empties `asked_since`) or no (which does not). `withdrawn_at`: they took
    everything back, so the name is all that is left, and only for who wrote something about them.
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
    history: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list, server_default="[]")
    changed_at: Mapped[datetime | None] = mapped_column(doc="when something was given later or taken back")


class Block(Table):
    """Somebody keeps somebody away: nothing new of the blocker reaches the blocked, and neither is shown to the other.

    `seen` is what the blocked saw of the blocker's card at that moment and goes on seeing, frozen; empty: they see
    nothing. It is the blocker's data and goes with the block. `named_at` is set when the blocker chose this very
    person; empty where a wish in advance found them, which the blocker is not told.
    """

    __tablename__ = "blocks"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "blocker_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "blocked_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "blocker_id", "blocked_id"),
        CheckConstraint("blocker_id <> blocked_id", name="two_people"),
        Index("ix_blocks_blocked", "event_id", "blocked_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    blocker_id: Mapped[int] = mapped_column(BigId)
    blocked_id: Mapped[int] = mapped_column(BigId)
    takes_back: Mapped[bool] = mapped_column(doc="the card left their address book, too")
    seen: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    named_at: Mapped[datetime | None]
    made_at: Mapped[datetime]


class BlindBlock(Table):
    """A wish to keep somebody away of whom the wisher cannot be told whether they are here, or ever will be.

    `key` and `other_key` are the folded name in two spellings, the folded address, or the badge code: whoever has one
    of them, now or later, is blocked.
    """

    __tablename__ = "blind_blocks"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "blocker_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "blocker_id", "key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    blocker_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(doc="name, email or code")
    typed: Mapped[str]
    key: Mapped[str]
    other_key: Mapped[str]
    takes_back: Mapped[bool]
    made_at: Mapped[datetime]
    checked_at: Mapped[datetime] = mapped_column(doc="people who changed since then were not looked at yet")


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
