"""Reads dates and times as spreadsheets write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from eventnet.events import times
from eventnet.words import gettext as _

TIME_OF_DAY = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE)
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SLASHED_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def is_time_of_day(text: str) -> bool:
    return TIME_OF_DAY.fullmatch(text) is not None


def read_time_of_day(text: str) -> time:
    """18:00, 18.00 or 6:00 PM; raises ValueError with a sentence."""
    match = TIME_OF_DAY.fullmatch(text)
    if match is not None:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if match[4] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise ValueError(_("%(text)s is not a time of day. Write it as 18:00.", text=repr(text)))


def read_day(text: str) -> date:
    """2026-10-15, 15.10.2026 or 10/15/2026; raises ValueError with a sentence, also for 10/12/2026 (which?)."""
    try:
        if match := ISO_DAY.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := DOTTED_DAY.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := SLASHED_DAY.fullmatch(text):
            first, second, year = int(match[1]), int(match[2]), int(match[3])
            if first <= 12 and second <= 12 and first != second:
                raise ValueError(_(
                    "%(text)s may be day/month or month/day. Write it as 2026-10-15.", text=repr(text)))
            return date(year, first, second) if second > 12 or first == second else date(year, second, first)
    except ValueError as error:
        if error.args and text in str(error):
            raise
    raise ValueError(_("%(text)s is not a date. Write it as 2026-10-15.", text=repr(text)))


def read_span(start: str, end: str, day: str, zone: str) -> tuple[datetime, datetime]:
    """Start and end of an item in UTC, from cells with date and time or a date of their own.

    A time of day alone takes the date of `day`, an end also that of the start; an end before the start is
    then the next morning. Raises ValueError with a sentence.
    """
    start_at = _moment(start, day, _("start"))
    end_at = _moment(end, day or start_at.date().isoformat(), _("end"))
    if end_at <= start_at and is_time_of_day(end) and end_at.tzinfo is None and start_at.tzinfo is None:
        end_at += timedelta(days=1)
    starts = times.resolve(start_at, zone).at
    ends = times.resolve(end_at, zone).at
    return starts, ends if ends > starts else times.resolve(end_at, zone, last=True).at


def _moment(text: str, day: str, which: str) -> datetime:
    if not text:
        raise ValueError(_("It has no %(which)s time.", which=which))
    if is_time_of_day(text):
        if not day:
            raise ValueError(_("%(text)s has no date. Write 2026-10-15 18:00, or add a column date.", text=repr(text)))
        return datetime.combine(read_day(day), read_time_of_day(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    first, _space, rest = text.partition(" ")
    try:
        return datetime.combine(read_day(first.rstrip(",")), read_time_of_day(rest.strip()))
    except ValueError as error:
        if "/" in str(error) and not is_time_of_day(first):
            raise
        raise ValueError(_("%(text)s is not a time. Write it as 2026-10-15 18:00.", text=repr(text))) from None
