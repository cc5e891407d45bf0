"""The letters to attendees about becoming themselves: the activation link, the sign-in link and code."""

from __future__ import annotations

from eventnet import clock, db, links, words
from eventnet.attendees import activation, invitations, participation, sign_in
from eventnet.attendees.models import SignInRequest
from eventnet.config import Settings
from eventnet.events.models import Event
from eventnet.outbox import stationery
from eventnet.outbox.composing import Composer, Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail, for the timetable."""
    return {
        invitations.KIND: lambda mail: compose_activation(mail, settings),
        sign_in.KIND: lambda mail: compose_sign_in(mail, settings),
    }


def compose_activation(mail: Mail, settings: Settings) -> Letter | Skip:
    """The first mail: where the data came from, the activation link, and the way out."""
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if attendee is None or event is None:
        return Skip(_("They are no longer on the list, or do not take part."))
    if not attendee.email:
        return Skip(_("There is no address to write to."))
    if not invitations.may_be_mailed(event):
        return Skip(_("Nobody answers for the data of this event yet."))
    if activation.is_late(event):
        return Skip(_("Activation links worked until 24 hours after the event."))
    leave = participation.unsubscribe_url(settings, attendee)
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/activation", event=event, attendee=attendee, leave=leave,
            link=links.activation_url(settings.base_url, activation.activation_token(settings.secret_key, attendee)),
            privacy=f"{settings.base_url}/e/{event.slug}/privacy", when=words.day(event.starts_at, event.tz),
            begins=words.time(event.starts_at, event.tz))
        return Letter(
            to_address=attendee.email, to_name=attendee.badge_name, html=html, text=text,
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
    code = sign_in.code(settings.secret_key, request.id, request.event_id)
    with words.speaking(attendee.language or event.language):
        html, text = stationery.render_both(
            "attendees/mail/sign_in", event=event, attendee=attendee, code=f"{code[:4]} {code[4:]}",
            link=f"{settings.base_url}/L/{sign_in.link_token(settings.secret_key, request)}",
            until=words.time(request.ends_at, event.tz))
        return Letter(
            to_address=attendee.email, to_name=attendee.badge_name, html=html, text=text,
            subject=_("%(code)s is your code for %(event)s", code=f"{code[:4]} {code[4:]}", event=event.name),
            auto_submitted="auto-generated", language=words.language())
