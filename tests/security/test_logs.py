"""What the program writes about itself: one line a record, no token, no address, nothing that people typed."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventnet import jobs, serving
from eventnet.config import ROOT
from eventnet.outbox import composing
from tests.security import doors, marking, probes
from tests.security.doors import TOKENS
from tests.security.marking import Mark
from tests.security.world import World


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Everything that any logger says, in the format of the command line."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level, loggers = root.level, [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    levels = {logger: logger.level for logger in loggers}
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    for logger, was in levels.items():
        logger.setLevel(was)


@pytest.fixture(scope="module")
def marks(world: World) -> dict[str, Mark]:
    return marking.mark(world)


def secrets_of(world: World) -> list[str]:
    """Every token of every link, every cookie, and every badge of the mixer."""
    found = [make(world, "mixer", "ada") for make in TOKENS.values()]
    found += [token for token in world.cookies.values() if token]
    found += [badge.token for badge in world.badges.values()] + [badge.code for badge in world.badges.values()]
    return found


def test_no_token_and_nothing_of_a_person_is_logged(world: World, marks: dict[str, Mark], said: io.StringIO) -> None:
    """Every rule as insiders and strangers, mails composed, and a fault in the middle of a page."""
    for rule in doors.RULES:
        path = doors.address(rule, doors.known_values(world, rule))
        for who in dict.fromkeys(("nobody", *probes.insider(probes.audience(world, rule), "mixer"))):
            for method in sorted({"GET", "POST"} & set(doors.methods(rule))):
                with doors.rehearsal():
                    doors.knock(world, who, method, path + "?next=/B/" + world.token("mixer", "ada"))
    composing.compose_due(jobs.composers(world.settings), world.settings, limit=50)
    text = said.getvalue()
    assert [secret for secret in secrets_of(world) if secret.lower() in text.lower()] == []
    assert {marks[word].column for word in marking.WORD.findall(text.lower()) if word in marks} == set()
    assert "@people.example" not in text


def test_fault_is_logged_without_what_was_typed(
    world: World, said: io.StringIO, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A traceback names code, not data: the view fails while it holds a token and an address."""

    def fails(token: str) -> str:
        address = "somebody@people.example"
        raise RuntimeError("the page could not be made") from ValueError(len(token + address))

    monkeypatch.setitem(world.app.view_functions, "badge_page.show", fails)
    token = world.token("mixer", "ada")
    assert doors.knock(world, "nobody", "GET", f"/B/{token}").status_code == 500
    assert "the page could not be made" in said.getvalue()
    assert token not in said.getvalue()
    assert "somebody@people.example" not in said.getvalue()


def test_record_is_one_line_whatever_was_asked(world: World, said: io.StringIO) -> None:
    """A name or path with line ends and escape sequences cannot forge a second record (CWE-117)."""
    for path in ("/B/%0d%0a2026-11-23%20ERROR%20forged", "/e/mixer/people?q=%1b[2J%0aforged", "/%0aforged"):
        doors.knock(world, "ada", "GET", path)
        doors.knock(world, "ada", "GET", "/", headers={"User-Agent": "a\tb", "X-Request-Id": "forged"})
    forged = ("forged", "2026-11-23 ERROR forged")
    assert [line for line in said.getvalue().splitlines() if line.startswith(forged)] == []
    assert "\x1b" not in said.getvalue()


def test_gunicorn_writes_no_access_log(world: World) -> None:
    """Its lines would hold the address of every badge and link; the proxy in front keeps one with short paths."""
    command = serving.gunicorn_command(world.settings, "127.0.0.1:1")
    assert [word for word in command if word.startswith(("--access", "--log-syslog", "--capture"))] == []


def test_nginx_shortens_every_address_with_a_token() -> None:
    """Its map knows each kind of link in the URL map; a new one fails here until the configuration names it."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    patterns = [pattern.replace("(?<", "(?P<") for pattern in re.findall(r"^\s+~\*(\S+)\s", text, re.MULTILINE)]
    told = [rule.rule for rule in doors.RULES if "token" in rule.arguments and not any(
        re.match(pattern, rule.rule, re.IGNORECASE) for pattern in patterns)]
    assert (told, patterns != []) == ([], True)


def test_nginx_logs_no_token_and_no_referer() -> None:
    """The log format of the shipped configuration names a shortened path and no query."""
    text = Path(ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    formats = [line for line in text.split(";") if "log_format" in line]
    assert formats != []
    for one in formats:
        for variable in ("$request ", "$request_uri", "$uri", "$args", "$http_referer", "$query_string", '"$request"'):
            assert variable not in one, variable


def test_log_probe_sees_a_token(world: World, said: io.StringIO) -> None:
    """Negative control: one careless line, and the token is found."""
    logging.getLogger("eventnet.careless").info("somebody opened %s", world.token("mixer", "ada"))
    assert [secret for secret in secrets_of(world) if secret in said.getvalue()] != []
