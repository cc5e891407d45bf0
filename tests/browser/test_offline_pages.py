"""What a phone shows and keeps without network, and what goes from it when its person goes."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from eventnet import clock, db
from eventnet.attendees.models import SignedInBrowser
from eventnet.badges.codes import BadgeReference
from eventnet.cards import granting
from eventnet.contacts import swapping
from eventnet.contacts.swapping import Swap
from eventnet.encounters.recording import Claim
from tests.browser.hall import Hall, Party, hurry, keep, wait_for_trouble, wait_until_sent, waiting

pytestmark = pytest.mark.browser
NewParty = Callable[[int], Party]
Phone = Callable[[Party], Page]

STORES = """async () => {
  const db = await new Promise((done) => { const r = indexedDB.open("eventnet"); r.onsuccess = () => done(r.result); });
  const found = {};
  for (const name of db.objectStoreNames) {
    found[name] = await new Promise((done) => {
      const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result); });
  }
  db.close();
  return found;
}"""


def stores(page: Page) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = page.evaluate(STORES)
    return found


def meet(party: Party) -> None:
    """The first met all the others already."""
    with party.hall.app.app_context(), db.transaction():
        for token in party.badges:
            swapping.swap([Swap(Claim(f"test-{token}", BadgeReference("token", token)))], attendee_id=party.me.id,
                          way="bearer")


def away(page: Page, path: str) -> None:
    """Open an address while there is no network."""
    page.context.set_offline(True)
    page.goto(path)


def test_badge_without_network_says_what_i_give_and_keeps_after_the_tap(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page = phone(party)
    away(page, f"/B/{party.badges[0]}")
    expect(page.get_by_role("heading", name="You scanned a badge at")).to_be_visible()
    expect(page.locator("#gives")).to_have_text(re.compile("You give\\s*name and e-mail"))
    assert stores(page)["scans"] == []
    page.get_by_role("button", name="Keep this swap").click()
    expect(page.locator("#lead")).to_contain_text("Kept,")
    page.context.set_offline(False)
    hurry(page)
    expect(page.get_by_role("heading", name="The network is back, and it counts.")).to_be_visible()
    page.get_by_role("button", name="Show their card").click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    assert len(party.scans()) == 1


def test_scanner_opens_without_network_and_keeps_a_typed_code(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page = phone(party)
    page.goto("/e/hall/scan")
    page.goto("/e/hall/people")
    expect(page.locator("[data-ready]")).to_have_attribute("data-ready", "yes")
    away(page, "/e/hall/scan")
    expect(page.locator("#scanner")).to_be_visible()
    expect(page.get_by_role("button", name="Type a code")).to_be_visible()
    assert page.title() == "Scan badges"


def test_portal_is_no_answer_for_pages_either(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page, network = phone(party), party.hall.network
    for mode in ("portal", "moved", "login", "error"):
        network.mode = mode
        page.goto(f"/B/{party.badges[0]}")
        expect(page.get_by_role("heading", name="You scanned a badge at")).to_be_visible()
        page.goto("/e/hall/badge")
        expect(page.get_by_role("heading", name="Your badge")).to_be_visible()
    network.mend()
    # What leads elsewhere on our own server still leads there.
    page.goto("/e/hall/")
    expect(page).to_have_url(f"{party.hall.url}/e/hall/badge")


def test_hanging_network_gives_way_to_the_shell_within_three_seconds(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page = phone(party)
    party.hall.network.mode = "hang"
    page.goto(f"/B/{party.badges[0]}")
    expect(page.get_by_role("button", name="Keep this swap")).to_be_visible()
    waited = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
    assert 2300 < waited < 4500


def test_chosen_people_are_there_without_network_as_they_share_now(new_party: NewParty, phone: Phone) -> None:
    party = new_party(2)
    meet(party)
    page = phone(party)
    one, other = party.others
    page.goto(f"/e/hall/people/{one.id}")
    page.get_by_label("Keep on this phone").check()
    expect(page.locator("[data-keep-person]")).to_contain_text("Here until you sign out.")
    page.goto("/e/hall/people")
    expect(page.locator("[data-keep-all] [data-say]")).to_contain_text("1 person is on this phone")
    page.get_by_role("button", name="Keep all on this phone").click()
    expect(page.locator("[data-keep-all] [data-say]")).to_contain_text("2 people are on this phone")
    kept = stores(page)["people"]
    assert {row["email"] for row in kept} == {one.email, other.email}
    assert set(kept[0]) == {"url", "name", "title", "organization", "met_at", "email", "phone", "linkedin", "website",
                            "scanner", "refreshed_at"}
    away(page, "/e/hall/people")
    expect(page.locator("#own-people .name")).to_have_text(sorted([one.badge_name, other.badge_name]))

    # Taken back meanwhile: the next page with network knows, once what is kept is older than ten minutes.
    with party.hall.app.app_context(), db.transaction():
        granting.take_back(one.event_id, one.id, party.me.id, ["email"], told=False, name_too=False)
    page.context.set_offline(False)
    # The page for places without network leaves by itself.
    expect(page.get_by_role("heading", name="You met 2 people")).to_be_visible(timeout=15_000)
    page.goto("/e/hall/card")
    page.evaluate("""async () => {
        const { queue } = await import(document.querySelector('script[src*="contacts/phone.js"]').src);
        const refreshed_at = "2026-01-02T00:00:00Z";
        for (const row of await queue.store.all("people")) await queue.store.put("people", { ...row, refreshed_at });
    }""")
    page.reload()
    party.hall.wait_until(lambda: {row["email"] for row in stores(page)["people"]} == {"", other.email}, 15)


def test_sign_out_asks_while_scans_wait_and_then_wipes_everything(new_party: NewParty, phone: Phone) -> None:
    party = new_party(2)
    meet(Party(party.hall, party.people[:2]))
    page, network = phone(party), party.hall.network
    page.goto("/e/hall/people")
    page.get_by_role("button", name="Keep all on this phone").click()
    expect(page.locator("[data-keep-all] [data-say]")).to_contain_text("1 person is on this phone")
    page.goto("/e/hall/browsers")
    network.only, network.mode = "/api/", "cut"
    keep(page, party.badges[1:])
    sign_out = page.get_by_role("button", name="Sign out", exact=True)
    dialog = page.get_by_role("dialog")
    sign_out.click()
    expect(dialog).to_contain_text("1 scan still waits on this phone")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    sign_out.click()
    dialog.get_by_role("button", name="Send now").click()
    expect(dialog).to_contain_text("could not be sent now")
    assert waiting(page) == 1
    network.mend()
    dialog.get_by_role("button", name="Send now").click()
    expect(page).to_have_url(f"{party.hall.url}/e/hall/sign-in")
    assert len(party.scans()) == 2
    assert {name: rows for name, rows in stores(page).items() if rows} == {}


def test_sign_out_deletes_what_waits_when_told_so(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page, network = phone(party), party.hall.network
    page.goto("/e/hall/browsers")
    network.only, network.mode = "/api/", "cut"
    keep(page, party.badges)
    wait_for_trouble(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Delete and sign out").click()
    expect(page).to_have_url(f"{party.hall.url}/e/hall/sign-in")
    assert {name: rows for name, rows in stores(page).items() if rows} == {}
    network.mend()
    page.reload()
    page.wait_for_timeout(500)
    assert party.scans() == []


def test_browser_that_is_not_me_any_more_forgets_whom_i_met_when_it_notices(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    party = new_party(1)
    meet(party)
    page = phone(party)
    page.get_by_role("button", name="Keep all on this phone").click()
    expect(page.locator("[data-keep-all] [data-say]")).to_contain_text("1 person is on this phone")
    assert party.others[0].email in json.dumps(stores(page))
    with one_hall.app.app_context(), db.transaction():
        db.session.execute(update(SignedInBrowser).where(SignedInBrowser.attendee_id == party.me.id)
                           .values(revoked_at=clock.now()))
    page.goto(f"/B/{party.badges[0]}")
    expect(page.locator(".kept")).to_be_visible()
    one_hall.wait_until(lambda: [name for name, rows in stores(page).items() if rows] == ["opened"], 15)
    left = stores(page)
    assert party.others[0].email not in json.dumps(left)


def test_scans_of_somebody_else_are_named_as_such_and_can_be_deleted(
    one_hall: Hall, new_party: NewParty, phone: Phone
) -> None:
    party, somebody = new_party(2), new_party(0).me
    page = phone(party)
    one_hall.network.mode = "cut"
    keep(page, party.badges)
    wait_for_trouble(page)
    one_hall.sign_in(page.context, somebody)
    one_hall.network.mend()
    page.goto("/e/hall/people")
    others = page.locator("[data-others]")
    expect(others).to_contain_text("2 scans of somebody else who was signed in here wait until they sign in again.")
    expect(page.locator("[data-waiting]")).to_be_hidden()
    others.get_by_role("button", name="Delete them").click()
    expect(others).to_be_hidden()
    assert stores(page)["scans"] == []
    assert party.scans() == []


def test_new_version_that_upgrades_the_store_leaves_an_open_page_its_scans(
    new_party: NewParty, phone: Phone
) -> None:
    """The page is of version 3; a tab of a later version migrates to 4 while it keeps and sends."""
    party = new_party(3)
    page, network = phone(party), party.hall.network
    network.only, network.mode = "/api/", "cut"
    keep(page, party.badges[:1])
    newer = page.context.new_page()
    newer.goto("/e/hall/privacy")
    assert newer.evaluate("""() => new Promise((done, fail) => {
        const request = indexedDB.open("eventnet", 4);
        request.onupgradeneeded = () => request.result.createObjectStore("something-new", { keyPath: "id" });
        request.onblocked = () => fail(new Error("blocked by the old page"));
        request.onsuccess = () => { request.result.close(); done(request.result.version); };
    })""") == 4
    keep(page, party.badges[1:2])
    assert waiting(page) == 2
    # A page of the old version that opens only now, for example out of the cache, finds them all the same.
    page.reload()
    keep(page, party.badges[2:])
    assert waiting(page) == 3
    network.mend()
    wait_until_sent(party, page)
    assert len(party.scans()) == 3


def test_store_of_the_second_format_is_upgraded_under_an_open_page(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page = phone(party)
    scan = {"id": str(uuid.uuid4()), "badge": party.badges[0], "scanned_at": clock.now().isoformat()}
    page.goto("/offline.json")  # a page of ours without scripts, so that nothing has the store open
    page.evaluate("""async (scan) => {
        await new Promise((done) => { const r = indexedDB.deleteDatabase("eventnet"); r.onsuccess = done; });
        const db = await new Promise((done) => {
            const r = indexedDB.open("eventnet", 2);
            r.onupgradeneeded = () => {
                r.result.createObjectStore("scans", { keyPath: "id" });
                r.result.createObjectStore("attendees", { keyPath: "scanner" });
                r.result.createObjectStore("people", { keyPath: ["scanner", "url"] });
            };
            r.onsuccess = () => done(r.result);
        });
        db.onversionchange = () => db.close();
        await new Promise((done) => {
            const t = db.transaction("scans", "readwrite"); t.objectStore("scans").put(scan); t.oncomplete = done; });
    }""", {**scan, "scanners": None})
    other = page.context.new_page()
    other.goto("/e/hall/people")
    wait_until_sent(party, other)
    assert len(party.scans()) == 1
    assert set(stores(other)) == {"scans", "attendees", "people", "opened"}


def test_new_service_worker_waits_for_the_last_old_tab_and_keeps_its_scans(new_party: NewParty, phone: Phone) -> None:
    party = new_party(2)
    page, network = phone(party), party.hall.network
    network.only, network.mode = "/api/", "cut"
    keep(page, party.badges[:1])
    before = page.evaluate("caches.keys()")
    # The same worker under another address of the script is what a new version is to the browser.
    state = page.evaluate("""async () => {
        const registration = await navigator.serviceWorker.register("/worker.js?new", { scope: "/" });
        const fresh = registration.installing ?? registration.waiting;
        if (fresh && fresh.state !== "installed") {
            await new Promise((done) => { fresh.onstatechange = () => fresh.state === "installed" && done(); });
        }
        return [Boolean(registration.waiting), registration.active.scriptURL.endsWith("/worker.js")];
    }""")
    assert state == [True, True]
    assert page.evaluate("caches.keys()") == before
    keep(page, party.badges[1:])
    assert waiting(page) == 2
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/e/hall/people")
    network.mend()
    wait_until_sent(party, page)
    assert len(party.scans()) == 2


def test_phone_without_a_store_says_so_and_sends_all_the_same(new_party: NewParty, phone: Phone) -> None:
    party = new_party(1)
    page, network = phone(party), party.hall.network
    page.context.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no'); } })")
    page.goto("/e/hall/card")
    network.only, network.mode = "/api/", "cut"
    keep(page, party.badges)
    expect(page.locator("[data-waiting]")).to_contain_text("this browser forgets them when the page closes")
    network.mend()
    wait_until_sent(party, page)
    assert len(party.scans()) == 1


def test_shell_holds_nothing_personal(new_party: NewParty, phone: Phone) -> None:
    """Everything the service worker keeps, read as text."""
    party = new_party(1)
    meet(party)
    page = phone(party)
    for path in ("/e/hall/people", "/e/hall/badge", f"/e/hall/people/{party.others[0].id}", "/e/hall/scan"):
        page.goto(path)
    text = page.evaluate("""async () => {
        const texts = [];
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
                texts.push(request.url, await (await cache.match(request)).text());
            }
        }
        return texts.join("\\n");
    }""")
    assert "You scanned a badge at" in text
    for word in (party.me.badge_name, party.others[0].badge_name, "people.example", "Spring mixer", *party.badges):
        assert word not in text
