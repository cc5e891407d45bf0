"""Passwords: hashed with argon2id, the same on every keyboard, never all at once."""

from __future__ import annotations

import threading

import pytest

from eventnet.accounts import passwords
from eventnet.errors import Refusal


def test_password_is_argon2id_and_salted() -> None:
    first, second = (passwords.make_hash("seven green bottles", "cheap") for _ in range(2))
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.is_right(first, "seven green bottles", "cheap")
    assert not passwords.is_right(first, "seven green bottle", "cheap")


def test_password_is_the_same_on_every_keyboard() -> None:
    assert passwords.is_right(passwords.make_hash("cafe\u0301 au lait", "cheap"), "caf\u00e9 au lait", "cheap")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nobody_has_a_password_without_a_hash(stored: str | None) -> None:
    assert passwords.is_right(stored, "nobody has this password", "cheap") is False


def test_standard_profile_is_the_one_of_rfc_9106() -> None:
    assert passwords._hasher("standard")._parameters.memory_cost == 65536
    assert passwords.is_outdated(passwords.make_hash("x" * 12, "cheap"), "standard")


def test_hashing_waits_its_turn_and_says_so_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_turnstile", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with passwords._Turn(), pytest.raises(Refusal) as refused:
        passwords.make_hash("seven green bottles", "cheap")
    assert (refused.value.status, refused.value.retry_after) == (503, 5)
    assert passwords.make_hash("seven green bottles", "cheap")
