"""Tables of attendees: the person at the event, the browsers that are them, and how they signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventnet.db import NEVER_REUSED, BigId, JsonText, Table

# Lists come in one order on every database, whatever the locale of the machine.
IN_CODE_POINT_ORDER = Text().with_variant(Text(collation="C"), "postgresql")
CATEGORIES = ("attendee", "speaker", "sponsor", "staff")


class Attendee(Table):
    """One person at one event.

    The registered name is for the desk, the badge name for everybody else. Empty text means unknown.
    `edits` remembers per field who set it last ({"organization": {"by": "attendee", "at": "…"}}), so that
    the attendee's word wins over the desk's and the desk's over a later import.
    """

    __tablename__ = "attendees"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "external_key"),
        CheckConstraint(f"category in {CATEGORIES}", name="category"),
        Index("ix_attendees_event_sort", "event_id", "removed_at", "sort_key", "id"),
        Index("ix_attendees_event_email", "event_id", "email_key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    external_key: Mapped[str | None] = mapped_column(doc="the ticket shop's stable id, for repeated imports")
    registered_name: Mapped[str]
    badge_name: Mapped[str]
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="attendee")
    title: Mapped[str] = mapped_column(default="")
    organization: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    email_key: Mapped[str] = mapped_column(default="", doc="folded address, for look-up; not unique")
    phone: Mapped[str] = mapped_column(default="")
    linkedin: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    school: Mapped[str] = mapped_column(default="")
    programme: Mapped[str] = mapped_column(default="")
    class_year: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    search_text: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(IN_CODE_POINT_ORDER, default="")
    edits: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    generation: Mapped[int] = mapped_column(default=1, doc="of the activation link; the next one revokes the older")
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    checked_in_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None] = mapped_column(doc="first time any browser became this attendee")
    not_taking_part_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    badge_text_at: Mapped[datetime | None] = mapped_column(
        doc="when what stands on the badge last changed: name, title, organization, category, whether it has a code")

    @property
    def takes_part(self) -> bool:
        return self.not_taking_part_at is None and self.removed_at is None


class Replacement(Table):
    """Somebody else came instead: a new person with a new badge; the old one is off the list, and nothing is handed on.

    `undone_at` is set when it was a mistake; then the old one is back and the new one off the list.
    """

    __tablename__ = "replacements"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "old_id"], ["attendees.event_id", "attendees.id"]),
        ForeignKeyConstraint(["event_id", "new_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_replacements_old", "event_id", "old_id"),
        Index("ix_replacements_new", "event_id", "new_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    old_id: Mapped[int] = mapped_column(BigId)
    new_id: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Overrun(Table):
    """An attendee ran into a budget: which one, when first and last, and how often it said "later"."""

    __tablename__ = "overruns"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "attendee_id", "budget"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    budget: Mapped[str] = mapped_column(doc="swaps_burst, swaps_daily, swaps_late, wrong_codes")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)


class SignedInBrowser(Table):
    """This browser is this attendee at this event, since when and by which way, until revoked."""

    __tablename__ = "signed_in_browsers"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_signed_in_browsers_browser", "browser_id", "event_id"),
        Index("ix_signed_in_browsers_attendee", "event_id", "attendee_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    browser_id: Mapped[int] = mapped_column(ForeignKey("browsers.id"))
    way: Mapped[str] = mapped_column(
        doc="activation_link, desk, mailed_link, mailed_code, hand_over, printed_code, recovery")
    anchor_hash: Mapped[str | None] = mapped_column(doc="of the cookie the browser had before: tells a double tap")
    since: Mapped[datetime]
    held_since: Mapped[datetime | None] = mapped_column(
        doc="by the mailed link alone, and nobody has ticked anything there yet: perhaps a mail scanner")
    revoked_at: Mapped[datetime | None]


class SignInRequest(Table):
    """Somebody asked for a sign-in mail. Link and code are derived from this row, not kept.

    The link works only in the browser that asked (`asker_hash` is the fingerprint of its cookie); the code
    may be typed anywhere. Single use, 20 minutes, 5 tries; asking again voids nothing. Where the address stands for
    several people, link or code prove only the address (`proven_at`), and that browser is then asked who it is.
    """

    __tablename__ = "sign_in_requests"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_sign_in_requests_asker", "event_id", "asker_hash"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int | None] = mapped_column(
        BigId, doc="the first with that address; empty when it is unknown: pages cannot tell")
    email_key: Mapped[str | None] = mapped_column(doc="the folded address, when it is somebody's")
    asker_hash: Mapped[str]
    next_path: Mapped[str] = mapped_column(default="", doc="where on this host the person wanted to go")
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    proven_at: Mapped[datetime | None]
    proven_by: Mapped[str | None] = mapped_column(doc="fingerprint of the cookie of the browser that proved it")
    used_at: Mapped[datetime | None]


class HandOver(Table):
    """Six digits shown by a signed-in browser, typed into another one of the same person: 5 minutes, 5 tries."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_hand_overs_code", "event_id", "code_hash"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    browser_id: Mapped[int] = mapped_column(ForeignKey("browsers.id"))
    code_hash: Mapped[str] = mapped_column(doc="keyed, so that a copy of the database does not give the code away")
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ActivationCode(Table):
    """A code printed for one attendee where nobody sees it, for events whose organizer chose that.

    Single use, and dead once the attendee is active anywhere. Beside it something is asked for that does not stand on
    the badge: `proof` says what. Code and row fit together only with the secret key; the hash is keyed.
    """

    __tablename__ = "activation_codes"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        UniqueConstraint("event_id", "code_hash"),
        Index("ix_activation_codes_attendee", "event_id", "attendee_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    generation: Mapped[int] = mapped_column(doc="of the attendee when it was made; the next one ends it")
    proof: Mapped[str] = mapped_column(doc="email, phone or family_name")
    code_hash: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AddressChange(Table):
    """An attendee wants mail and sign-in at a new address: it counts once the code that was mailed there is typed."""

    __tablename__ = "address_changes"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_address_changes_browser", "event_id", "browser_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    browser_id: Mapped[int] = mapped_column(ForeignKey("browsers.id"))
    address: Mapped[str]
    old_address: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Recovery(Table):
    """A link that its owner keeps as a picture among their photos, for the day the phone is lost.

    One living row an attendee: a new picture ends the one before. Only the fingerprint of the token is kept.
    """

    __tablename__ = "recoveries"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_recoveries_attendee", "event_id", "attendee_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ImportDraft(Table):
    """Parsed rows of an uploaded attendee list, waiting for the organizer's yes for at most 24 hours."""

    __tablename__ = "import_drafts"

    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizers.id"))
    file_name: Mapped[str]
    source: Mapped[str]
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    notes: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    made_at: Mapped[datetime]
    committed_at: Mapped[datetime | None]


class ApiToken(Table):
    """A key an attendee made for a program of theirs, so that it may send scans. Only its fingerprint is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendees.event_id", "attendees.id"]),
        Index("ix_api_tokens_attendee", "event_id", "attendee_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    token_hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Erasure(Table):
    """Somebody had everything about them deleted: enough to know them again in a list, and no name.

    The hashes are keyed, of the ticket shop's key and of the folded address, so that the next import leaves them out
    and a restored backup can be cleaned. `number` and `generation` were the attendee's: their old links say what
    happened.
    """

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    number: Mapped[int] = mapped_column(BigId)
    generation: Mapped[int]
    key_hash: Mapped[str | None]
    email_hash: Mapped[str | None]
    erased_at: Mapped[datetime]
