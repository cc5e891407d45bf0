"""Badges that hang around a neck and are no longer right: who needs a new print, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges import printing
from eventnet.badges.models import Badge
from eventnet.errors import NotFound
from eventnet.words import gettext as _

Why = Literal["new_code", "takes_part", "text"]
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reprint:
    """Somebody whose printed badge is outdated: since when, and why."""

    attendee: Attendee
    badge: Badge
    why: Why

    @property
    def since(self) -> datetime:
        changed = self.attendee.badge_text_at
        return self.badge.made_at if self.why == "new_code" or changed is None else changed

    @property
    def reason(self) -> str:
        return {
            "new_code": _("new code; the old badge answers like an unknown one"),
            "takes_part": _("does not take part: a badge without QR code") if self.attendee.not_taking_part_at
            else _("takes part again: a badge with QR code"),
            "text": _("what stands on it was changed"),
        }[self.why]


def listed(event_id: int) -> list[Reprint]:
    """Everybody who wears a printed badge that is no longer right, the longest waiting first; at most MOST_SHOWN."""
    rows = db.session.execute(
        select(Attendee, Badge).join(Badge, printing.worn())
        .where(Attendee.event_id == event_id, Attendee.removed_at.is_(None), printing.needs_reprint())
        .order_by(func.coalesce(Badge.printed_at, Badge.made_at), Attendee.id).limit(MOST_SHOWN))
    return sorted((Reprint(attendee, badge, _why(attendee, badge)) for attendee, badge in rows),
                  key=lambda one: (one.since, one.attendee.id))


def print_all(event_id: int, actor: str) -> datetime | None:
    """Note everybody on the list as printed now; returns the moment that names the batch, None for an empty list."""
    badges = [one.badge.id for one in listed(event_id)]
    if not badges:
        return None
    at = clock.now()
    printing.mark_printed(event_id, badges, at, actor)
    return at


def clear(event_id: int, attendee_id: int, actor: str) -> None:
    """They have their new badge, printed or written elsewhere. Raises NotFound for somebody without a badge."""
    badge: Sequence[int] = db.session.scalars(
        select(Badge.id).join(Attendee, printing.worn()).where(
            Attendee.event_id == event_id, Attendee.id == attendee_id, Attendee.removed_at.is_(None))).all()
    if not badge:
        raise NotFound
    printing.mark_printed(event_id, badge, clock.now(), actor)


def _why(attendee: Attendee, badge: Badge) -> Why:
    if badge.printed_at is None:
        return "new_code"
    said = attendee.edits.get("takes_part", {}).get("at")
    is_about_it = attendee.not_taking_part_at == attendee.badge_text_at or (
        said is not None and datetime.fromisoformat(said) >= badge.printed_at)
    return "takes_part" if is_about_it else "text"
