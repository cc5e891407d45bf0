"""The host of a request: ours in any spelling, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from eventnet import config, create_app, db
from eventnet.web import hosts
from tests.clients import Client


def status(app: Flask, path: str, host: str) -> int:
    return app.test_client().get(path, environ_overrides={"HTTP_HOST": host}).status_code


@pytest.mark.parametrize("host", ["ev.example", "EV.EXAMPLE", "Ev.Example:443", "ev.example.", "ev.example:8443"])
def test_our_host_is_known_in_any_spelling(app: Flask, host: str) -> None:
    assert status(app, "/", host) == 200


@pytest.mark.parametrize("host", [
    "evil.example", "ev.example.evil.example", "ev.example@evil.example", "evil.example/ev.example",
    "evil.example\\.ev", "..", "ev..example", "a" * 70 + ".example",
    "ev.example evil.example", "localhost", "127.0.0.1", "[::1", "", "ev.example#",
])
def test_other_host_is_refused_and_never_repeated(client: Client, host: str) -> None:
    for path in ("/", "/admin", "/admin/", "/e/mixer/card", "/nowhere", "/static/layouts/base.css"):
        answer = client.get(path, environ_overrides={"HTTP_HOST": host, "SERVER_NAME": "127.0.0.1"})
        assert (path, answer.status_code) == (path, 421)
        said = answer.text + "".join(map(str, answer.headers.values()))
        assert "https://ev.example" in answer.text
        assert "evil.example" not in said


def test_monitor_may_ask_by_the_address_of_the_machine(app: Flask) -> None:
    assert [status(app, "/healthz", host) for host in ("10.0.0.7:8000", "..", "")] == [200] * 3


def test_loopback_is_ours_by_each_of_its_names(settings: config.Settings) -> None:
    app = create_app(replace(settings, base_url="http://localhost:8000"))
    try:
        assert {host: status(app, "/e/none/privacy", host) for host in (
            "localhost:9000", "127.0.0.1", "[::1]:80", "evil.example")} == {
            "localhost:9000": 404, "127.0.0.1": 404, "[::1]:80": 404, "evil.example": 421}
    finally:
        db.database().dispose()


def test_without_the_check_the_host_is_repeated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a redirect of the router names whatever host it was asked for."""
    monkeypatch.setattr(hosts, "name_of", lambda _host: "ev.example")
    answer = app.test_client().get("/admin", environ_overrides={"HTTP_HOST": "evil.example"})
    assert answer.headers["Location"] == "https://evil.example/admin/"
