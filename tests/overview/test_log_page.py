"""The log page and its file: who did what, by day, person and kind; for managers and owners."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.audit import log
from eventnet.events.models import EventRole
from tests.clients import Client
from tests.conftest import EVENING
from tests.factories import Cast, make_organizer

PAGE = "/admin/e/mixer/log"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    with db.transaction():
        log.write("event.changed", f"organizer:{cast.olga.id}", cast.mixer.id, fields=["name"])
    with clock.stopped(EVENING + timedelta(hours=5)), db.transaction():  # 00:30 of the next day in Cologne
        log.write("attendees.exported", f"organizer:{cast.olga.id}", cast.mixer.id)
        log.write("attendee.mail_stopped", f"attendee:{cast.ada.id}", cast.mixer.id)
        log.write("attendee.changed", f"organizer:{cast.olga.id}", cast.mixer.id, attendee=cast.bob.id,
                  fields=["email"])
        log.write("event.changed", f"organizer:{cast.oscar.id}", cast.elsewhere.id, fields=["venue"])
    return client.become_organizer(cast.olga.id)


def said(client: Client, query: str = "") -> list[str]:
    page = client.get(PAGE + query).get_data(as_text=True)
    found = re.findall(
        r'<h2 id="day-[^"]+">([^<]+)</h2>|<span class="news-time">([^<]+)</span> <span dir="auto">([^<]+)', page)
    return [unescape(day or f"{time} {text}".strip()) for day, time, text in found]


def test_log_tells_acts_under_the_days_of_the_event(olga: Client) -> None:
    assert said(olga) == [
        "16 October 2026", "00:30 Olga changed email of an attendee.", "00:30 An attendee asked for no more mail.",
        "00:30 Olga exported the attendee list.", "15 October 2026", "19:30 Olga changed name of the event."]


@pytest.mark.parametrize(("query", "expected"), [
    ("?day=2026-10-15", ["15 October 2026", "19:30 Olga changed name of the event."]),
    ("?kind=exports", ["16 October 2026", "00:30 Olga exported the attendee list."]),
    ("?who=attendee", ["16 October 2026", "00:30 An attendee asked for no more mail."]),
    ("?who=organizer:2", []), ("?day=tomorrow&kind=none", None), ("?day=9999-12-31", None), ("?older=x", None),
])
def test_log_is_filtered(olga: Client, query: str, expected: list[str] | None) -> None:
    assert said(olga, query) == (said(olga) if expected is None else expected)


def test_log_leads_to_whom_an_organizer_changed_not_to_who_acted_themself(olga: Client, cast: Cast) -> None:
    page = olga.get(PAGE).get_data(as_text=True)
    assert re.findall(r"/admin/e/mixer/attendees/(\d+)", page) == [str(cast.bob.id)]
    assert f"attendee:{cast.ada.id}" not in page


def test_log_pages_lead_to_older_entries(olga: Client, cast: Cast) -> None:
    with db.transaction():
        for _ in range(60):
            log.write("programme.removed", f"organizer:{cast.olga.id}", cast.mixer.id)
    first = olga.get(PAGE).get_data(as_text=True)
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = olga.get(unescape(older)).get_data(as_text=True)
    assert (first.count('class="news-time"'), second.count('class="news-time"')) == (50, 14)
    assert ">Newest</a>" in second
    assert ">Newest</a>" not in first


def test_log_as_a_file_is_written_down_itself(olga: Client, cast: Cast) -> None:
    assert olga.get(f"{PAGE}/export").status_code == 405
    answer = olga.submit(f"{PAGE}/export", {"kind": "exports"})
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mixer-log.csv"'
    assert rows == [["Time", "Who", "What was done", "Act"],
                    ["2026-10-16T00:30:00+02:00", "Olga", "Olga exported the attendee list.", "attendees.exported"]]
    with db.reading():
        exported = [entry for entry in log.recent(cast.mixer.id) if entry.act == "log.exported"]
    assert [entry.actor for entry in exported] == [f"organizer:{cast.olga.id}"]


def test_name_that_looks_like_a_formula_is_none_in_the_file(olga: Client, cast: Cast, app: Flask) -> None:
    with db.transaction():
        eve = make_organizer("eve@organizers.example", name="=HYPERLINK(1)")
        log.write("event.changed", f"organizer:{eve.id}", cast.mixer.id, fields=["name"])
    text = olga.submit(f"{PAGE}/export").get_data().decode("utf-8-sig")
    assert [row[1:3] for row in csv.reader(io.StringIO(text)) if "HYPERLINK" in row[1]] == [
        ["'=HYPERLINK(1)", "'=HYPERLINK(1) changed name of the event."]]


def test_export_asks_again_who_is_there(olga: Client) -> None:
    for path in (f"{PAGE}/export", "/admin/e/mixer/meetings/export", "/admin/e/mixer/badges.pdf",
                 "/admin/e/mixer/attendees/export"):
        with clock.stopped(EVENING + timedelta(minutes=16)):
            answer = olga.submit(path)
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
        assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("role", ["viewer", "desk"])
def test_log_is_for_managers_and_owners(app: Flask, olga: Client, cast: Cast, role: str) -> None:
    with db.transaction():
        nora = make_organizer("nora@organizers.example", name="Nora")
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=nora.id, role=role, given_at=clock.now()))
    volunteer: Client = app.test_client()  # type: ignore[assignment]
    volunteer.become_organizer(nora.id)
    answer = volunteer.get(PAGE)
    assert (answer.status_code, "exported" in answer.get_data(as_text=True)) == (403, False)


def test_log_page_takes_the_same_statements_for_one_and_many(olga: Client, cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    counted = []
    for more in (0, 40):
        with db.transaction():
            for number in range(more):
                log.write("attendee.changed", f"organizer:{(cast.olga, cast.oscar)[number % 2].id}", cast.mixer.id,
                          attendee=cast.bob.id)
        with statements() as written:
            olga.get(PAGE)
        counted.append(len(written))
    assert counted[0] == counted[1] <= 10
