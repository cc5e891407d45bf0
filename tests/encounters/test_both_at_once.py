"""A scans B while B scans A: in every order of arrival, repeated or late, one encounter with both directions."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.cards.models import Grant
from eventnet.encounters import recording
from eventnet.encounters.models import Encounter, Scan
from eventnet.encounters.recording import Claim
from eventnet.encounters.times import Said
from tests.factories import EVENING, Cast, make_attendee

MINUTE = timedelta(minutes=1)
# Who scans (0 or 1) and when; each arrives twice: an answer was lost.
BOTH_ORDERS = (((0, 0), (1, 1)), ((0, 1), (1, 0)), ((0, 0), (1, 0)), ((0, 0), (1, 1), (0, 5)))
POLICIES = (("at_once", "at_once"), ("ask", "at_once"), ("ask", "ask"))


def pair(cast: Cast, policies: Sequence[str]) -> list[tuple[Attendee, BadgeReference]]:
    with db.transaction() as session:
        people = [make_attendee(cast.mixer, f"Person {uuid.uuid4()}", shared=["email"], swap_policy=policy)
                  for policy in policies]
        session.flush()
        tokens = {badge.attendee_id: badge.token for badge in session.scalars(
            select(Badge).where(Badge.attendee_id.in_([one.id for one in people])))}
    return [(one, BadgeReference("token", tokens[one.id])) for one in people]


def outcome(ids: Sequence[int]) -> tuple[list[tuple[datetime, datetime, bool, bool]], int, int]:
    """The encounter (first, last, both directions), scans, and grants between the two."""
    with db.reading() as session:
        met = session.scalars(select(Encounter).where(Encounter.low_id.in_(ids), Encounter.high_id.in_(ids))).all()
        scans = session.query(Scan).filter(Scan.scanner_id.in_(ids)).count()
        grants = session.query(Grant).filter(Grant.giver_id.in_(ids), Grant.receiver_id.in_(ids)).count()
    return [(one.first_at, one.last_at, one.low_scanned, one.high_scanned) for one in met], scans, grants


@pytest.mark.parametrize("policies", POLICIES)
@pytest.mark.parametrize("acts", BOTH_ORDERS)
def test_every_order_of_arrival_is_one_encounter_with_both_directions(
    cast: Cast, policies: tuple[str, str], acts: tuple[tuple[int, int], ...]
) -> None:
    arrivals = [(number, *act) for number, act in enumerate(acts)] * 2
    orders = set(itertools.permutations(arrivals)) if len(acts) == 2 else list(itertools.permutations(arrivals[:3]))
    times = [EVENING - 20 * MINUTE + minute * MINUTE for _who, minute in acts]
    for order in orders:
        two = pair(cast, policies)
        numbers = [str(uuid.uuid4()) for _act in acts]
        for place, (number, who, _minute) in enumerate(order):
            claim = Claim(numbers[number], two[1 - who][1], None, Said(scanned_at=times[number]))
            # Each arrival is some minutes after the one before: both were without network for a while.
            with clock.stopped(EVENING + place * 3 * MINUTE), db.transaction():
                recording.record_scan(claim, attendee_id=two[who][0].id, way="scanner")
        assert outcome([one.id for one, _badge in two]) == (
            [(min(times), max(times), True, True)], len(acts), 2), order


def test_one_direction_alone_is_one_direction(cast: Cast) -> None:
    """Negative control: the flags and the times above come from the scans, not from the pair."""
    two = pair(cast, POLICIES[0])
    with db.transaction():
        recording.record_scan(Claim(str(uuid.uuid4()), two[1][1], None, Said(scanned_at=EVENING - MINUTE)),
                              attendee_id=two[0][0].id, way="scanner")
    (met,), scans, grants = outcome([one.id for one, _badge in two])
    assert (met[:2], sorted(met[2:]), scans, grants) == ((EVENING - MINUTE, EVENING - MINUTE), [False, True], 1, 2)
