"""Wall-clock times of an event's zone as moments, with a sentence for those that do not exist or come twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from eventnet import clock
from eventnet.words import gettext as _

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class Moment(NamedTuple):
    """A moment in UTC. `note` is a sentence when the wall-clock time came twice and one was chosen."""

    at: datetime
    note: str = ""


def read(text: str, zone_name: str, *, last: bool = False) -> Moment:
    """A time as people and programs write it: 2026-10-15 18:00 in the zone, or RFC 3339 with an offset.

    Raises ValueError with a sentence for what is no time, and for a local time that the clocks skip.
    """
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(_("%(text)s is not a time. Write it as 2026-10-15 18:00.", text=repr(text.strip()))) from None
    return resolve(value, zone_name, last=last)


def resolve(value: datetime, zone_name: str, *, last: bool = False) -> Moment:
    """A naive wall-clock time in a zone as a moment; an aware time is only turned into UTC.

    When the clocks go back an hour comes twice: the first one is meant, with `last` the second (so that an
    end covers all of it), and the note says so. When they go forward an hour is skipped: ValueError.
    """
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(_("The year %(year)s cannot be right. Check the date.", year=value.year))
    if value.tzinfo is not None:
        return Moment(value.astimezone(UTC))
    zone = clock.zone(zone_name)
    first, second = value.replace(tzinfo=zone, fold=0), value.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return Moment(first.astimezone(UTC))
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != value:
        raise ValueError(
            _("%(time)s does not exist on %(date)s in %(zone)s: the clocks go forward then. Write %(next)s.",
              time=f"{value:%H:%M}", date=f"{value:%Y-%m-%d}", zone=zone_name, next=f"{back:%H:%M}"))
    chosen = second if last else first
    return Moment(chosen.astimezone(UTC), _(
        "The clocks go back on %(date)s, so %(time)s comes twice; the %(which)s one is meant (UTC%(offset)s).",
        date=f"{value:%Y-%m-%d}", time=f"{value:%H:%M}", which=_("second") if last else _("first"),
        offset=_offset(chosen)))


def local(at: datetime, zone_name: str) -> datetime:
    """The naive wall-clock time of a moment in a zone, to the minute, as a form shows it."""
    return at.astimezone(clock.zone(zone_name)).replace(tzinfo=None, second=0, microsecond=0)


def _offset(value: datetime) -> str:
    minutes = int((value.utcoffset() or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
