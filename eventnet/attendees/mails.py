"""The letters to attendees about becoming themselves: activation link, sign-in link and code, a new address."""

from __future__ import annotations

from collections.abc import Callable

from eventnet import clock, db, links, words
from eventnet.attendees import activation, address_changes, folding, invitations, participation, sign_in
from eventnet.attendees.models import AddressChange, SignInRequest
from eventnet.config import Settings
from eventnet.events.models import Event
from eventnet.outbox import stationery
from eventnet.outbox.composing import Composer, Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _

QR = "activation-qr.png"

Draw = Callable[[str], bytes]
"""Makes the PNG of an address's QR code; symbols are made by a later slice."""


def composers(settings: Settings, draw: Draw | None = None) -> dict[str, Composer]:
    """Who writes which kind of mail, for the timetable."""
    return {
        invitations.KIND: lambda mail: compose_activation(mail, settings, draw),
        sign_in.KIND: lambda mail: compose_sign_in(mail, settings),
        address_changes.KIND: lambda mail: compose_address(mail, settings),
        address_changes.TOLD_KIND: lambda mail: compose_address_changed(mail, settings),
    }


def compose_activation(mail: Mail, settings: Settings, draw: Draw | None = None) -> Letter | Skip:
    """The first mail: where the data came from, the activation link, and the way out.

    With `draw`, the link is there as a QR code as well, for those who read mail on a laptop.
    """
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if attendee is None or event is None:
        return Skip(_("They are no longer on the list, or do not take part."))
    if not attendee.email:
        return Skip(_("There is no address to write to."))
    if not (event.controller and event.controller_email):
        return Skip(_("Nobody answers for the data of this event yet."))
    if activation.is_late(event):
        return Skip(_("Activation links worked until 24 hours after the event."))
    leave = participation.unsubscribe_url(settings, attendee)
    link = links.activation_url(settings.base_url, activation.activation_token(settings.secret_key, attendee))
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/activation", event=event, attendee=attendee, leave=leave,
            link=link, qr=QR if draw else "",
            privacy=f"{settings.base_url}/e/{event.slug}/privacy", when=words.day(event.starts_at, event.tz),
            begins=words.time(event.starts_at, event.tz))
        return Letter(
            to_address=attendee.email, to_name=attendee.badge_name, html=html, text=text,
            pictures=((QR, "image/png", draw(link)),) if draw else (),
            subject=_("Your badge for %(event)s", event=event.name), list_unsubscribe=leave,
            reply_to=event.controller_email, list_id=f"{event.slug}.{settings.mail_domain}", language=words.language())


def compose_sign_in(mail: Mail, settings: Settings) -> Letter | Skip:
    """A link for the browser that asked, and the code for any other."""
    request = db.session.get(SignInRequest, mail.subject_id)
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if request is None or attendee is None or event is None or not attendee.email:
        return Skip(_("They are no longer on the list, or do not take part."))
    if request.ends_at <= clock.now() or request.used_at is not None:
        return Skip(_("The sign-in was used or is older than 20 minutes."))
    if request.proven_at is not None:
        return Skip(_("The sign-in was used or is older than 20 minutes."))
    code = sign_in.code(settings.secret_key, request.id, request.event_id)
    # An address that stands for several people is told no name: who they are is asked once it is proven.
    name = attendee.badge_name if len(sign_in.people_of(request)) == 1 else ""
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/sign_in", event=event, who=name, code=f"{code[:4]} {code[4:]}",
            link=f"{settings.base_url}/L/{sign_in.link_token(settings.secret_key, request)}",
            until=words.time(request.ends_at, event.tz))
        return Letter(
            to_address=attendee.email, to_name=name, html=html, text=text,
            subject=_("%(code)s is your code for %(event)s", code=f"{code[:4]} {code[4:]}", event=event.name),
            auto_submitted="auto-generated", language=words.language())


def compose_address(mail: Mail, settings: Settings) -> Letter | Skip:
    """The code that proves a new address."""
    change = db.session.get(AddressChange, mail.subject_id)
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if change is None or attendee is None or event is None:
        return Skip(_("They are no longer on the list, or do not take part."))
    if change.ends_at <= clock.now() or change.used_at is not None:
        return Skip(_("The code was used or is older than 20 minutes."))
    code = address_changes.code(settings.secret_key, change.id, change.event_id)
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/address", event=event, who=attendee.badge_name, code=f"{code[:4]} {code[4:]}",
            until=words.time(change.ends_at, event.tz))
        return Letter(
            to_address=change.address, to_name=attendee.badge_name, html=html, text=text,
            subject=_("%(code)s confirms your address for %(event)s", code=f"{code[:4]} {code[4:]}", event=event.name),
            auto_submitted="auto-generated", language=words.language())


def compose_address_changed(mail: Mail, settings: Settings) -> Letter | Skip:
    """To the old address: it no longer signs anybody in."""
    change = db.session.get(AddressChange, mail.subject_id)
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if change is None or attendee is None or event is None or not change.old_address:
        return Skip(_("They are no longer on the list, or do not take part."))
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/address_changed", event=event, who=attendee.badge_name,
            address=folding.masked_email(change.address))
        return Letter(
            to_address=change.old_address, to_name=attendee.badge_name, html=html, text=text,
            subject=_("Your address for %(event)s was changed", event=event.name),
            reply_to=event.controller_email or None, auto_submitted="auto-generated", language=words.language())
