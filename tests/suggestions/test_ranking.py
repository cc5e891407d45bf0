"""Suggestions of a whole event, from rows in the database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event as sqlalchemy_event

from eventnet import clock, config, db
from eventnet.attendees.models import Attendee
from eventnet.events.models import Event
from eventnet.suggestions import commands, facts, ranking
from eventnet.suggestions.picks import Picks
from tests.factories import make_attendee, make_event
from tests.summaries.evenings import attend, make_item, meet, write

AT = datetime(2026, 10, 15, 17, 0, tzinfo=UTC)


@pytest.fixture
def mixer(database: db.Database, evening: datetime) -> Event:
    with db.transaction():
        return make_event()


def person(mixer: Event, name: str, *, looking: str = "", offering: str = "", interests: str = "",
           suggest: bool = True) -> Attendee:
    return make_attendee(mixer, name, shared=["email"], suggest=suggest, card={
        "looking_for": looking, "offering": offering, "interests": interests})


def ranked(event_id: int) -> dict[int, Picks]:
    with db.reading():
        return ranking.for_event(event_id)


def shown(picks: Picks) -> dict[int, list[str]]:
    return {pick.attendee_id: [reason.kind for reason in pick.reasons] for pick in picks.should_meet}


def test_seeker_and_offerer_are_shown_to_each_other_with_the_reason(mixer: Event) -> None:
    with db.transaction():
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors")
        grace = person(mixer, "Grace Hopper", offering="mentoring in kernels")
    found = ranked(mixer.id)
    assert shown(found[ada.id]) == {grace.id: ["offers"]}
    assert shown(found[grace.id]) == {ada.id: ["looks"]}


def test_somebody_who_did_not_tick_is_never_shown_and_is_shown_others(mixer: Event) -> None:
    with db.transaction():
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors", suggest=False)
        grace = person(mixer, "Grace Hopper", offering="mentoring in kernels")
    found = ranked(mixer.id)
    assert shown(found[ada.id]) == {grace.id: ["offers"]}
    assert shown(found[grace.id]) == {}


@pytest.mark.parametrize("gone", ["not_taking_part_at", "removed_at"])
def test_somebody_who_left_is_not_shown(mixer: Event, gone: str) -> None:
    with db.transaction():
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors")
        grace = person(mixer, "Grace Hopper", offering="mentoring in kernels")
        setattr(grace, gone, clock.now())
    found = ranked(mixer.id)
    assert shown(found[ada.id]) == {}
    assert grace.id not in found


def test_somebody_one_met_is_followed_up_and_not_shown_again(mixer: Event) -> None:
    with db.transaction():
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors")
        grace = person(mixer, "Grace Hopper", offering="mentoring in kernels")
        meet(ada, grace)
    found = ranked(mixer.id)[ada.id]
    assert shown(found) == {}
    assert [(pick.attendee_id, [r.kind for r in pick.reasons]) for pick in found.follow_up] == [(grace.id, ["offers"])]


def test_who_looks_for_work_is_told_to_nobody(mixer: Event) -> None:
    with db.transaction():
        seeker = person(mixer, "Ada Lovelace", looking="a job in kernels")
        person(mixer, "Grace Hopper", offering="kernels")
        recruiter = person(mixer, "Bob Kahn", offering="hiring for kernels")
    found = ranked(mixer.id)
    assert shown(found[recruiter.id]).get(seeker.id, ["open"]) == ["open"], "only the floor, never the search"
    assert shown(found[seeker.id])[recruiter.id] == ["offers"]


def test_same_session_needs_both_to_have_said_so(mixer: Event) -> None:
    with db.transaction():
        ada, grace, bob = (person(mixer, name) for name in ("Ada Lovelace", "Grace Hopper", "Bob Kahn"))
        storage, grids = make_item(mixer, "Storage", AT), make_item(mixer, "Grids", AT)
        attend(storage, ada, grace)
        attend(grids, bob)
    found = shown(ranked(mixer.id)[ada.id])
    assert found == {grace.id: ["session"], bob.id: ["open"]}


def test_follow_up_puts_promises_first_then_stars_then_the_rest(mixer: Event) -> None:
    with db.transaction():
        # The starred one fits as well as can be, so that their score is the highest; a promise still comes first.
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors")
        others = [person(mixer, f"Person{i} Example", offering="kernel mentors" if i == 2 else "") for i in range(6)]
        for i, other in enumerate(others):
            meet(ada, other, AT + timedelta(minutes=i))
        write(ada, others[4], promise="the paper")
        write(ada, others[2], starred=True)
    order = [pick.attendee_id for pick in ranked(mixer.id)[ada.id].follow_up]
    assert order[:3] == [others[4].id, others[2].id, others[5].id], "promise, star, then the latest"


def test_one_attendee_alone_gets_the_order_of_the_whole_event(crowd: Event) -> None:
    whole = ranked(crowd.id)
    with db.reading():
        for attendee_id in list(whole)[:20]:
            assert ranking.for_attendee(crowd.id, attendee_id).follow_up == whole[attendee_id].follow_up


@pytest.fixture
def crowd(mixer: Event) -> Event:
    """Eighty people in five rounds of sixteen; in each round everybody met a third of the others."""
    with db.transaction():
        people = [person(mixer, f"Person{i} Example", suggest=i % 4 != 3) for i in range(80)]
        for i, one in enumerate(people):
            for j in range(i + 1, 80):
                if i // 16 == j // 16 and (i * 7 + j * 3) % 3 == 0:
                    meet(one, people[j], AT + timedelta(minutes=(i * j) % 120))
    return mixer


def test_nobody_is_shown_too_often_and_nobody_who_ticked_never(crowd: Event) -> None:
    found = ranked(crowd.id)
    exposure = Counter(pick.attendee_id for picks in found.values() for pick in picks.should_meet)
    assert set(exposure) == ticked(crowd.id)
    assert max(exposure.values()) <= 10
    assert min(exposure.values()) >= 2
    assert max(len(picks.should_meet) for picks in found.values()) <= 5


def ticked(event_id: int) -> set[int]:
    with db.reading():
        return {i for i, profile in facts.of_event(event_id).profiles.items() if profile.ticked}


def test_contacts_in_common_are_told_in_a_crowd_and_not_in_a_small_event(crowd: Event) -> None:
    found = ranked(crowd.id)
    assert {"common"} <= {kind for picks in found.values() for kinds in shown(picks).values() for kind in kinds}
    with db.transaction():
        for attendee in db.session.query(Attendee).filter(Attendee.id % 2 == 0).all():
            attendee.removed_at = clock.now()
    small = ranked(crowd.id)
    assert "common" not in {kind for picks in small.values() for kinds in shown(picks).values() for kind in kinds}


def test_did_you_talk_names_at_most_three_who_ticked(crowd: Event) -> None:
    found = ranked(crowd.id)
    talked = {i: picks.did_you_talk for i, picks in found.items() if picks.did_you_talk}
    assert talked
    for attendee_id, others in talked.items():
        met = {pick.attendee_id for pick in found[attendee_id].follow_up}
        assert len(others) <= 3
        assert set(others) <= ticked(crowd.id) - met - {attendee_id}


@pytest.fixture
def statements(database: db.Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sqlalchemy_event.listen(database.reader, "before_cursor_execute", note)
    yield seen
    sqlalchemy_event.remove(database.reader, "before_cursor_execute", note)


def test_event_is_read_in_six_statements_whatever_its_size(mixer: Event, statements: list[str]) -> None:
    with db.transaction():
        meet(person(mixer, "Ada Lovelace"), person(mixer, "Grace Hopper"))
    statements.clear()
    ranked(mixer.id)
    few = [one for one in statements if one.startswith("SELECT")]
    with db.transaction():
        for i in range(20):
            meet(person(mixer, f"Person{i} Example"), person(mixer, f"Friend{i} Example"))
    statements.clear()
    ranked(mixer.id)
    assert len([one for one in statements if one.startswith("SELECT")]) == len(few) == 6


def test_list_command_prints_the_contract(mixer: Event, settings: config.Settings) -> None:
    with db.transaction():
        ada = person(mixer, "Ada Lovelace", looking="kernel mentors")
        grace = person(mixer, "Grace Hopper", offering="mentoring in kernels")
        bob = person(mixer, "Bob Kahn", suggest=False)
        meet(ada, bob)
    result = CliRunner().invoke(commands.group, ["list", "--event", "mixer", "--json"], obj=settings)
    assert result.exit_code == 0, result.output
    found = {row["attendee_id"]: row for row in json.loads(result.stdout)}
    assert set(found) == {ada.id, grace.id, bob.id}
    assert [pick["attendee_id"] for pick in found[ada.id]["follow_up"]] == [bob.id]
    assert [(pick["attendee_id"], pick["reasons"]) for pick in found[ada.id]["should_meet"]] == [
        (grace.id, ["What they offer fits you."])]
    assert found[ada.id]["did_you_talk"] == []


def test_list_command_refuses_an_unknown_event(database: db.Database, settings: config.Settings) -> None:
    result = CliRunner().invoke(commands.group, ["list", "--event", "nowhere", "--json"], obj=settings)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nowhere" in result.stderr
