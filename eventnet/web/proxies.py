"""Reverse proxies: who really asked, as far as the declared number of proxies in front can vouch for it."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def install(app: Flask, hops: int) -> None:
    """Believe exactly `hops` proxies about the visitor's address and scheme; with 0 such headers mean nothing.

    The host comes from the Host header alone: a proxy passes it on, and X-Forwarded-Host is one a visitor
    could forge wherever a proxy forgets to overwrite it.
    """
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)
