"""What an attendee shares: reads a card and records every yes and every no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from eventnet import clock, db, words
from eventnet.attendees import roster
from eventnet.attendees.models import Attendee
from eventnet.badges import issuing
from eventnet.cards import granting, late_ticks
from eventnet.cards.fields import CHOSEN_FIELDS, WORDING
from eventnet.cards.models import Card, Consent
from eventnet.events.models import Event
from eventnet.outbox import planning

SUGGEST_ME = "suggest_me"


@dataclass(frozen=True)
class Choice:
    """Everything the card screen asks. `shared` names chosen fields beyond the badge.

    `tells`: whoever has a field that is taken back here reads on my page that it was.
    """

    shared: tuple[str, ...] = ()
    suggest_me: bool = False
    swap_policy: str = "at_once"
    looking_for: str = ""
    offering: str = ""
    interests: str = ""
    summary_email: str = ""
    summary_detail: str = "full"
    tells: bool = False


def card_of(attendee_id: int) -> Card | None:
    """The card of an attendee; None before they chose anything."""
    return db.session.get(Card, attendee_id)


def starting_policy(event: Event, attendee: Attendee) -> str:
    """What "when someone scans me" begins with: the event's choice, but speakers and staff are asked."""
    if attendee.category in ("speaker", "staff") and event.swap_policy == "at_once":
        return "ask"
    return event.swap_policy


def choose(event_id: int, attendee_id: int, choice: Choice, details: Mapping[str, str] | None = None) -> Card:
    """Set the card to this choice, with one consent row for every tick given or taken back; sees to a badge.

    `details` are the attendee's own corrections of phone, organization and so on. The words agreed to are the
    current WORDING in the language being spoken. Doing the same again changes nothing but `changed_at`.
    A field that is taken back is gone from everybody who had it; ticked again, or later, it reaches people met before
    only by the answer to one question (see late_ticks).
    Raises NotFound for an attendee who is not there.
    """
    attendee = roster.get(event_id, attendee_id)
    if details:
        roster.change(event_id, attendee_id, dict(details), by="attendee")
    now = clock.now()
    card = _own(attendee)
    shared = [field for field in CHOSEN_FIELDS if field in choice.shared]
    issuing.ensure(event_id, [attendee_id])
    gone, added = set(card.shared) - set(shared), set(shared) - set(card.shared)
    if (gone or (card.suggest_me_at is not None and not choice.suggest_me)
            or (card.summary_email, card.summary_detail) != (choice.summary_email, choice.summary_detail)):
        # Mails that are written and wait would still tell the others what was just taken back.
        planning.recompose(event_id, None)
    _record(attendee, {*shared, *([SUGGEST_ME] if choice.suggest_me else [])})
    # What is ticked anew is taken from grants, too: a swap in the moment of unticking may have left it there.
    granting.take_back_from_everybody(event_id, attendee_id, gone, told=choice.tells)
    granting.take_back_from_everybody(event_id, attendee_id, added, told=False)
    card.shared = shared
    card.suggest_me_at = (card.suggest_me_at or now) if choice.suggest_me else None
    card.swap_policy = choice.swap_policy
    card.looking_for, card.offering, card.interests = choice.looking_for, choice.offering, choice.interests
    card.summary_email, card.summary_detail = choice.summary_email, choice.summary_detail
    card.wording = WORDING
    card.agreed_at = card.agreed_at or now
    card.changed_at = now
    db.session.flush()
    card.undecided = late_ticks.undecided(event_id, attendee_id, [
        field for field in shared if field in added or field in card.undecided])
    db.session.flush()
    return card


def take_everything_back(event_id: int, attendee_id: int, *, told: bool, name_too: bool = False) -> int:
    """Switch every tick off and take what was given back from everybody; returns from how many people.

    `name_too`: the name, too, where nobody wrote something about me. Being suggested ends as well.
    """
    attendee = roster.get(event_id, attendee_id)
    card = _own(attendee)
    now = clock.now()
    planning.recompose(event_id, None)
    _record(attendee, set())
    card.shared, card.undecided, card.suggest_me_at, card.changed_at = [], [], None, now
    db.session.flush()
    return granting.take_back_from_everybody(event_id, attendee_id, told=told, name_too=name_too)


def consents_of(event_id: int, attendee_id: int) -> list[Consent]:
    """Every yes of an attendee, the latest first, with the words' version, the language and the times."""
    return list(db.session.scalars(
        select(Consent).where(Consent.event_id == event_id, Consent.attendee_id == attendee_id)
        .order_by(Consent.given_at.desc(), Consent.id.desc())))


def set_policy(event_id: int, attendee_id: int, swap_policy: str) -> None:
    """Change only what happens when someone scans me; agreeing to share is a separate act and stays as it is."""
    card = _own(roster.get(event_id, attendee_id))
    card.swap_policy, card.changed_at = swap_policy, clock.now()


def _own(attendee: Attendee) -> Card:
    # Two first saves at once: the second finds the row of the first instead of failing.
    event = db.session.get_one(Event, attendee.event_id)
    db.session.execute(db.insert(Card).values(
        attendee_id=attendee.id, event_id=attendee.event_id, shared=[], wording="", changed_at=clock.now(),
        swap_policy=starting_policy(event, attendee), looking_for="", offering="", interests="", summary_email="",
        summary_detail="full",
    ).on_conflict_do_nothing(index_elements=["attendee_id"]))
    return db.session.scalars(select(Card).where(Card.attendee_id == attendee.id).with_for_update()).one()


def _record(attendee: Attendee, ticked: set[str]) -> None:
    """Keep each living yes that still holds in today's words; end the others; write a row for each new one."""
    now, language = clock.now(), words.language()
    living = db.session.scalars(select(Consent).where(
        Consent.event_id == attendee.event_id, Consent.attendee_id == attendee.id, Consent.withdrawn_at.is_(None)))
    kept = set()
    for consent in living:
        if consent.field in ticked and consent.wording == WORDING:
            kept.add(consent.field)
        else:
            consent.withdrawn_at = now
    db.session.add_all(
        Consent(event_id=attendee.event_id, attendee_id=attendee.id, field=field, wording=WORDING, language=language,
                given_at=now)
        for field in sorted(ticked - kept))
