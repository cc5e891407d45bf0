"""Every fault of a hall's network and of the server: each scan arrives exactly once, under its own scanner, in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from eventnet import clock
from tests.browser.conftest import QUIET, chromium
from tests.browser.hall import Party, hurry, keep, make_ready, wait_for_trouble, wait_until_sent, waiting

pytestmark = pytest.mark.browser
IN_TIME = timedelta(minutes=2)


def assert_each_once(party: Party) -> None:
    """The oracle is the database: each of them once, by this scanner, about now."""
    scans = party.scans()
    assert Counter(scan.scanned_id for scan in scans) == Counter(person.id for person in party.others)
    assert [encounter.times for encounter in party.encounters()] == [1] * len(party.others)
    for scan in scans:
        assert abs(clock.now() - scan.met_at) < IN_TIME


def test_two_hundred_scans_survive_the_tab_the_flaps_and_a_killed_server(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    party = new_party(200)
    page, network = phone(party), party.hall.network
    network.mode = "cut"
    keep(page, party.badges[:120])
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/e/hall/people")
    assert page.evaluate("document.querySelector('script[src*=\"contacts/offline.js\"]') !== null"), (
        "without network the phone's own page opens")
    assert party.scans() == []

    for flap in range(20):
        network.mode = "pass" if flap % 2 else ("lost" if flap % 4 else "cut")
        page.wait_for_timeout(100)
    network.mode = "pass"
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    network.only, network.mode = "/api/v1/encounters", "lost"
    keep(page, party.badges[120:])
    hurry(page)
    party.hall.wait_until(lambda: len(party.scans()) > 120)
    party.hall.kill_server()
    network.mend()
    hurry(page)
    page.wait_for_timeout(300)
    party.hall.start_server()
    wait_until_sent(party, page)
    assert_each_once(party)


def test_scans_outlive_the_browser(
    new_party: Callable[[int], Party], playwright: Playwright, tmp_path: Path
) -> None:
    """Killed with the phone's memory full and started anew a little later: what was kept is still there."""
    party = new_party(3)

    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium(), args=list(QUIET), base_url=party.hall.url)

    context = start()
    party.hall.sign_in(context, party.me)
    page = context.new_page()
    page.goto("/e/hall/people")
    make_ready(page)
    party.hall.network.mode = "cut"
    keep(page, party.badges)
    cookies = context.cookies()
    context.close()
    assert party.scans() == []
    party.hall.network.mend()
    context = start()
    context.add_cookies([{"name": one["name"], "value": one["value"], "url": party.hall.url} for one in cookies])
    page = context.new_page()
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    context.close()
    assert_each_once(party)


def test_answers_that_are_not_ours_keep_the_scans(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    modes = ("portal", "moved", "login", "busy", "flood", "error", "cut", "lost", "hang")
    party = new_party(len(modes))
    page, network = phone(party), party.hall.network
    for number, mode in enumerate(modes):
        network.only, network.mode = "/api/", mode
        keep(page, [party.badges[number]])
        page.wait_for_timeout(300)
        assert waiting(page) == 1, mode
        network.mend()
        wait_until_sent(party, page)
        assert len(party.scans()) == number + 1, mode
    assert_each_once(party)


def test_wrong_clock_does_not_move_the_meeting(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    """An hour ahead, a day behind, 1970 and 2106: kept without network, sent after the page was opened anew."""
    for shift in ("3600e3", "-86400e3", "-Date.now()", "Date.UTC(2106, 1, 7) - Date.now()"):
        party = new_party(2)
        page = phone(party)
        page.context.add_init_script(f"""{{
            const RealDate = Date, shift = {shift};
            globalThis.Date = class extends RealDate {{
                constructor(...given) {{ given.length ? super(...given) : super(RealDate.now() + shift); }}
                static now() {{ return RealDate.now() + shift; }}
            }};
        }}""")
        page.reload()
        party.hall.network.mode = "cut"
        keep(page, party.badges)
        party.hall.network.mend()
        page.reload()
        wait_until_sent(party, page)
        assert_each_once(party)


def test_scans_wait_for_their_own_scanner(new_party: Callable[[int], Party], phone: Callable[[Party], Page]) -> None:
    """Another attendee who signs in on this phone neither sends them nor sees whom they are about."""
    party, somebody = new_party(2), new_party(0).me
    page = phone(party)
    party.hall.network.mode = "cut"
    keep(page, party.badges)
    wait_for_trouble(page)
    party.hall.sign_in(page.context, somebody)
    party.hall.network.mend()
    page.goto("/e/hall/people")
    hurry(page)
    page.wait_for_timeout(800)
    assert party.scans() == []
    assert waiting(page) == 2
    party.hall.sign_in(page.context, party.me)
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    assert_each_once(party)


def test_scan_of_nobody_counts_for_who_signs_in(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    party = new_party(1)
    page = phone(party)
    party.hall.network.mode = "cut"
    keep(page, party.badges, scanners="nobody yet")
    party.hall.network.mend()
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    assert_each_once(party)


def test_queue_that_deletes_on_send_loses_scans(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    """Negative control: the same fault with a queue that forgets a scan when it is sent."""
    party = new_party(3)
    page, network = phone(party), party.hall.network
    network.only, network.mode = "/api/v1/encounters", "cut"
    page.evaluate("""async () => {
        const { queue } = await import(document.querySelector('script[src*="contacts/phone.js"]').src);
        const ask = queue.fetcher;
        queue.fetcher = async (address, options) => {
            if (options.method === "POST") {
                await queue.store.remove("scans", JSON.parse(options.body).scans.map((scan) => scan.id));
            }
            return ask(address, options);
        };
    }""")
    keep(page, party.badges)
    hurry(page)
    party.hall.wait_until(lambda: waiting(page) == 0)
    wait_for_trouble(page)
    network.mend()
    hurry(page)
    page.wait_for_timeout(500)
    assert party.scans() == []


def test_format_of_the_first_release_is_brought_along(
    new_party: Callable[[int], Party], phone: Callable[[Party], Page]
) -> None:
    party = new_party(2)
    page = phone(party)
    page.evaluate("""async (tokens) => {
        const scanner = document.querySelector('meta[name="scanner"]').content;
        localStorage.setItem(`eventnet.scans.1.${scanner}`, JSON.stringify(tokens.map((badge) => (
            { id: crypto.randomUUID(), badge, scanned_at: new Date().toISOString() }))));
    }""", party.badges)
    page.reload()
    party.hall.wait_until(lambda: len(party.scans()) == 2)
    wait_until_sent(party, page)
    assert_each_once(party)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('eventnet.scans'))") == []
