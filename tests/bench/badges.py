"""Badges: one symbol, and 1,000 badges as a PDF, beside what one would write with the usual libraries."""

from __future__ import annotations

import io
import multiprocessing
import random

import qrcode
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

from eventnet import config, links
from eventnet.badges import codes, layouts, sheets, symbols
from tests.bench.measuring import Row, own_cpu, paired

COUNT, PEER_COUNT = 1000, 200
_spawn = multiprocessing.get_context("spawn")
BASE = "https://badges.example.org"


def faces(count: int) -> list[sheets.Face]:
    """Badges of people with Latin names and an organization."""
    dice = random.Random(5)
    given, family = ("Ada", "Grace", "Łukasz", "Søren", "Zoë", "Ágnes"), ("Lovelace", "Hopper", "Wójcik", "Bjørk", "Ng")
    return [
        sheets.Face(f"{dice.choice(given)} {dice.choice(family)}", f"Organization {n % 97}", "Engineer", "attendee",
                    links.badge_url(BASE, codes.new_token()), codes.new_code())
        for n in range(count)]


def measure_symbol() -> Row:
    urls = [links.badge_url(BASE, codes.new_token()) for _ in range(300)]
    symbols.symbol(urls[0])

    def ours() -> float:
        return own_cpu(lambda: [symbols.symbol(url) for url in urls]) / len(urls) * 1000

    def peer() -> float:
        def make() -> None:
            for url in urls[:60]:
                code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
                code.add_data(url)
                code.make()
        return own_cpu(make) / 60 * 1000

    mine, other = paired(ours, peer)
    return Row("one QR symbol, full choice of mask", mine, "ms", goal=0.1, other=other, other_name="qrcode")


def measure_pdf(layout_name: str, *, with_peer: bool) -> Row:
    """Each round in a process of its own: the typesetter remembers what it set before, a print job does not."""
    sizes: list[int] = []

    def ours() -> float:
        with _spawn.Pool(1, maxtasksperchild=1) as pool:
            seconds, size = pool.apply(_print, (layout_name,))
        sizes.append(size)
        return seconds / COUNT * 1000

    def peer() -> float:
        with _spawn.Pool(1, maxtasksperchild=1) as pool:
            return pool.apply(_print_by_hand) / PEER_COUNT * 1000

    mine, other = paired(ours, peer) if with_peer else (ours(), None)
    kilobytes = sizes[-1] / COUNT / 1000
    return Row(f"one badge of {COUNT:,}, {layout_name} ({kilobytes:.2f} kB each)", mine, "ms", goal=0.7, other=other,
               other_name="qrcode + reportlab" if with_peer else "", more={"kB": kilobytes})


def _print(layout_name: str) -> tuple[float, int]:
    """(CPU seconds with everything that is learnt on the way, bytes)."""
    everybody, sizes = faces(COUNT), []
    layout, fonts = layouts.get_layout(layout_name), config.ROOT / "var" / "fonts"
    seconds = own_cpu(lambda: sizes.append(len(sheets.render(
        everybody, layout, event_name="Spring mixer", short_host="badges.example.org", font_dir=fonts))))
    return seconds, sizes[0]


def _print_by_hand() -> float:
    everybody = faces(PEER_COUNT)
    return own_cpu(lambda: _by_hand(everybody))


def _by_hand(everybody: list[sheets.Face]) -> bytes:
    """Name, organization and QR with qrcode and reportlab, eight on A4, no fitting and no shaping of scripts."""
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=A4)
    for n, face in enumerate(everybody):
        x, y = (n % 2) * 105 * mm, (3 - n // 2 % 4) * 74 * mm
        page.setFont("Helvetica-Bold", 18)
        page.drawString(x + 5 * mm, y + 60 * mm, face.badge_name.encode("latin-1", "replace").decode("latin-1"))
        page.setFont("Helvetica", 11)
        page.drawString(x + 5 * mm, y + 52 * mm, face.organization)
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
        code.add_data(face.url)
        code.make()
        path = page.beginPath()
        for row, line in enumerate(code.modules):
            for column, is_dark in enumerate(line):
                if is_dark:
                    path.rect(x + (5 + column) * mm, y + (40 - row) * mm, mm, mm)
        page.drawPath(path, stroke=0, fill=1)
        if n % 8 == 7:
            page.showPage()
    page.save()
    return out.getvalue()
