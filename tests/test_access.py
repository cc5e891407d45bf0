"""Every rule of the URL map against every principal: what the site map declares is what happens."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass

import pytest
from flask import Blueprint, Flask
from sqlalchemy import event as sql_event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from eventnet import clock, config, create_app, db, routes
from eventnet.accounts.models import Organizer
from eventnet.attendees.models import SignedInBrowser
from eventnet.events.models import ROLES, EventRole
from eventnet.web import audiences
from tests.clients import Client
from tests.factories import Cast, make_attendee, make_organizer

SAFE = ("GET",)
ROLE_OF_AUDIENCE = {
    # audience: (least role to read, least role to write)
    "viewer": ("viewer", "owner"), "desk": ("desk", "desk"), "manager": ("manager", "manager"),
    "roster": ("desk", "manager"),
}


def _rules() -> list[Rule]:
    settings = config.load({"EVENTNET_DATABASE_URL": f"sqlite:///{tempfile.gettempdir()}/never-opened.sqlite3",
                            "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": "x" * 32})
    app = create_app(settings)
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


RULES = _rules()


@dataclass(frozen=True)
class Principal:
    """Somebody at the door: their name, and what they are to Olga's mixer."""

    name: str
    is_attendee: bool = False
    is_organizer: bool = False
    role: str | None = None


PRINCIPALS = (
    Principal("nobody"),
    Principal("ada", is_attendee=True),
    Principal("bob", is_attendee=True),
    Principal("removed attendee"),
    Principal("revoked browser"),
    Principal("mallory"),
    Principal("olga", is_organizer=True, role="owner"),
    Principal("manager", is_organizer=True, role="manager"),
    Principal("desk", is_organizer=True, role="desk"),
    Principal("viewer", is_organizer=True, role="viewer"),
    Principal("oscar", is_organizer=True),
    Principal("organizer without events", is_organizer=True),
    Principal("disabled organizer"),
    Principal("olga who attends as well", is_attendee=True, is_organizer=True, role="owner"),
)


def _people(app: Flask, cast: Cast) -> dict[str, object]:
    """Organizers with each role, one without any event, one disabled."""
    with app.app_context(), db.database().writing() as session:
        made: dict[str, object] = {}
        for role in ("manager", "desk", "viewer"):
            organizer = make_organizer(f"{role}@organizers.example", name=role.title())
            session.add(EventRole(event_id=cast.mixer.id, organizer_id=organizer.id, role=role, given_at=clock.now()))
            made[role] = organizer
        made["organizer without events"] = make_organizer("new@organizers.example")
        made["disabled organizer"] = make_organizer("gone@organizers.example", disabled_at=clock.now())
        made["removed attendee"] = make_attendee(cast.mixer, "Rita Removed", shared=["email"], removed_at=clock.now())
    return made


def _browser(app: Flask, principal: Principal, cast: Cast, people: dict[str, object]) -> Client:
    client: Client = app.test_client()  # type: ignore[assignment]
    if principal.name in ("ada", "bob", "mallory"):
        client.become(getattr(cast, principal.name))
    elif principal.name == "removed attendee":
        client.become(people["removed attendee"])  # type: ignore[arg-type]
    elif principal.name == "revoked browser":
        client.become(cast.ada)
        with db.database().writing() as session:
            session.query(SignedInBrowser).update({"revoked_at": clock.now()})
    elif principal.name in ("olga", "olga who attends as well"):
        client.become_organizer(cast.olga.id)
        if principal.is_attendee:
            client.become(cast.ada)
    elif principal.name == "oscar":
        client.become_organizer(cast.oscar.id)
    elif principal.name in people:
        organizer = people[principal.name]
        assert isinstance(organizer, Organizer)
        client.become_organizer(organizer.id)
    return client


def _address(rule: Rule, cast: Cast) -> str:
    path = rule.rule
    for argument in rule.arguments:
        known = {"slug": cast.mixer.slug, "person_id": str(cast.grace.id), "attendee_id": str(cast.ada.id),
                 "token": cast.token(cast.ada)}
        value = known.get(argument, "1")
        path = _fill(path, argument, value)
    return path


def _fill(path: str, argument: str, value: str) -> str:
    return re.sub(rf"<(?:[^<>:]+:)?{argument}>", value, path)


def _verdict(response: TestResponse) -> str:
    """What the guard said: in, sign in, told so (401), not your role (403), not there (404)."""
    location = response.headers.get("Location", "")
    if response.status_code == 303 and "/sign-in?next=" in location:
        return "sent to sign in"
    if response.status_code == 401:
        return "signed out"
    if response.status_code == 403:
        return "not your role"
    if response.status_code >= 500:
        return f"fault {response.status_code}"
    return "in"


def _expected(audience: str, method: str, principal: Principal) -> set[str]:
    signed_out = {"sent to sign in"} if method in SAFE else {"signed out"}
    if audience in ("anyone", "visitor"):
        # The API and the badge page decide for themselves who acts; what they may say is tested with them.
        return {"in", "signed out"}
    if audience == "attendee":
        return {"in"} if principal.is_attendee else signed_out
    if not principal.is_organizer:
        return signed_out
    if audience == "organizer":
        return {"in"}
    least = ROLE_OF_AUDIENCE[audience][0 if method in SAFE else 1]
    if principal.role is None:
        return {"not there"}
    return {"in"} if ROLES.index(principal.role) >= ROLES.index(least) else {"not your role"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.endpoint} {rule.rule}")
def test_access_matrix(rule: Rule, app: Flask, cast: Cast) -> None:
    """One rule, every method, every principal; a safe method also writes nothing."""
    people = _people(app, cast)
    audience = audiences.audience_of(app, rule.endpoint).name
    address = _address(rule, cast)
    wrong = []
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        for principal in PRINCIPALS:
            client = _browser(app, principal, cast, people)
            writes = _watch_writes()
            if method in SAFE:
                response = client.get(address)
            else:
                response = client.submit(address)
            stop_watching(writes)
            got = _verdict(response)
            expected = _expected(audience, method, principal)
            if expected == {"not there"}:
                got = "not there" if response.status_code == 404 else got
            if got not in expected:
                wrong.append(f"{method} {address} by {principal.name}: {got} ({response.status_code}), not {expected}")
            if method in SAFE and writes.statements:
                wrong.append(f"{method} {address} by {principal.name} wrote: {writes.statements[0]}")
    assert wrong == []


@dataclass
class Writes:
    """SQL statements that changed something while watched."""

    statements: list[str]
    listener: object = None


def _watch_writes() -> Writes:
    writes = Writes([])

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            writes.statements.append(statement)

    writes.listener = note
    sql_event.listen(db.database().writer, "before_cursor_execute", note)
    return writes


def stop_watching(writes: Writes) -> None:
    sql_event.remove(db.database().writer, "before_cursor_execute", writes.listener)


def test_route_without_audience_stops_the_start(settings: config.Settings) -> None:
    app = Flask("undeclared")
    app.add_url_rule("/forgotten", "forgotten", lambda: "everybody's data")
    with pytest.raises(RuntimeError, match="no audience is declared"):
        audiences.install(app, [])


def test_guard_negative_control(app: Flask, cast: Cast) -> None:
    """With the guard off, the matrix sees it: a page of the desk opens for nobody in particular."""
    app.before_request_funcs[None] = [f for f in app.before_request_funcs[None] if f.__name__ != "guard"]
    response = app.test_client().get("/admin/e/mixer/attendees")
    assert _verdict(response) not in _expected("roster", "GET", PRINCIPALS[0])


def test_foreign_and_absent_look_the_same(app: Flask, cast: Cast) -> None:
    client: Client = app.test_client()  # type: ignore[assignment]
    client.become_organizer(cast.oscar.id)
    foreign, absent = client.get("/admin/e/mixer/attendees"), client.get("/admin/e/no-such-event/attendees")
    assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)
    assert foreign.status_code == 404


def test_site_map_is_declared_on_one_screen(settings: config.Settings) -> None:
    names = [blueprint.name for area in routes.site(settings) for blueprint in area.blueprints]
    assert len(names) == len(set(names))
    assert all(isinstance(b, Blueprint) for area in routes.site(settings) for b in area.blueprints)
