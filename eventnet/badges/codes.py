"""Makes, checks and recognizes what a badge carries: its token and the badge code people type."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32 (https://www.crockford.com/base32.html): no I, L, O or U."""

TOKEN_LENGTH = 26
CODE_LENGTH = 8

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_FOLDS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_PRIMITIVE = 0b100101
_LONGEST_INPUT = 2048
_CANONICAL_TOKEN = re.compile(f"[0-7][{ALPHABET}]{{{TOKEN_LENGTH - 1}}}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class BadgeReference:
    """What a scan or a typed text points at: a badge `token` or a badge `code`, in canonical form."""

    kind: Literal["token", "code"]
    value: str


def new_token() -> str:
    """Returns a fresh badge token: 128 random bits as 26 characters of Crockford base32, upper case."""
    return base32(secrets.token_bytes(16), TOKEN_LENGTH)


def new_code() -> str:
    """Returns a fresh badge code: 7 random characters (35 bits) and their check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Returns the character that completes the canonical characters of `body` to a code.

    The sum of weight times value over GF(32) (polynomial x^5 + x^2 + 1) of a whole code is zero. The weights are the
    powers of the field's generator, all different and none zero, so that every single wrong character and every
    exchange of two characters, adjacent or not, is noticed. A sum modulo 31 would take 0 for Z, one modulo 37 needs
    five more signs.
    """
    total = 0
    for character in body:
        total = (total ^ _VALUES[character]) << 1
        if total > 31:
            total ^= _PRIMITIVE
    return ALPHABET[total]


def base32(data: bytes, length: int) -> str:
    """Returns `data`, read as one big-endian number, in exactly `length` characters of Crockford base32.

    Raises ValueError if `length` characters (5 bits each) cannot hold every value of so many bytes.
    """
    if length * 5 < len(data) * 8:
        raise ValueError(f"{len(data)} bytes do not fit into {length} characters of base32.")
    number = int.from_bytes(data, "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def normalize_token(text: str) -> str | None:
    """Returns the token that `text` spells, in canonical upper case, or None.

    Lower case, spaces, dashes and the look-alikes o, i and l are forgiven.
    """
    if _CANONICAL_TOKEN.fullmatch(text):
        return text
    token = _canonical(text, TOKEN_LENGTH)
    # 26 characters hold 130 bits, a token only 128: the first character never exceeds 7.
    return token if token is not None and token[0] <= "7" else None


def normalize_code(text: str) -> str | None:
    """Returns the badge code that `text` spells, in canonical upper case, or None, also for a wrong check character.

    Lower case, spaces, dashes and the look-alikes o, i and l are forgiven.
    """
    code = _canonical(text, CODE_LENGTH)
    return code if code is not None and check_character(code[:-1]) == code[-1] else None


def grouped(code: str) -> str:
    """Returns a code in groups of four, as it is printed and read aloud: `K7M2 9QXP`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def parse_badge(text: str, base_url: str) -> BadgeReference | None:
    """Returns what `text`, from a scanner or typed by a person, refers to, or None.

    Understood are a badge address `BASE/B/<TOKEN>` of exactly the scheme, host and port of `base_url` (in any case, the
    scheme may be left out as people do), a bare token and a badge code. An address of any other host is None, so
    that a foreign QR code is never taken for one of ours.
    """
    text = text.strip()
    if len(text) > _LONGEST_INPUT:
        return None
    if "/" in text:
        token = _token_of_address(text, base_url)
        return BadgeReference("token", token) if token else None
    if token := normalize_token(text):
        return BadgeReference("token", token)
    if code := normalize_code(text):
        return BadgeReference("code", code)
    return None


def _canonical(text: str, length: int) -> str | None:
    if len(text) > 4 * length:
        return None
    # NFKC: keyboards for Chinese and Japanese type full-width letters and digits.
    characters = unicodedata.normalize("NFKC", text).upper().translate(_FOLDS)
    kept = "".join(c for c in characters if not c.isspace() and unicodedata.category(c) != "Pd")
    return kept if len(kept) == length and all(c in _VALUES for c in kept) else None


def _token_of_address(text: str, base_url: str) -> str | None:
    # urlsplit drops tabs and line ends silently, so they have to be refused before it sees them.
    if not text.isprintable() or " " in text or "\\" in text:
        return None
    base = urlsplit(base_url)
    try:
        address = urlsplit(text if "://" in text else f"{base.scheme}://{text}")
        if "@" in address.netloc or _origin(address.scheme, address.hostname, address.port) != _origin(
            base.scheme, base.hostname, base.port
        ):
            return None
    except ValueError:
        return None
    parts = address.path.removesuffix("/").split("/")
    if len(parts) != 3 or parts[0] or parts[1] not in ("B", "b"):
        return None
    return normalize_token(parts[2])


def _origin(scheme: str, host: str | None, port: int | None) -> tuple[str, str | None, int | None]:
    return scheme.lower(), host.lower() if host else None, port or _DEFAULT_PORTS.get(scheme.lower())
