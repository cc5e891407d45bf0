"""Who may use a route: every blueprint is declared for one audience, or the program does not start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, request
from werkzeug.wrappers import Response

from eventnet.web.numbers import RowNumber

Guard = Callable[[], Response | None]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Audience:
    """A kind of visitor. The guard raises a Refusal, or answers with a redirect, for everybody else.

    `reads` and `writes` are the guards of safe and unsafe methods; None lets everybody in.
    """

    name: str
    reads: Guard | None
    writes: Guard | None


@dataclass(frozen=True)
class Area:
    """One line of the site map: these pages, below this prefix, for this audience."""

    audience: Audience
    prefix: str
    blueprints: Sequence[Blueprint]


def install(app: Flask, site: Sequence[Area]) -> None:
    """Register all areas and their guards; raises RuntimeError for a route that no area declares."""
    app.url_map.converters["int"] = RowNumber
    audience_of: dict[str, Audience] = {}
    for area in site:
        for blueprint in area.blueprints:
            app.register_blueprint(blueprint, url_prefix=area.prefix or None)
            audience_of[blueprint.name] = area.audience
    undeclared = [
        rule.rule for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and rule.endpoint.rpartition(".")[0] not in audience_of
    ]
    if undeclared:
        raise RuntimeError(f"no audience is declared for {undeclared}: add the blueprint to routes.SITE")
    app.extensions["audiences"] = audience_of

    @app.before_request
    def guard() -> Response | None:
        audience = audience_of.get(request.blueprint or "")
        if audience is None:
            return None
        check = audience.reads if request.method in SAFE_METHODS else audience.writes
        return check() if check else None


def audience_of(app: Flask, endpoint: str) -> Audience:
    """The declared audience of an endpoint, for the access matrix."""
    found: Audience = app.extensions["audiences"][endpoint.rpartition(".")[0]]
    return found
