"""Tables of events: the event itself, who organizes it, its programme."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, Table

ROLES = ("viewer", "desk", "manager", "owner")
LATE_SCANS = timedelta(hours=72)


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
    retention_months: Mapped[int] = mapped_column(default=13)
    controller: Mapped[str] = mapped_column(default="", doc="who answers for the data: organization and address")
    controller_email: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="", doc="ISO 3166 country for phone numbers without +")
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
        """The day on which everything about this event is forgotten: months after its last day.

        An event that was entered after it took place is kept as long from the day on which it was entered.
        """
        last = max(self.ends_on, self.made_at.astimezone(self.tz).date())
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

    @property
    def activation_ends_at(self) -> datetime:
        return self.ends_at + timedelta(hours=24)

    def are_swaps_open(self, now: datetime) -> bool:
        return self.swaps_open_at <= now <= self.swaps_close_at

    def are_late_scans_taken(self, now: datetime) -> bool:
        """After the window a scan still arrives for a while, but the other person must agree."""
        return self.swaps_close_at < now <= self.swaps_close_at + LATE_SCANS

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
