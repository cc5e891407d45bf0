"""What an event says about its attendees' data: who answers for it, what for, on which basis, where, how long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from sqlalchemy import select

from eventnet import clock, db
from eventnet.audit.models import AuditEntry
from eventnet.events.models import Event
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _
from eventnet.words import listed

NEEDED = ("controller", "controller_email", "purpose", "legal_basis", "hosting")
BASES = ("interests", "contract", "consent", "other")
STANDARD_BASIS = "interests"
SENSITIVE_DAYS = 30
SHORTEST_DAYS, LONGEST_DAYS = 7, 60
WORDING = "2026-11"
"""Version of the words of the privacy page that are the same for every event."""
# A mail that was written may have been read; one that is only planned was not.
_WRITTEN = ("ready", "sending", "dot", "sent", "failed", "in_doubt")


@dataclass(frozen=True)
class Missing:
    """An entry the event lacks: the field of the settings page, and what it is called there."""

    field: str
    label: str


def missing(event: Event) -> list[Missing]:
    """The entries that have to be made before the first mail; empty when all are there."""
    return [Missing(name, entry_label(name)) for name in NEEDED if not (getattr(event, name) or "").strip()]


def entry_label(name: str) -> str:
    """What an entry is called inside a sentence."""
    return {
        "controller": _("who answers for the data"), "controller_email": _("their e-mail address"),
        "purpose": _("what the data is for"), "legal_basis": _("the legal basis"),
        "hosting": _("where the server stands"),
    }[name]


def sentence_about(gaps: Collection[Missing]) -> str:
    """What is missing, as a sentence for the organizer."""
    return _("Before the first mail leaves, say in the settings: %(what)s. Every attendee can read it.",
             what=listed([gap.label for gap in gaps]))


def basis_sentence(basis: str) -> str:
    """A legal basis in plain words, with its article."""
    return {
        "interests": _("The list and the badge rest on the legitimate interest in running the event well for those who "
                       "registered for it (GDPR Article 6(1)(f)). You can object."),
        "contract": _("The list and the badge are needed to give you what you registered for (GDPR Article 6(1)(b))."),
        "consent": _("You agreed to be on the list when you registered (GDPR Article 6(1)(a)). You can take that back "
                     "at any time."),
        "other": "",
    }.get(basis, "")


def basis_label(basis: str) -> str:
    """A legal basis as a choice in the settings."""
    return {
        "interests": _("Legitimate interest: running the event for those who registered"),
        "contract": _("Contract: they registered or bought a ticket for it"),
        "consent": _("Consent: they agreed to be on this list"),
        "other": _("Another one, in your own words below"),
    }[basis]


def standard_purpose() -> str:
    """What the data is for, unless the organizer says it otherwise."""
    return _("So that people who meet at the event can exchange cards by scanning badges, see later whom they met, and "
             "get one summary by mail.")


def standard_hosting(hosting: str, host: str) -> str:
    """Where the server stands: what the host of this installation says, else its bare name."""
    return hosting.strip() or _("The server %(host)s.", host=host)


def known_controller(mail_from: str) -> tuple[str, str]:
    """(Who sends, their address), from the sender of every mail: its display name, else its domain."""
    name, address = parseaddr(mail_from)
    return name.strip() or address.rpartition("@")[2], address


def is_promised(event: Event) -> bool:
    """Whether somebody may have read until when the data is kept: a mail was written, or an attendee is active."""
    written = select(Mail.id).where(Mail.event_id == event.id, Mail.state.in_(_WRITTEN)).limit(1)
    active = select(AuditEntry.id).where(
        AuditEntry.event_id == event.id, AuditEntry.act == "attendee.activated").limit(1)
    return db.session.scalar(written) is not None or db.session.scalar(active) is not None


def is_longer(before: Event, after: Event) -> bool:
    """Whether `after` keeps data longer than `before` promised, other than by moving a coming event."""
    if (before.retention_days, before.retention_months) == (after.retention_days, after.retention_months):
        return before.is_over(clock.now()) and after.retention_on > before.retention_on
    moved = after.ends_on - before.ends_on
    return after.retention_on > before.retention_on + max(moved, timedelta(0))
