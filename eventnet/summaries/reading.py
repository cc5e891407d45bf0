"""Makes the summary of one attendee of what was gathered for it: whom they met, when and where, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from eventnet import clock, links, words
from eventnet.attendees import activation, participation
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card
from eventnet.config import Settings
from eventnet.contacts.address_book import PersonMet
from eventnet.events.models import Event
from eventnet.suggestions import matching, reasons
from eventnet.suggestions.picks import Pick
from eventnet.suggestions.reasons import Told
from eventnet.summaries import digest, gathering
from eventnet.summaries.digest import IN_FULL, NO_MOMENT, Digest, Met, Place, Reader, Suggested
from eventnet.summaries.gathering import Gathered
from eventnet.summaries.openers import Moment, first_name
from eventnet.words import gettext as _

PURPOSE = "summary"
AFTERWARDS = timedelta(minutes=30)
ENOUGH_TIME = timedelta(hours=2)


@dataclass(frozen=True)
class Reading:
    """One attendee's summary and what a mail of it needs besides: the reader's row and card, and whom they met."""

    attendee: Attendee
    card: Card | None
    digest: Digest
    people: tuple[PersonMet, ...]


def summary_token(secret: bytes, attendee: Attendee) -> str:
    """The token of the limited view in a mail; the next generation of the activation link revokes it, too."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id, attendee.generation)


def find_by_token(secret: bytes, token: str) -> Attendee | None:
    """Whose limited view this is; None for a made-up or revoked token and for whoever does not take part."""
    return activation.find_by_token(secret, token, PURPOSE)


def read(settings: Settings, event: Event, attendee_id: int, *, in_mail: bool, lines: int = digest.LINES) -> Reading:
    """The summary of one attendee as of now. `in_mail`: for the mail and the view behind its link.

    Seven statements, eight before the campaign has settled the picks, whatever the number of people.
    """
    gathered = gathering.gather(event.id, [attendee_id])
    return told(settings, event, gathered, attendee_id, in_mail=in_mail, lines=lines)


def told(settings: Settings, event: Event, gathered: Gathered, attendee_id: int, *, in_mail: bool,
         lines: int = digest.LINES, is_brief: bool = False) -> Reading:
    """The summary of one of the readers something was gathered for, without another look at the database.

    `is_brief`: whom only a line is about, that line names and how to reach them; the mail has no room for more.
    """
    attendee, card = gathered.readers[attendee_id]
    picks, met = gathered.picks[attendee_id], gathered.met[attendee_id]
    moments = _Moments(event, gathered.items, attendee_id)
    mine = _Mine(card, gathered.facts, moments.titles, in_mail)
    chosen = {pick.attendee_id: pick for pick in picks.follow_up}
    full = len(met) if not is_brief else IN_FULL
    people = [mine.met(person, chosen.get(person.id), moments.of(person)) for person in met[:full]]
    people += [mine.line(person) for person in met[full:]]
    met_ids = {person.id for person in met}
    suggested = [
        found for pick in picks.should_meet if pick.attendee_id in gathered.facts and pick.attendee_id not in met_ids
        and not {(attendee_id, pick.attendee_id), (pick.attendee_id, attendee_id)} & gathered.apart
        and (found := mine.suggested(gathered.facts[pick.attendee_id], pick)) is not None]
    reader = Reader(
        name=attendee.badge_name, first_name=first_name(attendee.badge_name, attendee.given_name),
        detail=event.mail_detail(card.summary_detail if card else "full"), activated=attendee.activated_at is not None,
        profile_is_empty=not (card and (card.looking_for.strip() or card.offering.strip())),
        waiting=gathered.waiting.get(attendee_id, 0))
    made = digest.make(reader, place(settings, event, attendee, reader, in_mail), people, suggested,
                       in_mail=in_mail, lines=lines, is_brief=is_brief, cards=len(people))
    return Reading(attendee, card, made, tuple(met))


def place(settings: Settings, event: Event, attendee: Attendee, reader: Reader, in_mail: bool) -> Place:
    """The event in words, and the addresses a summary links to."""
    here = f"{settings.base_url}/e/{event.slug}"
    page, enter, until = f"{here}/summary", f"{here}/sign-in", ""
    if in_mail and reader.detail != "link":
        page = f"{settings.base_url}/M/{summary_token(settings.secret_key, attendee)}"
    if clock.now() + ENOUGH_TIME < event.activation_ends_at:
        enter = links.activation_url(settings.base_url, activation.activation_token(settings.secret_key, attendee))
        until = _("%(day)s, %(time)s", day=_day(words.language(), event.activation_ends_at.astimezone(event.tz).date()),
                  time=words.time(event.activation_ends_at, event.tz))
    return Place(
        event=event.name, day=_day(words.language(), event.starts_on),
        kept_until=_full_day(words.language(), event.retention_on),
        summary=page, people=f"{here}/people", card=f"{here}/card", privacy=f"{here}/privacy", enter=enter,
        enter_until=until, unsubscribe=participation.unsubscribe_url(settings, attendee))


class _Mine:
    """Sentences and phrases about others from the side of one reader's card."""

    def __init__(self, card: Card | None, facts: Mapping[int, Any], titles: Mapping[int, str], in_mail: bool) -> None:
        self.looking_for = card.looking_for if card else ""
        self.offering = card.offering if card else ""
        self.interests = card.interests if card else ""
        self.facts, self.titles, self.in_mail = facts, titles, in_mail

    def met(self, person: PersonMet, pick: Pick | None, moment: Moment) -> Met:
        if person.is_frozen:
            return self.line(person, moment=moment)
        row = self.facts[person.id]
        # Below the name already stands where they met.
        found = [reason for reason in (pick.reasons if pick else ())
                 if not (reason.kind == reasons.SESSION and (moment.during or moment.after))]
        kinds = {reason.kind for reason in found}
        told = self._told(row)
        return self.line(
            person, moment=moment, why=self._why(row, found, told),
            their_offer=told.their_offer if reasons.OFFERS in kinds else "",
            my_offer=told.my_offer if reasons.LOOKS in kinds else "")

    def line(self, person: PersonMet, *, moment: Moment = NO_MOMENT, why: tuple[str, ...] = (), their_offer: str = "",
             my_offer: str = "") -> Met:
        given = person.values.get
        return Met(
            id=person.id, name=person.name, first_name=first_name(person.name, person.given_name),
            detail=person.detail, moment=moment, email=given("email", ""), phone=given("phone", ""),
            linkedin=given("linkedin", ""), website=given("website", ""), note=person.note.strip(),
            promise=person.promise.strip(), starred=person.starred_at is not None, why=why,
            their_offer=their_offer, my_offer=my_offer)

    def suggested(self, row: Any, pick: Pick) -> Suggested | None:
        """Nobody who has left or has taken the tick back; nobody without a reason that can still be said."""
        if not row.takes_part or not row.ticked:
            return None
        why = self._why(row, pick.reasons, self._told(row))
        return Suggested(row.id, row.badge_name, digest.described(row.title, row.organization), why) if why else None

    def _told(self, row: Any) -> Told:
        if not row.ticked:
            return Told(titles=self.titles)
        quiet = matching.mentions_work(row.looking_for)
        return Told(
            their_offer=matching.shared_phrase(row.offering, self.looking_for),
            my_offer="" if quiet else matching.shared_phrase(self.offering, row.looking_for),
            interest=matching.shared_phrase(row.interests, self.interests), titles=self.titles)

    def _why(self, row: Any, found: Sequence[reasons.Reason], told: Told) -> tuple[str, ...]:
        """What may still be said: a tick taken back since the picks were settled silences what rested on it."""
        said = [reasons.sentence(reason, told, in_mail=self.in_mail) for reason in found
                if reason.kind != reasons.PROMISE and (row.ticked or reason.kind == reasons.STAR)]
        return tuple(sentence for sentence in said if sentence)


class _Moments:
    """When and where pairs met: a programme item counts only where both said they were there."""

    def __init__(self, event: Event, items: Mapping[int, list[Any]], attendee_id: int) -> None:
        self.zone, self.items = event.tz, items
        self.titles = {item.id: item.title for item in items.get(attendee_id, ())}

    def of(self, person: PersonMet) -> Moment:
        at = person.first_at or person.given_at
        local = at.astimezone(self.zone)
        day, time = _weekday(words.language(), local.date()), f"{local:%H:%M}"
        shared = [item for item in self.items.get(person.id, ()) if item.id in self.titles and not person.is_frozen]
        for item in shared:
            if item.starts_at <= at < item.ends_at:
                return Moment(day, time, during=item.title)
        earlier = [item for item in shared if item.ends_at <= at < item.ends_at + AFTERWARDS]
        return Moment(day, time, after=max(earlier, key=lambda item: item.ends_at).title if earlier else "")


# Babel reads a pattern anew each time; an event has few days.
@lru_cache(maxsize=512)
def _day(_language: str, day: date) -> str:
    return words.day(day)


@lru_cache(maxsize=512)
def _full_day(_language: str, day: date) -> str:
    return words.full_day(day)


@lru_cache(maxsize=512)
def _weekday(_language: str, day: date) -> str:
    return words.weekday(day)
