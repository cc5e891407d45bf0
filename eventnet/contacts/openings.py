"""A badge that was opened before its reader was signed in: the signed text that carries the true time through sign-in.

Opening a link changes nothing and swaps with nobody (PRODUCT, rule 1), and a page for somebody signed out names nobody
(rule 2). So an opening is kept without a tap, on the phone and in every way to sign in from that page, and becomes a
swap by one tap afterwards, on the button that names the person. A tap before signing in would agree to give one's card
to a person nobody named, and a link sent in a chat would then swap by itself at the next sign-in.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eventnet import links
from eventnet.badges.codes import BadgeReference

PURPOSE = "opened badge"
LASTS = timedelta(days=7)
_TIME, _ID, _PROOF = 8, 26, 26  # Crockford characters: 5, 16 and 16 bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """When a badge's page was opened, and the number of the scan that a tap on it makes: always the same one."""

    scan_id: str
    opened_at: datetime

    @classmethod
    def at(cls, now: datetime) -> Opening:
        """One that begins now."""
        return cls(str(uuid.uuid4()), now)


def write(secret: bytes, badge: BadgeReference, opening: Opening) -> str:
    """The opening as a text for an address, signed, good for this badge alone; times to the second."""
    seconds = int(opening.opened_at.timestamp()).to_bytes(5, "big")
    text = links.base32(seconds) + links.base32(uuid.UUID(opening.scan_id).bytes)
    return text + links.base32(links.mac(secret, PURPOSE, badge.kind, badge.value, text))


def read(secret: bytes, badge: BadgeReference, text: str, now: datetime) -> Opening | None:
    """The opening in a signed text; None for one of another badge, a made-up one, and after seven days."""
    signed, proof = text[:_TIME + _ID], text[_TIME + _ID:]
    if len(proof) != _PROOF or not hmac.compare_digest(
            proof.encode(), links.base32(links.mac(secret, PURPOSE, badge.kind, badge.value, signed)).encode()):
        return None
    opened_at = datetime.fromtimestamp(_number(signed[:_TIME]), UTC)
    if not timedelta(0) <= now - opened_at <= LASTS:
        return None
    return Opening(str(uuid.UUID(int=_number(signed[_TIME:]))), opened_at)


def claimed(scan_id: str, opened_at: datetime | None, now: datetime) -> Opening:
    """The opening that a page claims which was open too long: its number, and its time as far as that can be true."""
    is_possible = opened_at is not None and timedelta(0) <= now - opened_at <= LASTS
    return Opening(scan_id, opened_at if is_possible and opened_at is not None else now)


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 32 + links.ALPHABET.index(digit)
    return number
