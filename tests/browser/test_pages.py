"""The pages people see, in real Chromium at phone size: for everybody, in both themes, quiet, and from here only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from eventnet import clock, links
from eventnet.attendees import activation
from eventnet.summaries import reading
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser

# Only contrast depends on the theme; everything else is looked at once.
RULES = {
    "light": {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
AXE = Axe().axe_script
NARROW = {"width": 320, "height": 640}
PHONE = {"width": 390, "height": 844}


@dataclass
class Walk:
    """One phone on its way through pages, and everything that was wrong with them."""

    page: Page
    live: Live
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.emulate_media(reduced_motion="reduce")
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    def open(self, path: str, status: int = 200) -> None:
        """Open a page, with the status it must have, and look at it."""
        answer = self.page.goto(path)
        if answer is None or answer.status != status:
            self.found.append(f"{path}: answered {answer.status if answer else 'nothing'}, not {status}")
        self.look(path)

    def look(self, name: str) -> None:
        """axe in light and dark, one h1, and nothing that sticks out at the side, also at 320 pixels."""
        self.page.evaluate(AXE)
        for scheme, rules in RULES.items():
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            violations = self.page.evaluate(
                "async rules => (await axe.run({ ...rules, resultTypes: ['violations'] })).violations", rules)
            self.found += [f"{name}, {scheme}: {one['id']} at {one['nodes'][0]['target']}: "
                           f"{one['nodes'][0]['failureSummary']}" for one in violations]
        if self.page.locator("h1").count() != 1:
            self.found.append(f"{name}: {self.page.locator('h1').count()} headlines")
        for size in (NARROW, PHONE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.found.append(f"{name}: wider than {size['width']} pixels")

    def sign_in(self, path: str) -> None:
        """Take over the cookie of a test client that was signed in for `path`'s people."""
        self.page.context.clear_cookies()
        client = self.live.client()
        if path == "organizer":
            client.become_organizer(self.live.cast.olga.id)
        else:
            client.become(getattr(self.live.cast, path))
        name = client.settings.cookie_name("eventnet")
        cookie = client.get_cookie(name, domain="localhost")
        assert cookie is not None
        self.page.context.add_cookies([{"name": name, "value": cookie.value, "url": self.live.url}])

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that was opened to be a 404 or 422 says so here, too; every other word is a fault.
        is_status = message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url
        if message.type in ("error", "warning") and not is_status:
            self.found.append(f"{self.page.url}: console: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != urlsplit(self.live.url).netloc:
            self.found.append(f"{self.page.url}: asked {request.url}")


@pytest.fixture
def walk(live: Live, new_phone: Callable[..., Page]) -> Iterator[Walk]:
    made = Walk(new_phone(), live)
    yield made
    assert not made.found, "\n".join(made.found)


def test_pages_of_somebody_signed_out_are_for_everybody(walk: Walk, live: Live) -> None:
    settings, cast = live.app.extensions["settings"], live.cast
    walk.open("/")
    walk.open(links.activation_url(live.url, activation.activation_token(settings.secret_key, cast.ada)))
    walk.open(f"/B/{cast.token(cast.grace)}")
    walk.open("/e/mixer/sign-in")
    walk.open("/e/mixer/sign-in/code")
    walk.open("/e/mixer/privacy")
    walk.open("/nowhere", 404)


def test_pages_of_an_attendee_are_for_everybody(walk: Walk, live: Live) -> None:
    cast, page = live.cast, walk.page
    walk.sign_in("ada")
    for path in ("card", "card/preview", "check", "badge", "browsers", "hand-over", "scan", "people", "waiting",
                 "code"):
        walk.open(f"/e/mixer/{path}")
    walk.open("/e/mixer/code?code=grace", 422)
    walk.open(f"/B/{cast.token(cast.ada)}")
    walk.open(f"/B/{cast.token(cast.grace)}")
    page.get_by_role("button", name="Swap with Grace Hopper").click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    walk.look("just swapped")
    walk.open("/e/mixer/people")
    walk.open(f"/e/mixer/people/{cast.grace.id}")


def test_summary_is_for_everybody_on_its_page_and_behind_the_link_in_the_mail(walk: Walk, live: Live) -> None:
    cast, page = live.cast, walk.page
    walk.sign_in("ada")
    page.goto(f"/B/{cast.token(cast.grace)}")
    page.get_by_role("button", name="Swap with Grace Hopper").click()
    expect(page.get_by_role("heading", name="You swapped cards")).to_be_visible()
    with clock.stopped(live.cast.mixer.ends_at):
        page.goto("/e/mixer/people")
        page.get_by_role("link", name="Your summary").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Start with Grace.")
        walk.look("summary")
        page.context.clear_cookies()
        settings = live.app.extensions["settings"]
        walk.open(f"/M/{reading.summary_token(settings.secret_key, cast.ada)}")


def test_pages_of_an_organizer_are_for_everybody(walk: Walk) -> None:
    walk.open("/admin/sign-in")
    walk.sign_in("organizer")
    for path in ("", "attendees", "attendees/new", "attendees/import", "desk", "desk/walk-in", "badges", "invitations",
                 "summaries", "settings", "programme"):
        walk.open(f"/admin/e/mixer/{path}")
