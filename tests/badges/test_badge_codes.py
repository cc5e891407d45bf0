"""Tokens and badge codes: made well, read forgivingly, and never mistaken for somebody else's."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventnet.badges.codes import (
    ALPHABET,
    BadgeReference,
    base32,
    check_character,
    grouped,
    new_code,
    new_token,
    normalize_code,
    normalize_token,
    parse_badge,
)

BASE = "https://event.example.org"
TOKEN = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"

bodies = st.text(ALPHABET, min_size=7, max_size=7)


def test_token_is_26_canonical_characters_and_never_repeats():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {normalize_token(token) for token in tokens} == tokens


def test_token_uses_all_128_bits():
    values = [int.from_bytes(_bytes_of(new_token()), "big") for _ in range(200)]
    ones, both = 0, (1 << 128) - 1
    for value in values:
        ones |= value
        both &= value
    assert ones == (1 << 128) - 1
    assert both == 0


def _bytes_of(token):
    number = 0
    for character in token:
        number = number * 32 + ALPHABET.index(character)
    return number.to_bytes(16, "big")


def test_base32_known_values():
    assert base32(b"\xff" * 16, 26) == TOKEN
    assert base32(b"\x00" * 16, 26) == "0" * 26
    assert base32((1234).to_bytes(2, "big"), 4) == "016J"


@given(st.binary(min_size=16, max_size=16))
def test_base32_keeps_every_bit(data):
    assert _bytes_of(base32(data, 26)) == data


def test_base32_refuses_too_few_characters():
    with pytest.raises(ValueError, match="16 bytes do not fit into 25 characters"):
        base32(b"\0" * 16, 25)


def test_code_is_right_by_its_own_check():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {normalize_code(code) for code in codes} == codes


@given(bodies)
def test_code_check_notices_every_single_wrong_character(body):
    code = body + check_character(body)
    for place, wrong in itertools.product(range(8), ALPHABET):
        if wrong != code[place]:
            assert normalize_code(code[:place] + wrong + code[place + 1 :]) is None


@given(bodies)
def test_code_check_notices_every_exchange_of_two_characters(body):
    code = body + check_character(body)
    for one, other in itertools.combinations(range(8), 2):
        swapped = list(code)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        expected = code if code[one] == code[other] else None
        assert normalize_code("".join(swapped)) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0101 01{}", "010101"),
        ("oiol-ol{}", "010101"),
        ("  oI 0l–01{} ", "010101"),
        ("０１０１０１{}", "010101"),
        ("o1\t01\u00a0o1{}", "010101"),
    ],
)
def test_code_is_read_as_people_type_it(typed, meant):
    body = meant + "K"
    code = body + check_character(body)
    assert normalize_code(typed.format("k" + code[-1].lower())) == code


@pytest.mark.parametrize("text", ["", "K7M2", "K7M2 9QXPA", "U7M29QXP", "K7M2_9QX", "²²²²²²²²", "K" * 10_000, "\0" * 8])
def test_code_refuses_what_is_none(text):
    assert normalize_code(text) is None


def test_token_refuses_more_than_128_bits():
    assert normalize_token("8" + "0" * 25) is None
    assert normalize_token("7" + "0" * 25) == "7" + "0" * 25


def test_grouped_by_four():
    assert grouped("K7M29QXP") == "K7M2 9QXP"


@pytest.mark.parametrize(
    "text",
    [
        f"https://EVENT.EXAMPLE.ORG/B/{TOKEN}",
        f"https://event.example.org/b/{TOKEN.lower()}",
        f"HTTPS://EVENT.EXAMPLE.ORG:443/B/{TOKEN}/",
        f"  https://EVENT.EXAMPLE.ORG/B/{TOKEN}?utm=1#x\n",
        f"event.example.org/b/{TOKEN}",
        TOKEN,
        TOKEN.lower(),
        " ".join(TOKEN),
    ],
)
def test_parse_badge_finds_the_token(text):
    assert parse_badge(text, BASE) == BadgeReference("token", TOKEN)


@pytest.mark.parametrize(
    "text",
    [
        f"https://evil.example.org/B/{TOKEN}",
        f"https://EVENT.EXAMPLE.ORG.EVIL.EXAMPLE/B/{TOKEN}",
        f"https://event.example.org@evil.example/B/{TOKEN}",
        f"https://evil.example@event.example.org/B/{TOKEN}",
        f"https://evil.example\\@event.example.org/B/{TOKEN}",
        f"https://event.example.org:8443/B/{TOKEN}",
        f"http://event.example.org/B/{TOKEN}",
        f"ftp://event.example.org/B/{TOKEN}",
        f"javascript://event.example.org/B/{TOKEN}",
        f"https://event.\nexample.org/B/{TOKEN}",
        f"https://event.example.org/A/{TOKEN}",
        f"https://event.example.org/x/B/{TOKEN}",
        f"https://event.example.org//B/{TOKEN}",
        f"/B/{TOKEN}",
        "https://event.example.org/B/",
        "https://event.example.org:99999/B/" + TOKEN,
        "https://[event.example.org/B/" + TOKEN,
        "WIFI:S:Hall;T:WPA;P:secret;;",
        "",
        "https://event.example.org/B/" + "0" * 5000,
    ],
)
def test_parse_badge_takes_nothing_foreign(text):
    assert parse_badge(text, BASE) is None


def test_parse_badge_knows_ports():
    base = "http://127.0.0.1:8000"
    assert parse_badge(f"http://127.0.0.1:8000/b/{TOKEN}", base) == BadgeReference("token", TOKEN)
    assert parse_badge(f"http://127.0.0.1/b/{TOKEN}", base) is None


def test_parse_badge_finds_the_code():
    code = new_code()
    assert parse_badge(f" {grouped(code).lower()} ", BASE) == BadgeReference("code", code)
    wrong = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]
    assert parse_badge(wrong, BASE) is None


@given(st.text(max_size=60))
def test_parse_badge_never_fails(text):
    found = parse_badge(text, BASE)
    assert found is None or found.kind in ("token", "code")
