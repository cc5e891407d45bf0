"""The scanner on a slow phone and network, in real Chromium: bytes to first paint, frame to saved, to confirmed."""

from __future__ import annotations

import gzip
import statistics
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from eventnet import db, links, migrations
from eventnet.badges import symbols
from eventnet.badges.models import Badge
from tests.bench.measuring import Row
from tests.browser.conftest import QUIET, FakeCamera, chromium
from tests.browser.hall import Hall

ROUNDS = 7
SLOWDOWN, LATENCY_MS, BYTES_A_SECOND = 4, 400, 400_000 // 8
MARKS = """() => new Promise((done, fail) => {
    const read = () => Object.fromEntries(performance.getEntriesByType("mark").map(
        (mark) => [mark.name, { at: mark.startTime, ms: mark.detail }]));
    const look = () => { const marks = read(); if (marks["badge-confirmed"]) done(marks); else setTimeout(look, 50); };
    setTimeout(() => fail(new Error("no badge was confirmed within 30 seconds")), 30_000);
    look();
})"""
LOADED = """() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    files: performance.getEntriesByType("resource").map((entry) => [entry.name, entry.startTime]),
})"""


def measure(folder: Path) -> list[Row]:
    """Three rows: compressed kB to first paint, ms from a read frame to saved, and to confirmed."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder}/scanner.sqlite3"
    made = db.Database(url)
    migrations.upgrade(made)
    made.dispose()
    hall = Hall(url, folder)
    camera = FakeCamera(folder / "camera.mjpeg")
    hall.start_server()
    try:
        people = hall.invite(ROUNDS + 1)
        rounds = []
        with sync_playwright() as playwright:
            for person in people[1:]:
                camera.show(_badge(hall, person.id))
                browser = playwright.chromium.launch(executable_path=chromium(), args=[
                    *QUIET, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera.path}"])
                rounds.append(_scan(hall, browser, people[0]))
                browser.close()
    finally:
        hall.close()
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    how = f"CPU {SLOWDOWN}x slower, {LATENCY_MS} ms, 400 kbit/s, median of {ROUNDS}"
    return [
        Row(f"scanner: compressed to first paint ({how})", middle["kB"], "kB", goal=100,
            other_name=f"first paint after {middle['paint']:.0f} ms"),
        Row("scanner: frame read to *saved*, visible", middle["saved"], "ms", goal=200,
            other_name=f"decoding, apart: {middle['decode']:.0f} ms"),
        Row("scanner: frame read to *confirmed*", middle["confirmed"], "ms", goal=LATENCY_MS + 300),
    ]


def _badge(hall: Hall, attendee_id: int) -> Image.Image:
    with db.reading():
        token = db.session.query(Badge.token).filter(Badge.attendee_id == attendee_id).scalar()
    return Image.open(BytesIO(symbols.symbol(links.badge_url(hall.url, token)).png(8)))


def _scan(hall: Hall, browser: Browser, scanner: Any) -> dict[str, float]:
    context = browser.new_context(base_url=hall.url, viewport={"width": 390, "height": 844}, is_mobile=True,
                                  has_touch=True, permissions=["camera"])
    context.set_default_timeout(60_000)
    hall.sign_in(context, scanner)
    page: Page = context.new_page()
    devtools = context.new_cdp_session(page)
    slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND}
    devtools.send("Network.emulateNetworkConditions", slow)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto("/e/hall/scan")
    loaded = page.evaluate(LOADED)
    before = [name for name, start in loaded["files"] if start <= loaded["paint"] and name.startswith(hall.url)]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    kilobytes = sum(_compressed(address, cookies) for address in [f"{hall.url}/e/hall/scan", *before]) / 1000
    # The decoder's megabyte, uncompressed here, comes now and at full speed, as by "make ready without network".
    devtools.send("Network.emulateNetworkConditions", {**slow, "latency": 0, "downloadThroughput": -1})
    page.evaluate("""() => Promise.all(document.querySelector('meta[name="scanner-files"]').content.split(" ").map(
        async (path) => (await fetch(path)).arrayBuffer())).then(() => true)""")
    devtools.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Start the camera").click()
    marks = page.evaluate(MARKS)
    context.close()
    read = marks["badge-read"]["at"]
    return {"kB": kilobytes, "paint": loaded["paint"], "decode": marks["badge-read"]["ms"] or 0.0,
            "saved": marks["badge-saved"]["at"] - read, "confirmed": marks["badge-confirmed"]["at"] - read}


def _compressed(address: str, cookies: str) -> int:
    """As nginx sends static files; pages are sent as they are (BREACH)."""
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookies})) as answer:
        body = answer.read()
    return len(gzip.compress(body, 6)) if "/static/" in address else len(body)


if __name__ == "__main__":
    import tempfile

    from tests.bench.measuring import table

    print(table(measure(Path(tempfile.mkdtemp(prefix="eventnet-bench-")))))
