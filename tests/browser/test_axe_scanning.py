"""axe on the scanner, badge and contact pages in every state of theirs: light, dark and high contrast."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges import codes
from eventnet.badges.codes import BadgeReference
from eventnet.cards.models import Card
from eventnet.contacts import swapping
from eventnet.contacts.swapping import Swap
from eventnet.encounters.recording import Claim
from tests.browser.conftest import FakeCamera, Live
from tests.browser.hall import make_ready
from tests.browser.test_pages import AXE, RULES, Walk
from tests.browser.test_pages import walk as walk  # the fixture
from tests.browser.test_scanner import printed_badge, sign_in

pytestmark = pytest.mark.browser


# axe knows no top layer: unhelped, it takes the page behind a dialog to lie over it, and gives no verdict on colours.
ALONE = """() => {
  const dialog = document.querySelector('dialog[open]');
  document.body.style.visibility = dialog ? 'hidden' : '';
  for (const one of document.querySelectorAll('dialog')) one.style.visibility = one === dialog ? 'visible' : '';
}"""
COLOURS = """async rules => {
  for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
  const found = await axe.run({ ...rules, resultTypes: ['violations', 'incomplete'] });
  const nodes = (kind) => found[kind].flatMap((rule) => rule.nodes.map((node) => ({ ...node, kind })));
  const inDialog = ({ target }) => document.querySelector(target[0])?.closest('dialog');
  return [...nodes('violations'), ...nodes('incomplete').filter(inDialog)]
    .map((node) => `${node.kind} at ${node.target}: ${node.failureSummary}`);
}"""


def look(walk: Walk, name: str) -> None:
    """As on every other page, and in high contrast as well; in a dialog each colour has a verdict."""
    walk.page.evaluate(ALONE)
    walk.page.evaluate(AXE)
    walk.page.evaluate("document.documentElement.dataset.theme = 'contrast'")
    walk.found += [f"{name}, contrast: {one}" for one in walk.page.evaluate(COLOURS, RULES["dark"])]
    walk.page.evaluate("delete document.documentElement.dataset.theme")
    walk.look(name)
    walk.page.evaluate("document.body.style.visibility = ''")


def open_and_look(walk: Walk, path: str, headline: str, status: int = 200) -> None:
    answer = walk.page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(walk.page.get_by_role("heading", level=1)).to_have_text(headline)
    look(walk, headline)


def swap(live: Live, scanner: Attendee, scanned: Attendee) -> None:
    with live.app.app_context(), db.transaction():
        token = live.cast.token(scanned)
        swapping.swap([Swap(Claim(f"axe-{scanner.id}-{scanned.id}", BadgeReference("token", token)))],
                      attendee_id=scanner.id, way="bearer")


def choose(live: Live, attendee: Attendee, swap_policy: str) -> None:
    with live.app.app_context(), db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == attendee.id).values(swap_policy=swap_policy))


def test_scanner_is_for_everybody_in_each_of_its_states(walk: Walk, live: Live, camera: FakeCamera) -> None:
    cast, page = live.cast, walk.page
    camera.show(printed_badge(live, cast.grace))
    walk.sign_in("ada")
    page.goto("/e/mixer/scan")
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    look(walk, "scanner")
    page.get_by_role("button", name="Start the camera").click()
    met = page.locator("#met")
    expect(met.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    expect(page.locator("#said")).to_have_text("Grace Hopper, swapped")
    met.get_by_text("Their card").click()
    look(walk, "card after a scan")

    page.get_by_role("button", name="Scan me").click()
    expect(page.locator("#mine-name")).to_have_text("Ada Lovelace")
    look(walk, "scan me")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Photo").click()
    look(walk, "photo sheet")
    page.get_by_role("button", name="Close").click()

    def away(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to Hall Wi-Fi</h1>")

    page.route("**/api/v1/encounters", away)
    page.get_by_role("button", name="Type a code").click()
    look(walk, "code sheet")
    page.get_by_label("Eight letters and digits").fill("K7M2 9QXQ")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Eight letters and digits")).to_have_attribute("aria-invalid", "true")
    look(walk, "code sheet with a wrong code")
    page.get_by_label("Eight letters and digits").fill(cast.code(cast.bob))
    page.keyboard.press("Enter")
    expect(page.locator("#held-pill")).to_have_text("1 scan waits for the network")
    expect(page.locator("#said")).to_have_text(re.compile(r"Kept on this phone, \d\d:\d\d\."))
    look(walk, "scanner with a held scan")
    page.locator("#held-pill").click()
    expect(page.get_by_role("dialog", name="1 scan waits for the network")).to_be_visible()
    look(walk, "held scans")
    page.get_by_role("button", name="Discard the scan from").click()
    look(walk, "held scans, question")


def test_focus_is_never_lost_on_the_scanner(live: Live, camera: FakeCamera, new_phone: Callable[..., Page]) -> None:
    """Whoever listens or uses the keyboard stays where they are, whatever the page puts in or takes away."""
    camera.show(printed_badge(live, live.cast.grace))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/scan")
    page.evaluate("""() => {
        window.real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("x", "NotReadableError"); };
    }""")
    start = page.get_by_role("button", name="Start the camera")
    start.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The camera is busy")
    expect(start).to_be_focused()
    page.evaluate("void (navigator.mediaDevices.getUserMedia = real)")
    start.press("Enter")
    expect(page.get_by_role("region", name="Camera")).to_be_focused()
    met = page.locator("#met")
    expect(met).to_contain_text("Their card")
    expect(page.get_by_role("region", name="Camera")).to_be_focused()
    page.get_by_role("group", name="A short sound").get_by_role("button", name="No").press("Enter")
    expect(page.get_by_role("button", name="Sound is off")).to_be_focused()
    met.get_by_label("What did you talk about?").fill("Nanoseconds")
    met.get_by_role("button", name="Keep").press("Enter")
    expect(page.locator("#said")).to_have_text("Kept. Only you see this.")
    expect(met.locator("summary", has_text="What you wrote about them")).to_be_focused()
    page.get_by_role("button", name="Scan me").press("Enter")
    expect(page.locator("#mine-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Scan me")).to_be_focused()
    met.get_by_role("button", name="Undo").press("Enter")
    expect(met.get_by_role("heading", name="Grace Hopper")).to_be_focused()


def test_badge_pages_are_for_everybody_in_each_of_their_states(walk: Walk, live: Live) -> None:
    cast = live.cast
    open_and_look(walk, f"/B/{cast.token(cast.grace)}", "A badge of an event")
    walk.sign_in("ada")
    open_and_look(walk, f"/B/{cast.token(cast.ada)}", "This is your badge, and this browser is you")
    open_and_look(walk, f"/B/{cast.token(cast.grace)}", "Swap cards?")
    open_and_look(walk, f"/B/{codes.new_token()}", "We do not know this badge here", 404)
    choose(live, cast.grace, "paused")
    open_and_look(walk, f"/B/{cast.token(cast.grace)}", "They do not swap right now")
    choose(live, cast.grace, "at_once")
    with clock.stopped(cast.mixer.late_scans_until + timedelta(hours=1)):
        walk.sign_in("ada")
        open_and_look(walk, f"/B/{cast.token(cast.grace)}", "Swaps are closed")
    walk.sign_in("ada")
    swap(live, cast.ada, cast.bob)
    open_and_look(walk, f"/B/{cast.token(cast.bob)}", "You swapped cards")
    choose(live, cast.grace, "ask")
    swap(live, cast.ada, cast.grace)
    open_and_look(walk, f"/B/{cast.token(cast.grace)}", "You asked Grace Hopper")


def test_contact_pages_are_for_everybody_with_and_without_network(walk: Walk, live: Live) -> None:
    cast, page = live.cast, walk.page
    swap(live, cast.ada, cast.bob)
    choose(live, cast.ada, "ask")
    swap(live, cast.grace, cast.ada)
    walk.sign_in("ada")
    open_and_look(walk, "/e/mixer/people", "You met one person")
    open_and_look(walk, f"/e/mixer/people/{cast.bob.id}", "Bob Kahn")
    open_and_look(walk, "/e/mixer/waiting", "One person waits for you")
    page.goto("/e/mixer/scan")
    page.goto("/e/mixer/people")
    make_ready(page)
    expect(page.locator("[data-ready]")).to_have_attribute("data-ready", "yes")
    page.get_by_role("button", name="Keep all on this phone").click()
    expect(page.locator("[data-keep-all] [data-say]")).to_contain_text("1 person is on this phone")
    page.context.set_offline(True)
    for path, headline in ((f"/B/{cast.token(cast.grace)}", "You scanned a badge at"), ("/e/mixer/scan", "Scan badges"),
                           ("/e/mixer/badge", "Your badge"), ("/e/mixer/people", "People on this phone"),
                           ("/e/mixer/card", "No network right now")):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(headline)
        look(walk, f"without network: {headline}")
    walk.found = [one for one in walk.found if "net::ERR_INTERNET_DISCONNECTED" not in one]
