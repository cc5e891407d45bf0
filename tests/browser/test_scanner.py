"""The scanner page in real Chromium: a fake camera shows a real badge, rasterized from its PDF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import vobject
from PIL import Image
from playwright.sync_api import Page, expect

from eventnet import clock, config, db, links
from eventnet.attendees.models import Attendee
from eventnet.badges import layouts, sheets, symbols
from eventnet.encounters.models import Encounter, Grant, Scan
from tests.browser.conftest import FakeCamera, Live

pytestmark = pytest.mark.browser


def printed_badge(live: Live, attendee: Attendee) -> Image.Image:
    """The attendee's badge as paper: its PDF at 200 dpi."""
    token = live.cast.token(attendee)
    face = sheets.Face(attendee.badge_name, attendee.organization, attendee.title, attendee.category,
                       links.badge_url(live.url, token), live.cast.code(attendee))
    pdf = sheets.render([face], layouts.get_layout("single"), event_name="Spring mixer", short_host="localhost",
                        font_dir=config.ROOT / "var" / "fonts")
    return pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil()


def rows(model: type) -> list[object]:
    with db.reading():
        return list(db.session.query(model).all())


def sign_in(page: Page, live: Live, attendee: Attendee) -> None:
    """Give the phone the cookie of a browser that is this attendee."""
    client = live.client().become(attendee)
    name = client.settings.cookie_name("eventnet")
    cookie = client.get_cookie(name, domain="localhost")
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": live.url}])


def start_camera(page: Page) -> None:
    page.goto("/e/mixer/scan")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#camera[data-state=on]")).to_be_visible()


def test_scanner_reads_a_printed_badge_and_both_get_a_contact(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    camera.show(printed_badge(live, live.cast.grace))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    start_camera(page)
    sheet = page.locator("#result")
    expect(sheet.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    expect(sheet).to_contain_text(
        "Grace Hopper got your name, e-mail and LinkedIn. You got name and e-mail.")

    scan, = rows(Scan)
    assert (scan.scanner_id, scan.scanned_id, scan.way) == (live.cast.ada.id, live.cast.grace.id, "scanner")
    encounter, = rows(Encounter)
    assert encounter.times == 1
    assert timedelta(0) <= clock.now() - encounter.first_at < timedelta(seconds=10)
    assert {(grant.giver_id, grant.receiver_id) for grant in rows(Grant)} == {
        (live.cast.ada.id, live.cast.grace.id), (live.cast.grace.id, live.cast.ada.id)}

    sheet.get_by_label("What did you talk about?").fill("Nanoseconds")
    sheet.get_by_role("button", name="Keep").click()
    expect(sheet).to_contain_text("What you wrote about them")
    assert page.evaluate("document.querySelector('video').srcObject.active"), "the camera goes on"

    page.goto("/e/mixer/people")
    page.get_by_role("link", name="Grace Hopper").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save to my contacts").click()
    card = vobject.readOne(download.value.path().read_text("utf-8"))
    assert (card.fn.value, card.email.value) == ("Grace Hopper", "grace@people.example")

    other = new_phone()
    sign_in(other, live, live.cast.grace)
    other.goto("/e/mixer/people")
    expect(other.get_by_role("link", name="Ada Lovelace")).to_be_visible()


def test_scanner_posts_a_badge_held_still_once(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    camera.show(printed_badge(live, live.cast.grace))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    start_camera(page)
    expect(page.locator("#result").get_by_role("heading", name="Grace Hopper")).to_be_visible()
    page.wait_for_timeout(1500)
    assert len(posts) == 1
    assert len(rows(Scan)) == 1


def test_scanner_names_a_foreign_code_and_goes_nowhere(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    camera.show(Image.open(BytesIO(symbols.symbol("WIFI:S:Hall;T:WPA;P:secret;;").png(8))))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    start_camera(page)
    expect(page.locator("#result")).to_contain_text("This is a Wi-Fi code, not a badge.")
    assert page.url == f"{live.url}/e/mixer/scan"
    assert rows(Scan) == []


def test_scanner_keeps_a_scan_while_the_network_is_gone(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    camera.show(printed_badge(live, live.cast.grace))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/scan")
    page.wait_for_load_state("networkidle")
    gone = True
    page.route("**/api/v1/encounters", lambda route: route.abort() if gone else route.continue_())
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#held-pill")).to_be_visible()
    expect(page.locator("#held-pill")).to_have_text("1 scan waits for the network")
    assert rows(Scan) == []
    gone = False
    expect(page.locator("#held-pill")).to_be_hidden(timeout=15_000)
    assert len(rows(Scan)) == 1
