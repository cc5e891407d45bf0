"""The host of a request: only our own, so that no answer and no link ever carries one that somebody made up."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.wrappers import Response

from eventnet.config import Settings, is_loopback
from eventnet.web import headers
from eventnet.words import gettext as _

# Monitors and load balancers ask by the address of the machine, or by none at all.
ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})


def install(app: Flask) -> None:
    """Answer requests for other hosts with 421, before anything looks at them: the router fails on a malformed name.

    Names are compared in lower case and without the port. On loopback every name of loopback is ours; the demo is
    reached by whatever name the network gives the machine.
    """
    settings: Settings = app.extensions["settings"]
    ours = urlsplit(settings.base_url).hostname or ""
    inner = app.wsgi_app

    def check(environ: dict[str, object], start: object) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in ANY_HOST:
            environ["HTTP_HOST"] = settings.host
            return inner(environ, start)  # type: ignore[arg-type]
        asked = name_of(str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME") or ""))
        if asked and (asked == ours or settings.demo or (is_loopback(ours) and is_loopback(asked))):
            return inner(environ, start)  # type: ignore[arg-type]
        answer = Response(_("This address is not ours. Open %(address)s instead.", address=settings.base_url),
                          status=421, mimetype="text/plain", headers=[
                              ("Content-Security-Policy", headers.POLICY), ("Cache-Control", "no-store"),
                              *headers.HARDENED])
        return answer(environ, start)  # type: ignore[arg-type]

    app.wsgi_app = check  # type: ignore[method-assign,assignment]


def name_of(host: str) -> str:
    """The name in a Host header: lower case, without port and closing dot; empty for what is none."""
    try:
        name = urlsplit(f"//{host}").hostname or "" if not set(host) & set("/\\?#@ \t") else ""
        name = name.removesuffix(".")
        # The router wants a name that IDNA can write.
        return name if name and name.encode("idna") else ""
    except (ValueError, UnicodeError):
        return ""
