"""What nobody should send, sent to every route: an answer with a sentence, never a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from eventnet.web import numbers
from tests.clients import Client
from tests.factories import Cast
from tests.security import doors

HUGE = "9" * 30
NAUGHTY = (
    "", HUGE, "²", "x" * 70_000, "' OR 1=1 --%_\\", "\u202e{{ 7*7 }}%(name)s{0}<script>", "a\r\nBcc: v@x.example\x07",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "//evil.example", "0001-01-01T00:00",
)
ROUNDS = 2
FIELDS = (
    "q page code next removed done show layout batch only kind name starred note promise tags answer person_id email "
    "password item swap_policy shared label instead_of scan_id opened_at act sure List-Unsubscribe verdict expected "
    "again blank source csv registered_name badge_name given_name family_name category title organization phone "
    "linkedin website school programme class_year language takes_part slug zone starts_at ends_at starts ends venue "
    "controller controller_email region retention_months retention swaps_open_at swaps_close_at looking_for offering "
    "interests suggest_me summary_email summary_detail edit"
).split()


def rules(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule


def addresses(app: Flask, cast: Cast, rule: Rule, value: str) -> Iterator[str]:
    """The address with `value` in one place and what exists in all others."""
    known = {"slug": cast.mixer.slug, "person_id": str(cast.grace.id), "attendee_id": str(cast.ada.id),
             "token": cast.token(cast.ada)}
    kinds = {name: kind for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)}
    for changed in (*sorted(rule.arguments), None):
        values = {name: known.get(name, "1") for name in rule.arguments}
        if changed is not None:
            if kinds[changed] == "int" and not re.fullmatch("[0-9]+", value):
                continue
            values[changed] = int(value) if kinds[changed] == "int" else value or "x"
        with app.test_request_context():
            yield app.url_map.bind("ev.example").build(rule.endpoint, values, method=None)


def test_naughty_input_is_never_a_fault(app: Flask, cast: Cast) -> None:
    """Each field meets another value in each round; a form with everything wrong still says only that."""
    faults: list[str] = []
    client: Client = app.test_client()  # type: ignore[assignment]
    for turn in range(ROUNDS):
        given = {name: NAUGHTY[(at + 3 * turn) % len(NAUGHTY)] for at, name in enumerate(FIELDS)}
        asked = {name: text[:100] for name, text in given.items()}
        for rule in rules(app):
            client.become_organizer(cast.olga.id).become(cast.ada)
            for address in addresses(app, cast, rule, HUGE if turn % 2 else NAUGHTY[turn]):
                for method in sorted({"GET", "POST"} & (rule.methods or set())):
                    # A page that ends the very person who asks would end the test.
                    with doors.rehearsal():
                        answer = client.get(address, query_string=asked) if method == "GET" else client.submit(
                            address, given)
                    if answer.status_code >= 500:
                        faults.append(f"round {turn}: {method} {address}: {answer.status_code}")
    assert faults == []


def test_row_number_beyond_the_database_leads_nowhere(cast: Cast, client: Client) -> None:
    client.become(cast.ada)
    beyond = client.get(f"/e/mixer/people/{2**63}")
    assert (beyond.status_code, beyond.text) == (404, client.get("/e/mixer/people/999999").text)


@pytest.mark.parametrize(("text", "number"), [
    ("17", 17), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("", None), (None, None), ("-1", None), ("²", None),
    ("٣", None), ("1e3", None), (" 1", None),
])
def test_row_number_is_read_or_none(text: str | None, number: int | None) -> None:
    assert numbers.row_number(text) == number


@pytest.mark.parametrize(("text", "page"), [("3", 3), ("0", 1), (None, 1), ("x", 1), (HUGE, 1), ("9999999999", 1)])
def test_page_number_is_the_first_for_anything_else(text: str | None, page: int) -> None:
    assert numbers.page_number(text) == page


def test_wrong_method_says_which_there_are(client: Client) -> None:
    answer = client.get("/api/v1/encounters")
    assert (answer.status_code, answer.headers["Allow"], answer.json["reason"]) == (
        405, "OPTIONS, POST", "method_not_allowed")
