"""TOTP: secrets, codes and their check, the address an authenticator app reads, and sealing a secret for keeping."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

import qrcode
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS, DIGITS = 30, 6
SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits
# RFC 6238, section 5.2: one step for a clock that is off and for the time it takes to type.
TOLERANCE = 1
_NONCE_BYTES = 12


def new_secret() -> bytes:
    """A fresh secret of 160 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def step_at(moment: datetime) -> int:
    """The number of the 30-second step of a moment (RFC 6238, section 4.2)."""
    return int(moment.timestamp()) // STEP_SECONDS


def code(secret: bytes, step: int) -> str:
    """The six digits of a step (RFC 4226, section 5.3, with SHA-1 as every app has it)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, text: str, moment: datetime, last_step: int) -> int | None:
    """The step that `text` is the code of, if it is near `moment` and later than `last_step`; else None.

    A code that was taken once, and every older one, is not taken again (RFC 6238, section 5.2).
    """
    typed = digits(text)
    if len(typed) != DIGITS:
        return None
    now = step_at(moment)
    found = None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if hmac.compare_digest(code(secret, step), typed) and step > last_step and found is None:
            found = step
    return found


def digits(text: str) -> str:
    """What was typed as ASCII digits: people type spaces, and keyboards of many scripts have their own. "" if not."""
    typed = "".join(text[:40].split()).replace("-", "")
    return "".join(str(int(c)) for c in typed) if typed.isdecimal() else ""


def shown(secret: bytes) -> str:
    """The secret to type into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at:at + 4] for at in range(0, len(text), 4))


def address(secret: bytes, account: str, issuer: str) -> str:
    """What the QR code says (the key URI format of authenticator apps)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    values = {"secret": shown(secret).replace(" ", ""), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS,
              "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"


def drawing(text: str) -> tuple[int, str]:
    """A QR code as the side of its square, quiet zone left out, and the `d` of an SVG path of its dark modules."""
    symbol = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    symbol.add_data(text)
    symbol.make()
    rows = symbol.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return len(rows), path


def sealed(secret: bytes, key: bytes, owner: int) -> bytes:
    """The secret as the database keeps it: AES-256-GCM, bound to its owner. `key` is settings.secret_key."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_sealing_key(key)).encrypt(nonce, secret, str(owner).encode())


def opened(kept: bytes, key: bytes, owner: int) -> bytes | None:
    """The secret again; None when it was sealed with another key, for somebody else, or was tampered with."""
    try:
        return AESGCM(_sealing_key(key)).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], str(owner).encode())
    except (InvalidTag, ValueError):
        return None


def _sealing_key(key: bytes) -> bytes:
    return hmac.new(key, b"second-factor", hashlib.sha256).digest()
