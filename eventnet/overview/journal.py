"""The audit log of an event as people read it: sentences with names, by day, and as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from eventnet.accounts import organizers
from eventnet.attendees import exporting
from eventnet.audit import reading, sentences
from eventnet.audit.models import AuditEntry
from eventnet.events import desk_passes
from eventnet.events.models import Event
from eventnet.words import gettext as _


@dataclass(frozen=True)
class Line:
    """One act in words. `attendee_id` leads to the person it was about, where an organizer or a desk did it."""

    at: datetime
    who: str
    said: str
    act: str
    attendee_id: int | None


def kind_label(kind: str) -> str:
    return {
        "exports": _("Exports"), "mail": _("Mail"), "attendees": _("Attendees"), "badges": _("Badges"),
        "desk": _("Desk passes"), "team": _("Team"), "event": _("Event and settings"), "sign_ins": _("Sign-ins"),
    }[kind]


def lines(entries: Sequence[AuditEntry]) -> list[Line]:
    """The entries in words, in two statements for all their names."""
    names = _names(entries)
    return [_line(entry, names) for entry in entries]


def by_day(found: Sequence[Line], event: Event) -> list[tuple[date, list[Line]]]:
    """The lines under their days in the event's zone, in the order they come."""
    return [(day, list(group)) for day, group in groupby(found, key=lambda line: line.at.astimezone(event.tz).date())]


def people(event_id: int) -> list[tuple[str, str]]:
    """Who can be chosen: the value and the name of everybody who acted, attendees as one."""
    acted = reading.actors(event_id)
    names = _names_of(acted)
    named = sorted((names.get(actor) or sentences.actor_words(actor), actor) for actor in acted)
    return [*((actor, name) for name, actor in named), (reading.ATTENDEES, _("Attendees"))]


def asked(event: Event, actor: str, kind: str, day: str) -> reading.Asked:
    """The question of the page's address; what cannot be is left out."""
    on: date | None = None
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        on = None
    since = until = None
    if on is not None and date.min < on < date.max:
        since = datetime.combine(on, datetime.min.time(), event.tz)
        until = datetime.combine(on + timedelta(days=1), datetime.min.time(), event.tz)
    return reading.Asked(actor[:60], kind if kind in reading.KINDS else "", since, until)


def as_csv(event: Event, question: reading.Asked) -> bytes:
    """The log as a file: time on the event's clock, who, what in words, the name of the act."""
    entries = list(reading.everything(event.id, question))
    names = _names(entries)
    cells = ([line.at.astimezone(event.tz).isoformat(timespec="seconds"), line.who, line.said, line.act]
             for line in (_line(entry, names) for entry in entries))
    return exporting.encode([_("Time"), _("Who"), _("What was done"), _("Act")], cells)


def _line(entry: AuditEntry, names: dict[str, str]) -> Line:
    who = names.get(entry.actor) or sentences.actor_words(entry.actor)
    about = dict(entry.about)
    whom = names.get(f"organizer:{about.get('organizer_id')}")
    if whom:
        about["whom"] = whom
    number = about.get("attendee")
    # An attendee's own act (blocking, stopping mail) is nobody's to look up.
    leads = number if isinstance(number, int) and not entry.actor.startswith("attendee:") else None
    return Line(entry.at, who, sentences.sentence(entry.act, entry.actor, about, who), entry.act, leads)


def _names(entries: Iterable[AuditEntry]) -> dict[str, str]:
    wanted = set()
    for entry in entries:
        wanted.add(entry.actor)
        if isinstance(entry.about.get("organizer_id"), int):
            wanted.add(f"organizer:{entry.about['organizer_id']}")
    return _names_of(wanted)


def _names_of(actors: Iterable[str]) -> dict[str, str]:
    numbers: dict[str, set[int]] = {"organizer": set(), "desk_pass": set()}
    for actor in actors:
        kind, _colon, number = actor.partition(":")
        if kind in numbers and number.isdecimal():
            numbers[kind].add(int(number))
    found: dict[str, str] = {}
    if numbers["organizer"]:
        found.update({f"organizer:{n}": name for n, name in organizers.names(numbers["organizer"]).items()})
    if numbers["desk_pass"]:
        found.update({f"desk_pass:{n}": name for n, name in desk_passes.names(numbers["desk_pass"]).items()})
    return found
