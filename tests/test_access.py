"""Every rule of the URL map against every principal: what the site map declares is what happens."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from eventnet import config, routes
from eventnet.web import audiences
from tests.security import doors
from tests.security.doors import RULES, SAFE
from tests.security.world import PRINCIPALS, World


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.endpoint} {rule.rule}")
def test_access_matrix(rule: Rule, world: World) -> None:
    """One rule, every method, every principal; a safe method also writes nothing."""
    audience = audiences.audience_of(world.app, rule.endpoint).name
    path = doors.address(rule, doors.known_values(world, rule))
    wrong = [
        line for method in doors.methods(rule) for principal in PRINCIPALS
        if (line := doors.mismatch(world, audience, method, path, principal))]
    assert wrong == []


def test_matrix_has_its_promised_size() -> None:
    """Rules × methods × principals: the number that the security notes name."""
    cells = sum(len(doors.methods(rule)) for rule in RULES) * len(PRINCIPALS)
    assert (len(PRINCIPALS) >= 12, cells >= 1500) == (True, True), cells


def test_route_without_audience_stops_the_start(settings: config.Settings) -> None:
    app = Flask("undeclared")
    app.add_url_rule("/forgotten", "forgotten", lambda: "everybody's data")
    with pytest.raises(RuntimeError, match="no audience is declared"):
        audiences.install(app, [])


def test_site_map_is_declared_on_one_screen(settings: config.Settings) -> None:
    names = [blueprint.name for area in routes.site(settings) for blueprint in area.blueprints]
    assert len(names) == len(set(names))
    assert all(isinstance(b, Blueprint) for area in routes.site(settings) for b in area.blueprints)


def test_every_declared_audience_is_known_to_the_matrix(settings: config.Settings) -> None:
    """A new kind of visitor needs its line in doors.expected before its first route."""
    declared = {area.audience.name for area in routes.site(settings)}
    assert declared - {"anyone", "visitor", "attendee", "organizer"} <= set(doors.LEAST_ROLES)
    assert tuple(sorted(audiences.SAFE_METHODS, key=SAFE.index)) == SAFE
