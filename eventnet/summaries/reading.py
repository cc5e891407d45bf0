"""Reads everything one summary needs, in a fixed number of statements, and has the digest made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select

from eventnet import clock, db, links, words
from eventnet.attendees import activation, participation
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Attendance, Card
from eventnet.config import Settings
from eventnet.contacts import address_book
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters.models import Grant, Scan
from eventnet.events.models import Event, ProgrammeItem
from eventnet.suggestions import matching, ranking, reasons
from eventnet.suggestions.picks import Pick, Picks
from eventnet.suggestions.reasons import Told
from eventnet.summaries import digest
from eventnet.summaries.digest import Digest, Met, Place, Reader, Suggested
from eventnet.summaries.models import Summary
from eventnet.summaries.openers import Moment, first_name
from eventnet.words import gettext as _

PURPOSE = "summary"
AFTERWARDS = timedelta(minutes=30)
ENOUGH_TIME = timedelta(hours=2)


@dataclass(frozen=True)
class Reading:
    """One attendee's summary and what a mail of it needs besides: the reader's row and card, and whom they met.
    `others` has a row of facts about each of them and each suggested person, by id."""

    attendee: Attendee
    card: Card | None
    digest: Digest
    people: tuple[PersonMet, ...]
    others: Mapping[int, Any]


def summary_token(secret: bytes, attendee: Attendee) -> str:
    """The token of the limited view in a mail; the next generation of the activation link revokes it, too."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id, attendee.generation)


def find_by_token(secret: bytes, token: str) -> Attendee | None:
    """Whose limited view this is; None for a made-up or revoked token and for whoever does not take part."""
    number = links.number_in(token)
    attendee = db.session.get(Attendee, number) if number is not None else None
    if attendee is None or not attendee.takes_part:
        return None
    proven = links.is_signed(secret, token, PURPOSE, attendee.id, attendee.event_id, attendee.generation)
    return attendee if proven else None


def read(settings: Settings, event: Event, attendee_id: int, *, in_mail: bool, lines: int = digest.LINES) -> Reading:
    """The summary of one attendee as of now. `in_mail`: for the mail and the view behind its link.

    Six statements, seven before the campaign has settled the picks, whatever the number of people.
    """
    attendee, card = db.session.execute(_READER, {"event": event.id, "me": attendee_id}).one()
    picks = picks_of(event.id, attendee_id)
    met = address_book.everyone(event.id, attendee_id)
    met_ids = {person.id for person in met}
    others = _others(event.id, [*met_ids, *(pick.attendee_id for pick in picks.should_meet)])
    moments = _Moments(event, attendee_id, list(others))
    mine = _Mine(card, moments.titles, in_mail)
    chosen = {pick.attendee_id: pick for pick in picks.follow_up}
    place_of = {pick.attendee_id: number for number, pick in enumerate(picks.follow_up)}
    met.sort(key=lambda person: place_of.get(person.id, len(place_of)))
    people = [mine.met(person, others[person.id], chosen.get(person.id), moments.of(person)) for person in met]
    suggested = [
        found for pick in picks.should_meet if pick.attendee_id in others and pick.attendee_id not in met_ids
        and (found := mine.suggested(others[pick.attendee_id], pick)) is not None]
    reader = Reader(
        name=attendee.badge_name, first_name=first_name(attendee.badge_name, attendee.given_name),
        detail=card.summary_detail if card else "full", activated=attendee.activated_at is not None,
        profile_is_empty=not (card and (card.looking_for.strip() or card.offering.strip())),
        waiting=_waiting(event.id, attendee_id))
    made = digest.make(reader, place(settings, event, attendee, reader, in_mail), people, suggested,
                       in_mail=in_mail, lines=lines, cards=len(people))
    return Reading(attendee, card, made, tuple(met), others)


def language_of(event: Event, attendee_id: int) -> str:
    """The attendee's language, else the event's."""
    chosen = db.session.scalar(_LANGUAGE, {"event": event.id, "me": attendee_id})
    return chosen or event.language


def picks_of(event_id: int, attendee_id: int) -> Picks:
    """What was settled for one attendee; before that the order of those they met, as of now."""
    settled = db.session.scalar(_PICKS, {"event": event_id, "me": attendee_id})
    return Picks.from_json(settled) if settled is not None else ranking.for_attendee(event_id, attendee_id)


def place(settings: Settings, event: Event, attendee: Attendee, reader: Reader, in_mail: bool) -> Place:
    """The event in words, and the addresses a summary links to."""
    here = f"{settings.base_url}/e/{event.slug}"
    page, enter, until = f"{here}/summary", f"{here}/sign-in", ""
    if in_mail and reader.detail != "link":
        page = f"{settings.base_url}/M/{summary_token(settings.secret_key, attendee)}"
    if clock.now() + ENOUGH_TIME < event.activation_ends_at:
        enter = links.activation_url(settings.base_url, activation.activation_token(settings.secret_key, attendee))
        until = _("%(day)s, %(time)s", day=words.day(event.activation_ends_at, event.tz),
                  time=words.time(event.activation_ends_at, event.tz))
    return Place(
        event=event.name, day=words.day(event.starts_at, event.tz), kept_until=words.full_day(event.retention_on),
        summary=page, people=f"{here}/people", card=f"{here}/card", privacy=f"{here}/privacy", enter=enter,
        enter_until=until, unsubscribe=participation.unsubscribe_url(settings, attendee))


class _Mine:
    """Sentences and phrases about others from the side of one reader's card."""

    def __init__(self, card: Card | None, titles: Mapping[int, str], in_mail: bool) -> None:
        self.looking_for = card.looking_for if card else ""
        self.offering = card.offering if card else ""
        self.interests = card.interests if card else ""
        self.titles, self.in_mail = titles, in_mail

    def met(self, person: PersonMet, row: Any, pick: Pick | None, moment: Moment) -> Met:
        given = person.values
        # Below the name already stands where they met.
        found = [reason for reason in (pick.reasons if pick else ())
                 if not (reason.kind == reasons.SESSION and (moment.during or moment.after))]
        kinds = {reason.kind for reason in found}
        told = self._told(row)
        return Met(
            id=person.id, name=person.name, first_name=first_name(person.name, row.given_name), detail=person.detail,
            moment=moment, email=given.get("email", ""), phone=given.get("phone", ""),
            linkedin=given.get("linkedin", ""), website=given.get("website", ""), note=person.note.strip(),
            promise=person.promise.strip(), starred=person.starred_at is not None, why=self._why(row, found, told),
            their_offer=told.their_offer if reasons.OFFERS in kinds else "",
            my_offer=told.my_offer if reasons.LOOKS in kinds else "")

    def suggested(self, row: Any, pick: Pick) -> Suggested | None:
        """Nobody who has left or has taken the tick back; nobody without a reason that can still be said."""
        if not row.takes_part or row.suggest_me_at is None:
            return None
        why = self._why(row, pick.reasons, self._told(row))
        return Suggested(row.id, row.badge_name, digest.described(row.title, row.organization), why) if why else None

    def _told(self, row: Any) -> Told:
        if row.suggest_me_at is None:
            return Told(titles=self.titles)
        quiet = matching.mentions_work(row.looking_for)
        return Told(
            their_offer=matching.shared_phrase(row.offering, self.looking_for),
            my_offer="" if quiet else matching.shared_phrase(self.offering, row.looking_for),
            interest=matching.shared_phrase(row.interests, self.interests), titles=self.titles)

    def _why(self, row: Any, found: Sequence[reasons.Reason], told: Told) -> tuple[str, ...]:
        """What may still be said: a tick taken back since the picks were settled silences what rested on it."""
        said = [reasons.sentence(reason, told, in_mail=self.in_mail) for reason in found
                if reason.kind != reasons.PROMISE and (row.suggest_me_at is not None or reason.kind == reasons.STAR)]
        return tuple(sentence for sentence in said if sentence)


class _Moments:
    """When and where pairs met: a programme item counts only where both said they were there."""

    def __init__(self, event: Event, attendee_id: int, others: Sequence[int]) -> None:
        self.event = event
        rows = db.session.execute(
            _SHARED_ITEMS, {"event": event.id, "me": attendee_id, "ids": [attendee_id, *others]}).all()
        self.titles = {row.id: row.title for row in rows}
        self._shared: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            self._shared[row.attendee_id].append(row)

    def of(self, person: PersonMet) -> Moment:
        at = person.first_at or person.given_at
        local = at.astimezone(self.event.tz)
        day, time = _weekday(words.language(), local.date()), local.strftime("%H:%M")
        for item in self._shared[person.id]:
            if item.starts_at <= at < item.ends_at:
                return Moment(day, time, during=item.title)
        earlier = [item for item in self._shared[person.id] if item.ends_at <= at < item.ends_at + AFTERWARDS]
        return Moment(day, time, after=max(earlier, key=lambda item: item.ends_at).title if earlier else "")


def _others(event_id: int, ids: Sequence[int]) -> dict[int, Any]:
    """What sentences about these people need of their card, by id."""
    return {row.id: row for row in db.session.execute(_OTHERS, {"event": event_id, "ids": list(ids)})}


def _waiting(event_id: int, attendee_id: int) -> int:
    """How many people wait for this attendee's yes: their card was never chosen, or they are asked each time."""
    return db.session.scalar(_WAITING, {"event": event_id, "me": attendee_id}) or 0


@lru_cache(maxsize=512)
def _weekday(_language: str, day: date) -> str:
    return words.weekday(day)


# Made once: building a statement costs more than running it, and there is one of each per mail.
_event: Any = bindparam("event")
_me: Any = bindparam("me")
_ids: Any = bindparam("ids", expanding=True)
_READER = (
    select(Attendee, Card)
    .outerjoin(Card, (Card.event_id == Attendee.event_id) & (Card.attendee_id == Attendee.id))
    .where(Attendee.event_id == _event, Attendee.id == _me))
_LANGUAGE = select(Attendee.language).where(Attendee.event_id == _event, Attendee.id == _me)
_PICKS = select(Summary.picks).where(Summary.event_id == _event, Summary.attendee_id == _me)
_OTHERS = (
    select(Attendee.id, Attendee.badge_name, Attendee.given_name, Attendee.family_name, Attendee.changed_at,
           Card.changed_at.label("card_changed_at"), Attendee.title, Attendee.organization,
           (Attendee.not_taking_part_at.is_(None) & Attendee.removed_at.is_(None)).label("takes_part"),
           Card.suggest_me_at, func.coalesce(Card.looking_for, "").label("looking_for"),
           func.coalesce(Card.offering, "").label("offering"), func.coalesce(Card.interests, "").label("interests"))
    .outerjoin(Card, (Card.event_id == Attendee.event_id) & (Card.attendee_id == Attendee.id))
    .where(Attendee.event_id == _event, Attendee.id.in_(_ids)))
_SHARED_ITEMS = (
    select(Attendance.attendee_id, ProgrammeItem.id, ProgrammeItem.title, ProgrammeItem.starts_at,
           ProgrammeItem.ends_at)
    .join(ProgrammeItem, (ProgrammeItem.event_id == Attendance.event_id) & (ProgrammeItem.id == Attendance.item_id))
    .where(Attendance.event_id == _event, Attendance.attendee_id.in_(_ids), Attendance.item_id.in_(
        select(Attendance.item_id).where(Attendance.event_id == _event, Attendance.attendee_id == _me))))
_WAITING = select(func.count()).select_from(
    select(Grant.receiver_id)
    .where(Grant.event_id == _event, Grant.giver_id == _me, Grant.withdrawn_at.is_(None),
           Grant.asked_since.is_not(None), Grant.answered_at.is_(None))
    .union(select(Scan.scanner_id).where(
        Scan.event_id == _event, Scan.scanned_id == _me, Scan.settled_at.is_(None), Scan.undone_at.is_(None),
        Scan.declined_at.is_(None))).subquery())
