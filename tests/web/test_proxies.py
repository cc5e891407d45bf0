"""Reverse proxies: exactly the declared number of hops is believed, and a visitor's own headers never."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, request

from eventnet import config, create_app, db
from eventnet.config import Settings

FORGED = {
    "X-Forwarded-For": "6.6.6.6, 192.0.2.7, 10.0.0.2", "X-Forwarded-Proto": "http, https, https",
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil",
}


def seen(settings: Settings, hops: int) -> tuple[str | None, str, str, str]:
    """(address, scheme, host, prefix) as the application sees a request with forged headers."""
    app: Flask = create_app(replace(settings, trusted_proxies=hops))
    found: list[tuple[str | None, str, str, str]] = []
    app.before_request_funcs.setdefault(None, []).insert(
        0, lambda: found.append((request.remote_addr, request.scheme, request.host, request.root_path)))
    try:
        app.test_client().get("/static/nothing", base_url="http://ev.example", headers=FORGED,
                              environ_base={"REMOTE_ADDR": "127.0.0.1"})
    finally:
        db.database().dispose()
    return found[0]


@pytest.mark.parametrize(("hops", "address", "scheme"), [
    (0, "127.0.0.1", "http"),
    (1, "10.0.0.2", "https"),
    (2, "192.0.2.7", "https"),
    (3, "6.6.6.6", "http"),
])
def test_forwarded_headers_are_believed_for_the_declared_hops(
    settings: config.Settings, hops: int, address: str, scheme: str,
) -> None:
    assert seen(settings, hops) == (address, scheme, "ev.example", "")


def test_more_hops_than_headers_means_no_proxy_spoke(settings: config.Settings) -> None:
    assert seen(settings, 4)[:2] == ("127.0.0.1", "http")
