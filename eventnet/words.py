"""Words for people: gettext, dates and lists in the reader's language."""

from __future__ import annotations

import gettext as gettext_module
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.lists import format_list

LANGUAGES = ("en",)
# How dates and lists of a language look where the word alone would mean another country: 12 October, not October 12.
_DATES = {"en": "en_GB"}
_language: ContextVar[str] = ContextVar("language", default="en")


@cache
def _catalogue(language: str) -> gettext_module.NullTranslations:
    return gettext_module.translation(
        "messages", Path(__file__).parent / "translations", [language], fallback=True
    )


def language() -> str:
    """The language of the text that is being written now (BCP 47)."""
    return _language.get()


def _manners() -> str:
    return _DATES.get(language(), language())


@contextmanager
def speaking(name: str | None) -> Iterator[None]:
    """Write in `name` inside the block; an unknown or missing language falls back to English."""
    token = _language.set(name if name in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, /, **values: object) -> str:
    """Translate `message`, then fill its %(name)s places. User text goes into `values`, never into `message`."""
    text = _catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """As gettext, choosing the form for `num`, which is available as %(num)s."""
    return plural_form(one, many, num) % {"num": num, **values}


def plural_form(one: str, many: str, num: int, /) -> str:
    """The translated form for `num` with its places still open: Jinja fills and escapes them itself."""
    return _catalogue(language()).ngettext(one, many, num)


class _Later:
    """A message that is translated each time it is shown."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __str__(self) -> str:
        return gettext(self._message)

    def __mod__(self, values: Any) -> str:
        return str(self) % values


def later(message: str) -> Any:
    """As gettext, for labels and messages of form classes, which are made before anybody reads them."""
    return _Later(message)


def day(value: date | datetime, zone: ZoneInfo | None = None) -> str:
    """Thursday 12 October: a day of the event, in its zone."""
    if isinstance(value, datetime) and zone is not None:
        value = value.astimezone(zone)
    return format_skeleton("MMMMEEEEd", value, locale=_manners())


def weekday(value: date | datetime, zone: ZoneInfo | None = None) -> str:
    """Thursday: enough to place a moment within an event of some days."""
    if isinstance(value, datetime) and zone is not None:
        value = value.astimezone(zone)
    return babel_date(value, format="EEEE", locale=language())


def full_day(value: date) -> str:
    """12 October 2026."""
    return babel_date(value, format="long", locale=_manners())


def time(value: datetime, zone: ZoneInfo) -> str:
    """14:03, on the event's clock."""
    return value.astimezone(zone).strftime("%H:%M")


def listed(parts: list[str]) -> str:
    """Name, e-mail and LinkedIn."""
    return format_list(parts, locale=_manners()) if parts else ""


def monogram(name: str) -> str:
    """One or two letters for a face without a picture, cut between letters of the name's own script."""
    first = [part[0] for part in name.split() if unicodedata.category(part[0])[0] in "LN"]
    letters = [first[0], first[-1]] if len(first) > 1 else first
    # Two Arabic or Devanagari letters side by side would join into something that is nobody's initial.
    if (letters and unicodedata.bidirectional(letters[0]) == "AL") or any(ord(c) > 0x2E80 for c in letters):
        letters = letters[:1]
    return "".join(letters).upper() or "·"
