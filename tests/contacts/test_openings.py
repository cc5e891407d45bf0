"""A badge opened by somebody signed out: its time goes through every way to sign in and counts once, by one tap."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from eventnet import clock, db
from eventnet.accounts.models import Browser
from eventnet.badges.codes import BadgeReference
from eventnet.contacts import notes, openings
from eventnet.contacts.openings import Opening
from eventnet.encounters.models import Encounter, Scan
from tests.attendees.test_signing_in import letters
from tests.clients import Client
from tests.contacts.test_badge_page import text_of
from tests.factories import EVENING, Cast

SECRET = b"a key for tests only, at least 32 characters"
LATER = timedelta(minutes=25)
FRAGMENT = {"X-Fragment": "1"}


class Page(NamedTuple):
    """A badge page as a phone has it."""

    address: str
    kept: str
    csrf: str


def opened(client: Client, cast: Cast) -> Page:
    """Grace's badge, opened by this browser now."""
    page = client.get(f"/B/{cast.token(cast.grace)}")
    assert page.status_code == 200
    kept = re.findall(r'data-kept="(\w+)"', page.text) or re.findall(r"kept=(\w+)", page.text) or [""]
    return Page(f"/B/{cast.token(cast.grace)}", kept[0], client.csrf())


def fields_of(page: TestResponse) -> dict[str, str]:
    """What the big button sends."""
    form = page.text[page.text.index("data-swap"):]
    return {name: html.unescape(value)
            for name, value in re.findall(r'name="(scan_id|opened_at)" value="([^"]+)"', form)}


def tap(client: Client, address: str) -> TestResponse:
    """Open this address and press the button that names Grace."""
    page = client.get(address)
    assert "Swap with Grace Hopper" in page.text
    return client.submit(address.partition("?")[0], fields_of(page))


def meetings() -> list[tuple[int, object, object]]:
    with db.reading():
        return [(one.times, one.first_at, one.last_at) for one in db.session.scalars(select(Encounter))]


def scans() -> int:
    with db.reading():
        return db.session.query(Scan).count()


def test_signed_out_page_keeps_the_time_and_offers_the_ways_in_in_order(client: Client, cast: Cast) -> None:
    page = client.get(f"/B/{cast.token(cast.grace)}").text
    said = text_of(page)
    assert "Kept, 19:30. It counts with this time once you are signed in and tap their name." in said
    headings = re.findall(r'<h2 id="(\w+)"', page)
    assert headings == ["other", "mail", "code", "picture", "desk"]
    assert "Grace" not in page


def test_opening_and_signing_in_alone_swap_nothing(app: Flask, client: Client, cast: Cast) -> None:
    """Rule 1: without a tap on a button that names the person nothing counts."""
    address = opened(client, cast)
    client.become(cast.ada)
    page = client.get(f"{address.address}?kept={address.kept}")
    assert "Swap with Grace Hopper" in page.text
    assert (scans(), meetings()) == (0, [])


def test_time_of_the_opening_goes_through_the_mailed_code_into_any_browser(
    app: Flask, client: Client, cast: Cast
) -> None:
    page = opened(client, cast)
    client.submit("/e/mixer/sign-in", {"email": "ada@people.example", "next": f"{page.address}?kept={page.kept}"})
    (_address, _name, _link, code), = letters(app)
    elsewhere: Client = app.test_client()  # type: ignore[assignment]
    with clock.stopped(EVENING + timedelta(minutes=9)):
        elsewhere.get("/e/mixer/sign-in/code")
        answer = elsewhere.submit("/e/mixer/sign-in/code", {"code": code, "email": "ada@people.example"})
        assert answer.location == f"{page.address}?kept={page.kept}"
        assert "You opened this badge on" in elsewhere.get(answer.location).text
        tap(elsewhere, answer.location)
    assert meetings() == [(1, EVENING, EVENING)]


def test_time_of_the_opening_goes_through_the_mailed_link(app: Flask, client: Client, cast: Cast) -> None:
    page = opened(client, cast)
    client.submit("/e/mixer/sign-in", {"email": "ada@people.example", "next": f"{page.address}?kept={page.kept}"})
    (_address, _name, link, _code), = letters(app)
    with clock.stopped(EVENING + timedelta(minutes=9)):
        tap(client, client.submit(link).location)
    assert meetings() == [(1, EVENING, EVENING)]


def test_time_of_the_opening_goes_through_the_hand_over(app: Flask, client: Client, cast: Cast) -> None:
    page = opened(client, cast)
    other: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    other.submit("/e/mixer/hand-over")
    digits = re.search(r"(\d{3}) (\d{3})", text_of(other.get("/e/mixer/hand-over").text))
    assert digits
    whole = client.get(page.address).text
    next_field = html.unescape(re.search(r'name="hand-over-next"[^>]*value="([^"]+)"', whole)[1])  # type: ignore[index]
    answer = client.submit("/e/mixer/hand-over/enter", {
        "hand-over-code": "".join(digits.groups()), "hand-over-next": next_field})
    with clock.stopped(EVENING + LATER):
        tap(client, answer.location)
    assert meetings() == [(1, EVENING, EVENING)]


def test_one_opening_tapped_in_two_browsers_counts_once(app: Flask, client: Client, cast: Cast) -> None:
    page = opened(client, cast)
    address = f"{page.address}?kept={page.kept}"
    browsers = [client.become(cast.ada), app.test_client().become(cast.ada)]  # type: ignore[attr-defined]
    shown = [browser.get(address) for browser in browsers]
    for browser, one in zip(browsers, shown, strict=True):
        assert browser.submit(page.address, fields_of(one)).status_code == 303
    assert (scans(), meetings()) == (1, [(1, EVENING, EVENING)])


def test_two_openings_count_as_two_meetings(client: Client, cast: Cast) -> None:
    """Negative control of the test above: another number is another scan."""
    first = opened(client, cast)
    with clock.stopped(EVENING + LATER):
        second = opened(client, cast)
        client.become(cast.ada)
        tap(client, f"{first.address}?kept={first.kept}")
        badge = BadgeReference("token", cast.token(cast.grace))
        opening = openings.read(client.settings.secret_key, badge, second.kept, clock.now())
        assert opening
        client.submit(second.address, {"scan_id": opening.scan_id, "opened_at": opening.opened_at.isoformat()})
    assert meetings() == [(2, EVENING, EVENING + LATER)]


BADGE = BadgeReference("token", "0" * 26)
OTHER = BadgeReference("token", "1" * 26)


def test_opening_is_read_back_to_the_second() -> None:
    opening = Opening(str(uuid.uuid4()), EVENING)
    assert openings.read(SECRET, BADGE, openings.write(SECRET, BADGE, opening), EVENING + LATER) == opening


@pytest.mark.parametrize(("badge", "spoilt", "after"), [
    (OTHER, slice(None), timedelta(0)), (BADGE, slice(1, None), timedelta(0)), (BADGE, slice(0, 59), timedelta(0)),
    (BADGE, slice(None), timedelta(days=7, seconds=1)), (BADGE, slice(None), timedelta(seconds=-1)),
])
def test_opening_of_another_badge_spoilt_over_or_to_come_is_none(
    badge: BadgeReference, spoilt: slice, after: timedelta
) -> None:
    text = openings.write(SECRET, BADGE, Opening(str(uuid.uuid4()), EVENING))
    assert openings.read(SECRET, badge, text[spoilt], EVENING + after) is None
    assert openings.read(b"another key of at least 32 characters", BADGE, text, EVENING) is None


def test_made_up_time_is_not_believed(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    page = client.get(f"/B/{cast.token(cast.grace)}?kept=" + "0" * 60)
    assert fields_of(page)["opened_at"] == EVENING.isoformat()


def old_tap(client: Client, page: Page, form: dict[str, str], **more: object) -> TestResponse:
    return client.post(page.address, data={**form, "csrf_token": page.csrf}, **more)


def test_tap_with_an_old_token_is_asked_once_more_and_keeps_number_and_time(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    page = opened(client, cast)
    form = fields_of(client.get(page.address))
    client.become(cast.ada)  # a fresh token of the browser: the page in the other tab has the old one
    with clock.stopped(EVENING + LATER):
        again = old_tap(client, page, form)
        assert again.status_code == 403
        assert scans() == 0
        assert "it asks once more. The time you met is kept." in text_of(again.text)
        assert fields_of(again) == form
        assert client.submit(page.address, fields_of(again)).status_code == 303
    assert meetings() == [(1, EVENING, EVENING)]


def test_tap_without_a_session_goes_the_signed_out_way_with_the_scan(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    page = opened(client, cast)
    form = fields_of(client.get(page.address))
    with db.transaction():
        db.session.execute(update(Browser).values(ends_at=EVENING))
    with clock.stopped(EVENING + LATER):
        shown = old_tap(client, page, form)
        assert "Kept, 19:30." in text_of(shown.text)
        assert "Grace" not in shown.text
        kept = re.search(r'data-kept="(\w+)"', shown.text)
        assert kept
        client.become(cast.ada)
        tap(client, f"{page.address}?kept={kept[1]}")
    assert meetings() == [(1, EVENING, EVENING)]


def test_forged_time_of_an_old_page_is_held_to_seven_days(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    page = opened(client, cast)
    answer = client.post(page.address, data={"opened_at": "2020-01-01T00:00:00+00:00", "csrf_token": "old"})
    assert fields_of(answer)["opened_at"] == EVENING.isoformat()


def test_typed_code_with_an_old_token_is_asked_once_more(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    address = f"/e/mixer/code?code={cast.code(cast.grace)}"
    form = fields_of(client.get(address))
    with clock.stopped(EVENING + LATER):
        answer = client.post(address, data={**form, "csrf_token": "old"})
        again = client.get(answer.location)
        assert fields_of(again) == form
        assert client.submit(address, fields_of(again)).status_code == 303
    assert meetings() == [(1, EVENING, EVENING)]


def test_script_is_told_what_became_of_the_tap(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    page = opened(client, cast)
    form = fields_of(client.get(page.address))
    told = client.submit(page.address, form, headers=FRAGMENT)
    assert (told.json["result"], told.json["address"]) == ("recorded", page.address)  # type: ignore[index]
    assert client.submit(page.address, form, headers=FRAGMENT).json["result"] == "repeated"  # type: ignore[index]
    spoilt = old_tap(client, page._replace(csrf="old"), form, headers=FRAGMENT)
    assert (spoilt.status_code, spoilt.json["result"]) == (403, "again")  # type: ignore[index]
    with db.transaction():
        db.session.execute(update(Browser).values(ends_at=EVENING))
    gone = client.submit(page.address, form, headers=FRAGMENT)
    old = old_tap(client, page._replace(csrf="old"), form, headers=FRAGMENT)
    assert (old.status_code, old.json["result"]) == (401, "again")  # type: ignore[index]
    assert (gone.status_code, gone.json["address"].startswith(f"{page.address}?kept=")) == (401, True)  # type: ignore[index]


def test_other_refusals_stay_pages_of_their_own(client: Client, cast: Cast) -> None:
    page = client.become(cast.ada).post(
        f"/B/{cast.token(cast.grace)}", headers={"Sec-Fetch-Site": "cross-site"}, data={"csrf_token": client.csrf()})
    assert page.status_code == 403
    assert "That came from another site, so nothing was done." in page.text


def test_scanner_is_named_after_two_taps_in_a_row_and_not_to_those_who_use_it(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    said = []
    for person in (cast.grace, cast.bob):
        client.submit(f"/B/{cast.token(person)}")
        said.append("Faster: keep the scanner open." in client.get(f"/B/{cast.token(person)}").text)
    assert said == [False, True]
    with db.transaction():
        db.session.execute(update(Scan).where(Scan.scanned_id == cast.grace.id).values(way="scanner"))
    assert "Faster: keep the scanner open." not in client.get(f"/B/{cast.token(cast.bob)}").text


def test_badge_of_an_ended_event_keeps_nothing_for_somebody_signed_out(client: Client, cast: Cast) -> None:
    with clock.stopped(cast.mixer.late_scans_until + timedelta(hours=1)):
        page = client.get(f"/B/{cast.token(cast.grace)}").text
    assert re.search(r"<h1>\s*(.*?)</h1>", page)[1] == "Swaps are closed"  # type: ignore[index]
    assert "data-kept" not in page


def test_phone_is_told_what_a_swap_gives(client: Client, cast: Cast) -> None:
    told = client.become(cast.ada).get("/api/v1/phone").json
    assert [one["gives"] for one in told["attendees"]] == ["name, e-mail and LinkedIn"]  # type: ignore[index]


def test_people_for_the_phone_are_those_asked_for_without_my_words(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    for person in (cast.grace, cast.bob):
        client.submit(f"/B/{cast.token(person)}")
    with db.transaction():
        notes.write(cast.mixer.id, cast.ada.id, cast.grace.id, notes.checked("said too much about COBOL"))
    everybody = client.get("/e/mixer/people.json")
    assert "COBOL" not in everybody.text
    assert {one["name"] for one in everybody.json["people"]} == {"Grace Hopper", "Bob Kahn"}  # type: ignore[index]
    one, = client.get(f"/e/mixer/people.json?id={cast.grace.id}").json["people"]  # type: ignore[index]
    assert (one["url"], one["email"], one["phone"]) == (
        f"/e/mixer/people/{cast.grace.id}", "grace@people.example", "")
    for nobody in (cast.mallory.id, "x", 2**70):
        assert client.get(f"/e/mixer/people.json?id={nobody}").json == {"people": []}
