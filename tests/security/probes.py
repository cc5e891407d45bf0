"""Probes that the proofs and their negative controls share: each returns lines about what is wrong with one rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import sqlalchemy as sa
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from eventnet import db
from eventnet.events.models import EventRole
from eventnet.web import audiences, csrf
from tests.security import doors
from tests.security.doors import SAFE, TOKENS
from tests.security.world import PRINCIPALS, World

ORGANIZERS = (*doors.LEAST_ROLES, "organizer")


def matrix(world: World, rule: Rule, audience: str) -> list[str]:
    """Every method and principal against what the site map declares."""
    path = doors.address(rule, doors.known_values(world, rule))
    return [line for method in doors.methods(rule) for principal in PRINCIPALS
            if (line := doors.mismatch(world, audience, method, path, principal))]


def insider(audience: str, slug: str) -> tuple[str, ...]:
    """Who is let in at an event by this audience: the principals to probe objects and forgeries with."""
    if audience in ORGANIZERS:
        return ("olga" if slug in ("mixer", "gala") else "oscar",)
    if audience == "attendee":
        return (f"ada@{slug}",)
    return ("nobody", f"ada@{slug}")


def scopes(world: World, rule: Rule, audience: str) -> list[str]:
    """Foreign and absent look the same: status, page and headers, for every argument that names something."""
    wrong = []
    for slug in ("mixer", "elsewhere"):
        for argument in sorted(rule.arguments):
            for who in insider(audience, slug):
                values = doors.known_values(world, rule, slug)
                for method in doors.methods(rule):
                    if method == "OPTIONS":
                        continue
                    for value in _foreign(world, rule, argument, slug, audience, who):
                        seen, blank = (
                            _look(world, who, method, rule, {**values, argument: text}, text)
                            for text in (value, doors.absent(value)))
                        if seen != blank:
                            wrong.append(f"{method} {rule.rule} by {who}: {argument}={value} looks unlike an absent "
                                         f"one: {_difference(seen, blank)}")
    return wrong


def _foreign(world: World, rule: Rule, argument: str, slug: str, audience: str, who: str) -> list[str]:
    """Values that name something, but nothing of this principal's."""
    if argument == "slug":
        return ["elsewhere", "outpost"] if audience in ORGANIZERS and slug == "mixer" else []
    if argument == "token":
        return list(dict.fromkeys(_foreign_tokens(world, rule, slug, who)))
    if argument.endswith("_id"):
        person = "ada" if audience == "attendee" else None
        return [str(value) for value in doors.foreign_ids(world, argument, slug, person)]
    return []


def _foreign_tokens(world: World, rule: Rule, slug: str, who: str) -> Iterator[str]:
    """Tokens of every other kind; and for a signed-in reader of badges those of other events and of the absent."""
    kind = doors.token_kind(rule)
    for other, make in TOKENS.items():
        if other.lower() != kind.lower():
            yield make(world, slug, "ada")
    if kind.lower() == "/b/" and who != "nobody":
        foreign = "elsewhere" if slug == "mixer" else "mixer"
        yield from (TOKENS[kind](world, foreign, name) for name in ("ada", "dan"))
        yield from (TOKENS[kind](world, slug, name) for name in ("nick", "rita"))
    elif kind.lower() == "/a/" or kind == "/M/":
        yield from (TOKENS[kind](world, slug, name) for name in ("nick", "rita"))


def _look(world: World, who: str, method: str, rule: Rule, values: dict[str, str], value: str) -> tuple[int, str, str]:
    said = {} if method in SAFE else {"data": doors.FORMS.get(rule.endpoint, {})}
    with doors.rehearsal():
        response = doors.knock(world, who, method, doors.address(rule, values), **said)
    headers = sorted(f"{name}: {_plain(text, value)}" for name, text in response.headers.items()
                     if name not in ("Content-Length", "Date", "Retry-After", "Set-Cookie", "X-Request-Id"))
    headers += sorted(text.split("=")[0] for text in response.headers.getlist("Set-Cookie"))
    return response.status_code, _plain(response.get_data(as_text=True), value), "\n".join(headers)


def _plain(text: str, value: str) -> str:
    """Without the value itself, and without tokens and ids that are drawn anew for every page."""
    named = rf"(?<=/){re.escape(value)}(?!\w)" if value.isdigit() else re.escape(value)
    text = re.sub(named, "VALUE", text, flags=re.IGNORECASE)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    return re.sub(r'(name="csrf[_-]token" (?:value|content)=")[0-9A-Z]+', r"\1CSRF", text)


def _difference(one: tuple[int, str, str], other: tuple[int, str, str]) -> str:
    if one[0] != other[0]:
        return f"status {one[0]} and {other[0]}"
    for first, second in zip(one[1:], other[1:], strict=True):
        for line, against in zip(first.splitlines(), second.splitlines(), strict=False):
            if line != against:
                return f"{line.strip()[:100]!r} and {against.strip()[:100]!r}"
    return "length"


def forgeries(world: World, rule: Rule, audience: str) -> list[str]:
    """An unsafe request that none of our own pages sent is refused, and not one statement is run for it."""
    wrong = []
    path = doors.address(rule, doors.known_values(world, rule))
    for method in sorted(set(doors.methods(rule)) - set(SAFE)):
        for who in insider(audience, "mixer"):
            client, stranger = world.client(who), world.client("mallory")
            own, foreign = client.csrf(), stranger.csrf()
            attempts = {
                "no token": {"data": {}},
                "another browser's token": {"data": {csrf.FIELD: foreign}},
                "another browser's token in the header": {"headers": {csrf.HEADER: foreign}},
                "cross-site": {"data": {csrf.FIELD: own}, "headers": {"Sec-Fetch-Site": "cross-site"}},
                "same-site": {"data": {csrf.FIELD: own}, "headers": {"Sec-Fetch-Site": "same-site"}},
                "text/plain": {"data": json.dumps({csrf.FIELD: own}), "content_type": "text/plain"},
                "JSON": {"data": json.dumps({csrf.FIELD: own}), "content_type": "application/json"},
                "the token in the address": {"data": {}, "query_string": {csrf.FIELD: own}},
            }
            for name, sent in attempts.items():
                with doors.writes() as written, doors.rehearsal():
                    response = client.open(path, method=method, **sent)
                if not _is_refused(response, path, who) or written:
                    wrong.append(f"{method} {path} by {who} with {name}: {response.status_code}, {written[:1]}")
    return wrong


def _is_refused(response: TestResponse, path: str, who: str) -> bool:
    if path.startswith("/api/") and who == "nobody":
        return response.status_code in (401, 403)
    return response.status_code == 403


def revocations(world: World, rule: Rule, audience: str) -> list[str]:
    """A role that is taken away between two requests of one sign-in is gone with the second."""
    if audience not in doors.LEAST_ROLES:
        return []
    path = doors.address(rule, doors.known_values(world, rule))
    method = "GET" if "GET" in doors.methods(rule) else "POST"
    client, wrong = world.client("olga"), []

    def ask() -> TestResponse:
        with doors.rehearsal():
            return client.get(path) if method == "GET" else client.submit(path)

    if doors.verdict(ask()) != "in":
        wrong.append(f"{method} {path} by olga: not let in to begin with")
    where = (EventRole.event_id == world.events["mixer"].id) & (EventRole.organizer_id == world.organizers["olga"].id)
    with db.database().writing() as session:
        session.execute(sa.update(EventRole).where(where).values(organizer_id=world.organizers["oscar"].id))
    try:
        answer = ask()
        if answer.status_code != 404:
            wrong.append(f"{method} {path} by olga after her role was taken: {answer.status_code}")
    finally:
        with db.database().writing() as session:
            moved = ((EventRole.event_id == world.events["mixer"].id)
                     & (EventRole.organizer_id == world.organizers["oscar"].id))
            session.execute(sa.update(EventRole).where(moved).values(organizer_id=world.organizers["olga"].id))
    return wrong


def audience(world: World, rule: Rule) -> str:
    return audiences.audience_of(world.app, rule.endpoint).name
