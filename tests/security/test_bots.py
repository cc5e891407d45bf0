"""Programs that open links before people do: nothing changes by it, and the person then succeeds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from eventnet import db, tables
from eventnet.attendees import sign_in
from eventnet.attendees.models import SignInRequest
from tests.clients import Client
from tests.security import doors
from tests.security.doors import TOKENS
from tests.security.world import World


@dataclass(frozen=True)
class Bot:
    """What a program says it is, and how it asks."""

    name: str
    agent: str
    methods: tuple[str, ...] = ("GET",)
    headers: dict[str, str] = field(default_factory=dict)
    keeps_cookies: bool = False


CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
          "Safari/537.36")
BOTS = (
    Bot("Slack", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", headers={"Range": "bytes=0-32768"}),
    Bot("Facebook", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        headers={"Accept-Encoding": "deflate, gzip", "Range": "bytes=0-524287"}),
    Bot("WhatsApp", "WhatsApp/2.24.20.89 A"),
    Bot("Twitter", "Twitterbot/1.0", ("HEAD", "GET")),
    Bot("LinkedIn", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"),
    Bot("Telegram", "TelegramBot (like TwitterBot)"),
    Bot("iMessage", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
        "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"),
    Bot("Google", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("GET", "GET")),
    Bot("SafeLinks", CHROME, ("HEAD", "GET", "GET")),
    Bot("Barracuda", CHROME, ("OPTIONS", "HEAD", "GET"), keeps_cookies=True),
    Bot("Proofpoint", "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", ("GET", "GET", "GET"),
        keeps_cookies=True),
    Bot("prefetch", CHROME, headers={"Sec-Purpose": "prefetch", "Purpose": "prefetch"}, keeps_cookies=True),
    Bot("prerender", CHROME, headers={"Sec-Purpose": "prefetch;prerender"}, keeps_cookies=True),
    Bot("curl", "curl/8.9.1", ("HEAD", "GET")),
)
FETCHES = 20
KINDS = ("/B/", "/A/", "/L/", "/admin/reset/", "/admin/invitation/", "/U/", "/M/", "/R/", "/D/")


def fingerprints() -> dict[str, str]:
    """One hash a table over all of its rows."""
    with db.reading():
        return {table.name: hashlib.sha256(repr(sorted(
            map(tuple, db.session.execute(sa.select(table))), key=repr)).encode()).hexdigest()
            for table in tables.metadata.sorted_tables}


def fetch(world: World, bot: Bot, path: str, *, times: int = 1) -> None:
    client: Client = world.client()
    for _turn in range(times):
        for method in bot.methods:
            if not bot.keeps_cookies:
                client = world.client()
            answer = client.open(path, method=method, headers={"User-Agent": bot.agent, **bot.headers})
            assert answer.status_code in (200, 206), (bot.name, method, path, answer.status_code)


@pytest.fixture(scope="module")
def asker(world: World) -> tuple[Client, str]:
    """A person who asked for a sign-in mail, and the address in it."""
    client = world.client()
    person = world.people["mixer"]["cleo"]
    assert client.submit("/e/mixer/sign-in", {"email": person.email}).status_code == 303
    with db.reading():
        request = db.session.query(SignInRequest).filter_by(attendee_id=person.id).order_by(
            SignInRequest.id.desc()).first()
        assert request is not None
        return client, f"/L/{sign_in.link_token(world.settings.secret_key, request)}"


def address(world: World, kind: str, asker: tuple[Client, str]) -> str:
    # Ada has as many browsers as her activation link opens.
    return asker[1] if kind == "/L/" else kind + TOKENS[kind](world, "mixer", "dan" if kind == "/A/" else "ada")


def test_there_are_fourteen_bots_and_every_kind_of_link() -> None:
    assert len({bot.name for bot in BOTS}) == len(BOTS) == 14
    # From the link of somebody else to their badge is a redirect, and tried with the badge.
    assert {kind.lower() for kind in TOKENS} - {"/a/<token>/badge"} == {kind.lower() for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_bots_change_nothing_and_the_person_then_succeeds(kind: str, world: World, asker: tuple[Client, str]) -> None:
    path = address(world, kind, asker)
    before = fingerprints()
    for bot in BOTS:
        fetch(world, bot, path)
    fetch(world, BOTS[8], path, times=FETCHES)
    changed = [name for name, was in fingerprints().items() if was != before[name]]
    assert changed == []
    with doors.rehearsal():
        assert HUMANS[kind](world, path, asker[0]) == "done"


def _becomes(world: World, path: str, _asker: Client) -> str:
    person = world.client()
    shown = person.get(path)
    answer = person.submit(path, _fields(shown.text))
    is_kept = "__Host-eventnet=" in str(answer.headers.getlist("Set-Cookie"))
    return "done" if answer.status_code == 303 and is_kept else answer.text


def _signs_in(world: World, path: str, asker: Client) -> str:
    answer = asker.submit(path)
    return "done" if answer.headers.get("Location") == "/e/mixer/" else answer.text


def _swaps(world: World, path: str, _asker: Client) -> str:
    person = world.client("cleo@mixer")
    shown = person.get(path)
    answer = person.submit(path, _fields(shown.text))
    return "done" if "Ada Lovelace" in shown.text and answer.status_code == 303 else answer.text


def _sets_password(world: World, path: str, _asker: Client) -> str:
    person = world.client()
    shown = person.get(path)
    typed = {**_fields(shown.text), "name": "Olga", "password": "a long sentence nobody guesses"}
    answer = person.submit(path, typed)
    return "done" if answer.status_code == 303 else answer.text


def _leaves(world: World, path: str, _asker: Client) -> str:
    answer = world.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    return "done" if answer.status_code == 200 else answer.text


def _reads(world: World, path: str, _asker: Client) -> str:
    shown = world.client().get(path)
    return "done" if shown.status_code == 200 and "Grace Hopper" in shown.text else shown.text


HUMANS: dict[str, Callable[[World, str, Client], str]] = {
    "/B/": _swaps, "/A/": _becomes, "/L/": _signs_in, "/admin/reset/": _sets_password,
    "/admin/invitation/": _sets_password, "/U/": _leaves, "/M/": _reads, "/R/": _becomes, "/D/": _becomes,
}


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms, as a browser sends them."""
    found = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {name: value for name, value in found if name != "csrf_token"}


def test_scanner_that_submits_forms_without_our_cookie_changes_nothing(world: World, asker: tuple[Client, str]) -> None:
    """It posts every form of every page it finds, as it stands, and keeps no cookie."""
    before = fingerprints()
    for kind in KINDS:
        path = address(world, kind, asker)
        shown = world.client().get(path)
        for form in re.findall(r'<form[^>]*method="post"[^>]*>', shown.text, re.IGNORECASE):
            action = re.search(r'action="([^"]*)"', form)
            where = action[1] if action and action[1] else path
            data: dict[str, str] = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', shown.text))
            if kind != "/U/":
                answer = world.client().post(where, data=data)
                assert answer.status_code in (401, 403, 422), (kind, where, answer.status_code)
    assert fingerprints() == before


def test_scanner_that_activates_with_cookies_locks_nobody_out(world: World) -> None:
    """It becomes Grace in a browser of its own: the person becomes her as well, sees it, and turns it out."""
    path = "/A/" + TOKENS["/A/"](world, "gala", "grace")
    scanner, person = world.client(), world.client()
    assert scanner.submit(path, _fields(scanner.get(path).text)).status_code == 303
    assert person.submit(path, _fields(person.get(path).text)).status_code == 303
    with db.reading():
        emails = [one.email for one in world.people["gala"].values()]
    for page in ("/e/gala/people", "/e/gala/people.vcf", "/e/gala/people.csv", "/e/gala/card", "/e/gala/summary"):
        seen = scanner.get(page).text
        assert [email for email in emails if email in seen] == [], page
    listed = person.get("/e/gala/browsers").text
    revocations = re.findall(r'(?:form)?action="(/e/gala/browsers/\d+/revoke)"', listed)
    assert revocations, "the page of browsers has a button for each"
    for action in revocations:
        person.submit(action)
        if scanner.get("/e/gala/people").status_code == 303:
            break
    assert scanner.get("/e/gala/people").status_code == 303


def test_get_that_writes_is_seen(world: World, asker: tuple[Client, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: were the activation page to act on GET, the first bot would be noticed."""
    rule = next(rule for rule in doors.RULES if rule.endpoint == "activation.show")
    acts = world.app.view_functions["activation.activate"]
    monkeypatch.setitem(world.app.view_functions, rule.endpoint, acts)
    with doors.writes() as written, doors.rehearsal():
        world.client().get("/A/" + TOKENS["/A/"](world, "mixer", "cleo"))
    assert written != []
