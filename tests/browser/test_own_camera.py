"""The phone's own camera opens a badge: one round trip, one tap, and neither is lost when network or session go."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from eventnet import clock
from tests.browser.hall import Hall, Party, wait_until_sent, waiting

pytestmark = pytest.mark.browser
NewParty = Callable[[int], Party]
Phone = Callable[[Party], Page]


def opened_at(page: Page) -> str:
    return str(page.locator("form[data-swap] [name=opened_at]").get_attribute("value"))


def assert_met_when_opened(party: Party, opened: str) -> None:
    """Once, and at that second; a scan out of the queue is placed by the phone's clock."""
    scan, = party.scans()
    assert abs((scan.met_at - clock_of(opened)).total_seconds()) < 2
    assert [one.times for one in party.encounters()] == [1]


def clock_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_badge_is_usable_within_one_round_trip(new_party: NewParty, phone: Phone) -> None:
    """One document, no redirect, and nothing else needed for the tap: no script, no style, no second request."""
    party = new_party(1)
    page = phone(party)
    plain = page.context.browser.new_context(  # type: ignore[union-attr]
        base_url=party.hall.url, java_script_enabled=False, service_workers="block")
    party.hall.sign_in(plain, party.me)
    bare = plain.new_page()
    asked: list[str] = []

    def only_documents(route: Route) -> None:
        if route.request.resource_type == "document":
            asked.append(route.request.url)
            route.continue_()
        else:
            route.abort()

    bare.route("**/*", only_documents)
    answer = bare.goto(f"/B/{party.badges[0]}")
    assert answer is not None
    assert (answer.status, answer.request.redirected_from, len(asked)) == (200, None, 1)
    button = bare.get_by_role("button", name=re.compile("^Swap with Person"))
    expect(button).to_be_visible()
    opened = opened_at(bare)
    bare.wait_for_timeout(1500)
    assert party.scans() == []
    button.click()
    expect(bare.get_by_role("heading", name="You swapped cards")).to_be_visible()
    assert_met_when_opened(party, opened)
    plain.close()


def test_one_tap_asks_no_more_than_it_needs(new_party: NewParty, phone: Phone) -> None:
    """The tap is one request and the receipt another one; nothing of it stays on the phone."""
    party = new_party(1)
    page = phone(party)
    page.goto(f"/B/{party.badges[0]}")
    opened = opened_at(page)
    party.hall.network.passed.clear()
    page.get_by_role("button", name=re.compile("^Swap with Person")).click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    passed = [one for one in party.hall.network.passed if not one[1].startswith("/static")]
    assert passed[:2] == [("POST", f"/B/{party.badges[0]}"), ("GET", f"/B/{party.badges[0]}")]
    assert waiting(page) == 0
    assert_met_when_opened(party, opened)


@pytest.mark.parametrize("mode", ["cut", "portal", "moved", "lost", "error"])
def test_tap_on_a_page_whose_network_died_is_kept_and_counts_once(
    new_party: NewParty, phone: Phone, mode: str
) -> None:
    party = new_party(1)
    page, network = phone(party), party.hall.network
    page.goto(f"/B/{party.badges[0]}")
    opened = opened_at(page)
    page.wait_for_timeout(1200)
    network.mode = mode
    page.get_by_role("button", name=re.compile("^Swap with Person")).click()
    expect(page.locator("#swap-said")).to_contain_text("Kept,")
    assert waiting(page) == 1
    network.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    assert waiting(page) == 0
    assert_met_when_opened(party, opened)


def test_tap_that_only_the_queue_keeps_survives_the_tab(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page, network = phone(party), party.hall.network
    page.goto(f"/B/{party.badges[0]}")
    opened = opened_at(page)
    network.mode = "hang"
    page.get_by_role("button", name=re.compile("^Swap with Person")).click(no_wait_after=True)
    page.wait_for_timeout(400)
    context = page.context
    page.close()
    network.mend()
    page = context.new_page()
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    assert_met_when_opened(party, opened)


def test_tap_with_an_old_token_needs_no_second_tap_where_scripts_run(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    party = new_party(1)
    page = phone(party)
    page.goto(f"/B/{party.badges[0]}")
    opened = opened_at(page)
    one_hall.sign_in(page.context, party.me)  # another token: the page's is too old now
    page.get_by_role("button", name=re.compile("^Swap with Person")).click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    assert_met_when_opened(party, opened)


def test_tap_without_a_session_is_kept_and_counts_after_signing_in(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    party = new_party(1)
    page = phone(party)
    page.goto(f"/B/{party.badges[0]}")
    opened = opened_at(page)
    page.context.clear_cookies()
    page.get_by_role("button", name=re.compile("^Swap with Person")).click()
    expect(page.locator(".kept")).to_contain_text("It counts with this time once you are signed in")
    assert party.scans() == []
    one_hall.sign_in(page.context, party.me)
    page.goto("/e/hall/people")
    wait_until_sent(party, page)
    assert_met_when_opened(party, opened)


def test_badge_opened_signed_out_waits_for_a_tap_that_names_the_person(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    """Kept on the phone without a tap, found again however they sign in, and never a swap by itself."""
    party = new_party(1)
    page = phone(party)
    page.context.clear_cookies()
    page.goto(f"/B/{party.badges[0]}")
    expect(page.locator(".kept")).to_contain_text("Kept,")
    opened = clock.now()
    page.wait_for_timeout(1500)
    one_hall.sign_in(page.context, party.me)
    page.goto("/e/hall/people")
    link = page.get_by_role("link", name="Badge opened at")
    expect(link).to_be_visible()
    assert (party.scans(), waiting(page)) == ([], 0)
    link.click()
    page.get_by_role("button", name=re.compile("^Swap with Person")).click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    assert_met_when_opened(party, opened.isoformat())
    page.goto("/e/hall/people")
    expect(page.get_by_role("heading", name="You met one person")).to_be_visible()
    page.wait_for_timeout(300)
    expect(link).to_be_hidden()


def test_second_opening_of_a_badge_keeps_the_first_time_and_can_be_forgotten(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    party = new_party(1)
    page = phone(party)
    page.context.clear_cookies()
    kept = []
    for _turn in range(2):
        page.goto(f"/B/{party.badges[0]}")
        page.wait_for_timeout(1100)
        kept.append(page.locator("meta[name=badge]").get_attribute("data-kept"))
    assert kept[0] != kept[1]
    one_hall.sign_in(page.context, party.me)
    page.goto("/e/hall/people")
    link = page.get_by_role("link", name="Badge opened at")
    assert link.get_attribute("href") == f"/B/{party.badges[0]}?kept={kept[0]}"
    page.get_by_role("button", name="Forget it").click()
    expect(link).to_be_hidden()


def test_signed_out_badge_page_makes_ready_and_says_so(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page = phone(party)
    page.context.clear_cookies()
    page.goto(f"/B/{party.badges[0]}")
    expect(page.locator("[data-ready]")).to_contain_text("Ready without network ✗")
    page.get_by_role("button", name="Make ready, 0.5 MB").click()
    expect(page.locator(".ready-yes")).to_be_visible()


@pytest.mark.parametrize("is_offline", [False, True])
def test_two_who_scan_each_other_meet_once_in_both_directions(
    new_party: NewParty, phone: Phone, is_offline: bool
) -> None:
    """Both tap at once, or both without network and one much later; the oracle is the database."""
    party = new_party(1)
    other = Party(party.hall, [party.people[1], party.people[0]])
    mine, theirs = phone(party), phone(other)
    mine.goto(f"/B/{party.badges[0]}")
    theirs.goto(f"/B/{other.badges[0]}")
    opened = sorted([clock_of(opened_at(mine)), clock_of(opened_at(theirs))])
    if is_offline:
        party.hall.network.mode = "cut"
    for page in (mine, theirs):
        page.locator("form[data-swap] button").evaluate("button => button.click()")
    if is_offline:
        for page in (mine, theirs):
            expect(page.locator("#swap-said")).to_contain_text("Kept,")
        assert party.encounters() == []
        mine.context.set_offline(True)  # this phone stays away for longer
        party.hall.network.mend()
        theirs.evaluate("dispatchEvent(new Event('online'))")
        expect(theirs.get_by_role("heading", name="You swapped cards")).to_be_visible()
        mine.context.set_offline(False)
        mine.evaluate("dispatchEvent(new Event('online'))")
    for page in (mine, theirs):
        expect(page.get_by_role("heading", name=re.compile("You swapped cards|You have met"))).to_be_visible()
    encounter, = party.encounters()
    assert (encounter.low_scanned, encounter.high_scanned) == (True, True)
    assert abs(encounter.first_at - opened[0]) < timedelta(seconds=2)
    assert abs(encounter.last_at - opened[1]) < timedelta(seconds=2)
    assert len(party.scans()) == len(other.scans()) == 1
