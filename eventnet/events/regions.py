"""Time zones and countries to choose from, and the country a time zone lies in."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from eventnet import words


@cache
def zones() -> tuple[str, ...]:
    """IANA names that people choose from: places, and UTC; no aliases of offsets."""
    return tuple(sorted(
        name for name in available_timezones() if name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    ))


@cache
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language, sep="-").territories
    found = [(code, name) for code, name in names.items() if is_region(code)]
    return tuple(sorted(found, key=lambda pair: pair[1].casefold()))


def countries() -> tuple[tuple[str, str], ...]:
    """(code, name) of all countries in the reader's language, by name."""
    return _countries(words.language())


def is_region(code: str) -> bool:
    """Whether `code` is a country of ISO 3166, two capital letters."""
    return code in _codes()


@cache
def _codes() -> frozenset[str]:
    # ZZ and 001 stand for unknown and world; every country has a time zone of its own.
    return frozenset(code for code in get_global("zone_territories").values() if code.isalpha() and code != "ZZ")


def region_of_zone(zone: str) -> str:
    """The country a time zone lies in; empty when it lies in none (UTC)."""
    found = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "")
    return found if is_region(found) else ""
