"""Activation mails: who gets one, planning them for an event, and again for those who did not open theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal, select

from eventnet import clock, db
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.events import calendar, privacy
from eventnet.events.models import Event
from eventnet.outbox import planning
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _

KIND = "activation"


@dataclass(frozen=True)
class Recipients:
    """How many would get a mail now, and how many would not and why.

    `new` have had none and are not active, `again` had one before today and are still not active.
    """

    new: int
    again: int
    active: int
    without_address: int
    not_taking_part: int


def may_be_mailed(event: Event) -> bool:
    """No first mail leaves before the event says who answers for the data, what for, on which basis and where."""
    return not privacy.missing(event)


def recipients(event: Event) -> Recipients:
    """Everybody on the list, sorted into those who would get a mail now and those who would not."""
    takes_part, has_address = Attendee.not_taking_part_at.is_(None), Attendee.email != ""

    def count(*which: ColumnElement[bool]) -> int:
        return db.session.scalar(select(func.count()).select_from(Attendee).where(
            Attendee.event_id == event.id, Attendee.removed_at.is_(None), *which)) or 0

    reachable = (takes_part, has_address)
    return Recipients(
        new=count(*reachable, *_is_new()), again=count(*reachable, *_is_due_again(event)),
        active=count(takes_part, ~activation.is_inactive()),
        without_address=count(takes_part, ~has_address), not_taking_part=count(~takes_part))


def waiting(event: Event) -> int:
    """How many would get their first activation mail now; one statement."""
    return db.session.scalar(select(func.count()).select_from(
        _reachable(event.id, *_is_new()).order_by(None).subquery())) or 0


def plan_all(event_id: int, actor: str, *, again: bool = False) -> int:
    """Plan one activation mail for each attendee with an address who takes part and has none planned yet.

    `again`: also another one, at most one a day, for those who got theirs before today and are not active. Returns
    how many were planned; a second press plans none. Raises Refusal as long as entries are missing, and
    when the links no longer work.
    """
    event = _checked(event_id)
    people = db.session.execute(_reachable(event_id, *_is_new())).all()
    keys = [(row.id, _key(row.id, row.generation)) for row in people]
    if again:
        more = db.session.execute(_reachable(event_id, *_is_due_again(event))).all()
        keys += [(row.id, f"{_key(row.id, row.generation)}:{_today(event)}") for row in more]
    return _plan(event_id, actor, keys)


def plan_one(event_id: int, attendee_id: int, actor: str) -> bool:
    """Plan the activation mail of one attendee, another one if they had theirs; False for a second one in a day.

    Raises Refusal as `plan_all` does, and for somebody without an address or not taking part.
    """
    event = _checked(event_id)
    row = db.session.execute(_reachable(event_id, Attendee.id == attendee_id)).one_or_none()
    if row is None:
        raise Refusal(_("There is no address to write to, or they do not take part."), reason="no_address")
    key = _key(row.id, row.generation)
    if db.session.scalar(select(Mail.id).where(Mail.kind == KIND, Mail.unique_key == key)) is not None:
        key += f":{_today(event)}"
    return _plan(event_id, actor, [(attendee_id, key)]) == 1


def _checked(event_id: int) -> Event:
    event = db.session.get_one(Event, event_id)
    calendar.check_may_mail(event)
    if clock.now() > event.activation_ends_at:
        raise Refusal(_("Activation links worked until 24 hours after the event, so nothing was planned."),
                      reason="late")
    return event


def _reachable(event_id: int, *which: ColumnElement[bool]) -> Select[int, int]:
    return select(Attendee.id, Attendee.generation).where(
        Attendee.event_id == event_id, Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None),
        Attendee.email != "", *which).order_by(Attendee.id)


def _is_new() -> tuple[ColumnElement[bool], ...]:
    return (activation.is_inactive(), ~exists().where(Mail.kind == KIND, Mail.unique_key == _key_in_sql()))


def _is_due_again(event: Event) -> tuple[ColumnElement[bool], ...]:
    midnight = datetime.combine(clock.now().astimezone(event.tz).date(), datetime.min.time(), event.tz)
    return (
        activation.is_inactive(),
        exists().where(Mail.kind == KIND, Mail.unique_key == _key_in_sql(), Mail.planned_at < midnight),
        ~exists().where(Mail.kind == KIND, Mail.unique_key == _key_in_sql() + f":{_today(event)}"),
    )


def _key(attendee_id: int, generation: int) -> str:
    return f"attendee:{attendee_id}:{generation}"


def _key_in_sql() -> ColumnElement[str]:
    """`_key` as the database writes it; the unique index on (kind, unique_key) then finds each in one step."""
    return literal("attendee:") + cast(Attendee.id, Text) + literal(":") + cast(Attendee.generation, Text)


def _today(event: Event) -> str:
    return clock.now().astimezone(event.tz).date().isoformat()


def _plan(event_id: int, actor: str, keys: list[tuple[int, str]]) -> int:
    planned = planning.plan_many(
        planning.Plan(KIND, key, event_id=event_id, attendee_id=attendee_id, urgency=3) for attendee_id, key in keys)
    if planned:
        log.write("activations.queued", actor, event_id, planned=planned)
    return planned
