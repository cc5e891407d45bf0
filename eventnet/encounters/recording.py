"""Records scans: each once, however often it arrives, with an answer a phone or a program can act on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from eventnet import clock, db
from eventnet.badges.codes import BadgeReference
from eventnet.cards import fields
from eventnet.encounters import blocking, finding, inserting, pacing, settling
from eventnet.encounters.finding import Found, Person
from eventnet.encounters.models import Scan
from eventnet.encounters.settling import Giving
from eventnet.encounters.times import Said, claimed_at, met_at
from eventnet.errors import Refusal
from eventnet.words import gettext as _

BUSY_SECONDS = 5

UNSAID = Said()

Choosing = Callable[[dict[int, Person]], dict[int, Person] | None]
Result = Literal["recorded", "repeated", "pending", "later", "refused"]
Reason = Literal["unknown", "own_badge", "outside_window", "paused", "invalid", "id_reused", "budget", "busy",
                 "blocked"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One scan as a phone or program reports it. `event_slug` is needed with a typed code."""

    client_id: str
    badge: BadgeReference | None
    event_slug: str | None = None
    said: Said = UNSAID


@dataclass(frozen=True, slots=True)
class Met:
    """The person of a recorded scan, with the names of the fields that changed hands and have a value."""

    person: Person
    gave: tuple[str, ...]
    got: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one scan. `met` comes with recorded, and with repeated while the swap stands.

    `event_id`, `slug`, `owner_id` and `person_id` say who scanned whom where, whatever the result; they stay inside
    the program, since a person who did not agree is not named.
    """

    client_id: str
    result: Result
    reason: Reason | None = None
    retry_after: int | None = None
    met: Met | None = None
    event_id: int | None = None
    slug: str = ""
    owner_id: int | None = None
    person_id: int | None = None

    @property
    def sentence(self) -> str:
        """What happened, and what to do now, for the person who scanned."""
        return _sentence(self)


def record_batch(claims: Sequence[Claim], *, browser_id: int | None = None, browser_token: str | None = None,
                 attendee_id: int | None = None, way: str, only: Choosing | None = None) -> list[Answer]:
    """Record scans of one browser, or of one attendee's program, and return an answer for each, in order.

    A browser is known by its id, or by the token of its cookie, which is looked up here. Rows are written in the
    order of pairs; in a batch each scan has a savepoint, so that one fault costs one scan. `only` picks, of those the
    browser is by event, the ones who scanned; None when one of them is no longer signed in there.
    Raises Refusal 401 when the browser is nobody at any event, or not (all of) those who scanned.
    """
    received = clock.now()
    found = finding.badges((claim.badge, claim.event_slug if claim.badge.kind == "code" else None)
                           for claim in claims if claim.badge is not None)
    if browser_token is not None:
        browser_id, me = finding.people_of_cookie(browser_token, received)
    elif browser_id is not None:
        me = finding.people_of_browser(browser_id, locked=True)
    else:
        me = {person.event_id: person for person in finding.people([attendee_id or 0], locked=True).values()}
    if not me:
        raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
    if only is not None:
        chosen = only(me)
        if chosen is None:
            raise Refusal(_("These scans were made by somebody else who was signed in here. They are kept until that "
                            "person signs in here again."), status=401, reason="other_attendee")
        me = chosen

    known = [_parties(found, me, claim) for claim in claims]
    answers: dict[int, Answer] = {}
    for index in sorted(range(len(claims)), key=lambda index: _pair(known[index])):
        parties, claim = known[index], claims[index]
        is_typed = claim.badge is not None and claim.badge.kind == "code"
        if is_typed and (wait := pacing.guessing_wait(me)) is not None:
            answers[index] = Answer(claim.client_id, "later", "budget", wait)
            continue
        if parties is None:
            reason: Reason = "unknown" if claim.badge is not None else "invalid"
            answers[index] = Answer(claim.client_id, "refused", reason)
        else:
            one = _Recording(claim, *parties, received, browser_id, way)
            answers[index] = _alone(one) if len(claims) == 1 else _within_savepoint(one)
        if answers[index].reason == "unknown":
            pacing.spend_guess(me)
    return [answers[index] for index in range(len(claims))]


def _alone(one: _Recording) -> Answer:
    """One scan without the cost of a savepoint. Whoever was deleted in the same moment is unknown the next time."""
    try:
        return one.answer()
    except IntegrityError as error:
        raise Refusal(_("We are busy. Nothing was lost: send it again in a moment."), status=503, reason="busy",
                      retry_after=BUSY_SECONDS) from error


def _within_savepoint(one: _Recording) -> Answer:
    try:
        with db.session.begin_nested():
            return one.answer()
    except IntegrityError:
        return Answer(one.claim.client_id, "later", "busy", BUSY_SECONDS)


def record_scan(claim: Claim, *, browser_id: int | None = None, attendee_id: int | None = None, way: str) -> Answer:
    """Record one scan; see record_batch."""
    return record_batch([claim], browser_id=browser_id, attendee_id=attendee_id, way=way)[0]


def _parties(found: dict[tuple[BadgeReference, str | None], Found], me: dict[int, Person],
             claim: Claim) -> tuple[Found, Person, Person] | None:
    """The badge, whose it is, and who of me acts at its event."""
    if claim.badge is None:
        return None
    there = found.get((claim.badge, claim.event_slug if claim.badge.kind == "code" else None))
    if there is None or there.person is None or there.event_id not in me:
        return None
    return there, there.person, me[there.event_id]


def _pair(parties: tuple[Found, Person, Person] | None) -> tuple[int, int, int]:
    if parties is None:
        return (0, 0, 0)
    found, person, actor = parties
    return (found.event_id, min(person.id, actor.id), max(person.id, actor.id))


@dataclass(slots=True)
class _Recording:
    """One scan on its way into the database."""

    claim: Claim
    found: Found
    person: Person
    actor: Person
    received: datetime
    browser_id: int | None
    way: str

    def answer(self) -> Answer:
        reason = self._hindrance()
        if reason is not None:
            return self._repeat() or self._answer("refused", reason)
        event_id, window = self.found.event_id, self.found.window
        is_typed = self.claim.badge is not None and self.claim.badge.kind == "code"
        asks = (self.person.swap_policy == "ask" or not self.found.is_living or not window.is_open(self.received)
                or (is_typed and window.is_over(self.received)))
        if asks or self.actor.swap_policy == "ask":
            settling.lock_pair(self.actor.id, self.person.id)
        has_asked = asks
        if asks:
            asks = not settling.has_agreed(event_id, self.person.id, self.actor.id)
        moment = met_at(self.claim.said, self.received, window)
        # Blocks ride on the insert: it looks after the lock on the scanner's row, which a block takes as well.
        row = inserting.insert_scan(
            event_id, self.actor, self.person, client_id=self.claim.client_id, browser_id=self.browser_id, way=self.way,
            said_at=self.claim.said.scanned_at, received_at=self.received, met_at=moment,
            settled_at=None if asks else self.received)
        if row is None:
            return self._repeat() or self._answer("refused", self._not_inserted())
        wait = pacing.spend_swap(self.found, self.actor.id, moment)
        if wait is not None:
            db.connection().execute(_DELETE, {"scan": row.id})
            return self._answer("later", "budget", retry_after=wait)
        if asks:
            return self._answer("pending")
        if row.blocked_at is not None:
            if not has_asked:
                # As many look-ups as for somebody who asks: neither the answer nor its time tells of a block.
                settling.lock_pair(self.actor.id, self.person.id)
                settling.has_agreed(event_id, self.person.id, self.actor.id)
            return self._answer("pending")
        return self._answer("recorded", met=self._settle(moment))

    def _not_inserted(self) -> Reason:
        """Why there is neither a new row nor an old one with this number."""
        keys = blocking.keys_of(self.person.badge_name, self.person.registered_name, self.person.email)
        is_away = blocking.is_kept_away(self.found.event_id, self.actor.id, self.person.id, keys)
        return "blocked" if is_away else "id_reused"

    def _hindrance(self) -> Reason | None:
        if self.person.id == self.actor.id and self.found.is_living:
            return "own_badge"
        if not self.found.is_living and not self._was_made_before():
            return "unknown"
        if not (self.found.window.is_open(self.received) or self.found.window.is_late(self.received)):
            return "outside_window"
        if self.person.swap_policy == "paused" or not self.actor.takes_part:
            return "paused"
        return None

    def _was_made_before(self) -> bool:
        """A scan that waited on a phone while the badge was rotated. Its time is a claim, so they must agree."""
        claimed = claimed_at(self.claim.said, self.received)
        return claimed is not None and self.found.was_worn(claimed) and self.person.id != self.actor.id

    def _settle(self, moment: datetime) -> Met:
        actor, person, event_id = self.actor, self.person, self.found.event_id
        waited = settling.settle_waiting(event_id, person.id, actor.id, self.received)
        given = settling.settle(
            event_id,
            settling.meeting_of([moment, *(at for at, _offered in waited)], scanner_is_low=actor.id < person.id,
                                both_scanned=bool(waited)),
            (
                Giving(actor.id, person.id, actor.gives, acted=True),
                Giving(person.id, actor.id, waited[-1][1] if waited else person.gives, acted=bool(waited),
                       asked=not waited and person.agreed_at is None),
            ),
            self.received)
        return _met(person, actor, given)

    def _repeat(self) -> Answer | None:
        """The answer to an id that arrived before: of the same badge, `repeated`; of another one, `id_reused`."""
        scanned_id = db.connection().scalar(
            _SCANNED, {"scanner": self.actor.id, "client": self.claim.client_id})
        if scanned_id is None:
            return None
        if scanned_id != self.person.id:
            return self._answer("refused", "id_reused")
        event_id = self.found.event_id
        given = settling.grants_between(event_id, self.person.id, self.actor.id)
        apart = blocking.between(event_id, self.person.id, self.actor.id)
        person = self.person
        if person.id in apart:
            frozen = (apart[person.id] or {}).get("values", {})
            person = replace(person, badge_name=frozen.get("name", ""), **{
                field: frozen.get(field, "") for field in fields.FIELDS if field != "name"})
        stands = person.id in given and self.actor.id not in apart and person.badge_name
        return self._answer("repeated", met=_met(person, self.actor, given) if stands else None)

    def _answer(self, result: Result, reason: Reason | None = None, *, retry_after: int | None = None,
                met: Met | None = None) -> Answer:
        return Answer(self.claim.client_id, result, reason, retry_after, met, self.found.event_id, self.found.slug,
                      self.actor.id, self.person.id)


def visible_fields(person: Person, given: Sequence[str]) -> tuple[str, ...]:
    """Of the fields of a grant those that are still shared and have a value."""
    return tuple(fields.visible(person, fields.granted(person, given)))


def _met(person: Person, actor: Person, given: dict[int, list[str]]) -> Met:
    return Met(person, visible_fields(actor, given.get(actor.id, ())), visible_fields(person, given[person.id]))


def _sentence(answer: Answer) -> str:
    if answer.met is not None:
        name = answer.met.person.badge_name
        got = fields.in_words(answer.met.got)
        said = (_("%(name)s got your %(gave)s. You got %(got)s.", name=name, gave=fields.in_words(answer.met.gave),
                  got=got) if answer.met.gave else _("You got %(got)s of %(name)s.", name=name, got=got))
        if answer.met.person.agreed_at is None:
            said += " " + _("They have not chosen what to share yet. Say: “Open the mail ‘Your badge’, or go to the "
                            "desk.”")
        return said
    return {
        "repeated": _("This scan arrived before. Nothing was doubled."),
        "pending": _("They decide whether to swap. You find them under People as soon as they say yes."),
        "budget": _("That is more swaps than one person makes. This one is kept and sent later."),
        "busy": _("We are busy. This scan is kept and sent again in a moment."),
        "unknown": _("We do not know this badge here. It may have been replaced: ask them to show their badge on "
                     "their phone, or let them scan you."),
        "own_badge": _("This is your own badge. Scan somebody else's."),
        "outside_window": _("Swaps are closed now. Write to the organizer if you want to reach somebody you met."),
        "blocked": _("You blocked this person. Lift the block first, under People, then scan them again."),
        "paused": _("They do not swap cards at the moment. Ask them; they can change that on their card."),
        "invalid": _("This is not a badge of ours. Scan the code on a badge, or type the eight characters below it."),
        "id_reused": _("This scan has the number of another one, so it was not recorded. Scan the badge again."),
    }[answer.reason or answer.result]


_DELETE = delete(Scan.__table__).where(Scan.__table__.c.id == bindparam("scan"))  # type: ignore[arg-type]
_SCANNED = select(Scan.__table__.c.scanned_id).where(
    Scan.__table__.c.scanner_id == bindparam("scanner"), Scan.__table__.c.client_id == bindparam("client"))
