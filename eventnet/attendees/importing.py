"""Imports people into an event's list: a preview that says what each row will do, then all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from eventnet import clock, db
from eventnet.attendees import folding, labels, mapping, participation, replacing, roster
from eventnet.attendees.mapping import Person
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.words import gettext as _

OUTCOMES = ("new", "changed", "same", "skipped", "refused")
CHUNK = 1000
DERIVED = ("email_key", "search_text", "sort_key")


@dataclass(frozen=True)
class Outcome:
    """What one row does: new, changed, same, skipped or refused, and why."""

    row: int
    outcome: str
    name: str
    reason: str = ""


@dataclass
class Plan:
    """What an import would do, one outcome a row in the order of the file."""

    outcomes: list[Outcome] = field(default_factory=list)
    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(outcome.outcome for outcome in self.outcomes)
        return {name: found[name] for name in OUTCOMES}


def preview(event_id: int, people: Sequence[Person]) -> Plan:
    """What importing these people would do to the list as it is now; writes nothing."""
    known = _Known(event_id)
    known.reserve(people)
    plan = Plan()
    for person in people:
        if person.state:
            plan.outcomes.append(Outcome(person.row, person.state, person.name, person.reason))
            continue
        attendee = known.match(person)
        if attendee is None:
            plan.inserts.append(_new(event_id, person))
            absent = [_("does not take part: a badge without QR code, no mail")] if person.takes_part is False else []
            plan.outcomes.append(Outcome(person.row, "new", person.name, "; ".join([*absent, *person.notes])))
        elif attendee.removed_at is not None:
            plan.outcomes.append(Outcome(person.row, "skipped", person.name, known.why_gone(attendee, person)))
        elif known.is_someone_else(attendee, person):
            plan.outcomes.append(Outcome(person.row, "skipped", person.name, _(
                "someone else? Under this number there is %(name)s, who is active. If %(new)s comes instead, choose "
                "“Someone else comes instead” on the page of %(name)s", name=attendee.registered_name,
                new=person.name)))
        else:
            _compare(plan, known, attendee, person)
    return plan


def _new(event_id: int, person: Person) -> dict[str, Any]:
    return {**roster.completed(person.values), "event_id": event_id, "external_key": person.key,
            "takes_part": person.takes_part is not False}


def _compare(plan: Plan, known: _Known, attendee: Attendee, person: Person) -> None:
    values = dict(person.values)
    if not values.get("badge_name"):
        values.pop("badge_name", None)
    decided = roster.decide(attendee, values, "import")
    row = roster.new_row(attendee, {name: values[name] for name in decided.changed}, values.keys())
    changes = [name for name in roster.FIELDS if row[name] != getattr(attendee, name)]
    objects = person.takes_part is False and attendee.not_taking_part_at is None
    setter = attendee.edits.get("takes_part", {}).get("by", "import")
    stops = objects and setter == "import"
    key = attendee.external_key
    if person.key != key and (key is None or mapping.is_weak(key)) and known.take(person.key, attendee):
        key = person.key
    if changes or stops or key != attendee.external_key:
        plan.updates.append({
            "b_id": attendee.id, "b_seen": attendee.changed_at, "external_key": key,
            "bump": row.get("generation", attendee.generation) - attendee.generation,
            "touched": bool(changes or stops), "stops": stops, "before": attendee.not_taking_part_at,
            "badge_text_at": clock.now() if stops else row.get("badge_text_at", attendee.badge_text_at),
            **{name: row[name] for name in (*roster.FIELDS, *DERIVED)},
        })
    reasons = []
    if changes:
        reasons.append(_("%(fields)s changed", fields=labels.labels(changes)))
    if stops:
        reasons.append(_("no longer takes part"))
    elif objects:
        reasons.append(_("takes part, as %(who)s said", who=labels.setter(setter)))
    elif person.takes_part and attendee.not_taking_part_at is not None:
        reasons.append(_("still does not take part: they take that back themselves, or the desk does"))
    reasons += [_("%(field)s kept as %(who)s set it", field=labels.label(name), who=labels.setter(by))
                for name, by in decided.kept.items()]
    outcome = "changed" if changes or stops else "same"
    plan.outcomes.append(Outcome(person.row, outcome, person.name, "; ".join([*reasons, *person.notes])))


class _Known:
    """Everybody already on the list, found by key, by address and name, or by name and organization."""

    def __init__(self, event_id: int) -> None:
        columns = [getattr(Attendee, name) for name in (
            "id", "event_id", "external_key", "email_key", "edits", "generation", "changed_at", "removed_at",
            "not_taking_part_at", "badge_text_at", "activated_at", *roster.FIELDS)]
        self.event_id = event_id
        self.by_key: dict[str, Attendee] = {}
        self.by_mail: dict[str, list[Attendee]] = {}
        self.by_name: dict[tuple[str, str], list[Attendee]] = {}
        self.by_id: dict[int, Attendee] = {}
        self.matched: set[int] = set()
        self.instead = replacing.names_instead(event_id)
        for found in db.session.execute(select(*columns).where(Attendee.event_id == event_id)):
            row = cast(Attendee, found)
            self.by_id[row.id] = row
            if row.external_key:
                self.by_key[row.external_key] = row
            if row.email_key:
                self.by_mail.setdefault(row.email_key, []).append(row)
            else:
                place = (folding.fold(row.registered_name), folding.fold(row.organization))
                self.by_name.setdefault(place, []).append(row)

    def reserve(self, people: Sequence[Person]) -> None:
        """Keys are surer than names: whoever is found by key is nobody else's match."""
        keys = {person.key for person in people if not person.state}
        self.matched = {row.id for key, row in self.by_key.items() if key in keys}

    def match(self, person: Person) -> Attendee | None:
        """The attendee this row is about, each at most once; those still on the list before removed ones."""
        exact = self.by_key.get(person.key)
        if exact is not None and exact.removed_at is None:
            return exact
        for candidates in self._candidates(person):
            free = [row for row in candidates if row.id not in self.matched]
            free.sort(key=lambda row: row.removed_at is not None)
            if free and (exact is None or free[0].removed_at is None):
                self.matched.add(free[0].id)
                return free[0]
        return exact

    def _candidates(self, person: Person) -> Iterator[list[Attendee]]:
        prefix = f"eventnet:{self.event_id}-"
        if person.key.startswith(prefix) and person.key.removeprefix(prefix).isdecimal():
            yield [row for row in [self.by_id.get(int(person.key.removeprefix(prefix)))] if row is not None]
        mail = folding.email_key(person.values.get("email", ""))
        name = folding.fold(person.name)
        if not mail:
            place = (name, folding.fold(person.values.get("organization", "")))
            yield [row for row in self.by_name.get(place, [])
                   if _is_free(row.external_key) or mapping.is_weak(person.key)]
            return
        same_mail = self.by_mail.get(mail, [])
        yield [row for row in same_mail if name in (folding.fold(row.registered_name), folding.fold(row.badge_name))]
        # Only one person has this address, here and in the file: the name was corrected.
        if person.key == f"email:{mail}" and len(same_mail) == 1 and _is_free(same_mail[0].external_key):
            yield same_mail

    def why_gone(self, attendee: Attendee, person: Person) -> str:
        """Why a row about somebody who is off the list is left out."""
        instead = self.instead.get(attendee.id)
        if instead is None:
            return _("you removed them from the list")
        if folding.fold(person.name) == folding.fold(attendee.registered_name):
            return _("%(name)s came instead of them", name=instead)
        return _("someone else? This number was %(old)s’s, and %(new)s came instead. Add them as a new attendee if "
                 "they come as well", old=attendee.registered_name, new=instead)

    def is_someone_else(self, attendee: Attendee, person: Person) -> bool:
        """Whether name and address both are another person's, while the one on the list has a card and contacts."""
        mail = folding.email_key(person.values.get("email", ""))
        return bool(
            attendee.activated_at is not None and mail and attendee.email_key and mail != attendee.email_key
            and folding.fold(person.name) not in (folding.fold(attendee.registered_name),
                                                  folding.fold(attendee.badge_name)))

    def take(self, key: str, attendee: Attendee) -> bool:
        """Give a key to an attendee unless somebody else has it."""
        return self.by_key.setdefault(key, attendee) is attendee


def _is_free(key: str | None) -> bool:
    return key is None or mapping.is_weak(key)


def commit(event_id: int, plan: Plan, who: str, source: str = "",
           on_progress: Callable[[int], None] = lambda _rows: None) -> dict[str, int]:
    """Do what a preview said, all or nothing, inside the caller's transaction; returns the counts.

    Raises Refusal (409) when the list changed since the preview, so that nobody's change is overwritten.
    """
    now = clock.now()
    try:
        for at in range(0, len(plan.inserts), CHUNK):
            rows = [_row(row, now) for row in plan.inserts[at:at + CHUNK]]
            db.session.execute(insert(Attendee.__table__), rows)  # type: ignore[arg-type]
            on_progress(len(rows))
        for at in range(0, len(plan.updates), CHUNK):
            changes = plan.updates[at:at + CHUNK]
            _update(event_id, changes, now)
            if stopped := [change["b_id"] for change in changes if change["stops"]]:
                participation.end_access(event_id, stopped)
            on_progress(len(changes))
    except IntegrityError as error:
        raise _stale() from error
    log.write("attendees.imported", who, event_id, source=source, **plan.counts)
    return plan.counts


def _row(planned: Mapping[str, Any], now: Any) -> dict[str, Any]:
    row = dict(planned)
    takes_part = row.pop("takes_part")
    return {**row, "edits": {}, "generation": 1, "made_at": now, "changed_at": now,
            "not_taking_part_at": None if takes_part else now}


def _update(event_id: int, changes: Sequence[Mapping[str, Any]], now: Any) -> None:
    table = Attendee.__table__
    names = ("external_key", "badge_text_at", *roster.FIELDS, *DERIVED)
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.event_id == event_id, table.c.id == bindparam("b_id"),
               table.c.changed_at == bindparam("b_seen"), table.c.removed_at.is_(None))
        .values({**{name: bindparam(f"b_{name}") for name in names},
                 "generation": table.c.generation + bindparam("b_bump"),
                 "changed_at": bindparam("b_now"), "not_taking_part_at": bindparam("b_stopped")}))
    rows = [{**{f"b_{name}": change[name] for name in names}, "b_id": change["b_id"], "b_seen": change["b_seen"],
             "b_bump": change["bump"], "b_now": now if change["touched"] else change["b_seen"],
             "b_stopped": now if change["stops"] else change["before"]} for change in changes]
    result = cast(Any, db.session.connection().execute(statement, rows))
    if result.rowcount != len(rows):
        raise _stale()


def _stale() -> Refusal:
    return Refusal(_("The list changed at the same moment, so nothing was imported. Import once more."), reason="stale")
