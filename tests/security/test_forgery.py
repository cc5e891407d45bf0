"""Cross-site requests: every unsafe route refuses what none of our own pages sent."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from eventnet.web import csrf
from tests.security import doors, probes
from tests.security.world import World

UNSAFE = [rule for rule in doors.RULES if set(doors.methods(rule)) - set(doors.SAFE)]


@pytest.mark.parametrize(
    "rule", [rule for rule in UNSAFE if rule.endpoint not in csrf.EXEMPT], ids=lambda rule: f"{rule.endpoint}")
def test_forged_request_is_refused(rule: Rule, world: World) -> None:
    assert probes.forgeries(world, rule, probes.audience(world, rule)) == []


def test_exempt_routes_are_these() -> None:
    """Each exemption is a decision: RFC 8058 sends neither cookie nor token."""
    assert {"mail_links.unsubscribe"} == csrf.EXEMPT


def test_exempt_route_stands_in_the_url_map_and_refuses_other_sites_all_the_same() -> None:
    assert {rule.endpoint for rule in doors.RULES} >= csrf.EXEMPT


def test_unsubscribe_works_without_cookie_and_token_but_only_with_the_signed_address(world: World) -> None:
    """The one exempt route proves itself by its address."""
    right = doors.TOKENS["/U/"](world, "mixer", "ada")
    for token, status in ((right, 200), (doors.absent(right), 404)):
        with doors.rehearsal(), doors.writes() as written:
            answer = world.app.test_client().post(f"/U/{token}", data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, bool(written)) == (status, status == 200)


def test_bearer_request_needs_no_token_and_takes_no_cookie(world: World) -> None:
    """A key that is wrong is refused although the browser beside it is signed in."""
    client = world.client("ada")
    answer = client.post("/api/v1/encounters", json={"scans": []}, headers={"Authorization": "Bearer eventnet_wrong"})
    assert (answer.status_code, answer.json["reason"]) == (401, "key")
