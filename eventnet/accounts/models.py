"""Tables of accounts: organizers with their second factor, browsers, and who a browser is signed in as."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
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
    organizer_confirmed_at: Mapped[datetime | None] = mapped_column(doc="last said again who they are, for grave acts")


class KnownBrowser(Table):
    """A browser that once was this organizer: strangers who use up the tries of an address leave it its own."""

    __tablename__ = "known_browsers"
    __table_args__ = (Index("ix_known_browsers_browser_id", "browser_id"),)

    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"), primary_key=True)
    browser_id: Mapped[int] = mapped_column(ForeignKey("browsers.id", ondelete="CASCADE"), primary_key=True)
    signed_in_at: Mapped[datetime] = mapped_column(doc="the last time")


class SecondFactor(Table):
    """The authenticator app of an organizer (TOTP). The secret is sealed with a key that the database does not have.

    `pending` is the secret of a set-up that no code has confirmed yet; the one in use stays until then.
    """

    __tablename__ = "second_factors"

    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"), primary_key=True, autoincrement=False)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigId, default=0, doc="time step of the last code taken; none before it is")
    pending: Mapped[bytes | None] = mapped_column(LargeBinary)


class RecoveryCode(Table):
    """A code that stands in for the authenticator app, once. Only its keyed hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("organizer_id", "code_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class HalfSignIn(Table):
    """The password was right and the second factor is still to come, in this browser, for ten minutes.

    It opens nothing. `anchor_hash` is the fingerprint of what the CSRF token of the browser hangs on.
    """

    __tablename__ = "half_sign_ins"
    __table_args__ = (UniqueConstraint("anchor_hash"), Index("ix_half_sign_ins_ends_at", "ends_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    anchor_hash: Mapped[str]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]


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
