"""How many swaps and guesses one person may make: by account, whatever browser, program or network they come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from eventnet.accounts import budgets
from eventnet.attendees import overruns
from eventnet.encounters.finding import Found, Person

BURST_SPAN, DAY, HOUR = timedelta(minutes=10), timedelta(days=1), timedelta(hours=1)
"""How many swaps one makes in them is the event's: room for a round of introductions, and for a whole day."""
WRONG_CODES = 30
"""Of badges in an hour. Typing errors end at the check character; with 35 bits to guess this finds nobody in a life."""


def spend_swap(found: Found, scanner_id: int, moment: datetime) -> int | None:
    """Count a swap; seconds to wait if it is one too many. A scan that waited on a phone counts for its own day.

    When that day's budget is used up it takes from today's, so that nothing waits for ever. A phone's time is a claim:
    at most one daily budget of scans that say they are of earlier days is taken in a day, beside today's own, so that
    what arrives in one day is never more than twice the daily budget; and each day's is counted once, whenever its
    scans arrive, so that the whole event gives no more than somebody gets who was there on all its days.
    """
    whose, most = f"attendee:{scanner_id}", found.swaps_daily
    burst, daily, late = f"swaps-burst:{whose}", f"swaps:{whose}", f"swaps-late:{whose}"
    if not (budgets.spend(burst, found.swaps_burst, BURST_SPAN, moment)
            or (budgets.is_past(BURST_SPAN, moment) and budgets.spend(burst, found.swaps_burst, BURST_SPAN))):
        return _overrun(found.event_id, scanner_id, "swaps_burst", BURST_SPAN)
    is_late = budgets.is_past(DAY, moment)
    if is_late and budgets.spend(daily, most, DAY, moment) and budgets.spend(late, most, DAY):
        return None
    if not budgets.spend(daily, most, DAY):
        return _overrun(found.event_id, scanner_id, "swaps_late" if is_late else "swaps_daily", DAY)
    return None


def spend_guess(me: Mapping[int, Person]) -> None:
    """Count a badge that does not exist."""
    if me:
        budgets.spend(_guesses_key(me), WRONG_CODES, HOUR)


def guessing_wait(me: Mapping[int, Person]) -> int | None:
    """Seconds to wait for somebody who typed many codes that do not exist: a right guess waits as well.

    To be asked about typed codes only: a token has 128 bits, nobody guesses one. A stranger is not counted, since
    whoever is signed out is shown nothing on any badge; the flood stop (web.floods) is enough there.
    """
    if not me or budgets.left(_guesses_key(me), WRONG_CODES, HOUR):
        return None
    whose = _guesser(me)
    return _overrun(whose.event_id, whose.id, "wrong_codes", HOUR)


def _overrun(event_id: int, attendee_id: int, budget: str, span: timedelta) -> int:
    overruns.note(event_id, attendee_id, budget)
    return budgets.seconds_left(span)


def _guesser(me: Mapping[int, Person]) -> Person:
    """Of those a browser is at several events the one of the latest."""
    return max(me.values(), key=lambda person: person.id)


def _guesses_key(me: Mapping[int, Person]) -> str:
    return f"wrong-codes:attendee:{_guesser(me).id}"
