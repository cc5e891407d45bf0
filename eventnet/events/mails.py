"""The mail that invites somebody to the team of an event."""

from __future__ import annotations

from collections.abc import Callable

from eventnet import clock, db, words
from eventnet.accounts import organizers
from eventnet.config import Settings
from eventnet.events import invitations
from eventnet.events.models import Event, TeamInvitation
from eventnet.outbox import stationery
from eventnet.outbox.composing import Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _


def composers(settings: Settings) -> dict[str, Callable[[Mail], Letter | Skip]]:
    """Who writes which kind of mail, for the timetable."""
    return {invitations.KIND: lambda mail: compose_invitation(mail, settings)}


def compose_invitation(mail: Mail, settings: Settings) -> Letter | Skip:
    """The letter of one invitation, or Skip when it was accepted, taken back, or is over.

    It is the same for an address that is an organizer's and one that is nobody's.
    """
    found = db.session.get(TeamInvitation, mail.subject_id)
    event = db.session.get(Event, found.event_id) if found is not None else None
    if found is None or event is None or not found.is_open(clock.now()) or not event.is_kept(clock.now()):
        return Skip(_("The invitation was accepted, taken back, or is over."))
    html, text = stationery.render_both(
        "events/mail/invitation", email=found.email, event=event, host=settings.host, role=found.role,
        inviter=organizers.names([found.invited_by]).get(found.invited_by, ""),
        day=words.full_day(event.starts_on), until=words.full_day(found.ends_at.astimezone(event.tz).date()),
        link=invitations.address(settings.base_url, settings.secret_key, found))
    return Letter(
        to_address=found.email, to_name="", subject=_("You are invited to organize %(event)s", event=event.name),
        html=html, text=text, auto_submitted="auto-generated")
