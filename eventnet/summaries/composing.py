"""Writes the summary mail of one attendee: what it says, as HTML and text, with the cards of everybody they met."""

from __future__ import annotations

from eventnet import db, words
from eventnet.config import Settings
from eventnet.events.models import Event
from eventnet.outbox import stationery
from eventnet.outbox.composing import Composer, Skip
from eventnet.outbox.mime import Attachment, Letter
from eventnet.outbox.models import Mail
from eventnet.summaries import enclosing, reading
from eventnet.summaries.campaigns import KIND
from eventnet.summaries.eligibility import address
from eventnet.summaries.reading import Reading
from eventnet.words import gettext as _


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail, for the timetable."""
    return {KIND: lambda mail: compose(mail, settings)}


def compose(mail: Mail, settings: Settings) -> Letter | Skip:
    """The letter of one planned summary, or Skip with the reason: left, removed, no address any more."""
    event = db.session.get(Event, mail.event_id)
    if event is None or mail.attendee_id is None:
        return Skip(_("The event is gone."))
    with words.speaking(reading.language_of(event, mail.attendee_id)):
        found = reading.read(settings, event, mail.attendee_id, in_mail=True)
        if not found.attendee.takes_part:
            return Skip(_("They are no longer on the list, or do not take part."))
        to_address = address(found.card.summary_email if found.card else "", found.attendee.email)
        if not to_address:
            return Skip(_("There is no address to write to."))
        return letter(settings, event, found, to_address)


def letter(settings: Settings, event: Event, found: Reading, to_address: str) -> Letter:
    """The rendered mail; the cards of everybody met go with it only in full detail."""
    said = found.digest
    html, text = stationery.render_both("summaries/mail/summary", d=said, controller=event.controller)
    attachments: tuple[Attachment, ...] = ()
    if said.cards:
        attachments = (enclosing.cards(event, settings, found),)
    return Letter(
        to_address=to_address, to_name=found.attendee.badge_name, subject=said.subject, html=html, text=text,
        attachments=attachments, list_unsubscribe=said.place.unsubscribe, reply_to=event.controller_email or None,
        list_id=f"{event.slug}.{settings.mail_domain}", language=words.language())
