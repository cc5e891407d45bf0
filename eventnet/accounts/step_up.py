"""Step-up: whoever is signed in says once more that it is they, before an act that cannot be taken back."""

from __future__ import annotations

from datetime import timedelta

from eventnet import clock
from eventnet.accounts import browsers, budgets, factors
from eventnet.accounts.models import Browser

FRESH = timedelta(minutes=15)
TRIES, TRIES_SPAN = 5, timedelta(minutes=15)


def is_fresh(browser: Browser) -> bool:
    """Whether this browser's organizer signed in, or said again who they are, within the last 15 minutes."""
    said = [at for at in (browser.organizer_since, browser.organizer_confirmed_at) if at is not None]
    return bool(said) and max(said) > clock.now() - FRESH


def may_try(organizer_id: int, browser_id: int) -> bool:
    """Take one of the answers this browser may give; False when they are used up."""
    return budgets.spend(_key(organizer_id, browser_id), TRIES, TRIES_SPAN)


def confirm(organizer_id: int, browser_id: int, *, knows_password: bool, answer: str, secret_key: bytes) -> bool:
    """Count this browser as fresh when the password was right or `answer` is a code; whether it was.

    Right is also a code of the app or a recovery code, which is then used up.
    """
    if not knows_password and factors.take(organizer_id, secret_key, answer) is None:
        return False
    browsers.confirm_organizer(browser_id, organizer_id)
    budgets.clear(_key(organizer_id, browser_id), TRIES_SPAN)
    return True


def _key(organizer_id: int, browser_id: int) -> str:
    return f"step-up:organizer:{organizer_id}:browser:{browser_id}"
