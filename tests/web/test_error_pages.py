"""Error pages: what they say, and the way on that fits who reads them."""

from __future__ import annotations

import re

import pytest

from eventnet import db
from tests.clients import Client
from tests.factories import Cast


def way_on(page: str) -> list[tuple[str, str]]:
    return re.findall(r'class="button primary" href="([^"]*)">([^<]+)<', page)


@pytest.mark.parametrize(("path", "ways"), [
    ("/nowhere", ("/", "Start page")),
    ("/admin/nowhere", ("/admin/", "My events")),
    ("/admin/e/elsewhere/", ("/admin/", "My events")),
    ("/admin/e/nope/desk", ("/admin/", "My events")),
    ("/admin/e/mixer/attendees/99999", ("/admin/e/mixer/", "Back to the event")),
    ("/admin/e/mixer/desk/find?code=x", ("/admin/e/mixer/desk", "Back to the desk")),
])
def test_error_page_leads_on(client: Client, cast: Cast, path: str, ways: tuple[str, str]) -> None:
    answer = client.become_organizer(cast.olga.id).get(path)
    assert (answer.status_code, way_on(answer.get_data(as_text=True))) == (404, [ways])


def test_broken_page_offers_the_same_address_again(client: Client, cast: Cast, engine_name: str) -> None:
    client.become_organizer(cast.olga.id)
    with db.transaction():
        db.session.connection().exec_driver_sql("ALTER TABLE audit_entries RENAME TO elsewhere")
    answer = client.get("/admin/e/mixer/")
    assert (answer.status_code, way_on(answer.get_data(as_text=True))) == (
        {"sqlite": 503, "postgresql": 500}[engine_name], [("", "Try again")])
