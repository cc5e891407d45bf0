"""The letters of contacts: somebody waits for a yes, and to organizers, a report waits."""

from __future__ import annotations

from eventnet import clock, db, words
from eventnet.accounts.models import Organizer
from eventnet.attendees import activation, participation
from eventnet.cards.models import Card
from eventnet.config import Settings
from eventnet.contacts import reminding, reporting
from eventnet.encounters import answering
from eventnet.events.models import Event
from eventnet.outbox import stationery
from eventnet.outbox.composing import Composer, Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _
from eventnet.words import listed, ngettext


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail, for the timetable."""
    return {
        reminding.KIND: lambda mail: compose_waiting(mail, settings),
        reporting.KIND: lambda mail: compose_report(mail, settings),
    }


def compose_waiting(mail: Mail, settings: Settings) -> Letter | Skip:
    """How many wait, and from which organizations at most; who they are stands on the page alone."""
    attendee = activation.find(mail.event_id or 0, mail.attendee_id or 0)
    event = db.session.get(Event, mail.event_id)
    if attendee is None or event is None:
        return Skip(_("They are no longer on the list, or do not take part."))
    card = db.session.get(Card, attendee.id)
    to_address = attendee.email or (card.summary_email if card else "")
    if not to_address:
        return Skip(_("There is no address to write to."))
    if reminding.is_over(event, clock.now()):
        return Skip(_("The time for swaps is over."))
    people = answering.waiting(event.id, attendee.id)
    if not people:
        return Skip(_("Nobody waits any more."))
    count = answering.count_waiting(event.id, attendee.id)
    is_bare = event.mail_detail(card.summary_detail if card else "full") == "link"
    names, more = ([], 0) if is_bare else reminding.organizations([one.organization for one in people])
    leave = participation.unsubscribe_url(settings, attendee)
    with words.speaking(attendee.language or event.language):
        others = [ngettext("%(num)s more organization", "%(num)s more organizations", more)] if more else []
        html, text = stationery.render_both(
            "contacts/mail/waiting", event=event, count=count, leave=leave,
            since=_("%(day)s, %(time)s", day=words.day(people[0].met_at, event.tz),
                    time=words.time(people[0].met_at, event.tz)),
            organizations=listed([*names, *others]),
            link=f"{settings.base_url}/e/{event.slug}/waiting", privacy=f"{settings.base_url}/e/{event.slug}/privacy")
        return Letter(
            to_address=to_address, to_name=attendee.badge_name, html=html, text=text,
            subject=ngettext("%(event)s: %(num)s person waits for your yes",
                             "%(event)s: %(num)s people wait for your yes", count, event=event.name),
            list_unsubscribe=leave, reply_to=event.controller_email or None,
            list_id=f"{event.slug}.{settings.mail_domain}", language=words.language())


def compose_report(mail: Mail, settings: Settings) -> Letter | Skip:
    """That a report waits, and where; neither who nor what."""
    organizer, event = db.session.get(Organizer, mail.subject_id), db.session.get(Event, mail.event_id)
    if organizer is None or event is None or organizer.id not in reporting.owners(event.id):
        return Skip(_("They do not own this event any more."))
    count = reporting.count_open(event.id)
    if not count:
        return Skip(_("The report is settled."))
    with words.speaking(event.language):
        html, text = stationery.render_both(
            "contacts/mail/report", event=event, count=count,
            link=f"{settings.base_url}/admin/e/{event.slug}/reports")
        return Letter(
            to_address=organizer.email, to_name=organizer.name, html=html, text=text,
            subject=_("%(event)s: a report is waiting", event=event.name), auto_submitted="auto-generated",
            language=words.language())
