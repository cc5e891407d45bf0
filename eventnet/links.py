"""Addresses that leave the program, and the signed tokens inside them."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FOLD = str.maketrans("OoIiLl", "001111")


def base32(data: bytes) -> str:
    """Crockford base32, most significant digit first, length fixed by the length of `data`."""
    number, length = int.from_bytes(data, "big"), (len(data) * 8 + 4) // 5
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def folded(text: str) -> str:
    """Upper case with look-alikes (O, I, L) read as the digits they resemble; spaces and dashes gone."""
    return text.translate(_FOLD).replace(" ", "").replace("-", "").upper()


def mac(secret: bytes, purpose: str, *parts: object) -> bytes:
    """128 bits that only the holder of `secret` can make; `purpose` keeps kinds of token apart."""
    message = "\x00".join([purpose, *map(str, parts)]).encode()
    return hmac.new(secret, message, hashlib.sha256).digest()[:16]


def signed_id(secret: bytes, purpose: str, number: int, *parts: object) -> str:
    """A token that carries a row's number and proves it: 8 + 26 Crockford characters, upper case."""
    return base32(number.to_bytes(5, "big")) + base32(mac(secret, purpose, number, *parts))


def number_in(token: str) -> int | None:
    """The row number a signed_id token claims, still unproven; None for what cannot be one."""
    token = folded(token)
    if len(token) != 34 or any(c not in ALPHABET for c in token):
        return None
    number = 0
    for c in token[:8]:
        number = number * 32 + ALPHABET.index(c)
    return number


def is_signed(secret: bytes, token: str, purpose: str, number: int, *parts: object) -> bool:
    """Whether `token` is the signed_id of exactly these parts, compared in constant time."""
    return hmac.compare_digest(folded(token), signed_id(secret, purpose, number, *parts))


def fingerprint(token: str) -> str:
    """What is kept of a secret token: SHA-256, hex. Enough to find it, useless to a thief of the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def badge_url(base_url: str, token: str) -> str:
    """The address in a badge's QR code: scheme lower case, the rest upper case (alphanumeric mode)."""
    scheme, rest = base_url.split("://", 1)
    return f"{scheme}://{rest.upper()}/B/{token}"


def activation_url(base_url: str, token: str) -> str:
    return f"{base_url}/A/{token}"
