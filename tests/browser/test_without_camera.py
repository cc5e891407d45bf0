"""Swapping without the camera: a typed code, a photo, my own badge held up; and what is said when there is none."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from eventnet import links
from eventnet.badges import codes, symbols
from eventnet.encounters.models import Scan
from tests.browser.conftest import QUIET, FakeCamera, Live, chromium
from tests.browser.test_scanner import printed_badge, rows, sign_in, start_camera

pytestmark = pytest.mark.browser
FAILING = "void (navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('x', '{name}'); }})"
WAYS = ("Type a code", "Scan me", "Photo")


def open_scanner(live: Live, page: Page, *scripts: str) -> Page:
    for script in scripts:
        page.add_init_script(script)
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/scan")
    return page


def expect_trouble(page: Page, sentence: str) -> None:
    """What went wrong is said and the ways without a camera are there."""
    expect(page.locator("#trouble")).to_contain_text(sentence)
    for way in WAYS:
        expect(page.get_by_role("button", name=way)).to_be_visible()


@pytest.fixture(scope="module")
def blind_chrome(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET])
    yield launched
    launched.close()


def file_of(picture: Image.Image, name: str = "photo.png") -> dict[str, object]:
    out = BytesIO()
    picture.save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def code_picture(text: str) -> Image.Image:
    return Image.open(BytesIO(symbols.symbol(text).png(6))).convert("RGB")


def test_badge_code_is_typed_by_keyboard_alone(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False))
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    begun = time.monotonic()
    for _press in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "type-code":
            break
    page.keyboard.press("Enter")
    typed = codes.grouped(live.cast.code(live.cast.grace)).lower().replace("0", "o").replace("1", "l")
    wrong = typed[:-1] + ("x" if typed[-1] != "x" else "y")
    page.keyboard.type(wrong)
    page.keyboard.press("Enter")
    expect(page.locator("#code-help")).to_have_text("One letter or digit is not right. Compare with the badge.")
    expect(page.get_by_label("Eight letters and digits")).to_have_attribute("aria-invalid", "true")
    assert rows(Scan) == []
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible()
    assert time.monotonic() - begun < 10
    expect(page.get_by_role("button", name="Type a code")).to_be_focused()
    scan, = rows(Scan)
    assert isinstance(scan, Scan)
    assert (scan.scanner_id, scan.scanned_id) == (live.cast.ada.id, live.cast.grace.id)


def test_typed_code_means_in_the_page_what_it_means_to_the_server(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False))
    dice = random.Random(7)
    texts = [codes.new_code() for _ in range(200)]
    for code in texts[:100]:
        place = dice.randrange(8)
        texts.append(code[:place] + dice.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") + code[place + 1:])
        texts += [f" {code[:4]} - {code[4:]} ".lower(), code.replace("0", "O").replace("1", "i"), code[:7], code + "0"]
    texts += ["", "ＡＢＣＤ１２３４", "K7M2\u20139QXP", "UUUUUUUU", "\ud83d\ude00" * 4]
    found = page.evaluate("""async (texts) => {
        const { typedCode } = await import("/static/contacts/codes.js");
        return texts.map((text) => typedCode(text).code ?? null);
    }""", texts)
    assert found == [codes.normalize_code(text) for text in texts]


@pytest.mark.data
def test_codes_of_other_kinds_are_named(live: Live, new_phone: Callable[..., Page], outside_data: Path) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False))
    folder = outside_data / "qr-boofcv-payloads-dev"
    kinds = {"Email": "mail", "Event": "date", "FaceBook": "web", "Location": "place", "MeCard": "card",
             "Phone": "phone", "SMS": "message", "Twitter": "web", "VCard": "card", "WIFI": "wifi", "Website": "web",
             "YouTube": "web"}
    texts = {file.stem: file.read_text("utf-8", errors="replace") for file in folder.glob("v*.txt")}
    assert len(texts) == 26
    found = page.evaluate("""async ([texts, host]) => {
        const { badgeToken, foreignKind } = await import("/static/contacts/codes.js");
        const kind = (text) => badgeToken(text, host) ?? foreignKind(text, host);
        return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, kind(text)]));
    }""", [texts, live.url.removeprefix("http://")])
    assert found == {name: kinds[name[2:].partition("-")[0]] for name in texts}


def test_photo_of_a_badge_is_read_in_the_page(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False))
    page.get_by_role("button", name="Photo").click()
    choose, said = page.locator("#photo-choose"), page.locator("#photo-said")
    assert page.locator("#photo-take").get_attribute("capture") == "environment"
    choose.set_input_files({"name": "note.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(said).to_have_text("This file is no picture. Choose a photo.")
    choose.set_input_files(file_of(code_picture("WIFI:S:Hall;T:WPA;P:secret;;")))
    expect(said).to_have_text("This is a Wi-Fi code, not a badge.")
    page.evaluate("""() => {
        window.shown = [];
        const progress = document.getElementById("photo-progress");
        new MutationObserver(() => shown.push(progress.value)).observe(progress, { attributeFilter: ["value"] });
    }""")
    choose.set_input_files(file_of(Image.new("RGB", (200, 200), "#999999")))
    expect(said).to_contain_text("No code was found.", timeout=20_000)
    shown = page.evaluate("shown")
    assert len(shown) > 3
    assert shown == sorted(shown)
    assert shown[-1] == 1
    assert rows(Scan) == []
    choose.set_input_files(file_of(printed_badge(live, live.cast.grace)))
    expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible()
    expect(page.locator("#photo-sheet")).to_be_hidden()
    assert len(rows(Scan)) == 1


def test_photo_with_several_badges_lists_them(live: Live, new_phone: Callable[..., Page]) -> None:
    cast = live.cast
    both = Image.new("RGB", (1300, 700), "white")
    for place, person in enumerate((cast.grace, cast.bob)):
        both.paste(code_picture(links.badge_url(live.url, cast.token(person))), (120 + place * 640, 200))
    page = open_scanner(live, new_phone(may_use_camera=False))
    page.get_by_role("button", name="Photo").click()
    page.locator("#photo-choose").set_input_files(file_of(both))
    expect(page.locator("#photo-said")).to_have_text("2 codes are in this photo. Which one?")
    assert rows(Scan) == []
    swaps = page.locator("#photo-found").get_by_role("button", name="Swap")
    swaps.first.click()
    swaps.last.click()
    expect(page.locator("#photo-sheet")).to_be_hidden()
    for person in (cast.grace, cast.bob):
        expect(page.locator("#result")).to_contain_text(person.badge_name)
    assert {scan.scanned_id for scan in rows(Scan)} == {cast.grace.id, cast.bob.id}  # type: ignore[attr-defined]


def test_my_badge_is_held_up_until_it_is_put_away(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False, scheme="dark"))
    page.get_by_role("button", name="High contrast").click()
    page.get_by_role("button", name="Scan me").click()
    expect(page.locator("#mine-name")).to_have_text("Ada Lovelace")
    expect(page.locator("#mine-picture")).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    screen = Image.open(BytesIO(page.screenshot()))
    found, = zxingcpp.read_barcodes(screen)
    assert found.text == links.badge_url(live.url, live.cast.token(live.cast.ada))
    assert screen.convert("RGB").getpixel((4, 4)) == (255, 255, 255)
    assert page.locator("#mine-code").inner_text().replace(" ", "") == live.cast.code(live.cast.ada)
    page.mouse.move(200, 300)
    page.mouse.down()
    page.mouse.move(205, 340)
    page.mouse.up()
    expect(page.locator("#mine")).to_be_visible()  # a tap, or a finger that slips, does not put it away
    page.mouse.move(200, 300)
    page.mouse.down()
    page.mouse.move(205, 500)
    page.mouse.up()
    expect(page.locator("#mine")).to_be_hidden()
    expect(page.get_by_role("button", name="Scan me")).to_be_focused()


def test_camera_that_is_refused_busy_or_broken_is_named(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False))
    page.get_by_role("button", name="Start the camera").click()
    expect_trouble(page, "The camera is blocked. Allow it for this site")
    for name, sentence in (("NotReadableError", "The camera is busy: another app or window has it."),
                           ("OverconstrainedError", "No camera was found here."),
                           ("UnknownError", "The camera did not start.")):
        page.evaluate(FAILING.format(name=name))
        page.get_by_role("button", name="Start the camera").click()
        expect_trouble(page, sentence)


def test_missing_camera_is_named(live: Live, blind_chrome: Browser) -> None:
    context = blind_chrome.new_context(base_url=live.url, permissions=["camera"])
    page = open_scanner(live, context.new_page())
    page.get_by_role("button", name="Start the camera").click()
    expect_trouble(page, "No camera was found here.")
    context.close()


def test_camera_that_ends_midway_says_so_and_starts_again(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    camera.show(Image.new("RGB", (64, 36)))
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    start_camera(page)
    page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect_trouble(page, "The camera stopped by itself")
    camera.show(printed_badge(live, live.cast.grace))
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible()


def test_browser_inside_another_app_is_led_to_a_real_one(live: Live, new_phone: Callable[..., Page]) -> None:
    page = open_scanner(live, new_phone(may_use_camera=False), "delete Navigator.prototype.mediaDevices;")
    expect_trouble(page, "This browser cannot use the camera. Perhaps it is part of another app")
    expect(page.locator("#elsewhere-address")).to_have_text(f"{live.url}/e/mixer/scan")
    expect(page.get_by_role("link", name="Not signed in there?")).to_have_attribute("href", "/e/mixer/hand-over")
    expect(page.get_by_role("button", name="Start the camera")).to_be_hidden()
    page.get_by_role("button", name="Copy the address").click()
    expect(page.locator("#copy-address")).to_have_text("Copied.")

    page = open_scanner(live, new_phone(), "Object.defineProperty(window, 'indexedDB', { value: undefined });")
    expect(page.locator("#not-lasting")).to_contain_text("This browser keeps nothing when the page closes")
    expect(page.locator("#elsewhere-address")).to_be_visible()
    page.get_by_role("button", name="Type a code").click()
    page.keyboard.type(live.cast.code(live.cast.grace))
    page.keyboard.press("Enter")
    expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible()


def test_scans_that_wait_are_listed_and_discarded_after_a_question(live: Live, new_phone: Callable[..., Page]) -> None:
    cast = live.cast
    page = open_scanner(live, new_phone(may_use_camera=False))
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for person in (cast.grace, cast.bob):
        page.get_by_role("button", name="Type a code").click()
        page.keyboard.type(cast.code(person))
        page.keyboard.press("Enter")
    page.get_by_role("button", name="2 scans wait for the network").click()
    sheet = page.locator("#held-sheet")
    assert cast.code(cast.bob) not in sheet.inner_text()
    sheet.get_by_role("button", name="Discard the scan from").last.click()
    expect(sheet).to_contain_text("Nobody else has it: the swap is lost.")
    sheet.get_by_role("button", name="Keep it").click()
    expect(sheet.get_by_role("listitem")).to_have_count(2)
    sheet.get_by_role("button", name="Discard the scan from").last.click()
    sheet.get_by_role("button", name="Yes, discard it").click()
    expect(sheet.get_by_role("heading")).to_have_text("1 scan waits for the network")
    sheet.get_by_role("button", name="Send now").click()
    expect(page.locator("#held-said")).to_contain_text("The network is still away.", timeout=15_000)
    page.context.set_offline(False)  # the queue notices by itself
    expect(sheet.get_by_role("heading")).to_have_text("No scan waits: everything was sent")
    sheet.get_by_role("button", name="Close").click()
    page.wait_for_timeout(2500)
    scan, = rows(Scan)
    assert isinstance(scan, Scan)
    assert scan.scanned_id == cast.grace.id


def test_scanner_opens_without_network(live: Live, camera: FakeCamera, new_phone: Callable[..., Page]) -> None:
    camera.show(printed_badge(live, live.cast.grace))
    page = open_scanner(live, new_phone())
    page.evaluate("""async () => {
        await navigator.serviceWorker.ready;
        if (!navigator.serviceWorker.controller) {
            await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
        }
        const files = document.querySelector('meta[name="scanner-files"]').content.split(" ");
        await Promise.all(files.map((file) => fetch(file)));
    }""")
    page.context.set_offline(True)
    page.goto("/e/mixer/scan")
    page.get_by_role("button", name="Start the camera").click()
    met = page.locator("#met")
    expect(met).to_contain_text("Kept on this phone,")
    assert "Grace" not in page.content()
    page.get_by_role("button", name="Scan me").click()
    expect(page.locator("#mine-name")).to_have_text("Ada Lovelace")
    page.locator("#mine").get_by_role("button", name="Close").click()
    met.get_by_label("What did you talk about?").fill("Kept")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(met.get_by_role("heading", name="Grace Hopper")).to_be_visible(timeout=15_000)
    expect(met.get_by_label("What did you talk about?")).to_have_value("Kept")
    assert len(rows(Scan)) == 1
