"""QR symbols: decoded back, equal to what `qrcode` draws, and masked as the standard says."""

import io
import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import QRData

from eventnet.badges import symbols
from eventnet.badges.codes import new_token
from eventnet.badges.symbols import Symbol, symbol

LEVELS = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}

TEXTS = [
    "A",
    "A1",
    "7",
    "a",
    "K7M2 9QXP",
    "https://EVENT.EXAMPLE.ORG/B/7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "https://event.example.org/e/spring-mixer/join?pin=4711",
    "http://127.0.0.1:8000/B/00000000000000000000000000",
    "https://A.VERY.LONG.HOST.NAME.OF.A.SOCIETY.EXAMPLE.ORG/B/0123456789ABCDEFGHJKMNPQRS",
    "Grüße, 你好",
    "x" * 100,
    "Y" * 300,
    "Z" * 2000,
    "WIFI:S:Hall;T:WPA;P:secret;;",
]


def decoded(image):
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0].text


def grid(made: Symbol, border=4, scale=4):
    light = np.logical_not(np.array(made.modules(border)))
    return np.kron(light.astype(np.uint8) * 255, np.ones((scale, scale), np.uint8))


def drawn_by_qrcode(text, made: Symbol):
    code = QRCode(version=made.version, error_correction=LEVELS[made.level], border=0, mask_pattern=made.mask)
    for mode, data in symbols._segments(text):
        code.add_data(QRData(data, mode=mode), optimize=0)
    code.make(fit=False)
    return code.get_matrix()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_symbol_is_read_back_and_equals_what_qrcode_draws(text):
    made = symbol(text)
    assert decoded(grid(made)) == text
    assert made.modules() == drawn_by_qrcode(text, made)
    assert made.size == 4 * made.version + 17 == len(made.rows)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=180))
def test_symbol_of_any_text_equals_what_qrcode_draws(text):
    made = symbol(text)
    assert made.modules() == drawn_by_qrcode(text, made)


def test_badge_addresses_are_read_back_in_the_smallest_version():
    for _ in range(100):
        address = f"https://EVENT.EXAMPLE.ORG/B/{new_token()}"
        made = symbol(address)
        assert (made.version, made.level, made.size) == (3, "M", 29)
        assert decoded(grid(made)) == address


def test_level_is_raised_when_it_costs_no_larger_symbol():
    assert (symbol("A").version, symbol("A").level) == (1, "H")
    assert (symbol("A" * 11).version, symbol("A" * 11).level) == (1, "Q")
    assert (symbol("A" * 17).version, symbol("A" * 17).level) == (1, "M")
    assert (symbol("A" * 21).version, symbol("A" * 21).level) == (2, "Q")


def penalty_by_the_standard(modules):
    """ISO/IEC 18004, table 11, written down naively."""
    size = len(modules)
    lines = [*modules, *[list(column) for column in zip(*modules, strict=True)]]
    total = 0
    for line in lines:
        for _, run in itertools.groupby(line):
            length = len(list(run))
            total += length - 2 if length >= 5 else 0
        text = "".join("1" if dark else "0" for dark in line)
        windows = [text[start : start + 11] for start in range(size - 10)]
        total += 40 * sum(window in ("10111010000", "00001011101") for window in windows)
    for y, x in itertools.product(range(size - 1), repeat=2):
        total += 3 * (modules[y][x] == modules[y][x + 1] == modules[y + 1][x] == modules[y + 1][x + 1])
    percent = 100 * sum(map(sum, modules)) / size**2
    return total + 10 * int(abs(percent - 50) / 5)


@pytest.mark.parametrize("text", [f"https://EVENT.EXAMPLE.ORG/B/{token}" for token in (
    "4G7R0GXEAWXR8SCGGCW7K8X4F4", "0YMJC5WRHP8AB9JP9XEMAC74SN", "5NFXH6N6NPWCFB4K5FRKSHPQDV",
    "33PVFNS5JER1AQCE8BFBVGECVW")] + ["A", "x" * 100])
def test_mask_is_the_one_with_the_lowest_penalty(text):
    made = symbol(text)
    drawn = [drawn_by_qrcode(text, replace(made, mask=mask)) for mask in range(8)]
    penalties = [penalty_by_the_standard(modules) for modules in drawn]
    assert made.mask == penalties.index(min(penalties))
    bits = [int("".join(str(int(dark)) for row in modules for dark in row), 2) for modules in drawn]
    stacked = sum(number << mask * made.size**2 for mask, number in enumerate(bits))
    assert symbols._tables(made.version, made.level)._penalties(stacked) == penalties


def test_path_covers_exactly_the_dark_modules():
    made = symbol(TEXTS[5])
    covered = np.zeros((made.size, made.size), bool)
    for piece in made.path().split("z")[:-1]:
        start, rest = piece[1:].split("h", 1)
        x, y = map(int, start.split())
        width, back = rest.split("v1h")
        assert int(back) == -int(width)
        assert not covered[y, x : x + int(width)].any()
        covered[y, x : x + int(width)] = True
    assert covered.tolist() == made.modules()


@pytest.mark.parametrize("text", TEXTS[:8], ids=lambda text: text[:20])
def test_png_is_one_bit_black_on_white_with_its_margin(text):
    made = symbol(text)
    image = Image.open(io.BytesIO(made.png(5)))
    assert (image.format, image.mode, image.size) == ("PNG", "1", (5 * (made.size + 8),) * 2)
    pixels = np.array(image)
    assert pixels[:20].all()
    assert pixels[-20:].all()
    assert pixels[:, :20].all()
    assert pixels[:, -20:].all()
    assert decoded(image.convert("L")) == text


@pytest.mark.parametrize(("scale", "border"), [(0, 4), (-1, 4), (4, -1)])
def test_png_refuses_impossible_sizes(scale, border):
    with pytest.raises(ValueError, match="at least one pixel"):
        symbol("A").png(scale, border)


def test_terminal_drawing_is_read_back():
    made = symbol(TEXTS[7])
    rows = []
    for line in made.terminal(border=4).splitlines():
        assert line.startswith("\x1b[")
        assert line.endswith("\x1b[0m")
        blocks = line.removeprefix("\x1b[38;5;231;48;5;16m").removesuffix("\x1b[0m")
        rows.append([block in "█▀" for block in blocks])
        rows.append([block in "█▄" for block in blocks])
    light = np.kron(np.array(rows).astype(np.uint8) * 255, np.ones((4, 4), np.uint8))
    assert decoded(light) == TEXTS[7]


def test_symbols_made_by_many_threads_at_once_are_right(monkeypatch):
    monkeypatch.setattr(symbols, "_learned", {})
    texts = [f"https://EVENT.EXAMPLE.ORG/B/{new_token()}" for _ in range(16)]
    made = {}
    threads = [threading.Thread(target=lambda text=text: made.update({text: symbol(text)})) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {text: decoded(grid(made[text])) for text in texts} == {text: text for text in texts}
    assert list(symbols._learned) == [(3, "M")]


@pytest.mark.parametrize(("text", "sentence"), [("", "nothing to put"), ("x" * 3000, "3000 characters is too long")])
def test_symbol_refuses_what_no_symbol_holds(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        symbol(text)
