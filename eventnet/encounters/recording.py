"""Records scans: each once, however often it arrives, with an answer a phone or a program can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from eventnet import clock, db
from eventnet.accounts import budgets
from eventnet.badges.codes import BadgeReference
from eventnet.cards import fields
from eventnet.encounters import finding, settling
from eventnet.encounters.finding import Found, Person
from eventnet.encounters.models import Scan
from eventnet.encounters.settling import Giving
from eventnet.encounters.times import Said, met_at
from eventnet.errors import Refusal
from eventnet.words import gettext as _

BURST, BURST_SPAN = 60, timedelta(minutes=10)
"""Room for a round of introductions; nobody shakes more hands."""
DAILY, DAY = 300, timedelta(days=1)
BUSY_SECONDS = 5

UNSAID = Said()

Result = Literal["recorded", "repeated", "pending", "later", "refused"]
Reason = Literal["unknown", "own_badge", "outside_window", "paused", "invalid", "id_reused", "budget", "busy"]


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
                 attendee_id: int | None = None, way: str) -> list[Answer]:
    """Record scans of one browser, or of one attendee's program, and return an answer for each, in order.

    A browser is known by its id, or by the token of its cookie, which is looked up here. Rows are written in the
    order of pairs; in a batch each scan has a savepoint, so that one fault costs one scan.
    Raises Refusal 401 when the browser is nobody at any event.
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

    known = [_parties(found, me, claim) for claim in claims]
    answers: dict[int, Answer] = {}
    for index in sorted(range(len(claims)), key=lambda index: _pair(known[index])):
        parties, claim = known[index], claims[index]
        if parties is None:
            reason: Reason = "unknown" if claim.badge is not None else "invalid"
            answers[index] = Answer(claim.client_id, "refused", reason)
            continue
        one = _Recording(claim, *parties, received, browser_id, way)
        if len(claims) == 1:
            answers[index] = one.answer()
            continue
        try:
            with db.session.begin_nested():
                answers[index] = one.answer()
        except IntegrityError:
            answers[index] = Answer(claim.client_id, "later", "busy", BUSY_SECONDS)
    return [answers[index] for index in range(len(claims))]


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
        asks = (self.person.swap_policy == "ask" or not window.is_open(self.received)
                or (is_typed and window.is_over(self.received)))
        if asks or self.actor.swap_policy == "ask":
            settling.lock_pair(self.actor.id, self.person.id)
        if asks:
            asks = not settling.has_agreed(event_id, self.person.id, self.actor.id)
        moment = met_at(self.claim.said, self.received, window)
        row_id = db.connection().execute(_insert_scan(db.dialect()), {
            "event_id": event_id, "client_id": self.claim.client_id, "scanner_id": self.actor.id,
            "scanned_id": self.person.id, "browser_id": self.browser_id, "way": self.way,
            "offered": self.actor.gives, "said_at": self.claim.said.scanned_at, "received_at": self.received,
            "met_at": moment, "settled_at": None if asks else self.received,
        }).scalar()
        if row_id is None:
            return self._repeat() or self._answer("refused", "id_reused")
        wait = self._over_budget()
        if wait is not None:
            db.connection().execute(_DELETE, {"scan": row_id})
            return self._answer("later", "budget", retry_after=wait)
        if asks:
            return self._answer("pending")
        return self._answer("recorded", met=self._settle(moment))

    def _hindrance(self) -> Reason | None:
        if self.person.id == self.actor.id and self.found.is_living:
            return "own_badge"
        if not self.found.is_living:
            return "unknown"
        if not (self.found.window.is_open(self.received) or self.found.window.is_late(self.received)):
            return "outside_window"
        if self.person.swap_policy == "paused" or not self.actor.takes_part:
            return "paused"
        return None

    def _over_budget(self) -> int | None:
        if not budgets.spend(f"swaps-burst:attendee:{self.actor.id}", BURST, BURST_SPAN):
            return budgets.seconds_left(BURST_SPAN)
        if not budgets.spend(f"swaps:attendee:{self.actor.id}", DAILY, DAY):
            return budgets.seconds_left(DAY)
        return None

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
        given = settling.grants_between(self.found.event_id, self.person.id, self.actor.id)
        return self._answer("repeated", met=_met(self.person, self.actor, given) if self.person.id in given else None)

    def _answer(self, result: Result, reason: Reason | None = None, *, retry_after: int | None = None,
                met: Met | None = None) -> Answer:
        return Answer(self.claim.client_id, result, reason, retry_after, met, self.found.event_id, self.found.slug,
                      self.actor.id, self.person.id)


def visible_fields(person: Person, given: Sequence[str]) -> tuple[str, ...]:
    """Of the fields of a grant those that are still shared and have a value."""
    shown = fields.visible(person, (field for field in fields.granted(person, given) if field in given))
    return tuple(shown)


def _met(person: Person, actor: Person, given: dict[int, list[str]]) -> Met:
    return Met(person, visible_fields(actor, given.get(actor.id, ())), visible_fields(person, given[person.id]))


def _sentence(answer: Answer) -> str:
    if answer.met is not None:
        name = answer.met.person.badge_name
        if answer.met.gave:
            return _("%(name)s got your %(gave)s. You got %(got)s.", name=name, gave=fields.in_words(answer.met.gave),
                     got=fields.in_words(answer.met.got))
        return _("You got %(got)s of %(name)s.", name=name, got=fields.in_words(answer.met.got))
    return {
        "repeated": _("This scan arrived before. Nothing was doubled."),
        "pending": _("They decide whether to swap. You find them under People as soon as they say yes."),
        "budget": _("That is more swaps than one person makes. This one is kept and sent later."),
        "busy": _("We are busy. This scan is kept and sent again in a moment."),
        "unknown": _("We do not know this badge here. It may have been replaced: ask them to show their badge on "
                     "their phone, or let them scan you."),
        "own_badge": _("This is your own badge. Scan somebody else's."),
        "outside_window": _("Swaps are closed now. Write to the organizer if you want to reach somebody you met."),
        "paused": _("They do not swap cards at the moment. Ask them; they can change that on their card."),
        "invalid": _("This is not a badge of ours. Scan the code on a badge, or type the eight characters below it."),
        "id_reused": _("This scan has the number of another one, so it was not recorded. Scan the badge again."),
    }[answer.reason or answer.result]


@cache
def _insert_scan(_dialect: str) -> Any:
    return db.insert(Scan.__table__).on_conflict_do_nothing(index_elements=["scanner_id", "client_id"]).returning(
        Scan.__table__.c.id)


_DELETE = delete(Scan.__table__).where(Scan.__table__.c.id == bindparam("scan"))  # type: ignore[arg-type]
_SCANNED = select(Scan.__table__.c.scanned_id).where(
    Scan.__table__.c.scanner_id == bindparam("scanner"), Scan.__table__.c.client_id == bindparam("client"))
