"""Policy bugs put in on purpose: the harness must see each of them, and only in the cells that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request

from eventnet import routes
from eventnet.accounts import access as accounts_access
from eventnet.accounts import browsers
from eventnet.attendees import access as attendees_access
from eventnet.attendees import activation, api_tokens, drafts, roster
from eventnet.contacts import address_book, looking
from eventnet.events import access as events_access
from eventnet.events import programme
from eventnet.summaries import campaigns, reading
from eventnet.web import audiences, csrf
from tests.security import doors, probes
from tests.security.seeding import seed
from tests.security.world import World

Seeder = Callable[[pytest.MonkeyPatch, World], None]
Probe = Callable[[World, Any, str], list[str]]


@dataclass(frozen=True)
class Bug:
    """What is broken, how, the endpoints whose cells are run again, and by which probe."""

    name: str
    plant: Seeder
    endpoints: tuple[str, ...]
    probe: Probe = probes.matrix


def swap(function: Callable[..., Any], right: str, wrong: str) -> Seeder:
    return lambda patch, _world: seed(patch, function, right, wrong)


def in_csrf_check(right: str, wrong: str) -> Seeder:
    def plant(patch: pytest.MonkeyPatch, world: World) -> None:
        checks = [check for check in world.app.before_request_funcs[None] if check.__module__ == csrf.__name__]
        seed(patch, checks[0], right, wrong, inside=csrf.install)

    return plant


def declared_as(blueprint: str, audience: audiences.Audience) -> Seeder:
    return lambda patch, world: patch.setitem(world.app.extensions["audiences"], blueprint, audience)


def without_guard(patch: pytest.MonkeyPatch, world: World) -> None:
    kept = [check for check in world.app.before_request_funcs[None] if check.__name__ != "guard"]
    patch.setitem(world.app.before_request_funcs, None, kept)


def remembered_roles(patch: pytest.MonkeyPatch, _world: World) -> None:
    """The role that was read first is believed for ever."""
    remembered: dict[tuple[Any, ...], Any] = {}
    fresh = events_access.standing_at
    patch.setattr(events_access, "standing_at", lambda event, organizer_id, browser_id: remembered.setdefault(
        (event.id, organizer_id, browser_id), fresh(event, organizer_id, browser_id)))


def head_is_free(patch: pytest.MonkeyPatch, world: World) -> None:
    checks = world.app.before_request_funcs[None]

    def lax(check: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: None if request.method == "HEAD" else check()

    patch.setitem(world.app.before_request_funcs, None,
                  [lax(check) if check.__name__ == "guard" else check for check in checks])


def every_address_book(patch: pytest.MonkeyPatch, _world: World) -> None:
    """Whoever is in somebody's address book is in everybody's."""
    patch.setattr(address_book, "_BOOKS", address_book._chosen.select_from(address_book.Grant).join(
        address_book.Attendee, address_book.Attendee.id == address_book.Grant.giver_id).outerjoin(
        address_book.Card, address_book.Card.attendee_id == address_book.Attendee.id).outerjoin(
        address_book.Encounter, sa.false()).outerjoin(address_book.Contact, sa.false()))


MANAGERS = ("event_settings.settings", "event_settings.change")
ATTENDEES = ("cards.card", "people.people")

BUGS = (
    Bug("no guard at all", without_guard, MANAGERS),
    Bug("managers' pages declared for the desk", declared_as("event_settings", routes.DESK), MANAGERS),
    Bug("managers' pages declared for any organizer", declared_as("event_settings", routes.ORGANIZER), MANAGERS),
    Bug("attendees' pages declared for anyone", declared_as("cards", routes.ANYONE), ("cards.card",)),
    Bug("the list's writing as free as its reading", declared_as("attendees_admin", audiences.Audience(
        "roster", routes.ROSTER.reads, routes.ROSTER.reads)), ("attendees_admin.add", "attendees_admin.remove")),
    Bug("role of another event", swap(events_access.standing_at, "EventRole.event_id == Event.id, ", ""), MANAGERS),
    Bug("role of another organizer",
        swap(events_access.standing_at, ", EventRole.organizer_id == (organizer_id or 0)", ""), MANAGERS),
    Bug("any role is enough",
        swap(events_access._check_role, "< ROLES.index(least)", "< ROLES.index(least) - 9"), MANAGERS),
    Bug("no role is told so instead of not found", swap(
        events_access._check_role, "raise NotFound", "role = ROLES[0]"), MANAGERS),
    Bug("role believed for ever", remembered_roles, MANAGERS, probes.revocations),
    Bug("HEAD passes without a guard", head_is_free, ("event_settings.settings",)),
    Bug("attendee of another event",
        swap(attendees_access._signed_in_at, "SignedInBrowser.event_id == event_id,", ""), ATTENDEES),
    Bug("revoked browser accepted",
        swap(attendees_access._signed_in_at, "SignedInBrowser.revoked_at.is_(None), ", ""), ATTENDEES),
    Bug("removed attendee accepted",
        swap(attendees_access._signed_in_at, "Attendee.removed_at.is_(None),", ""), ATTENDEES),
    Bug("attendee who takes no part accepted",
        swap(attendees_access._signed_in_at, "Attendee.not_taking_part_at.is_(None))", ")"), ATTENDEES),
    Bug("browser past its end accepted", swap(browsers.find, "found.ends_at > clock.now()", "True"), ATTENDEES),
    Bug("disabled organizer accepted",
        swap(accounts_access.current_organizer, "organizer.disabled_at is None", "True"), ("events_admin.mine",)),
    Bug("organizer past the end of the sign-in accepted",
        swap(accounts_access.current_organizer, "browser.organizer_until > clock.now()", "True"),
        ("events_admin.mine",)),
    Bug("attendee of another event on the organizer's page",
        swap(roster.get, "Attendee.event_id == event_id, ", ""), ("attendees_admin.attendee",), probes.scopes),
    Bug("draft of another event", swap(drafts.get, "ImportDraft.event_id == event_id", "True"),
        ("attendees_admin.draft",), probes.scopes),
    Bug("programme item of another event", swap(programme.remove, "ProgrammeItem.event_id == event_id, ", "*(), "),
        ("event_settings.remove_item",), probes.scopes),
    Bug("mail of another event", swap(
        campaigns.resolve, "(mail.event_id, mail.kind) != (event_id, KIND)", "mail.kind != KIND"),
        ("summaries_admin.resolve",), probes.scopes),
    Bug("somebody else's browser revoked", swap(
        activation.revoke, "(sign_in.event_id, sign_in.attendee_id) != (attendee.event_id, attendee.id)", "False"),
        ("browsers.revoke",), probes.scopes),
    Bug("somebody else's key revoked",
        swap(api_tokens.revoke, "(row.event_id, row.attendee_id) != (attendee.event_id, attendee.id)", "False"),
        ("keys.revoke_key",), probes.scopes),
    Bug("person of somebody else's address book", every_address_book, ("people.person", "people.card"), probes.scopes),
    Bug("badge of another event names its wearer",
        swap(looking.look, "mine.get(found.event_id)", "next(iter(mine.values()))"), ("badge_page.show",),
        probes.scopes),
    Bug("rotated and withdrawn badges name their wearer",
        swap(looking.look, "not found.is_living", "False"), ("badge_page.show",), probes.scopes),
    Bug("the link of a summary makes its reader the attendee", lambda patch, _world: patch.setattr(
        reading, "PURPOSE", activation.PURPOSE), ("activation.show", "activation.activate"), probes.scopes),
    Bug("no CSRF check on one route", lambda patch, _world: patch.setattr(
        csrf, "EXEMPT", {*csrf.EXEMPT, "cards.choose"}), ("cards.choose",), probes.forgeries),
    Bug("any browser's CSRF token counts", in_csrf_check(
        "not hmac.compare_digest(given.encode(), token().encode())", "not given"), ("cards.choose",), probes.forgeries),
    Bug("requests from other sites accepted", in_csrf_check(
        'not in ("same-origin", "none")', '== "never"'), ("cards.choose",), probes.forgeries),
)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_seeded_bug_is_caught(bug: Bug, world: World) -> None:
    rules = [rule for rule in doors.RULES if rule.endpoint in bug.endpoints]
    assert len(rules) >= len(bug.endpoints), "an endpoint of this bug is gone"
    declared = {rule.endpoint: probes.audience(world, rule) for rule in rules}
    before = [line for rule in rules for line in bug.probe(world, rule, declared[rule.endpoint])]
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch, world)
        seen = [line for rule in rules for line in bug.probe(world, rule, declared[rule.endpoint])]
    assert (before, bool(seen)) == ([], True)


def test_at_least_twenty_bugs_are_seeded() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 20
