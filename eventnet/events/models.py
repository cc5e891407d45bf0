"""Tables of events: the event itself, who organizes it, who is invited to, its programme."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet import clock
from eventnet.db import NEVER_REUSED, BigId, Table

ROLES = ("viewer", "desk", "manager", "owner")
NAMES_POLICIES = ("numbers", "alone", "pairs")
LATE_SCANS = timedelta(hours=72)
DESK_LOCKS_AFTER = timedelta(minutes=10)
FAREWELL = timedelta(days=30)


class Event(Table):
    """A conference or mixer: when, where, how people may swap, and who answers for the data."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("swap_policy in ('at_once', 'ask', 'paused')", name="swap_policy"),
        CheckConstraint("retention_months between 1 and 24", name="retention"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(doc="IANA name, e.g. Europe/Berlin")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    venue: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    swaps_open_at: Mapped[datetime]
    swaps_close_at: Mapped[datetime]
    swap_policy: Mapped[str] = mapped_column(default="at_once", doc="what an attendee begins with")
    swaps_burst: Mapped[int] = mapped_column(default=60, server_default="60", doc="most swaps of one in ten minutes")
    swaps_daily: Mapped[int] = mapped_column(default=300, server_default="300", doc="most swaps of one in a day")
    retention_months: Mapped[int] = mapped_column(default=13)
    retention_days: Mapped[int | None] = mapped_column(doc="counts instead of the months")
    controller: Mapped[str] = mapped_column(default="", doc="who answers for the data: organization and address")
    controller_email: Mapped[str] = mapped_column(default="")
    protection_officer: Mapped[str] = mapped_column(default="", server_default="", doc="name and address, if any")
    purpose: Mapped[str] = mapped_column(default="", server_default="", doc="what the data is for, in plain words")
    legal_basis: Mapped[str] = mapped_column(default="", server_default="", doc="one of privacy.BASES; empty: not said")
    legal_basis_words: Mapped[str] = mapped_column(default="", server_default="", doc="the organizer's own words on it")
    hosting: Mapped[str] = mapped_column(default="", server_default="", doc="where the server stands, and who runs it")
    sensitive_since: Mapped[datetime | None] = mapped_column(
        doc="being there says something about health, faith, politics…: no names in mail, short retention")
    region: Mapped[str] = mapped_column(default="", doc="ISO 3166 country for phone numbers without +")
    names_alone_since: Mapped[datetime | None] = mapped_column(
        doc="since when, without a break, organizers see by name at least who met nobody")
    names_pairs_since: Mapped[datetime | None] = mapped_column(
        doc="since when, without a break, organizers see by name who met whom")
    activation_codes_at: Mapped[datetime | None] = mapped_column(
        doc="when the organizer chose that activation codes may be printed; empty: not chosen")
    made_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None] = mapped_column(doc="everything but slug, name and dates was deleted")

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def starts_on(self) -> date:
        return self.starts_at.astimezone(self.tz).date()

    @property
    def ends_on(self) -> date:
        return self.ends_at.astimezone(self.tz).date()

    @property
    def retention_on(self) -> date:
        """The day on which everything about this event is forgotten: months, or days, after its last day.

        An event that was entered after it took place is kept as long from the day on which it was entered.
        """
        last = max(self.ends_on, self.made_at.astimezone(self.tz).date())
        if self.retention_days is not None:
            return last + timedelta(days=self.retention_days)
        month = last.month - 1 + self.retention_months
        year, month = last.year + month // 12, month % 12 + 1
        for day in (last.day, 30, 29, 28):
            try:
                return date(year, month, day)
            except ValueError:
                continue
        raise AssertionError("every month has 28 days")

    @property
    def retention_at(self) -> datetime:
        return datetime.combine(self.retention_on, datetime.min.time(), self.tz)

    def is_kept(self, now: datetime) -> bool:
        """Whether its data may still be used: from the promised day on nobody sees it, deleted yet or not."""
        return self.forgotten_at is None and now < self.retention_at

    def is_ending(self, now: datetime | None = None) -> bool:
        """Over, and within its last 30 days: time to take along what one wants to keep."""
        now = now or clock.now()
        return self.is_over(now) and self.retention_at - FAREWELL <= now < self.retention_at

    @property
    def is_sensitive(self) -> bool:
        return self.sensitive_since is not None

    def mail_detail(self, chosen: str) -> str:
        """How much a summary mail says: what the attendee chose, at a sensitive event never more than a link."""
        return "link" if self.is_sensitive else chosen

    @property
    def names_policy(self) -> str:
        """What organizers may see by name of those who agreed: one of NAMES_POLICIES, each wider than the last."""
        if self.is_sensitive:
            return "numbers"
        return "pairs" if self.names_pairs_since else "alone" if self.names_alone_since else "numbers"

    @names_policy.setter
    def names_policy(self, policy: str) -> None:
        # What is narrowed loses its time, so that widening it again counts only what is agreed to from then on.
        now = clock.now()
        self.names_alone_since = None if policy == "numbers" else self.names_alone_since or now
        self.names_pairs_since = self.names_pairs_since or now if policy == "pairs" else None

    def names_since(self, level: str) -> datetime | None:
        """Since when the policy is `level` ("alone" or "pairs") or wider; None while it is narrower."""
        if self.is_sensitive:
            return None
        return self.names_pairs_since if level == "pairs" else self.names_alone_since

    @property
    def activation_ends_at(self) -> datetime:
        return self.ends_at + timedelta(hours=24)

    def are_swaps_open(self, now: datetime) -> bool:
        return self.swaps_open_at <= now <= self.swaps_close_at

    def are_late_scans_taken(self, now: datetime) -> bool:
        """After the window a scan still arrives for a while, but the other person must agree."""
        return self.swaps_close_at < now <= self.late_scans_until

    @property
    def late_scans_until(self) -> datetime:
        return self.swaps_close_at + LATE_SCANS

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at


class EventRole(Table):
    """What an organizer may do at an event: owner, manager, desk or viewer."""

    __tablename__ = "event_roles"
    __table_args__ = (
        UniqueConstraint("event_id", "organizer_id"),
        CheckConstraint(f"role in {ROLES}", name="role"),
        Index("ix_event_roles_organizer_id", "organizer_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    role: Mapped[str]
    given_at: Mapped[datetime]


class TeamInvitation(Table):
    """A mailed chance to organize an event in a role, for whoever signs in with that address; used once.

    The link's token is derived, not kept. What was accepted or taken back stays in the list until the event is over.
    """

    __tablename__ = "team_invitations"
    __table_args__ = (
        CheckConstraint(f"role in {ROLES}", name="role"),
        Index("ix_team_invitations_event_id", "event_id"), NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    email: Mapped[str] = mapped_column(doc="folded: lower case")
    role: Mapped[str]
    invited_by: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    invited_at: Mapped[datetime]
    mailed_at: Mapped[datetime]
    mails: Mapped[int] = mapped_column(default=1, doc="how often it was mailed")
    ends_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("organizers.id"))
    revoked_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether it still can be accepted."""
        return self.accepted_at is None and self.revoked_at is None and now < self.ends_at


class DeskPass(Table):
    """A borrowed device that is a desk of an event: "Desk 7", until tonight.

    Made by an organizer, bound once to the browser that opens its link within half an hour. Only the fingerprint of
    the link's token and a keyed hash of the PIN are kept. Locked when somebody says so (`locked_at`) or after ten
    minutes in which nothing was sent; after five wrong PINs an organizer must open it again (`held_at`).
    """

    __tablename__ = "desk_passes"
    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        Index("ix_desk_passes_browser", "browser_id", "event_id"), NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    number: Mapped[int] = mapped_column(doc="7 of Desk 7; counted from 1 at each event")
    made_by: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(unique=True, doc="empty once it is bound")
    pin_hash: Mapped[str]
    browser_id: Mapped[int | None] = mapped_column(ForeignKey("browsers.id"))
    browser_label: Mapped[str] = mapped_column(default="", doc="Safari on iPad")
    bound_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None] = mapped_column(doc="when it last sent something")
    locked_at: Mapped[datetime | None]
    wrong_pins: Mapped[int] = mapped_column(default=0, doc="in a row")
    held_at: Mapped[datetime | None] = mapped_column(doc="too many wrong PINs: waits for an organizer")
    revoked_at: Mapped[datetime | None]

    def is_living(self, event: Event, now: datetime) -> bool:
        """Whether it may still be used, locked or not."""
        return self.revoked_at is None and now < min(self.ends_at, event.ends_at)

    def is_locked(self, now: datetime) -> bool:
        return self.locked_at is not None or (self.used_at is not None and now >= self.used_at + DESK_LOCKS_AFTER)

    def seconds_to_lock(self, now: datetime) -> int:
        """How long a page may stay on its screen."""
        left = (self.used_at or now) + DESK_LOCKS_AFTER - now
        return max(1, int(left.total_seconds()) + 1)


class ProgrammeItem(Table):
    """A talk, panel or workshop of an event's programme. `external_key` makes a second upload an update."""

    __tablename__ = "programme_items"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "external_key"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    external_key: Mapped[str]
    title: Mapped[str]
    room: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
