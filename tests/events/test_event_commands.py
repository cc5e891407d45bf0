"""eventnet event add: times of the zone or RFC 3339, an owner, sentences and exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from eventnet import config, db
from eventnet.events import calendar, privacy
from eventnet.events.commands import event
from tests.factories import Cast

GOOD = {"--name": "Autumn mixer", "--starts": "2026-11-05 18:00", "--ends": "2026-11-05T21:00:00Z",
        "--timezone": "Europe/Berlin"}


@pytest.fixture
def run(settings: config.Settings, cast: Cast):  # type: ignore[no-untyped-def]
    def invoke(slug: str, changes: dict[str, str] | None = None, *flags: str) -> Result:
        words = [word for pair in {**GOOD, **(changes or {})}.items() for word in pair]
        result = CliRunner().invoke(event, ["add", slug, *words, *flags], obj=settings)
        db.connect(settings.database_url)
        return result

    return invoke


def test_event_is_added_with_its_owner(run, cast: Cast) -> None:  # type: ignore[no-untyped-def]
    result = run("autumn", {"--organizer": "OLGA@organizers.example", "--venue": "Hall", "--controller": "Us",
                            "--controller-email": "us@organizers.example"})
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "Autumn mixer: https://ev.example/admin/e/autumn/")
    with db.reading():
        made = calendar.get_event("autumn")
        assert (made.starts_at, made.ends_at, made.venue, made.controller) == (
            datetime(2026, 11, 5, 17, tzinfo=UTC), datetime(2026, 11, 5, 21, tzinfo=UTC), "Hall", "Us")
        assert ("autumn", "owner") in [(found.slug, role) for found, role in calendar.events_of(cast.olga.id)]


def test_event_is_told_as_json(run) -> None:  # type: ignore[no-untyped-def]
    result = run("autumn", None, "--json")
    said = json.loads(result.output)
    assert isinstance(said.pop("event_id"), int)
    assert said == {
        "slug": "autumn", "starts_at": "2026-11-05T17:00:00+00:00", "ends_at": "2026-11-05T21:00:00+00:00",
        "filled_in": {
            "controller": "Spring mixer", "controller_email": "events@ev.example", "legal_basis": "interests",
            "purpose": "So that people who meet at the event can exchange cards by scanning badges, see later whom "
                       "they met, and get one summary by mail.", "hosting": "The server ev.example."}}
    with db.reading():
        assert privacy.missing(calendar.get_event("autumn")) == []


def test_what_was_filled_in_is_said_with_where_to_change_it(run) -> None:  # type: ignore[no-untyped-def]
    result = run("autumn", {"--organizer": "olga@organizers.example", "--controller": "Us"})
    assert result.output.splitlines()[1:] == [
        "Filled in for its privacy page; read and change it at https://ev.example/admin/e/autumn/settings#data",
        "  their e-mail address: olga@organizers.example",
        "  what the data is for: So that people who meet at the event can exchange cards by scanning badges, see later "
        "whom they met, and get one summary by mail.",
        "  the legal basis: Legitimate interest: running the event for those who registered",
        "  where the server stands: The server ev.example.",
    ]


def test_contact_is_the_newer_name_of_controller_email(run) -> None:  # type: ignore[no-untyped-def]
    said = json.loads(run("autumn", {"--contact": "us@organizers.example"}, "--json").output)
    assert "controller_email" not in said["filled_in"]
    with db.reading():
        assert calendar.get_event("autumn").controller_email == "us@organizers.example"


@pytest.mark.parametrize(("slug", "changes", "sentence"), [
    ("mixer", {}, "There is already an event called mixer. Choose another short name."),
    ("Bad Slug", {}, "The short name is part of addresses"),
    ("autumn", {"--timezone": "Mars/Olympus"}, "'Mars/Olympus' is not a time zone. Write for example Europe/Berlin."),
    ("autumn", {"--starts": "tomorrow"}, "'tomorrow' is not a time. Write it as 2026-10-15 18:00."),
    ("autumn", {"--starts": "2026-03-29 02:30", "--ends": "2026-03-29 09:00"}, "02:30 does not exist on 2026-03-29"),
    ("autumn", {"--ends": "2026-11-05 17:00"}, "The event ends before it starts. Check both times."),
    ("autumn", {"--organizer": "nobody@organizers.example"}, "nobody@organizers.example is not an organizer here."),
    ("autumn", {"--controller-email": "x"}, "x is not an e-mail address."),
])
def test_refused_event_says_why_and_leaves_nothing(  # type: ignore[no-untyped-def]
    run, slug: str, changes: dict[str, str], sentence: str,
) -> None:
    result = run(slug, changes)
    assert result.exit_code == 1
    assert sentence in result.output
    with db.reading():
        assert calendar.find_event("autumn") is None


def test_time_that_comes_twice_is_told_on_the_side(run) -> None:  # type: ignore[no-untyped-def]
    result = run("autumn", {"--starts": "2026-10-24 20:00", "--ends": "2026-10-25 02:30"}, "--json")
    assert result.exit_code == 0
    assert "the second one is meant (UTC+01:00)" in result.stderr
    assert json.loads(result.stdout)["ends_at"] == "2026-10-25T01:30:00+00:00"


def test_missing_option_is_a_usage_error(settings: config.Settings) -> None:
    result = CliRunner().invoke(event, ["add", "autumn"], obj=settings)
    assert (result.exit_code, "Missing option '--name'" in result.output) == (2, True)
