"""Organizer pages of events: new, settings, programme; who may, and what a wrong value is answered."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.accounts.models import Organizer
from eventnet.events import calendar, programme
from eventnet.events.models import Event, EventRole
from tests.clients import Client
from tests.factories import Cast, make_event, make_organizer

FORM = {
    "name": "Autumn mixer", "slug": "", "zone": "Europe/Berlin", "starts_at": "2026-11-05T18:00",
    "ends_at": "2026-11-05T22:00", "venue": "", "region": "", "language": "en", "swap_policy": "at_once",
    "swaps_before": "24", "swaps_after": "72", "swaps_open_at": "", "swaps_close_at": "", "retention_months": "13",
    "controller": "", "controller_email": "",
}


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


def events_called(slug: str) -> Event | None:
    with db.reading():
        return calendar.find_event(slug)


def test_first_visit_offers_the_first_event(client: Client, cast: Cast) -> None:
    with db.transaction():
        nora = make_organizer("nora@organizers.example", name="Nora")
    page = client.become_organizer(nora.id).get("/admin/").get_data(as_text=True)
    assert "No event yet" in page
    assert 'href="/admin/events/new"' in page
    assert "Spring mixer" not in page


def test_events_to_come_stand_before_those_that_are_over(olga: Client, cast: Cast) -> None:
    with db.transaction():
        for name, days in (("Last spring", -100), ("Next year", 300), ("Next week", 7)):
            start = clock.now() + timedelta(days=days)
            made = calendar.create_event(
                name.lower().replace(" ", "-"), organizer_id=cast.olga.id, by="command line", name=name,
                zone="Europe/Berlin", starts_at=start, ends_at=start + timedelta(hours=4))
            assert made.name == name
    page = olga.get("/admin/").get_data(as_text=True)
    assert re.findall(r'<h2 [^>]*>([^<]+)|class="name"[^>]*>([^<]+)|class="tag good">([^<]+)', page) == [
        ("Coming up", "", ""), ("", "Spring mixer", ""), ("", "", "on now"), ("", "Next week", ""),
        ("", "Next year", ""), ("Over", "", ""), ("", "Last spring", "")]


def test_new_event_is_made_from_the_form(olga: Client, cast: Cast) -> None:
    answer = olga.submit("/admin/events/new", FORM)
    assert (answer.status_code, answer.location) == (303, "/admin/e/autumn-mixer-2026/")
    event = events_called("autumn-mixer-2026")
    assert event is not None
    assert (event.starts_at, event.ends_at, event.region) == (
        datetime(2026, 11, 5, 17, tzinfo=UTC), datetime(2026, 11, 5, 21, tzinfo=UTC), "DE")
    page = olga.get(answer.location).get_data(as_text=True)
    assert "Autumn mixer is ready. Next: bring in the attendees." in page
    assert "What to do next" in page


def test_new_event_form_remembers_the_last_one(olga: Client) -> None:
    page = olga.get("/admin/events/new").get_data(as_text=True)
    assert 'value="Europe/Berlin"' in page
    assert "Alumni Office, Cologne" in page


def test_double_click_makes_two_events_apart(olga: Client) -> None:
    places = [olga.submit("/admin/events/new", FORM).location for _press in range(2)]
    assert places == ["/admin/e/autumn-mixer-2026/", "/admin/e/autumn-mixer-2026-2/"]


@pytest.mark.parametrize(("change", "status", "sentence"), [
    ({"name": ""}, 422, "Give the event a name."),
    ({"slug": "mixer"}, 409, "There is already an event called mixer. Choose another short name."),
    ({"zone": "Cologne"}, 422, "&#39;Cologne&#39; is not a time zone. Choose one from the list"),
    ({"starts_at": ""}, 422, "Say when the event starts."),
    ({"starts_at": "soon"}, 422, "That is not a date with a time. Write it as 2026-10-15 18:00."),
    ({"ends_at": "2026-11-05T17:00"}, 422, "The event ends before it starts. Check both times."),
    ({"starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T20:00"}, 422,
     "02:30 does not exist on 2026-03-29 in Europe/Berlin: the clocks go forward then. Write 03:30."),
    ({"starts_at": "0001-01-01T00:00"}, 422, "The year 1 cannot be right. Check the date."),
    ({"retention_months": "25"}, 422, "Choose 1 to 24 months."),
    ({"retention_months": "many"}, 422, "That is not a whole number."),
    ({"swaps_before": "-1"}, 422, "Choose 0 to 720 hours."),
    ({"swaps_open_at": "2026-11-06T18:00"}, 422, "Swapping opens only after the event is over. Let it open earlier."),
    ({"controller_email": "nowhere"}, 422, "nowhere is not an e-mail address. Check it for a typing mistake."),
])
def test_wrong_value_is_told_and_everything_typed_is_kept(
    olga: Client, change: dict[str, str], status: int, sentence: str,
) -> None:
    answer = olga.submit("/admin/events/new", {**FORM, "venue": "Hall <b>9", **change})
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert sentence in page
    assert "Hall &lt;b&gt;9" in page
    assert "What you entered is still here." in page
    for value in change.values():
        assert value == "" or f'value="{value}"' in page or value in page
    with db.reading():
        assert db.session.query(Event).count() == 2


def test_end_in_the_hour_that_comes_twice_is_the_later_one_and_stays_so(olga: Client) -> None:
    form = {**FORM, "slug": "dst-night", "starts_at": "2026-10-24T20:00", "ends_at": "2026-10-25T02:30"}
    place = olga.submit("/admin/events/new", form).location
    assert "02:30 comes twice; the second one is meant (UTC+01:00)." in olga.get(place).get_data(as_text=True)
    before = events_called("dst-night")
    assert before is not None
    assert before.ends_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with db.transaction():
        calendar.change_event(before.id, {"ends_at": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}, "command line")
    olga.submit("/admin/e/dst-night/settings", {**form, "name": "Night"})
    after = events_called("dst-night")
    assert after is not None
    assert (after.name, after.ends_at) == ("Night", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


def shown(page: str) -> dict[str, str]:
    """What a browser would send back from a settings page that nobody touched."""
    from html.parser import HTMLParser

    found: dict[str, str] = {}

    class Fields(HTMLParser):
        select = area = ""

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            has = dict(attributes)
            is_set = has.get("type") not in ("radio", "checkbox") or "checked" in has
            if tag == "input" and has.get("name") and is_set:
                found[has["name"] or ""] = has.get("value") or ""
            elif tag == "select":
                self.select = has.get("name") or ""
            elif tag == "option" and "selected" in has and self.select:
                found[self.select] = has.get("value") or ""
            elif tag == "textarea":
                self.area = has.get("name") or ""

        def handle_data(self, data: str) -> None:
            if self.area:
                found[self.area] = found.get(self.area, "") + data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                self.area = ""

    Fields().feed(page)
    return found


@pytest.mark.parametrize("window", [
    {}, {"swaps_open_at": datetime(2026, 10, 15, 16, tzinfo=UTC)},
    {"swaps_open_at": datetime(2026, 10, 15, 15, 45, tzinfo=UTC)},
])
def test_settings_saved_untouched_change_nothing(olga: Client, cast: Cast, window: dict[str, Any]) -> None:
    with db.transaction():
        before = calendar.details_of(calendar.change_event(cast.mixer.id, {"venue": "Hall", **window}, "command line"))
    answer = olga.submit("/admin/e/mixer/settings", shown(olga.get("/admin/e/mixer/settings").get_data(as_text=True)))
    assert answer.location == "/admin/e/mixer/settings"
    event = events_called("mixer")
    assert event is not None
    assert calendar.details_of(event) == before


def test_settings_are_changed_and_the_form_shows_it(olga: Client) -> None:
    form = {**FORM, "name": "Grüße & Co", "swaps_before": "2", "retention_months": "1", "controller": "Us",
            "controller_email": "us@Organizers.example"}
    olga.submit("/admin/e/mixer/settings", form)
    page = olga.get("/admin/e/mixer/settings").get_data(as_text=True)
    assert "Saved." in page
    assert 'value="Grüße &amp; Co"' in page
    assert 'value="us@organizers.example"' in page
    event = events_called("mixer")
    assert event is not None
    assert event.swaps_open_at == event.starts_at - timedelta(hours=2)
    assert "Everything about this event is forgotten on 5 December 2026." in page


def test_settings_say_what_is_missing_before_the_first_mail(olga: Client, cast: Cast) -> None:
    sentence = '<a href="/admin/e/mixer/settings#controller">who answers for the data</a>'
    assert sentence not in olga.get("/admin/e/mixer/settings").get_data(as_text=True)
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).controller = ""
    assert sentence in olga.get("/admin/e/mixer/settings").get_data(as_text=True)


@pytest.mark.parametrize("path", ["settings", "programme", "", "numbers"])
def test_event_of_somebody_else_looks_like_no_event(olga: Client, path: str) -> None:
    foreign = olga.get(f"/admin/e/elsewhere/{path}")
    absent = olga.get(f"/admin/e/no-such-event/{path}")
    assert (foreign.status_code, foreign.get_data()) == (404, absent.get_data())
    assert absent.status_code == 404
    assert b"Another event" not in foreign.get_data()


@pytest.mark.parametrize(("role", "page", "sees", "may"), [
    ("viewer", "settings", 403, 403), ("desk", "settings", 403, 403), ("manager", "settings", 200, 303),
    ("owner", "settings", 200, 303), ("viewer", "programme", 403, 403), ("desk", "programme", 403, 403),
])
def test_role_decides_who_changes_an_event(
    client: Client, cast: Cast, role: str, page: str, sees: int, may: int,
) -> None:
    with db.transaction():
        nora = make_organizer("nora@organizers.example", name="Nora")
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=nora.id, role=role, given_at=clock.now()))
    client.become_organizer(nora.id)
    assert client.get("/admin/e/mixer/").status_code == 200
    assert client.get(f"/admin/e/mixer/{page}").status_code == sees
    answer = client.submit(f"/admin/e/mixer/{page}", FORM)
    assert answer.status_code == may
    event = events_called("mixer")
    assert event is not None
    assert event.name == ("Autumn mixer" if may == 303 else "Spring mixer")


def test_role_that_was_taken_away_counts_at_once(olga: Client, cast: Cast) -> None:
    assert olga.get("/admin/e/mixer/settings").status_code == 200
    with db.transaction():
        db.session.query(EventRole).filter_by(organizer_id=cast.olga.id).delete()
    assert olga.get("/admin/e/mixer/settings").status_code == 404
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).disabled_at = clock.now()
    assert olga.get("/admin/e/mixer/settings").status_code == 303


def upload(client: Client, data: bytes, name: str = "programme.csv") -> Any:
    return client.submit("/admin/e/mixer/programme", {"file": (io.BytesIO(data), name)},
                         content_type="multipart/form-data")


def test_programme_is_uploaded_and_shown(olga: Client, cast: Cast) -> None:
    assert "No programme yet" in olga.get("/admin/e/mixer/programme").get_data(as_text=True)
    data = "title,room,start,end\nÖffnung <i>,Saal,2026-10-15 18:00,2026-10-15 18:30\n".encode()
    assert upload(olga, data).location == "/admin/e/mixer/programme"
    page = olga.get("/admin/e/mixer/programme").get_data(as_text=True)
    assert "The programme is stored: 1 new, 0 changed, 0 as before." in page
    assert "Öffnung &lt;i&gt;" in page
    assert "18:00–18:30" in page
    upload(olga, data)
    assert "0 new, 0 changed, 1 as before." in olga.get("/admin/e/mixer/programme").get_data(as_text=True)
    with db.reading():
        [item] = programme.items(cast.mixer.id)
    olga.submit(f"/admin/e/mixer/programme/{item.id}/removal")
    page = olga.get("/admin/e/mixer/programme").get_data(as_text=True)
    assert "“Öffnung &lt;i&gt;” is no longer in the programme." in page
    assert "No programme yet" in page


def test_programme_with_a_bad_row_is_refused_row_by_row(olga: Client, cast: Cast) -> None:
    answer = upload(olga, b"title,start,end\nGood,2026-10-15 18:00,2026-10-15 18:30\n"
                          b"Bad,2026-10-15 18:00,2026-10-15 17:30\n")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "1 row needs another look, so nothing was stored. Mend it in your file and upload it again." in page
    assert "It ends before it starts." in page
    assert page.index("It ends before it starts.") < page.index("would be new")
    with db.reading():
        assert programme.items(cast.mixer.id) == []


@pytest.mark.parametrize(("data", "name", "sentence"), [
    (b"", "", "Choose a .csv or .ics file first."),
    (b"", "p.csv", "That file is empty. Choose the programme as .csv or .ics."),
    (b"PK\x03\x04\x00\x00", "p.xlsx", "p.xlsx is neither CSV nor iCalendar. Save the programme as .csv or .ics."),
])
def test_programme_file_that_is_none_gets_a_sentence(olga: Client, data: bytes, name: str, sentence: str) -> None:
    answer = upload(olga, data, name)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_opening_pages_writes_nothing(olga: Client, app: Flask, statements) -> None:  # type: ignore[no-untyped-def]
    paths = ["/", "/admin/", "/admin/events/new", "/admin/e/mixer/", "/admin/e/mixer/numbers",
             "/admin/e/mixer/settings", "/admin/e/mixer/programme", "/admin/reset", "/readyz"]
    with statements() as said:
        assert [olga.get(path).status_code for path in paths] == [200] * len(paths)
    assert {statement.split()[0] for statement in said} == {"SELECT", "WITH"}


def test_programme_page_takes_the_same_statements_for_one_and_three(olga: Client, cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    counted = []
    for number in (1, 3):
        lines = "".join(f"Talk {i},2026-10-15 18:00,2026-10-15 19:00\n" for i in range(number))
        upload(olga, b"title,start,end\n" + lines.encode())
        with statements() as said:
            olga.get("/admin/e/mixer/programme")
        counted.append(len(said))
    assert counted == [6, 6]


def test_many_events_of_others_are_not_listed(olga: Client, cast: Cast) -> None:
    with db.transaction():
        make_event("theirs", owner=cast.oscar, name="Theirs")
    assert "Theirs" not in olga.get("/admin/").get_data(as_text=True)


def open_parts(page: str) -> list[str]:
    return re.findall(r'<details class="sheet part" id="(\w+)" open>', page)


def test_settings_fold_what_needs_no_look_and_say_how_it_stands(olga: Client, cast: Cast) -> None:
    page = olga.get("/admin/e/mixer/settings").get_data(as_text=True)
    assert re.findall(r'<details class="sheet part" id="(\w+)"', page) == [
        "data", "keeping", "swapping", "names", "words"]
    assert open_parts(page) == []
    assert re.findall(r'<span class="said[^>]*>([^<]*)<', page) == [
        "Alumni Office, Cologne", "13 months after the event",
        "Swap at once when scanned, from 24 hours before to 72 hours after", "Numbers only",
        "English, phone numbers: Germany"]


def test_settings_unfold_what_is_missing_and_what_was_wrong(olga: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).hosting = ""
    page = olga.get("/admin/e/mixer/settings").get_data(as_text=True)
    assert (open_parts(page), "Still to be said: where the server stands" in page) == (["data"], True)
    page = olga.submit("/admin/e/mixer/settings", {**FORM, "swaps_daily": "7"}).get_data(as_text=True)
    assert (open_parts(page), "Choose 50 to 3000 swaps." in page) == (["data", "swapping"], True)
