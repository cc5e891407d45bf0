"""Finds who a badge belongs to and who is scanning, in constant statements for the busiest minutes of an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select

from eventnet import db, links
from eventnet.accounts.models import Browser
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.cards import fields
from eventnet.cards.models import Card
from eventnet.encounters.times import Window
from eventnet.events.models import LATE_SCANS, Event

_a, _b, _c, _e, _s, _w = (t.__table__.c for t in (Attendee, Badge, Card, Event, SignedInBrowser, Browser))

_PERSON = (
    _a.id, _a.event_id, _a.badge_name, _a.title, _a.organization, _a.email, _a.phone, _a.linkedin, _a.website,
    _a.not_taking_part_at, _a.removed_at, _a.registered_name, _c.shared, _c.agreed_at, _c.swap_policy,
)
_EVENT = (_e.id, _e.slug, _e.starts_at, _e.ends_at, _e.swaps_open_at, _e.swaps_close_at)
_PEOPLE = Attendee.__table__.outerjoin(Card.__table__, _c.attendee_id == _a.id)
_BADGES = select(
    _b.token, _b.code, _b.retired_at, *_EVENT, _e.swaps_burst, _e.swaps_daily, _b.made_at, *_PERSON,
).select_from(
    Badge.__table__.join(Event.__table__, _e.id == _b.event_id)
    .outerjoin(Attendee.__table__, (_a.event_id == _b.event_id) & (_a.id == _b.attendee_id))
    .outerjoin(Card.__table__, _c.attendee_id == _a.id)
)
# One scan is the rule; the statement with a list is written anew for every list.
_BY_TOKEN = _BADGES.where(_b.token == bindparam("token"))
_BY_TOKENS = _BADGES.where(_b.token.in_(bindparam("tokens", expanding=True)))
_BY_CODE = _BADGES.where(_e.slug.in_(bindparam("slugs", expanding=True)),
                         _b.code.in_(bindparam("codes", expanding=True)))
# A lock makes one person's acts follow each other; it lets foreign keys refer to the row meanwhile.
_SIGNED_IN = (
    select(*_PERSON, _s.browser_id)
    .select_from(_PEOPLE.join(SignedInBrowser.__table__, (_s.event_id == _a.event_id) & (_s.attendee_id == _a.id)))
    .where(_s.revoked_at.is_(None), _a.removed_at.is_(None))
    .order_by(_a.id, _s.id)
)
_BY_BROWSER = _SIGNED_IN.where(_s.browser_id == bindparam("browser_id"))
_BY_BROWSER_LOCKED = _BY_BROWSER.with_for_update(key_share=True, of=Attendee.__table__)
_BY_COOKIE_LOCKED = _SIGNED_IN.join(Browser.__table__, _w.id == _s.browser_id).where(
    _w.token_hash == bindparam("token_hash"), _w.ends_at > bindparam("now", type_=_w.ends_at.type),
).with_for_update(key_share=True, of=Attendee.__table__)
_BY_IDS = (
    select(*_PERSON).select_from(_PEOPLE)
    .where(_a.id.in_(bindparam("ids", expanding=True)), _a.removed_at.is_(None)).order_by(_a.id)
)
_BY_IDS_LOCKED = _BY_IDS.with_for_update(key_share=True, of=Attendee.__table__)


@dataclass(frozen=True, slots=True)
class Person:
    """An attendee with what their card says now: what a swap needs to know about either side."""

    id: int
    event_id: int
    badge_name: str
    title: str
    organization: str
    email: str
    phone: str
    linkedin: str
    website: str
    takes_part: bool
    registered_name: str
    shared: list[str] = field(default_factory=list)
    agreed_at: datetime | None = None
    swap_policy: Literal["at_once", "ask", "paused"] = "at_once"

    @property
    def gives(self) -> list[str]:
        """The fields a swap gives now: the badge's, and the ticked ones of a card that was agreed to."""
        return list(fields.shared_now(self))


@dataclass(frozen=True, slots=True)
class Found:
    """A badge that exists: its event with the budgets of swaps there, and whose it is (None: a blank one).

    `is_living` is false for a retired badge and for somebody not taking part. `made_at` and `retired_at` say when it
    could be scanned.
    """

    event_id: int
    slug: str
    window: Window
    person: Person | None
    is_living: bool
    swaps_burst: int
    swaps_daily: int
    made_at: datetime
    retired_at: datetime | None

    def was_worn(self, moment: datetime) -> bool:
        """Whether this was their badge then, though it is a rotated one now; they still take part."""
        return (self.retired_at is not None and self.person is not None and self.person.takes_part
                and self.made_at <= moment < self.retired_at)


def badges(references: Iterable[tuple[BadgeReference, str | None]]) -> dict[tuple[BadgeReference, str | None], Found]:
    """Whose badges these are, by reference and event name (which a typed code needs)."""
    wanted = set(references)
    tokens = [reference.value for reference, _slug in wanted if reference.kind == "token"]
    typed = [(reference.value, slug) for reference, slug in wanted if reference.kind == "code" and slug
             and "\0" not in slug]
    connection = db.connection()
    rows: list[tuple[Any, ...]] = []
    if len(tokens) == 1:
        rows += map(tuple, connection.execute(_BY_TOKEN, {"token": tokens[0]}))
    elif tokens:
        rows += map(tuple, connection.execute(_BY_TOKENS, {"tokens": tokens}))
    if typed:
        codes, slugs = sorted({code for code, _slug in typed}), sorted({slug for _code, slug in typed})
        rows += map(tuple, connection.execute(_BY_CODE, {"codes": codes, "slugs": slugs}))
    by_token, by_code = {row[0]: row for row in rows}, {(row[1], row[4]): row for row in rows}
    found = {}
    for reference, slug in wanted:
        row = by_token.get(reference.value) if reference.kind == "token" else by_code.get((reference.value, slug))
        if row is not None:
            found[reference, slug] = _found(row)
    return found


def people_of_browser(browser_id: int, *, locked: bool = False) -> dict[int, Person]:
    """Who this browser is, by event; `locked` until the transaction ends."""
    rows = db.connection().execute(
        _BY_BROWSER_LOCKED if locked else _BY_BROWSER, {"browser_id": browser_id})
    return {row[1]: _person(row[:-1]) for row in rows}


def people_of_cookie(token: str, now: datetime) -> tuple[int | None, dict[int, Person]]:
    """The living browser with this token, and who it is, by event; locked until the transaction ends."""
    rows = db.connection().execute(
        _BY_COOKIE_LOCKED, {"token_hash": links.fingerprint(token), "now": now}).all()
    return (rows[0][-1] if rows else None), {row[1]: _person(row[:-1]) for row in rows}


def people(attendee_ids: Sequence[int], *, locked: bool = False) -> dict[int, Person]:
    """These attendees by id, without removed ones, in one query per 500; `locked` until the transaction ends."""
    ids: list[int] = sorted(set(attendee_ids))
    found: dict[int, Person] = {}
    for start in range(0, len(ids), 500):
        rows = db.connection().execute(
            _BY_IDS_LOCKED if locked else _BY_IDS, {"ids": ids[start:start + 500]})
        found.update((row[0], _person(tuple(row))) for row in rows)
    return found


def event_of(event_id: int) -> Event:
    """The event a badge belongs to."""
    return db.session.get_one(Event, event_id)


def _window(event: Sequence[Any]) -> Window:
    _id, _slug, starts_at, ends_at, opens_at, closes_at = event
    return Window(starts_at, ends_at, opens_at, closes_at, closes_at + LATE_SCANS)


def _found(row: Sequence[Any]) -> Found:
    burst, daily, made_at, *whose = row[9:]
    person = _person(whose) if whose[0] is not None else None
    is_living = row[2] is None and person is not None and person.takes_part
    return Found(row[3], row[4], _window(row[3:9]), person, is_living, burst, daily, made_at, row[2])


def _person(row: Sequence[Any]) -> Person:
    (id, event_id, name, title, organization, email, phone, linkedin, website, quit_at, removed_at, registered_name,
     shared, agreed_at, policy) = row
    return Person(id, event_id, name, title, organization, email, phone, linkedin, website,
                  quit_at is None and removed_at is None, registered_name, shared or [], agreed_at,
                  policy or "at_once")
