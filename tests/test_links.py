"""Addresses and tokens: what is signed proves itself, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventnet import links

SECRET = b"a key for tests only, at least 32 characters"
TOKEN = links.signed_id(SECRET, "summary", 17, 3)


def test_base32_writes_crockford_digits_most_significant_first() -> None:
    assert links.base32(b"\x00\x00\x00\x00\x01") == "00000001"
    assert links.base32(bytes.fromhex("ffffffffff")) == "ZZZZZZZZ"
    assert links.base32(bytes(16)) == "0" * 26


@given(st.integers(0, 2**40 - 1))
def test_signed_id_carries_its_number(number: int) -> None:
    assert links.number_in(links.signed_id(SECRET, "summary", number)) == number


def test_signed_id_proves_exactly_its_parts() -> None:
    assert links.is_signed(SECRET, TOKEN, "summary", 17, 3)
    assert not links.is_signed(SECRET, TOKEN, "summary", 17, 4)
    assert not links.is_signed(SECRET, TOKEN, "summary", 18, 3)
    assert not links.is_signed(SECRET, TOKEN, "unsubscribe", 17, 3)
    assert not links.is_signed(b"another key", TOKEN, "summary", 17, 3)


def test_signed_id_keeps_parts_apart() -> None:
    assert links.mac(SECRET, "a", "bc") != links.mac(SECRET, "ab", "c")
    assert links.mac(SECRET, "a", 1, 23) != links.mac(SECRET, "a", 12, 3)


@pytest.mark.parametrize("place", range(34))
def test_signed_id_with_one_wrong_digit_proves_nothing(place: int) -> None:
    wrong = TOKEN[:place] + ("0" if TOKEN[place] != "0" else "1") + TOKEN[place + 1:]
    assert not links.is_signed(SECRET, wrong, "summary", 17, 3)


def test_signed_id_is_read_as_people_retype_it() -> None:
    retyped = TOKEN.lower().replace("0", "o").replace("1", "l")
    grouped = "-".join(retyped[i:i + 4] for i in range(0, 34, 4))
    assert links.is_signed(SECRET, grouped, "summary", 17, 3)


@pytest.mark.parametrize("text", ["", TOKEN[:-1], TOKEN + "0", "U" + TOKEN[1:], "é" + TOKEN[1:]])
def test_number_in_what_is_no_token_is_none(text: str) -> None:
    assert links.number_in(text) is None


def test_fingerprint_is_sha256() -> None:
    assert links.fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_badge_url_is_upper_case_after_the_scheme() -> None:
    assert links.badge_url("https://ev.example:8443", "2ABC") == "https://EV.EXAMPLE:8443/B/2ABC"


def test_activation_url_stands_below_the_base_address() -> None:
    assert links.activation_url("https://ev.example", "2ABC") == "https://ev.example/A/2ABC"
