"""TOTP: the RFC's own numbers, the window, no code twice, what people type, and the seal around a secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from eventnet.accounts import totp

RFC_SECRET = b"12345678901234567890"
NOON = datetime(2026, 10, 15, 12, 0, 7, tzinfo=UTC)
KEY = b"a key for tests only, at least 32 characters"


# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
@pytest.mark.parametrize(("seconds", "code"), [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
])
def test_code_is_what_the_rfc_says(seconds: int, code: str) -> None:
    assert totp.code(RFC_SECRET, totp.step_at(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("off", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_may_be_one_step_off(off: int, is_taken: bool) -> None:
    step = totp.step_at(NOON) + off
    assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, step), NOON, 0) == (step if is_taken else None)


def test_code_that_was_taken_and_older_ones_are_refused() -> None:
    step = totp.step_at(NOON)
    codes = [totp.code(RFC_SECRET, step + off) for off in (-1, 0, 1)]
    assert [totp.matching_step(RFC_SECRET, code, NOON, step) for code in codes] == [None, None, step + 1]


@pytest.mark.parametrize(("typed", "read"), [
    ("287 082", "287082"), (" 287-082 ", "287082"), ("٢٨٧٠٨٢", "287082"), ("287082x", ""), ("", ""), ("²87082", ""),
    ("1A2B3C4D5E6F", ""),
])
def test_digits_are_read_as_people_type_them(typed: str, read: str) -> None:
    assert totp.digits(typed) == read


@given(st.text())
def test_anything_typed_is_just_wrong(text: str) -> None:
    assert totp.matching_step(b"x" * 20, text, NOON, 2**40) is None


def test_address_says_all_an_app_needs() -> None:
    parts = urlsplit(totp.address(RFC_SECRET, "olga@organizers.example", "eventnet ev.example:8443"))
    assert (parts.scheme, parts.netloc, parts.path) == (
        "otpauth", "totp", "/eventnet%20ev.example%3A8443:olga@organizers.example")
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["eventnet ev.example:8443"],
        "algorithm": ["SHA1"], "digits": ["6"], "period": ["30"]}
    assert totp.shown(RFC_SECRET).replace(" ", "") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_drawing_is_read_by_a_decoder() -> None:
    text = totp.address(totp.new_secret(), "olga@organizers.example", "eventnet ev.example")
    side, path = totp.drawing(text)
    picture = Image.new("L", ((side + 8) * 4, (side + 8) * 4), 255)
    draw = ImageDraw.Draw(picture)
    for module in path.split("M")[1:]:
        x, y = (int(number) + 4 for number in module.partition("h")[0].split())
        draw.rectangle((x * 4, y * 4, x * 4 + 3, y * 4 + 3), fill=0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]


def test_seal_opens_for_its_owner_and_key_only() -> None:
    kept = totp.sealed(RFC_SECRET, KEY, 3)
    assert RFC_SECRET not in kept
    assert kept != totp.sealed(RFC_SECRET, KEY, 3), "a fresh nonce each time"
    assert totp.opened(kept, KEY, 3) == RFC_SECRET
    broken = kept[:-1] + bytes([kept[-1] ^ 1])
    assert [totp.opened(kept, KEY, 4), totp.opened(kept, KEY + b"x", 3), totp.opened(broken, KEY, 3),
            totp.opened(b"", KEY, 3)] == [None] * 4


def test_secrets_are_160_random_bits() -> None:
    assert {len(totp.new_secret()) for _one in range(50)} == {20}
    assert len({totp.new_secret() for _one in range(50)}) == 50
    assert totp.step_at(NOON + timedelta(seconds=30)) == totp.step_at(NOON) + 1
