"""The recovery link that a person keeps as a picture: made, found by its token, used, ended."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select, update

from eventnet import clock, db, links
from eventnet.accounts.models import Browser
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee, Recovery
from eventnet.audit import log
from eventnet.errors import NotFound
from eventnet.events.models import Event
from eventnet.words import gettext as _

WAY = "recovery"
_TOKEN = re.compile(f"[{links.ALPHABET}]{{26}}")


def address(base_url: str, token: str) -> str:
    """The address in the picture's QR code: host and path in upper case, so that it packs small, as a badge's."""
    scheme, rest = base_url.split("://", 1)
    return f"{scheme}://{rest.upper()}/R/{token}"


def make(attendee: Attendee) -> str:
    """A new recovery token, 128 random bits; only now can it be read. The one before stops working."""
    _end(attendee)
    token = links.base32(secrets.token_bytes(16))
    db.session.add(Recovery(event_id=attendee.event_id, attendee_id=attendee.id, token_hash=links.fingerprint(token),
                            made_at=clock.now()))
    log.write("attendee.recovery_made", f"attendee:{attendee.id}", attendee.event_id)
    return token


def end(attendee: Attendee) -> None:
    """The picture opens nothing any more; again is fine."""
    if _end(attendee):
        log.write("attendee.recovery_ended", f"attendee:{attendee.id}", attendee.event_id)


def living_of(attendee: Attendee) -> Recovery | None:
    """The picture that works now."""
    found: Recovery | None = db.session.scalar(
        select(Recovery).where(Recovery.event_id == attendee.event_id, Recovery.attendee_id == attendee.id,
                               Recovery.revoked_at.is_(None)).order_by(Recovery.id.desc()).limit(1))
    return found


def find_by_token(token: str) -> Attendee | None:
    """Whose picture this is, as long as it works and they take part and their event is kept."""
    token = links.folded(token)
    if not _TOKEN.fullmatch(token):
        return None
    row = db.session.execute(
        select(Attendee, Event)
        .join(Recovery, (Recovery.event_id == Attendee.event_id) & (Recovery.attendee_id == Attendee.id))
        .join(Event, Event.id == Attendee.event_id)
        .where(Recovery.token_hash == links.fingerprint(token), Recovery.revoked_at.is_(None))).one_or_none()
    if row is None or not row[0].takes_part or not row[1].is_kept(clock.now()):
        return None
    attendee: Attendee = row[0]
    return attendee


def use(token: str, browser_id: int | None, label: str, anchor: str, *,
        instead_of: int | None = None) -> tuple[Browser, str]:
    """Make a browser the owner of the picture. Raises NotFound for one that was ended, Refusal as `activate`."""
    attendee = find_by_token(token)
    if attendee is None:
        raise no_such_picture()
    db.session.execute(update(Recovery).where(Recovery.token_hash == links.fingerprint(links.folded(token)))
                       .values(last_used_at=clock.now()))
    return activation.become(attendee.event_id, attendee.id, browser_id, label, WAY, anchor, instead_of)


def no_such_picture() -> NotFound:
    """One sentence for every recovery link that opens nothing."""
    return NotFound(_("This recovery picture opens nothing any more. Is there a newer one among your photos? Else sign "
                      "in with a code by e-mail."), reason="unknown_link")


def _end(attendee: Attendee) -> bool:
    ended = db.session.scalars(
        update(Recovery).where(Recovery.event_id == attendee.event_id, Recovery.attendee_id == attendee.id,
                               Recovery.revoked_at.is_(None)).values(revoked_at=clock.now())
        .returning(Recovery.id)).all()
    return bool(ended)
