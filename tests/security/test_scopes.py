"""Foreign and absent look the same, and a role that is taken away is gone at once, on every rule."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from tests.security import doors, probes
from tests.security.world import World

WITH_OBJECTS = [rule for rule in doors.RULES if rule.arguments]


@pytest.mark.parametrize("rule", WITH_OBJECTS, ids=lambda rule: f"{rule.endpoint} {rule.rule}")
def test_foreign_looks_like_absent(rule: Rule, world: World) -> None:
    assert probes.scopes(world, rule, probes.audience(world, rule)) == []


def test_role_taken_away_is_gone_with_the_next_request(world: World) -> None:
    wrong = [line for rule in doors.RULES for line in probes.revocations(world, rule, probes.audience(world, rule))]
    assert wrong == []


def test_every_object_of_the_url_map_has_foreign_ones_to_try(world: World) -> None:
    """A probe without a foreign row proves nothing: the world must have rows of other events for every argument."""
    arguments = {name for rule in doors.RULES for name in rule.arguments if name.endswith("_id")}
    assert [name for name in sorted(arguments) if not doors.foreign_ids(world, name, "mixer", "ada")] == []
