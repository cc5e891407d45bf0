"""Every rule of the URL map as addresses that exist, what should happen at each door, and what did."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from eventnet import config, create_app, db, links, tables
from eventnet.accounts import resets
from eventnet.attendees import activation, participation, sign_in
from eventnet.events import desk_passes, invitations
from eventnet.events.models import ROLES
from eventnet.summaries import reading
from tests.security.world import Principal, World

SAFE = ("GET", "HEAD", "OPTIONS")
LEAST_ROLES = {
    # audience: (least role to read, least role to write)
    "viewer": ("viewer", "owner"), "desk": ("desk", "desk"), "device": ("desk", "desk"),
    "manager": ("manager", "manager"), "roster": ("desk", "manager"), "owner": ("owner", "owner"),
    "team": ("viewer", "owner"), "member": ("viewer", "viewer"),
}
# Arguments of addresses that name a row: the table it is in.
TABLES = {
    "person_id": "attendees", "attendee_id": "attendees", "item_id": "programme_items", "draft_id": "import_drafts",
    "sign_in_id": "signed_in_browsers", "key_id": "api_tokens", "mail_id": "mails", "organizer_id": "organizers",
    "invitation_id": "team_invitations", "desk_id": "desk_passes", "kept_id": "kept_names", "browser_id": "browsers",
    "wish_id": "blind_blocks",
}
# Addresses with a token, by their first words: how the token of an attendee or an organizer is made.
TOKENS: dict[str, Callable[[World, str, str], str]] = {
    "/B/": lambda world, slug, name: world.token(slug, name),
    "/b/": lambda world, slug, name: world.token(slug, name).lower(),
    "/A/": lambda world, slug, name: activation.activation_token(world.settings.secret_key, world.people[slug][name]),
    "/A/<token>/badge": lambda world, slug, name: activation.swap_token(
        world.settings.secret_key, world.people[slug][name]),
    "/U/": lambda world, slug, name: participation.participation_token(
        world.settings.secret_key, world.people[slug][name]),
    "/M/": lambda world, slug, name: reading.summary_token(world.settings.secret_key, world.people[slug][name]),
    "/L/": lambda world, slug, name: sign_in.link_token(
        world.settings.secret_key, world.requests[world.people[slug][name].id]),
    "/R/": lambda world, slug, name: world.recoveries[world.people[slug][name].id],
    "/D/": lambda world, slug, name: desk_passes.token(world.settings.secret_key, world.desks[slug]),
    "/admin/invitation/": lambda world, slug, name: invitations.token(
        world.settings.secret_key, world.invitations[slug]),
    "/admin/reset/": lambda world, slug, name: resets.token(
        world.settings.secret_key, world.resets[_owner(slug)], world.organizers[_owner(slug)]),
}

# What a form must say so that its route looks at the row that its address names.
FORMS = {"summaries_admin.resolve": {"verdict": "again"}, "reports_admin.settle": {"outcome": "We talked to them."}}

# At the desk, but not on a borrowed device: the whole list, and another browser for somebody who is active already.
NOT_ON_A_DEVICE = ("/desk/reprints", "/activation", "/activation.png")


def _owner(slug: str) -> str:
    return "olga" if slug in ("mixer", "gala") else "oscar"


def all_rules() -> list[Rule]:
    """The URL map of an installation that is not a demo, without the static files."""
    app = create_app(config.load({
        "EVENTNET_DATABASE_URL": f"sqlite:///{tempfile.gettempdir()}/never-opened.sqlite3",
        "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": "x" * 32}))
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


RULES = all_rules()


def methods(rule: Rule) -> list[str]:
    return sorted(rule.methods or set())


def token_kind(rule: Rule) -> str:
    """The first words of an address with a token; a test fails for one that nobody told about."""
    found = [prefix for prefix in TOKENS if rule.rule.startswith(prefix)]
    if not found:
        pytest.fail(f"{rule.rule}: say in doors.TOKENS how its token is made")
    return max(found, key=len)


def table_of(argument: str) -> sa.Table:
    """The table whose rows an argument names: told in TABLES, else the one table whose name begins like it."""
    name = TABLES.get(argument)
    if name is None:
        stem = argument.removesuffix("_id")
        near = [table.name for table in tables.metadata.sorted_tables if table.name.startswith(stem)]
        near = near or [table.name for table in tables.metadata.sorted_tables if stem in table.name]
        if len(near) != 1:
            pytest.fail(f"<{argument}>: say in doors.TABLES which table it names, one of {near}")
        name = near[0]
    return tables.metadata.tables[name]


def known_values(world: World, rule: Rule, slug: str = "mixer", name: str = "ada", other: str = "grace",
                 ) -> dict[str, str]:
    """What exists for each argument of a rule, at one event, as `name` would see it."""
    values: dict[str, str] = {}
    for argument in rule.arguments:
        if argument == "slug":
            values[argument] = slug
        elif argument == "token":
            values[argument] = TOKENS[token_kind(rule)](world, slug, name)
        elif argument == "person_id":
            values[argument] = str(world.people[slug][other].id)
        elif argument == "attendee_id":
            values[argument] = str(world.people[slug][name].id)
        elif argument.endswith("_id"):
            values[argument] = str(first_id(world, argument, slug, name) or 1)
        else:
            values[argument] = "1"
    return values


def first_id(world: World, argument: str, slug: str, name: str) -> Any:
    """A row of this event, of `name` where rows belong to people; None when the table has none."""
    mine = own_ids(world, argument, slug, name)
    return mine[0] if mine else None


def own_ids(world: World, argument: str, slug: str, name: str | None) -> list[Any]:
    table = table_of(argument)
    if argument == "organizer_id":
        table = tables.metadata.tables["event_roles"]
        wanted = sa.select(table.c.organizer_id)
    else:
        wanted = sa.select(next(iter(table.primary_key.columns)))
    if argument == "person_id" and name == "ada":
        wanted = wanted.where(table.c.id.in_([world.people[slug][met].id for met in ("grace", "bob")]))
    if argument == "browser_id":
        wanted = wanted.where(table.c.organizer_id == world.organizers[_owner(slug)].id)
    if "event_id" in table.c:
        wanted = wanted.where(table.c.event_id == world.events[slug].id)
    if name is not None and "attendee_id" in table.c:
        wanted = wanted.where(table.c.attendee_id == world.people[slug][name].id)
    with db.reading():
        return list(db.session.scalars(wanted))


def foreign_ids(world: World, argument: str, slug: str, name: str | None) -> list[Any]:
    """Rows of the table that are not of this event, or not of this person: one from each other event and person."""
    mine = set(own_ids(world, argument, slug, name))
    table = table_of(argument)
    key = next(iter(table.primary_key.columns))
    with db.reading():
        every = [row for row in db.session.execute(
            sa.select(key, *(table.c[name] for name in ("event_id", "kind") if name in table.c)).order_by(key))
            if row[0] not in mine]
    by_event: dict[tuple[Any, ...], list[Any]] = {}
    for number, *group in every:
        by_event.setdefault(tuple(group), []).append(number)
    return [number for numbers in by_event.values() for number in numbers[:2]]


def address(rule: Rule, values: dict[str, str]) -> str:
    path = rule.rule
    for argument, value in values.items():
        path = re.sub(rf"<(?:[^<>:]+:)?{argument}>", value, path)
    return path


def knock(world: World, who: str, method: str, path: str, **more: Any) -> TestResponse:
    """One request as `who`; unsafe ones as one of our own forms would send them."""
    client = world.client(who)
    if method in SAFE:
        return client.open(path, method=method, **more)
    data = {"csrf_token": client.csrf(), **more.pop("data", {})}
    return client.open(path, method=method, data=data, **more)


def verdict(response: TestResponse) -> str:
    """What the guard said: in, sign in, told so (401), not your role (403), not there (404)."""
    location = response.headers.get("Location", "")
    if response.status_code == 303 and "/sign-in?next=" in location:
        return "sent to sign in"
    if response.status_code == 401:
        return "signed out"
    if location.endswith("/desk/lock") or (response.status_code == 403 and "This device is locked" in response.text):
        return "locked"
    if response.status_code == 403:
        return "not your role"
    if response.status_code >= 500:
        return f"fault {response.status_code}"
    return "in"


def expected(audience: str, method: str, principal: Principal) -> set[str]:
    """What the site map promises to this principal at the mixer."""
    if method == "OPTIONS":
        return {"in", "sent to sign in", "signed out", "not your role", "not there", "locked"}
    signed_out = {"sent to sign in"} if method in SAFE else {"signed out"}
    if audience in ("anyone", "visitor"):
        # The API and the badge page decide for themselves who acts; what they may say is tested with them.
        return {"in", "signed out", "sent to sign in"}
    if audience in ("desk", "device") and principal.desk:
        return {"in", "locked"} if audience == "device" else {"in"} if principal.desk == "open" else {"locked"}
    if audience == "attendee":
        return {"in"} if principal.is_attendee else signed_out
    if not principal.is_organizer:
        return signed_out
    if audience == "organizer":
        return {"in"}
    least = LEAST_ROLES[audience][0 if method in SAFE else 1]
    if principal.role is None:
        return {"not there"}
    if audience == "device" and ROLES.index(principal.role) >= ROLES.index(least):
        # A page that only desks have: organizers work at the desk itself.
        return {"not there"}
    return {"in"} if ROLES.index(principal.role) >= ROLES.index(least) else {"not your role"}


def mismatch(world: World, audience: str, method: str, path: str, principal: Principal) -> str:
    """A line about what is wrong in this cell of the matrix; empty when it is as declared."""
    promised = expected(audience, method, principal)
    is_reading_the_list = method in SAFE and path.endswith("/desk/reprints")
    if principal.desk == "open" and path.endswith(NOT_ON_A_DEVICE) and not is_reading_the_list and method != "OPTIONS":
        promised = {"not your role"}
    with writes() as written, rehearsal():
        response = knock(world, principal.name, method, path)
    got = verdict(response)
    if promised == {"not there"}:
        got = "not there" if response.status_code == 404 else got
    if got not in promised:
        return (f"{method} {path} by {principal.name}: {got} ({response.status_code}), "
                f"the site map says {' or '.join(sorted(promised))} ({audience})")
    if method in SAFE and written:
        return f"{method} {path} by {principal.name} wrote: {written[0]}"
    if method in ("HEAD", "OPTIONS") and method == "HEAD" and response.data:
        return f"HEAD {path} by {principal.name} answered with a body"
    return ""


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements of a block that change rows."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")) and (
                not statement.lstrip().upper().startswith("WITH") or re.search(r"INSERT|UPDATE|DELETE", statement)):
            said.append(statement)

    engines = {db.database().reader, db.database().writer} if db.database().is_sqlite else {db.database().writer}
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Inside, every write transaction runs to its end and is taken back there, so that a world serves all probes."""
    writing = db.Database.writing

    @contextmanager
    def taken_back(self: db.Database) -> Iterator[Session]:
        with writing(self) as session:
            yield session
            session.flush()
            transaction = db.connection().get_transaction()
            if transaction is not None:
                transaction.rollback()

    db.Database.writing = taken_back  # type: ignore[method-assign]
    try:
        yield
    finally:
        db.Database.writing = writing  # type: ignore[method-assign]


def absent(value: Any) -> str:
    """A value of the same shape that names nothing."""
    text = str(value)
    if text.isdigit():
        return str(9_000_000 + len(text))
    if len(text) in (26, 34) and set(text.upper()) <= set(links.ALPHABET):
        return text[:-4] + ("0000" if text[-4:] != "0000" else "1111")
    return "".join("0" if c.isalnum() else c for c in text)
