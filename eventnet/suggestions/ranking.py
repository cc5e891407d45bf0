"""Suggestions of a whole event at once, or the follow-up order of one attendee."""

from __future__ import annotations

from eventnet.events import programme
from eventnet.suggestions import facts, following, meeting
from eventnet.suggestions.facts import Facts
from eventnet.suggestions.picks import Picks


def for_event(event_id: int) -> dict[int, Picks]:
    """What is picked for every attendee who takes part, by id. Six statements; the rest is arithmetic."""
    return rank(facts.of_event(event_id))


def for_attendee(event_id: int, attendee_id: int) -> Picks:
    """The follow-up order of one attendee, the same as in `for_event`, from what is around them alone.

    Whom to meet is decided for everybody at once (nobody may be shown too often), so it is empty here.
    """
    near = facts.around(event_id, attendee_id)
    here = following.Standpoint(near)
    return Picks(follow_up=dict(following.follow_ups(here, [attendee_id])).get(attendee_id, ()))


def item_titles(event_id: int) -> dict[int, str]:
    """The titles that reasons about a shared session name, by programme item."""
    return {item.id: item.title for item in programme.items(event_id)}


def rank(known: Facts) -> dict[int, Picks]:
    """As for_event, from facts that were read already."""
    if not known.people:
        return {}
    here = following.Standpoint(known)
    there = meeting.Meeting(here)
    should_meet = there.suggestions()
    talked = {known.people[me]: others for me, others in there.talked.items()}
    return {
        person: Picks(order, talked.get(person, ()), should_meet.get(person, ()))
        for person, order in following.follow_ups(here, list(known.people))
    }
