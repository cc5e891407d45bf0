"""The command line of badges: what is listed is byte for byte what the printed QR codes hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eventnet import config, db
from eventnet.attendees import activation, roster
from eventnet.attendees.models import Attendee
from eventnet.badges import commands, issuing, printing
from tests.badges import papers
from tests.factories import Cast, make_event

Run = Callable[..., Result]


@pytest.fixture
def run(settings: config.Settings, cast: Cast) -> Run:
    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.group, list(arguments), obj=settings)
        db.connect(settings.database_url)  # the command closed the one of this test
        return result

    return invoke


def listed(run: Run, slug: str = "mixer") -> list[dict[str, object]]:
    result = run("list", "--event", slug, "--json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_list_has_the_fields_that_programs_rely_on(run: Run, cast: Cast, settings: config.Settings) -> None:
    rows = listed(run)
    assert [row["name"] for row in rows] == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]
    assert rows[2] == {
        "attendee_id": cast.ada.id, "name": "Ada Lovelace", "email": "ada@people.example",
        "badge_url": f"https://EV.EXAMPLE/B/{cast.token(cast.ada)}", "code": cast.code(cast.ada),
        "activation_url": f"https://ev.example/A/{activation.activation_token(settings.secret_key, cast.ada)}",
    }


def test_list_makes_missing_badges_and_keeps_the_others(run: Run, cast: Cast) -> None:
    with db.transaction():
        new = roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="import").id
    first = listed(run)
    assert first == listed(run)
    with db.reading():
        made = issuing.badge_of(cast.mixer.id, new)
        assert made is not None
        assert [row["code"] for row in first if row["attendee_id"] == new] == [made.code]


def test_list_shows_nothing_that_opens_for_whoever_does_not_take_part(run: Run, cast: Cast) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    [bob] = [row for row in listed(run) if row["attendee_id"] == cast.bob.id]
    assert (bob["name"], bob["badge_url"], bob["code"], bob["activation_url"]) == ("Bob Kahn", None, None, None)


def test_activation_urls_of_the_list_open_the_right_person(run: Run, settings: config.Settings) -> None:
    rows = listed(run)
    with db.reading():
        for row in rows:
            token = str(row["activation_url"]).rpartition("/")[2]
            found = activation.find_by_token(settings.secret_key, token)
            assert isinstance(found, Attendee)
            assert found.id == row["attendee_id"]


@pytest.mark.parametrize(("layout", "pages"), [("a4-sheet", 1), ("single", 3)])
def test_print_holds_what_list_says(run: Run, cast: Cast, tmp_path: Path, layout: str, pages: int) -> None:
    out = tmp_path / "badges.pdf"
    result = run("print", "--event", "mixer", "--out", str(out), "--layout", layout, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (
        0, {"file": str(out), "badges": 3, "pages": pages, "layout": layout})
    assert papers.qr_codes(out.read_bytes()) == sorted(str(row["badge_url"]) for row in listed(run))
    assert papers.pages(out.read_bytes()) == pages


def test_print_only_new_ones_the_second_time(run: Run, cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "badges.pdf"
    run("print", "--event", "mixer", "--out", str(out), "--only", "new")
    with db.transaction():
        roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="desk")
    second = run("print", "--event", "mixer", "--out", str(out), "--only", "new", "--json")
    assert json.loads(second.stdout)["badges"] == 1
    assert "Zoë Ahn" in papers.words(out.read_bytes())
    third = run("print", "--event", "mixer", "--out", str(out), "--only", "new")
    assert (third.exit_code, third.stderr) == (
        1, "The badges of all 4 attendees are printed already. Choose all badges to print them again.\n")
    again = run("print", "--event", "mixer", "--out", str(out), "--json")
    assert json.loads(again.stdout)["badges"] == 4


def test_print_blank_badges_can_be_bound(run: Run, cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "badges.pdf"
    run("print", "--event", "mixer", "--out", str(out))
    result = run("print", "--event", "mixer", "--out", str(out), "--only", "new", "--blank", "2", "--json")
    assert json.loads(result.stdout)["badges"] == 2
    with db.reading():
        found = [issuing.find_by_token(address.rpartition("/")[2]) for address in papers.qr_codes(out.read_bytes())]
        assert [(badge.event_id, badge.attendee_id) for badge in found if badge] == [(cast.mixer.id, None)] * 2


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--event", "mixer", "--layout", "a3"], "There is no badge layout “a3”. Choose one of: a4-sheet, single.\n"),
    (["--event", "nowhere"], ""),
    (["--event", "empty"], "Nobody is on the list yet, so there is no badge to print. Bring in the attendees first.\n"),
])
def test_print_refuses_with_a_sentence(run: Run, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    with db.transaction():
        make_event("empty")
    out = tmp_path / "badges.pdf"
    result = run("print", "--out", str(out), *arguments)
    assert (result.exit_code, out.exists()) == (1, False)
    assert result.stderr.strip() != ""
    assert not sentence or result.stderr == sentence


def test_print_into_a_folder_that_is_not_there_marks_nothing(run: Run, cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "missing" / "badges.pdf"
    result = run("print", "--event", "mixer", "--out", str(out))
    assert (result.exit_code, result.stderr) == (
        1, f"{out} cannot be written: No such file or directory. No badge counts as printed.\n")
    with db.reading():
        assert printing.counts(cast.mixer.id).printed == 0


def test_print_usage_error_is_exit_code_2(run: Run) -> None:
    assert run("print", "--event", "mixer").exit_code == 2
    assert run("print", "--event", "mixer", "--out", "x.pdf", "--only", "some").exit_code == 2
