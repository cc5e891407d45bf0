"""Photos of codes, decoded in the page by real Chromium: at least as many as a plain zxing-cpp pass finds."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Live
from tests.browser.test_scanner import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.data]
PLAIN_PASS = 130  # of 143, decoded and equal, by zxing-cpp 3 with its defaults


def test_photos_are_read_at_least_as_well_as_by_a_plain_pass(
    live: Live, new_phone: Callable[..., Page], outside_data: Path
) -> None:
    page = new_phone()
    sign_in(page, live, live.cast.ada)
    page.goto("/e/mixer/scan")
    folder = outside_data / "qr-zxing-dev"
    read, missed = 0, []
    for photo in sorted(folder.glob("*/*.png")):
        texts = [photo.with_suffix(".txt"), *photo.parent.glob(f"{photo.stem}-*.txt")]
        said = [text.read_text("utf-8", errors="replace").strip() for text in texts if text.is_file()]
        found = page.evaluate("""async (data) => {
            const decoder = document.querySelector("[data-decoder]").dataset.decoder;
            const { readPhoto } = await import(decoder.replace("decoder.js", "photo.js"));
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            return readPhoto(new Blob([bytes], { type: "image/png" }), decoder);
        }""", base64.b64encode(photo.read_bytes()).decode())
        if found is not None and found.strip().replace("\r\n", "\n") in said:
            read += 1
        else:
            missed.append(f"{photo.parent.name}/{photo.name}" + ("" if found is None else " (another text)"))
    print(f"{read} of 143 photos read; missed: {missed}")
    assert read >= PLAIN_PASS, missed
