"""Whether organizers may see by name whom an attendee met: the words, the answer, and whose names may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from eventnet import clock, db, words
from eventnet.cards.fields import WORDING
from eventnet.cards.models import Card, NamesAnswer
from eventnet.errors import Refusal
from eventnet.events.models import NAMES_POLICIES, Event
from eventnet.words import gettext as _


def said(policy: str) -> str:
    """What the card screen says before somebody agrees, word for word. A change needs a new WORDING."""
    return {
        "numbers": _("The organizers see how many people met, never who met whom."),
        "alone": _("The organizers see by name who met nobody, so that they can help. They do not see who met whom."),
        "pairs": _("The organizers see by name whom you met and when. They do not see your notes."),
    }[policy]


def asked(policy: str) -> str:
    """The question to those who agreed before the organizers wanted to see this much."""
    return {
        "alone": _("May the organizers see your name if you met nobody, so that they can help?"),
        "pairs": _("May the organizers see by name whom you met and when? They do not see your notes."),
    }[policy]


def answer_of(event_id: int, attendee_id: int) -> NamesAnswer | None:
    """The living answer of an attendee; None before they gave any."""
    return db.session.scalar(select(NamesAnswer).where(
        NamesAnswer.event_id == event_id, NamesAnswer.attendee_id == attendee_id, NamesAnswer.ended_at.is_(None)))


def agreed_now(event: Event, answer: NamesAnswer | None) -> str:
    """What an attendee agrees to as the policy stands: never wider than it, nor than what they read when answering."""
    found = "numbers"
    for level in NAMES_POLICIES[1:]:
        if _counts(event, answer, level):
            found = level
    return found


def open_question(event: Event, attendee_id: int) -> str | None:
    """The policy an attendee is still to be asked about: it became wider after they agreed to their card."""
    policy = event.names_policy
    since = event.names_since(policy)
    if policy == "numbers" or since is None:
        return None
    card = db.session.get(Card, attendee_id)
    if card is None or card.agreed_at is None:
        return None  # the card screen says it before they agree
    answer = answer_of(event.id, attendee_id)
    was_asked = answer is not None and answer.answered_at >= since and not _is_wider(policy, answer.asked)
    return None if was_asked else policy


def on_card(event: Event, attendee_id: int) -> dict[str, object]:
    """What the card screen says: the policy and its words, whether it asks now, and whether they agreed."""
    policy = event.names_policy
    if policy == "numbers":
        return {"policy": policy, "said": said(policy), "asks": False, "is_yes": False}
    return {"policy": policy, "said": said(policy), "question": asked(policy),
            "asks": open_question(event, attendee_id) is not None,
            "is_yes": agreed_now(event, answer_of(event.id, attendee_id)) == policy}


def agree(event_id: int, attendee_id: int, shown: str) -> None:
    """Keep what somebody agreed to with their card: the policy that stood on their screen, as far as it still holds.

    If it became wider while they read, they are asked about that later.
    """
    event = db.session.get_one(Event, event_id)
    shown = shown if shown in NAMES_POLICIES else "numbers"
    agreed = event.names_policy if _is_wider(shown, event.names_policy) else shown
    _keep(event_id, attendee_id, shown, agreed)


def say(event_id: int, attendee_id: int, shown: str, *, is_yes: bool) -> str:
    """Keep an answer to the question on the screen; returns what is agreed to now.

    A no to more than what was agreed to before keeps that; a no to the same takes it back. Raises Refusal if the
    policy changed while they read.
    """
    event = db.session.get_one(Event, event_id)
    if shown != event.names_policy:
        raise Refusal(_("The organizers changed what they ask while this page was open. Read it and answer "
                        "again."), reason="names_policy")
    before = agreed_now(event, answer_of(event_id, attendee_id))
    agreed = shown if is_yes else before if before != shown else "numbers"
    _keep(event_id, attendee_id, shown, agreed)
    return agreed


def take_back(event_id: int, attendee_id: int) -> None:
    """End whatever was agreed to, together with all else that was shared; nothing if there was no answer."""
    answer = answer_of(event_id, attendee_id)
    if answer is not None and answer.agreed != "numbers":
        _keep(event_id, attendee_id, db.session.get_one(Event, event_id).names_policy, "numbers")


def may_be_named(event: Event, level: str, attendee_id: InstrumentedAttribute[int] | ColumnElement[int]
                 ) -> ColumnElement[bool]:
    """SQL: whether organizers may see this attendee by name at `level`, "alone" or "pairs"."""
    since = event.names_since(level)
    if since is None or event.names_policy == "numbers":
        return false()
    return exists().where(and_(
        NamesAnswer.event_id == event.id, NamesAnswer.attendee_id == attendee_id, NamesAnswer.ended_at.is_(None),
        NamesAnswer.agreed.in_(NAMES_POLICIES[NAMES_POLICIES.index(level):]), NamesAnswer.answered_at >= since))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many with a card agreed to the present policy, said no, or have not answered. None: fewer than five."""

    agreed: int | None
    others: int | None


def tally(event: Event) -> Tally | None:
    """How far the policy reaches; None where there is nothing to agree to."""
    if event.names_policy == "numbers":
        return None
    is_named = may_be_named(event, event.names_policy, Card.attendee_id)
    agreed, all_ = db.session.execute(
        select(func.count().filter(is_named), func.count())
        .where(Card.event_id == event.id, Card.agreed_at.is_not(None))).one()
    others = all_ - agreed
    return Tally(agreed, others) if not 0 < agreed < 5 and not 0 < others < 5 else Tally(None, None)


def _counts(event: Event, answer: NamesAnswer | None, level: str) -> bool:
    since = event.names_since(level)
    return (answer is not None and since is not None
            and NAMES_POLICIES.index(answer.agreed) >= NAMES_POLICIES.index(level) and answer.answered_at >= since)


def _is_wider(policy: str, other: str) -> bool:
    return NAMES_POLICIES.index(policy) > NAMES_POLICIES.index(other)


def _keep(event_id: int, attendee_id: int, asked_policy: str, agreed: str) -> None:
    now = clock.now()
    db.session.execute(update(NamesAnswer).where(
        NamesAnswer.event_id == event_id, NamesAnswer.attendee_id == attendee_id, NamesAnswer.ended_at.is_(None),
    ).values(ended_at=now))
    # Two taps at once: the first one's answer stands.
    db.session.execute(db.insert(NamesAnswer).values(
        event_id=event_id, attendee_id=attendee_id, asked=asked_policy, agreed=agreed, wording=WORDING,
        language=words.language(), answered_at=now).on_conflict_do_nothing())
