"""Who met whom by name: pairs of whom both agreed, nobody else, and how many are withheld."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from eventnet import clock, config, db
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.cards import names
from eventnet.encounters import counting, naming
from eventnet.encounters.commands import group
from eventnet.encounters.models import Encounter
from eventnet.errors import Refusal
from eventnet.events import calendar
from eventnet.events.models import Event
from eventnet.overview import numbers
from tests.conftest import EVENING
from tests.factories import Cast, make_attendee


def meet(cast: Cast, one: Attendee, other: Attendee, minutes: int = 0) -> None:
    low, high = sorted((one.id, other.id))
    at = EVENING + timedelta(minutes=minutes)
    db.session.add(Encounter(event_id=cast.mixer.id, low_id=low, high_id=high, first_at=at, last_at=at, times=1))


@pytest.fixture
def met(cast: Cast) -> Cast:
    """Ada met Grace and Bob, Grace met Bob; Zoë came and met nobody. Under "pairs" all but Bob agreed."""
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.names_policy = "pairs"
        zoe = make_attendee(event, "Zoë Ahn", shared=[])
        meet(cast, cast.ada, cast.grace)
        meet(cast, cast.ada, cast.bob, 1)
        meet(cast, cast.grace, cast.bob, 2)
        for who in (cast.ada, cast.grace, zoe):
            names.agree(event.id, who.id, "pairs")
    return cast


def event_of(cast: Cast) -> Event:
    return db.session.get_one(Event, cast.mixer.id)


def pairs(cast: Cast) -> tuple[list[tuple[str, str]], int]:
    with db.reading():
        found = naming.pairs(event_of(cast))
    return [(pair.one.name, pair.other.name) for pair in found.rows], found.withheld


def test_pairs_are_those_of_whom_both_agreed(met: Cast) -> None:
    assert pairs(met) == ([("Ada Lovelace", "Grace Hopper")], 2)


@pytest.mark.parametrize("change", ["removed_at", "not_taking_part_at"])
def test_whoever_left_is_named_no_more(met: Cast, change: str) -> None:
    with db.transaction():
        setattr(db.session.get_one(Attendee, met.grace.id), change, clock.now())
    assert pairs(met) == ([], 3)


def test_yes_that_is_taken_back_leaves_no_pair(met: Cast) -> None:
    with db.transaction():
        names.take_back(met.mixer.id, met.ada.id)
    assert pairs(met) == ([], 3)


@pytest.mark.parametrize(("policy", "words"), [
    ("numbers", "were not told that organizers see who met whom by name"),
    ("alone", "organizers see who met nobody, not who met whom"),
])
def test_narrower_policy_refuses_at_once(met: Cast, policy: str, words: str) -> None:
    with db.transaction():
        calendar.change_event(met.mixer.id, {"names_policy": policy}, "command line")
    with db.reading():
        with pytest.raises(Refusal, match=words):
            naming.pairs(event_of(met))
        assert naming.met_by(event_of(met), met.ada.id) is None


def test_one_persons_list_names_only_who_agreed(met: Cast) -> None:
    with db.reading():
        found = naming.met_by(event_of(met), met.ada.id)
        assert found is not None
        assert [pair.other.name for pair in found] == ["Grace Hopper"]
        assert naming.met_by(event_of(met), met.bob.id) is None


@pytest.mark.parametrize(("policy", "expected"), [("pairs", ["Zoë Ahn"]), ("alone", ["Zoë Ahn"]), ("numbers", [])])
def test_met_nobody_names_only_who_agreed(met: Cast, policy: str, expected: list[str]) -> None:
    with db.transaction():
        make_attendee(event_of(met), "Silent Sam", checked_in_at=clock.now())
        calendar.change_event(met.mixer.id, {"names_policy": policy}, "command line")
    with db.reading():
        found, total = naming.met_nobody(event_of(met))
    assert ([who.name for who in found], total) == (expected, len(expected))


@pytest.mark.parametrize(("count", "sentence"), [
    (0, "No pair is withheld."), (1, "Fewer than five pairs are withheld: not both of them agreed to be seen by name."),
    (4, "Fewer than five pairs are withheld: not both of them agreed to be seen by name."),
    (5, "5 pairs are withheld: not both of them agreed to be seen by name."),
])
def test_withheld_pairs_are_told_from_five_on(count: int, sentence: str) -> None:
    assert naming.said_of_withheld(count) == sentence


def test_command_writes_the_pairs_and_says_what_is_withheld(
    met: Cast, tmp_path: Path, settings: config.Settings,
) -> None:
    out = tmp_path / "pairs.csv"
    said = CliRunner().invoke(
        group, ["export", "--event", "mixer", "--format", "csv", "--out", str(out)], obj=settings)
    db.connect(settings.database_url)
    assert (said.exit_code, "1 pairs by name. Fewer than five pairs are withheld" in said.output) == (0, True)
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8"))))
    assert rows[1:] == [["Ada Lovelace", "Analytical Engines", "Grace Hopper", "Navy", "2026-10-15T19:30+02:00",
                         "2026-10-15T19:30+02:00", "1"]]
    with db.reading():
        assert [(entry.act, entry.about) for entry in log.recent(met.mixer.id)][:1] == [
            ("encounters.exported", {"names": True})]


def test_graph_holds_the_names_of_those_who_agreed_alone(met: Cast) -> None:
    with db.transaction():
        db.session.get_one(Attendee, met.ada.id).badge_name = '=1+1<"&>'
    with db.reading():
        found = naming.pairs(event_of(met))
        text = naming.as_graphml(found, event_of(met))
        cells = naming.as_csv(found, event_of(met))
    assert [node.text for node in ET.fromstring(text).iter() if node.get("key") == "name"] == [
        '=1+1<"&>', "Grace Hopper"]
    assert next(csv.reader(io.StringIO(cells.splitlines()[1])))[0] == '\'=1+1<"&>'


def test_numbers_of_a_kind_cannot_be_computed_from_the_rest(cast: Cast) -> None:
    """30 pairs of attendees and 6 with speakers, of whom there are but two: both cells go, since the total is known."""
    with db.transaction():
        event = event_of(cast)
        crowd = [make_attendee(event, f"Guest {n}", email=f"g{n}@people.example") for n in range(12)]
        speakers = [make_attendee(event, f"Speaker {n}", email=f"s{n}@people.example", category="speaker")
                    for n in range(2)]
        done = 0
        for at, one in enumerate(crowd):
            for other in crowd[at + 1:]:
                if done < 30:
                    meet(cast, one, other)
                    done += 1
        for speaker in speakers:
            for guest in crowd[:3]:
                meet(cast, speaker, guest)
    with db.reading():
        found = counting.aggregate(event_of(cast))
    assert found.pairs == {("attendee", "attendee"): None, ("attendee", "speaker"): None}
    assert [number for _at, number in found.times] == [36]


def test_only_kind_of_pairs_is_not_named_when_its_number_is_withheld(cast: Cast) -> None:
    """Six pairs, all with the one speaker: the overview tells six, so the file must not tell of which kind."""
    with db.transaction():
        event = event_of(cast)
        speaker = make_attendee(event, "Speaker", category="speaker")
        for number in range(6):
            meet(cast, speaker, make_attendee(event, f"Guest {number}", email=f"g{number}@people.example"))
    with db.reading():
        found, overview = counting.aggregate(event_of(cast)), numbers.live(event.id, clock.now())
        text = counting.as_csv(found)
    assert (found.pairs, found.is_withheld, overview.encounters) == ({}, True, 6)
    assert "pairs who met,of which kinds is withheld," in text.splitlines()
    assert [line for line in text.splitlines() if " and " in line] == []


def test_file_and_overview_withhold_the_same_times(cast: Cast) -> None:
    """An hour of 20 in the file beside bins of 3 (withheld) and 17 on the page would tell the 3."""
    with db.transaction():
        event = event_of(cast)
        crowd = [make_attendee(event, f"Guest {n}", email=f"g{n}@people.example") for n in range(12)]
        couples = [(one, other) for at, one in enumerate(crowd) for other in crowd[at + 1:]]
        for number, (one, other) in enumerate(couples[:40]):
            meet(cast, one, other, minutes=0 if number < 3 else 10 if number < 20 else 70)
    with db.reading(), clock.stopped(event.ends_at):
        found, overview = counting.aggregate(event_of(cast)), numbers.live(event.id, clock.now())
    assert [number for _at, number in found.times] == [None, None, 20]
    assert [number for _at, number in found.times] == [bin_.count for bin_ in overview.swaps if bin_.count != 0]


def test_both_must_agree_negative_control(met: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the question who agreed, Bob stands in the list: the tests above would see it."""
    monkeypatch.setattr(naming, "is_shown", lambda event, who: who.event_id == event.id)
    assert [pair for pair in pairs(met)[0] if "Bob Kahn" in pair] == [
        ("Ada Lovelace", "Bob Kahn"), ("Grace Hopper", "Bob Kahn")]
