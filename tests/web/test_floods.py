"""The flood stop: real requests of one address, of a whole hall behind a proxy, and of a machine itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from eventnet import create_app
from eventnet.config import Settings
from eventnet.web import floods
from eventnet.web.pace import Pace
from tests.clients import Client

MINUTE = 60.0
Making = Callable[..., Client]


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The process's own clock, which tests turn."""
    now = [1000.0]
    monkeypatch.setattr(floods, "Pace", lambda *args, **more: Pace(*args, **more, now=lambda: now[0]))
    return now


@pytest.fixture
def browser(settings: Settings, ticks: list[float]) -> Making:
    """browser(flood_stop=…, trusted_proxies=…): a client of an app with these settings."""

    def make(**values: int) -> Client:
        app: Flask = create_app(replace(settings, **values))  # type: ignore[arg-type]
        app.testing, app.test_client_class = True, Client
        return app.test_client()  # type: ignore[return-value]

    return make


def ask(client: Client, address: str, path: str = "/", **headers: str) -> int:
    return client.get(path, environ_overrides={"REMOTE_ADDR": address}, headers=headers).status_code


def test_flood_of_one_address_is_stopped_after_two_thousand_and_goes_on_a_minute_later(
        browser: Making, ticks: list[float]) -> None:
    client = browser()
    codes = [ask(client, "198.51.100.7") for _each in range(2003)]
    assert (set(codes[:2000]), codes[2000:]) == ({200}, [429, 429, 429])
    ticks[0] += 30
    stopped = client.get("/", environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert (stopped.headers["Retry-After"], "Wait a minute and try again" in stopped.text) == ("30", True)
    assert "default-src 'self'" in stopped.headers["Content-Security-Policy"]
    assert ask(client, "198.51.100.8") == 200, "the neighbour does not wait"
    ticks[0] += 30
    assert ask(client, "198.51.100.7") == 200


def test_flood_stop_answers_programs_as_json_and_writes_nothing(browser: Making) -> None:
    client = browser(flood_stop=1)
    ask(client, "198.51.100.7")
    answer = client.post("/api/v1/encounters", json={}, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert (answer.status_code, answer.mimetype, answer.get_json()["reason"]) == (
        429, "application/problem+json", "flood")


def test_flood_stop_counts_the_address_that_the_declared_proxies_vouch_for(browser: Making) -> None:
    client = browser(flood_stop=2, trusted_proxies=1)

    def behind(claimed: str) -> int:
        return ask(client, "10.0.0.1", **{"X-Forwarded-For": claimed})

    assert [behind("203.0.113.5") for _each in range(3)] == [200, 200, 429]
    assert behind("203.0.113.5, 203.0.113.6") == 200, "the last hop is the visitor"
    assert [behind(f"192.0.2.{forged}, 203.0.113.9") for forged in range(3)] == [200, 200, 429]


def test_flood_stop_believes_no_header_without_a_declared_proxy(browser: Making) -> None:
    client = browser(flood_stop=2)
    assert [ask(client, "198.51.100.7", **{"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(3)] == [200, 200, 429]


def test_flood_stop_leaves_monitors_files_and_the_machine_itself_alone(browser: Making) -> None:
    client = browser(flood_stop=1)
    for path in ("/healthz", "/readyz", "/static/layouts/theme.js"):
        assert [ask(client, "198.51.100.7", path) for _each in range(3)] == [200, 200, 200]
    assert [ask(client, address) for address in ("127.0.0.1", "127.0.0.1", "::1", "::1", "", "")] == [200] * 6
    assert [ask(client, "198.51.100.7") for _each in range(2)] == [200, 429], "the guard is on"


def test_flood_stop_can_be_switched_off(browser: Making) -> None:
    client = browser(flood_stop=0)
    assert [ask(client, "198.51.100.7") for _each in range(5)] == [200] * 5


@pytest.mark.parametrize(("address", "network"), [
    ("198.51.100.7", "198.51.100.7"), ("::ffff:198.51.100.7", "198.51.100.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
    ("fe80::1%eth0", "fe80::/64"), ("127.0.0.9", ""), ("::1", ""), ("::ffff:127.0.0.1", ""), ("unix:", ""), ("", ""),
])
def test_network_of_an_address(address: str, network: str) -> None:
    assert floods.network_of(address) == network


def test_pace_keeps_its_memory_bounded_and_does_not_stop_strangers_for_it(ticks: list[float]) -> None:
    pace = Pace(2, MINUTE, most_keys=3, now=lambda: ticks[0])
    assert [pace.spend(f"key {number}") for number in range(1000)] == [0] * 1000
    assert len(pace._counts) == 3
    assert [pace.spend("key 0"), pace.spend("key 0"), pace.spend("key 999")] == [0, 60, 0]
    ticks[0] += MINUTE
    assert (pace.spend("key 5"), list(pace._counts)) == (0, ["key 5"])
