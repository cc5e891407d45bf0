"""Leaving: no more mail, not taking part at all, and both taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from eventnet import clock, db, links
from eventnet.attendees import erased, roster
from eventnet.attendees.models import ApiToken, Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.config import Settings
from eventnet.errors import Refusal
from eventnet.outbox import planning, suppressing
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _

PURPOSE = "participation"
UNDO_LASTS = timedelta(days=30)


def participation_token(secret: bytes, attendee: Attendee) -> str:
    """The token in every mail's "no more mail" link. It can only make things quieter, or undo that."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id)


def unsubscribe_url(settings: Settings, attendee: Attendee) -> str:
    """For the List-Unsubscribe header and "I do not want to take part"."""
    return f"{settings.base_url}/U/{participation_token(settings.secret_key, attendee)}"


def find_by_token(secret: bytes, token: str) -> Attendee | None:
    """Whose link this is; also of somebody who does not take part, since it is their way back.

    Raises Refusal (410) for the link of somebody who was deleted, or whose event was.
    """
    number = links.number_in(token)
    attendee = db.session.get(Attendee, number) if number is not None else None
    if attendee is None:
        erased.check_link(secret, token, PURPOSE, by_generation=False)
    if attendee is None or attendee.removed_at is not None:
        return None
    return attendee if links.is_signed(secret, token, PURPOSE, attendee.id, attendee.event_id) else None


def gets_mail(attendee: Attendee) -> bool:
    """Whether mail of this event still goes to them."""
    addresses = _addresses(attendee)
    return bool(addresses) and not any(
        suppressing.is_suppressed(attendee.event_id, address) for address in addresses)


def stop_mail(event_id: int, attendee_id: int) -> None:
    """No more mail of this event, to any address it was sent to for them; again is fine."""
    attendee = roster.get(event_id, attendee_id)
    new = [suppressing.suppress_address(event_id, address, "unsubscribed") for address in _addresses(attendee)]
    if any(new):
        log.write("attendee.mail_stopped", f"attendee:{attendee_id}", event_id)


def start_mail(event_id: int, attendee_id: int) -> None:
    """Take "no more mail" back; an address that bounced stays quiet only if the relay says so again."""
    attendee = roster.get(event_id, attendee_id)
    gone = [suppressing.lift(event_id, address) for address in _addresses(attendee)]
    if any(gone):
        log.write("attendee.mail_started", f"attendee:{attendee_id}", event_id)


def leave(event_id: int, attendee_id: int, *, by: str = "attendee", who: str = "") -> None:
    """Not taking part: signed out everywhere, programs too, no mail; the badge answers as an unknown one.

    `by` is "attendee" or "desk", `who` the one at the desk. Again, and after somebody else said it, changes nothing.
    """
    attendee = roster.get(event_id, attendee_id)
    if attendee.not_taking_part_at is not None:
        return
    roster.set_taking_part(event_id, attendee_id, False, by, who)
    end_access(event_id, [attendee_id])
    log.write("attendee.taken_out" if who else "attendee.not_taking_part", who or f"attendee:{attendee_id}", event_id,
              attendee=attendee_id)


def end_access(event_id: int, attendee_ids: Sequence[int]) -> None:
    """Sign these people out everywhere, end their programs' keys, and take back the mails that wait for them.

    Mails to others that are written and wait are written anew, without them.
    """
    now = clock.now()
    for start in range(0, len(attendee_ids), 500):
        ids = list(attendee_ids[start:start + 500])
        for table, column in ((SignedInBrowser, "revoked_at"), (ApiToken, "revoked_at")):
            db.session.execute(
                update(table).where(table.event_id == event_id, table.attendee_id.in_(ids), table.revoked_at.is_(None))
                .values({column: now}).execution_options(synchronize_session=False))
        db.session.execute(
            update(Mail).where(Mail.event_id == event_id, Mail.attendee_id.in_(ids),
                               Mail.state.in_(("planned", "ready")))
            .values(state="cancelled", content=None, reply="not taking part", settled_at=now)
            .execution_options(synchronize_session=False))
    planning.recompose(event_id, None)


def was_said_by(attendee: Attendee) -> str:
    """Who said last whether they take part: "attendee", "desk" or "import"."""
    return str(attendee.edits.get("takes_part", {}).get("by", "import"))


def bring_back(event_id: int, attendee_id: int, who: str, *, is_asked: bool = False) -> None:
    """The desk's way back. Whoever was taken out by the desk is signed in again where they were.

    Raises Refusal for somebody who said it themself, unless they ask for it now (`is_asked`).
    """
    attendee = roster.get(event_id, attendee_id)
    left_at = attendee.not_taking_part_at
    if left_at is None:
        return
    said_by = was_said_by(attendee)
    if said_by == "attendee" and not is_asked:
        raise Refusal(_("%(name)s said so themselves, so only they can take it back. Tick that they ask for it now.",
                        name=attendee.registered_name), reason="said_themselves", field="asked")
    roster.set_taking_part(event_id, attendee_id, True, "attendee" if is_asked else "desk", who)
    if said_by == "desk":
        db.session.execute(
            update(SignedInBrowser)
            .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
                   SignedInBrowser.revoked_at >= left_at)
            .values(revoked_at=None).execution_options(synchronize_session=False))
    log.write("attendee.brought_back", who, event_id, attendee=attendee_id)


def may_come_back(attendee: Attendee) -> bool:
    """For 30 days the same link undoes "not taking part"; after that the organizer does."""
    left_at = attendee.not_taking_part_at
    return left_at is not None and clock.now() < left_at + UNDO_LASTS


def come_back(event_id: int, attendee_id: int) -> None:
    """Undo `leave`: the activation link works again, browsers have to sign in anew. Raises Refusal after 30 days."""
    attendee = roster.get(event_id, attendee_id)
    if attendee.not_taking_part_at is None:
        return
    if not may_come_back(attendee):
        raise Refusal(_("That was more than 30 days ago. Write to the organizer if you want to take part again."),
                      reason="too_late")
    roster.set_taking_part(event_id, attendee_id, True, "attendee")
    log.write("attendee.taking_part_again", f"attendee:{attendee_id}", event_id)


def _addresses(attendee: Attendee) -> list[str]:
    """The registered address, and those that mail for them really went to (a summary can have its own)."""
    sent_to = db.session.scalars(
        select(Mail.to_address).where(Mail.event_id == attendee.event_id, Mail.attendee_id == attendee.id,
                                      Mail.to_address.is_not(None)).distinct())
    return sorted({suppressing.folded(address) for address in (attendee.email, *sent_to) if address})
