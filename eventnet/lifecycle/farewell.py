"""Tells people 30 and 7 days before an event's data goes: attendees with contacts to lose, and who organizes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, or_, select

from eventnet import clock, db, words
from eventnet.accounts.models import Organizer
from eventnet.attendees import participation
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card, Grant
from eventnet.config import Settings
from eventnet.contacts import address_book, kept_names
from eventnet.contacts.models import Contact, KeptName
from eventnet.events.models import FAREWELL, Event, EventRole
from eventnet.outbox import planning, stationery
from eventnet.outbox.composing import Composer, Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _
from eventnet.words import ngettext

KIND = "farewell"
LAST = timedelta(days=7)
# Somebody who was there two weeks ago has not forgotten it; the notice a week before is enough.
FRESH = timedelta(days=14)
TOLD_ROLES = ("owner", "manager")


def plan_due(now: datetime) -> int:
    """Plan the notices that are due now; returns how many are new. One mail a person, span and promised day."""
    ended = db.session.scalars(select(Event).where(Event.forgotten_at.is_(None), Event.ends_at < now)
                               .order_by(Event.id))
    new = 0
    for event in ended:
        span = due_span(event, now)
        if span is not None:
            new += planning.plan_many(_plans(event, span))
    return new


def due_span(event: Event, now: datetime) -> int | None:
    """30 or 7: which notice is due; None before, between a notice that was left out and the next, and on the day."""
    end = event.retention_at.astimezone(UTC)
    left = end - now
    if not event.is_over(now) or left <= timedelta(0) or left > FAREWELL:
        return None
    if left <= LAST:
        return LAST.days
    return FAREWELL.days if end - FAREWELL >= event.ends_at + FRESH else None


def composer(settings: Settings) -> Composer:
    """Who writes these mails, for the timetable."""
    return lambda mail: compose(mail, settings)


def compose(mail: Mail, settings: Settings) -> Letter | Skip:
    """The letter of one notice, or Skip: nothing to lose any more, or the promised day has changed since."""
    event = db.session.get(Event, mail.event_id)
    if event is None or not event.is_kept(clock.now()):
        return Skip(_("The event's data is deleted, as promised."))
    if not mail.unique_key.endswith(f":{event.retention_on.isoformat()}"):
        return Skip(_("The day on which everything is deleted has changed since."))
    if mail.attendee_id is None:
        return _to_organizer(mail, event, settings)
    attendee = db.session.get(Attendee, mail.attendee_id)
    if attendee is None or not attendee.takes_part:
        return Skip(_("They are no longer on the list, or do not take part."))
    card = db.session.get(Card, attendee.id)
    address = (card.summary_email if card else "") or attendee.email
    people = address_book.counts(event.id, attendee.id).people + len(kept_names.of(event.id, attendee.id))
    if not address or not people:
        return Skip(_("They have no contacts to lose, or no address."))
    leave = participation.unsubscribe_url(settings, attendee)
    with words.speaking(attendee.language or event.language):
        day = words.full_day(event.retention_on)
        headline = ngettext("Your contact at %(event)s is deleted on %(day)s",
                            "Your %(num)s contacts at %(event)s are deleted on %(day)s", people, event=event.name,
                            day=day)
        html, text = stationery.render_both(
            "lifecycle/mail/farewell", event=event, headline=headline, day=day, leave=leave,
            take=f"{settings.base_url}/e/{event.slug}/my-data", privacy=f"{settings.base_url}/e/{event.slug}/privacy")
        return Letter(
            to_address=address, to_name=attendee.badge_name, subject=headline, html=html, text=text,
            list_unsubscribe=leave, reply_to=event.controller_email or None,
            list_id=f"{event.slug}.{settings.mail_domain}", language=words.language())


def _to_organizer(mail: Mail, event: Event, settings: Settings) -> Letter | Skip:
    organizer = db.session.get(Organizer, mail.subject_id)
    role = db.session.scalar(select(EventRole.role).where(
        EventRole.event_id == event.id, EventRole.organizer_id == mail.subject_id))
    if organizer is None or organizer.disabled_at is not None or role not in TOLD_ROLES:
        return Skip(_("They do not organize this event any more."))
    with words.speaking(event.language):
        day = words.full_day(event.retention_on)
        headline = _("Everything about %(event)s is deleted on %(day)s", event=event.name, day=day)
        html, text = stationery.render_both(
            "lifecycle/mail/farewell_organizer", event=event, headline=headline, day=day,
            page=f"{settings.base_url}/admin/e/{event.slug}/")
        return Letter(to_address=organizer.email, to_name=organizer.name, subject=headline, html=html, text=text,
                      auto_submitted="auto-generated", language=words.language())


def _plans(event: Event, span: int) -> list[planning.Plan]:
    until = f"{span}:{event.retention_on.isoformat()}"
    has_contacts = or_(
        exists().where(Grant.event_id == Attendee.event_id, Grant.receiver_id == Attendee.id,
                       Grant.withdrawn_at.is_(None)),
        exists().where(Contact.event_id == Attendee.event_id, Contact.owner_id == Attendee.id),
        exists().where(KeptName.event_id == Attendee.event_id, KeptName.owner_id == Attendee.id))
    has_address = or_(Attendee.email != "", exists().where(Card.attendee_id == Attendee.id, Card.summary_email != ""))
    people = db.session.scalars(select(Attendee.id).where(
        Attendee.event_id == event.id, Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None),
        has_address, has_contacts).order_by(Attendee.id))
    plans = [planning.Plan(KIND, f"attendee:{one}:{until}", event.id, one) for one in people]
    organizers = db.session.scalars(select(EventRole.organizer_id).where(
        EventRole.event_id == event.id, EventRole.role.in_(TOLD_ROLES)).order_by(EventRole.organizer_id))
    return plans + [planning.Plan(KIND, f"organizer:{one}:{event.id}:{until}", event.id, subject_id=one)
                    for one in organizers]
