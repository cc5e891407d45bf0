"""What a phone keeps to go on without network: who it is at which event, with the badge to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from eventnet import clock, db, links
from eventnet.badges import codes, symbols
from eventnet.badges.models import Badge
from eventnet.cards import fields
from eventnet.encounters import finding
from eventnet.encounters.finding import Person
from eventnet.encounters.recording import Choosing, visible_fields
from eventnet.events.models import Event

_LATEST_FIRST = (Event.starts_at.desc(), Event.id.desc())


@dataclass(frozen=True, slots=True)
class Identity:
    """One attendee this browser is. `scanner` names them on the phone and tells a stranger nothing.

    `badge` and `code` are empty for somebody without a badge; `outline` is the QR symbol as an SVG path of `modules`
    modules, dark on light, without the quiet zone. `gives` says in words what a swap gives of them now.
    """

    scanner: str
    event: str
    event_name: str
    zone: str
    name: str
    title: str
    organization: str
    badge: str
    code: str
    modules: int
    outline: str
    is_open: bool
    gives: str


def scanner_id(secret: bytes, event_id: int, attendee_id: int) -> str:
    """The name under which a phone keeps this attendee's scans, so that nobody else signing in there sends them."""
    return links.base32(links.mac(secret, "scan-queue", event_id, attendee_id))


def only(scanners: Iterable[str], secret: bytes) -> Choosing:
    """Picks, of those a browser is, the ones a phone names; nobody when it names anybody who is not among them."""
    wanted = set(scanners)

    def choose(people: dict[int, Person]) -> dict[int, Person] | None:
        known = {scanner_id(secret, person.event_id, person.id): person for person in people.values()}
        return {known[one].event_id: known[one] for one in wanted} if wanted <= known.keys() else None

    return choose


def identities(browser_id: int, secret: bytes, base_url: str) -> list[Identity]:
    """Who this browser is, the latest event first, in three queries; not at events whose data is forgotten."""
    people = [person for person in finding.people_of_browser(browser_id).values() if person.takes_part]
    if not people:
        return []
    now = clock.now()
    badges = {badge.attendee_id: badge for badge in db.session.scalars(select(Badge).where(
        Badge.event_id.in_([person.event_id for person in people]),
        Badge.attendee_id.in_([person.id for person in people]), Badge.retired_at.is_(None)))}
    events = db.session.scalars(
        select(Event).where(Event.id.in_([person.event_id for person in people])).order_by(*_LATEST_FIRST))
    by_event = {person.event_id: person for person in people}
    return [_identity(event, by_event[event.id], badges.get(by_event[event.id].id), secret, base_url)
            for event in events if event.is_kept(now)]


def _identity(event: Event, person: Person, badge: Badge | None, secret: bytes, base_url: str) -> Identity:
    symbol = symbols.symbol(links.badge_url(base_url, badge.token)) if badge is not None else None
    now = clock.now()
    return Identity(
        scanner_id(secret, event.id, person.id), event.slug, event.name, event.zone, person.badge_name, person.title,
        person.organization, badge.token if badge is not None else "",
        codes.grouped(badge.code) if badge is not None else "", symbol.size if symbol is not None else 0,
        symbol.path() if symbol is not None else "",
        event.are_swaps_open(now) or event.are_late_scans_taken(now),
        fields.in_words(visible_fields(person, person.gives)))
