"""Places without network, in real Chromium: what is scanned there is kept and arrives once, with its true time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from eventnet import clock
from eventnet.encounters.models import Encounter, Scan
from tests.browser.conftest import Live
from tests.browser.hall import make_ready
from tests.browser.test_scanner import rows, sign_in

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const db = await new Promise((done) => { const r = indexedDB.open("eventnet"); r.onsuccess = () => done(r.result); });
  return new Promise((done) => {
    const r = db.transaction("scans").objectStore("scans").getAll(); r.onsuccess = () => done(r.result); });
}"""


def test_badge_opened_without_network_is_kept_and_counts_with_its_time(
    live: Live, new_phone: Callable[..., Page]
) -> None:
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/people")
    make_ready(page)
    page.context.set_offline(True)
    page.goto(f"/B/{live.cast.token(live.cast.grace)}")
    expect(page.get_by_role("heading", name="You scanned a badge at")).to_be_visible()
    page.get_by_role("button", name="Keep this swap").click()
    expect(page.locator("#lead")).to_contain_text("Kept,")
    expect(page.locator("#waiting")).to_have_text("1 scan waits for the network")
    kept, = page.evaluate(KEPT)
    assert set(kept) == {"id", "badge", "scanned_at", "scanners"}
    assert "Grace" not in json.dumps(kept)
    assert rows(Scan) == []

    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden(timeout=15_000)
    scan, = rows(Scan)
    assert (scan.scanner_id, scan.scanned_id) == (live.cast.ada.id, live.cast.grace.id)
    encounter, = rows(Encounter)
    assert timedelta(0) <= clock.now() - encounter.first_at < timedelta(minutes=1)
    assert page.evaluate(KEPT) == []


def test_my_badge_opens_without_network(live: Live, new_phone: Callable[..., Page]) -> None:
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/people")
    make_ready(page)
    page.context.set_offline(True)
    page.goto("/e/mixer/badge")
    expect(page.get_by_role("heading", name="Your badge")).to_be_visible()
    expect(page.locator("#own-name")).to_have_text("Ada Lovelace")
    assert page.locator("#own-code").inner_text().replace(" ", "") == live.cast.code(live.cast.ada)


def test_organizer_pages_and_activation_links_pass_by_the_service_worker(
    live: Live, new_phone: Callable[..., Page]
) -> None:
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/people")
    make_ready(page)
    for path in ("/admin/sign-in", "/A/SOMETHING"):
        answer = page.goto(path)
        assert answer is not None
        assert not answer.from_service_worker
    answer = page.goto("/e/mixer/people")
    assert answer is not None
    assert answer.from_service_worker
