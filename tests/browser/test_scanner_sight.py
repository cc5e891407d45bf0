"""What the scanner sees in a hall: paper and screens, small, turned, blurred, dark, under a lamp, from the side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from playwright.sync_api import Page, expect

from tests.browser.conftest import FakeCamera, Live
from tests.browser.test_scanner import printed_badge, sign_in, start_camera

pytestmark = pytest.mark.browser
WIDTH, HEIGHT, WALL = 1280, 720, (119, 119, 119)


def seen(picture: Image.Image, height: float = 1.0, turn: float = 0) -> Image.Image:
    """A whole frame of the camera in which the picture is so high, and turned by so many degrees."""
    frame = Image.new("RGB", (WIDTH, HEIGHT), WALL)
    picture = picture.convert("RGB")
    scale = HEIGHT * height / picture.height
    picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    picture = picture.rotate(turn, expand=True, fillcolor=WALL, resample=Image.Resampling.BICUBIC)
    frame.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    return frame


def dim(frame: Image.Image) -> Image.Image:
    """A quarter of the light, and the noise of a sensor that has too little of it."""
    dark = np.asarray(ImageEnhance.Brightness(frame).enhance(0.25), dtype=float)
    noise = np.random.default_rng(4).normal(0, 10, dark.shape)
    return Image.fromarray(np.clip(dark + noise, 0, 255).astype(np.uint8))


def glare(frame: Image.Image) -> Image.Image:
    """A lamp that shines on the lower part of the badge, where the code is."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    lamp = 0.8 * np.exp(-(((x - WIDTH * 0.47) / 110) ** 2 + ((y - HEIGHT * 0.62) / 90) ** 2))[..., None]
    plain = np.asarray(frame, dtype=float)
    return Image.fromarray((plain * (1 - lamp) + 255 * lamp).astype(np.uint8))


def from_the_side(frame: Image.Image) -> Image.Image:
    """Held askew: the far edge is a fifth shorter than the near one."""
    target = [(0, 0), (WIDTH, HEIGHT * 0.1), (WIDTH, HEIGHT * 0.9), (0, HEIGHT)]
    source = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    plane = np.linalg.solve(np.array(rows, dtype=float), np.array(source, dtype=float).reshape(8))
    return frame.transform((WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, list(plane), Image.Resampling.BICUBIC,
                           fillcolor=WALL)


def on_a_phone(live: Live, new_phone: Callable[..., Page]) -> Iterator[tuple[str, Image.Image]]:
    """Grace's badge on her own phone in dark mode: its page, and held up from her scanner."""
    phone = new_phone(scheme="dark")
    sign_in(phone, live, live.cast.grace)
    phone.goto("/e/mixer/badge")
    phone.locator("img[src$='badge.png']").evaluate("picture => picture.decode()")
    yield "badge page of a phone in dark mode", Image.open(BytesIO(phone.screenshot()))
    phone.goto("/e/mixer/scan")
    phone.get_by_role("button", name="Scan me").click()
    expect(phone.locator("#mine-picture")).to_be_visible()
    yield "badge held up from a scanner in dark mode", Image.open(BytesIO(phone.screenshot()))


def test_scanner_reads_a_badge_as_it_is_in_a_hall(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    paper = printed_badge(live, live.cast.grace)
    views = {
        "small": seen(paper, 0.55), "turned by 20 degrees": seen(paper, 0.8, 20), "upside down": seen(paper, 1, 180),
        "blurred": seen(paper).filter(ImageFilter.GaussianBlur(2.2)), "dim and noisy": dim(seen(paper)),
        "glare": glare(seen(paper)), "from the side": from_the_side(seen(paper)),
        **{name: seen(picture) for name, picture in on_a_phone(live, new_phone)},
    }
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    missed = []
    for name, view in views.items():
        camera.show(view)
        start_camera(page)
        try:
            expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible(timeout=6_000)
        except AssertionError:
            missed.append(name)
    assert missed == []
    camera.show(Image.new("RGB", (WIDTH, HEIGHT), WALL))
    start_camera(page)
    page.wait_for_timeout(1500)
    assert page.locator("#met").inner_text() == "", "an empty wall is nobody"


def test_scanner_reads_three_badges_in_a_row_and_keeps_the_way_back(
    live: Live, camera: FakeCamera, new_phone: Callable[..., Page]
) -> None:
    cast = live.cast
    badges = [printed_badge(live, person) for person in (cast.grace, cast.bob, cast.mallory)]
    camera.play([seen(badge) for badge in badges], 45)
    page = new_phone()
    sign_in(page, live, cast.ada)
    start_camera(page)
    recent = page.get_by_role("navigation", name="Scanned before")
    expect(recent.get_by_role("button")).to_have_count(2, timeout=15_000)
    expect(page.locator("#result")).to_contain_text("Bob Kahn")
    expect(page.locator("#result")).to_contain_text("Not swapped")  # Mallory is at another event
    recent.get_by_role("button", name="Grace Hopper").or_(
        page.locator("#met").get_by_role("heading", name="Grace Hopper")).first.click()
    expect(page.locator("#met").get_by_role("heading", name="Grace Hopper")).to_be_visible()
