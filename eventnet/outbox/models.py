"""Tables of the outbox: one row per mail, the addresses that get none, and the timetable of its worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import BigId, Table

STATES = ("planned", "ready", "sending", "dot", "sent", "failed", "suppressed", "cancelled", "in_doubt")
OPEN_STATES = ("planned", "ready", "sending", "dot")


class Mail(Table):
    """One e-mail to one recipient: planned with its cause, composed shortly before it leaves, sent once.

    `unique_key` names the recipient within `kind` ("attendee:17"), so that a second press of a button
    plans nothing. `content`, `message_id` and `dated_at` are frozen together when the row becomes ready
    and stay the same on every attempt. `attempt` fences: only its holder may move sending → dot → sent.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("kind", "unique_key"),
        CheckConstraint(f"state in {STATES}", name="state"),
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_mails_due", "state", "urgency", "run_after"),
        Index("ix_mails_event_kind", "event_id", "kind", "state"),
        Index("ix_mails_dot_at", "dot_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    unique_key: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int | None] = mapped_column(BigId)
    subject_id: Mapped[int | None] = mapped_column(BigId, doc="row of the owning slice that the mail is about")
    state: Mapped[str] = mapped_column(default="planned")
    urgency: Mapped[int] = mapped_column(default=5, doc="smaller leaves first: 1 sign-in, 3 activation, 5 summary")
    to_address: Mapped[str | None]
    planned_at: Mapped[datetime]
    run_after: Mapped[datetime]
    message_id: Mapped[str | None]
    dated_at: Mapped[datetime | None]
    compose_tries: Mapped[int] = mapped_column(default=0, doc="how often writing it failed")
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str | None] = mapped_column(doc="SHA-256 of content, hex; stays when content goes")
    attempt: Mapped[str | None] = mapped_column(doc="process that holds it and a fresh id: host/boot/pid/start/id")
    attempts: Mapped[int] = mapped_column(default=0, doc="tries that got an answer or reached the dot")
    first_tried_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    dot_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(doc="last SMTP reply or reason, for the organizer")


class Suppression(Table):
    """An address that gets no mail: of one event, or of the whole host when `event_id` is empty."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("event_id", "address"),
        # NULLs are distinct in a unique constraint: the host's own addresses need an index of their own.
        Index("uq_suppressions_host_address", "address", unique=True,
              sqlite_where=text("event_id IS NULL"), postgresql_where=text("event_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    address: Mapped[str] = mapped_column(doc="folded: lower case")
    reason: Mapped[str] = mapped_column(doc="unsubscribed, bounced, complained")
    made_at: Mapped[datetime]


class Appointment(Table):
    """One job of the timetable: when it is due next, who runs it now, and how it went last.

    The row named "worker" is the worker's own sign of life.
    """

    __tablename__ = "timetable"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    claimed_by: Mapped[str | None]
    last_beat_at: Mapped[datetime | None] = mapped_column(doc="last time it was run to its end")
    last_error: Mapped[str | None]
