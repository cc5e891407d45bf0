"""Tables of accounts: organizers, browsers, and who a browser is signed in as."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import NEVER_REUSED, BigId, Table


class Organizer(Table):
    """A person who signs in with e-mail and password and organizes events."""

    __tablename__ = "organizers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, doc="folded: lower case")
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None] = mapped_column(doc="argon2id; empty until the first password is set")
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Browser(Table):
    """One browser of one person, known by a cookie of which only the fingerprint is kept.

    It may be one organizer and, per event, one attendee at the same time. Signing in changes the token.
    """

    __tablename__ = "browsers"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(doc="what the person calls it: Firefox on Android")
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    organizer_id: Mapped[int | None] = mapped_column(ForeignKey("organizers.id"))
    organizer_since: Mapped[datetime | None]
    organizer_until: Mapped[datetime | None] = mapped_column(doc="absolute end of the organizer's sign-in")


class PasswordReset(Table):
    """A mailed chance to set a new password. The token is derived, not kept; used once, within an hour."""

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Budget(Table):
    """How often something happened for one key in one span, so that a limit can be kept across processes.

    `key` names account or session and purpose ("sign-in:olga@example.org", "swaps:attendee:17").
    """

    __tablename__ = "budgets"
    __table_args__ = (UniqueConstraint("key", "span_start"), Index("ix_budgets_span_start", "span_start"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str]
    span_start: Mapped[datetime]
    used: Mapped[int] = mapped_column(default=1)
