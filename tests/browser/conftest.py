"""Real Chromium with a fake camera, looking at a real server on a real database."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from eventnet import clock, config, create_app, db
from tests.browser.hall import Hall, Party, make_ready
from tests.clients import Client
from tests.conftest import EVENING
from tests.factories import Cast, make_cast

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")


def chromium() -> str:
    """Where Chromium is; a missing one is a failure with the way out, never a silent skip."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise pytest.fail.Exception("Chromium is missing: apt-get install chromium, or set CHROMIUM to its path.")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@dataclass
class FakeCamera:
    """The file Chromium's fake camera plays: another picture is seen from the next start of the camera on."""

    path: Path

    def show(self, picture: Image.Image) -> None:
        """Play this picture, scaled into a 1280 × 720 frame."""
        self.play([picture], 5)

    def play(self, pictures: Sequence[Image.Image], frames: int) -> None:
        """Play these pictures one after the other, `frames` of 1/30 s each, over and over.

        The file is concatenated JPEGs (that is what MJPEG is).
        """
        part = self.path.with_suffix(".part")
        part.write_bytes(b"".join(_frame(picture) * frames for picture in pictures))
        part.replace(self.path)


def _frame(picture: Image.Image) -> bytes:
    frame = Image.new("RGB", (1280, 720), "#777777")
    picture = picture.convert("RGB")
    scale = min(1280 / picture.width, 720 / picture.height)
    picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    frame.paste(picture, ((1280 - picture.width) // 2, (720 - picture.height) // 2))
    one = BytesIO()
    frame.save(one, "JPEG", quality=90, subsampling=2)
    return one.getvalue()


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> FakeCamera:
    made = FakeCamera(tmp_path_factory.mktemp("camera") / "camera.mjpeg")
    made.show(Image.new("RGB", (1280, 720), "#777777"))
    return made


@pytest.fixture(scope="session")
def chrome(playwright: Playwright, camera: FakeCamera) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium(), args=[
        *QUIET, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera.path}"])
    yield launched
    launched.close()


@dataclass
class Live:
    """The program, served: its address, its app, its people."""

    url: str
    app: Flask
    cast: Cast

    def client(self) -> Client:
        return self.app.test_client()  # type: ignore[return-value]


@pytest.fixture
def live(database_url: str, tmp_path: Path) -> Iterator[Live]:
    """A threaded server on a free port of localhost; the clock stands in the middle of the mixer."""
    server = None
    with clock.stopped(EVENING):
        probe = make_server("localhost", 0, Flask("probe"))
        port = probe.server_port
        probe.server_close()
        app = create_app(config.load({
            "EVENTNET_DATABASE_URL": database_url, "EVENTNET_BASE_URL": f"http://localhost:{port}",
            "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters",
            "EVENTNET_VAR": str(tmp_path / "var"), "EVENTNET_ARGON2": "cheap"}))
        app.test_client_class = Client
        people = make_cast(app)
        server = make_server("localhost", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Live(f"http://localhost:{port}", app, people)
        server.shutdown()
        thread.join(5)
        server.server_close()
        db.database().dispose()


@pytest.fixture
def new_phone(chrome: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Opens a phone (own cookie jar, 390 × 844, camera allowed unless told otherwise) and returns its page."""
    contexts: list[BrowserContext] = []

    def make(*, may_use_camera: bool = True, scheme: str = "light") -> Page:
        context = chrome.new_context(
            base_url=live.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True,
            permissions=["camera"] if may_use_camera else [], color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def one_hall(new_database_url: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("hall")
    hall = Hall(new_database_url(folder), folder)
    hall.start_server()
    yield hall
    hall.close()


@pytest.fixture
def new_party(one_hall: Hall) -> Callable[[int], Party]:
    """new_party(4): five people nobody has met yet, the first of whom scans the others; the network is well again."""
    one_hall.network.mend()
    return lambda others: Party(one_hall, one_hall.invite(1 + others))


@pytest.fixture
def phone(chrome: Browser) -> Iterator[Callable[[Party], Page]]:
    contexts: list[BrowserContext] = []

    def make(party: Party) -> Page:
        context = chrome.new_context(base_url=party.hall.url, viewport={"width": 390, "height": 844}, is_mobile=True,
                                     has_touch=True)
        context.set_default_timeout(20_000)
        contexts.append(context)
        party.hall.sign_in(context, party.me)
        page = context.new_page()
        page.goto("/e/hall/people")
        make_ready(page)
        return page

    yield make
    for context in contexts:
        context.close()
