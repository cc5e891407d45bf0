"""What was ticked after people were met: it reaches them only after one question, asked once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from eventnet import db
from eventnet.cards import granting, receipts
from eventnet.cards.fields import CHOSEN_FIELDS
from eventnet.cards.granting import Given
from eventnet.cards.models import Card


@dataclass(frozen=True, slots=True)
class Question:
    """Fields that were ticked later, and those who were met before and lack one of them."""

    fields: tuple[str, ...]
    people: tuple[Given, ...]


def find_question(event_id: int, giver_id: int) -> Question | None:
    """Whom to give what was ticked after we met; None when nothing is to be decided."""
    card = db.session.get(Card, giver_id)
    if card is None or card.event_id != event_id or not card.undecided:
        return None
    asked = tuple(name for name in CHOSEN_FIELDS if name in card.undecided)
    people = tuple(one for one in granting.settled(event_id, giver_id) if _lacks(one, asked))
    return Question(asked, people) if people else None


def undecided(event_id: int, giver_id: int, fields: Sequence[str]) -> list[str]:
    """Of these fields those that somebody met before lacks, so that there is something to decide."""
    people = granting.settled(event_id, giver_id) if fields else []
    return [name for name in fields if any(_lacks(one, [name]) for one in people)]


def answer(event_id: int, giver_id: int, receiver_ids: Collection[int] | None) -> int:
    """Answer the question: everybody (None) or these people get the fields it is about; returns how many got some.

    It is not asked again; a page that was open meanwhile gives nothing.
    """
    card = db.session.scalars(
        select(Card).where(Card.event_id == event_id, Card.attendee_id == giver_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    question = find_question(event_id, giver_id)
    if card is not None:
        card.undecided = []
    if question is None:
        return 0
    chosen: dict[tuple[str, ...], list[int]] = {}
    for one in question.people:
        if receiver_ids is None or one.person_id in receiver_ids:
            chosen.setdefault(_lacks(one, question.fields), []).append(one.person_id)
    return sum(granting.give(event_id, giver_id, people, fields) for fields, people in sorted(chosen.items()))


def _lacks(one: Given, fields: Sequence[str]) -> tuple[str, ...]:
    """What of these somebody I met does not have. What I took back from them alone is decided, and an undone swap
    that left the name is no meeting."""
    if one.fields == ("name",):
        return ()
    held = receipts.held_back(one.entries)
    return tuple(name for name in fields if name not in one.fields and name not in held)
