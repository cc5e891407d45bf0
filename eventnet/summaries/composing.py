"""Writes the summary mail of one attendee: what it says, as HTML and text, with the cards of everybody they met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from eventnet import db, words
from eventnet.config import Settings
from eventnet.events.models import Event
from eventnet.outbox import stationery
from eventnet.outbox.composing import Composer, Skip, Together
from eventnet.outbox.mime import Attachment, Letter
from eventnet.outbox.models import Mail
from eventnet.summaries import digest, enclosing, gathering, reading
from eventnet.summaries.campaigns import KIND
from eventnet.summaries.eligibility import address
from eventnet.summaries.gathering import Gathered
from eventnet.summaries.reading import Reading
from eventnet.words import gettext as _


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail, for the timetable."""
    return {KIND: Together(lambda mails: prepared(mails, settings))}


def prepared(mails: Sequence[Mail], settings: Settings) -> Composer:
    """The composer of these summaries, of whatever events; everything they say is looked up here, once an event."""
    readers: dict[int, list[int]] = defaultdict(list)
    for mail in mails:
        if mail.event_id is not None and mail.attendee_id is not None:
            readers[mail.event_id].append(mail.attendee_id)
    gathered = {
        event.id: (event, gathering.gather(event.id, ids, depth=digest.IN_FULL))
        for event_id, ids in readers.items() if (event := db.session.get(Event, event_id)) is not None}

    def write(mail: Mail) -> Letter | Skip:
        event, about = gathered.get(mail.event_id or 0, (None, None))
        if event is None or about is None or mail.attendee_id is None or mail.attendee_id not in about.readers:
            return Skip(_("The event is gone."))
        return _written(settings, event, about, mail.attendee_id)

    return write


def compose(mail: Mail, settings: Settings) -> Letter | Skip:
    """The letter of one planned summary, or Skip with the reason: left, removed, no address any more."""
    return prepared([mail], settings)(mail)


def _written(settings: Settings, event: Event, about: Gathered, attendee_id: int) -> Letter | Skip:
    attendee, card = about.readers[attendee_id]
    with words.speaking(attendee.language or event.language):
        if not attendee.takes_part:
            return Skip(_("They are no longer on the list, or do not take part."))
        to_address = address(card.summary_email if card else "", attendee.email)
        if not to_address:
            return Skip(_("There is no address to write to."))
        found = reading.told(settings, event, about, attendee_id, in_mail=True, is_brief=True)
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
