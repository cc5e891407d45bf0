"""Passwords: argon2id hashes, verified outside of transactions and never too many at once."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from eventnet.errors import Refusal
from eventnet.words import gettext as _

SHORTEST, LONGEST = 10, 200
# One hash takes 64 MiB for a moment; what stands in line waits instead of taking all memory.
AT_ONCE, WAIT_SECONDS = 2, 15
_turnstile = threading.BoundedSemaphore(AT_ONCE)


def make_hash(password: str, profile: str) -> str:
    """The argon2id hash of a password; `profile` is settings.argon2. Slow by design: never in a transaction."""
    with _Turn():
        return _hasher(profile).hash(_normal(password))


def is_right(stored: str | None, password: str, profile: str) -> bool:
    """Whether `password` belongs to the hash. Without a hash the same work is done for nothing.

    So the time of an answer does not tell whether an address is known.
    """
    hasher = _hasher(profile)
    with _Turn():
        try:
            hasher.verify(stored or _nobody(profile), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)


def is_outdated(stored: str, profile: str) -> bool:
    """Whether the hash was made with other parameters than are used now."""
    return _hasher(profile).check_needs_rehash(stored)


def check(password: str, email: str) -> None:
    """Refuse a new password that is too short, too long or the address itself. Length is what counts (NIST 800-63B)."""
    text = _normal(password)
    sentence = ""
    if len(text) < SHORTEST:
        sentence = _("Use at least %(count)s characters. A few words in a row are easy to remember.", count=SHORTEST)
    elif len(text) > LONGEST:
        sentence = _("Use at most %(count)s characters.", count=LONGEST)
    elif len(set(text)) < 4:
        sentence = _("That would be guessed at once. Use a few words in a row.")
    elif text.casefold() in (email.casefold(), email.partition("@")[0].casefold()):
        sentence = _("Your address is the first thing that is tried. Choose something else.")
    if sentence:
        raise Refusal(sentence, status=422, reason="weak_password", field="password")


@cache
def _hasher(profile: str) -> PasswordHasher:
    if profile == "cheap":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)
    # RFC 9106, section 4: the second recommended option (64 MiB).
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4, type=Type.ID)


@cache
def _nobody(profile: str) -> str:
    return _hasher(profile).hash("nobody has this password")


def _normal(password: str) -> str:
    """Two keyboards may write the same letter as different code points."""
    return unicodedata.normalize("NFKC", password)


class _Turn:
    """A place at the turnstile; a Refusal (503) when it takes too long."""

    def __enter__(self) -> None:
        if not _turnstile.acquire(timeout=WAIT_SECONDS):
            raise Refusal(_("Many people are signing in right now. Try again in a moment."), status=503,
                          reason="busy", retry_after=5)

    def __exit__(self, *_error: object) -> None:
        _turnstile.release()
