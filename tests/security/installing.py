"""The world as a fixture: made once a module, left by every test as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from eventnet import clock, config, create_app, db
from tests.clients import Client
from tests.factories import EVENING
from tests.security.filling import fill_empty_tables
from tests.security.world import World, build


@pytest.fixture(scope="module")
def world(new_database_url: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory,
          compiled_templates: FileSystemBytecodeCache) -> Iterator[World]:
    """One seeded installation for all tests of a module; they must leave it as it was (see doors.rehearsal)."""
    folder = tmp_path_factory.mktemp("world")
    with clock.stopped(EVENING):
        app = create_app(config.load({
            "EVENTNET_DATABASE_URL": new_database_url(folder), "EVENTNET_BASE_URL": "https://ev.example",
            "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters",
            "EVENTNET_MAIL_FROM": "Spring mixer <events@ev.example>", "EVENTNET_VAR": str(folder / "var"),
            "EVENTNET_ARGON2": "cheap", "EVENTNET_FLOOD_STOP": "0"}))
        app.jinja_env.bytecode_cache = compiled_templates
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.test_client_class = Client
        made = build(app)
        fill_empty_tables(made)
        yield made
        db.database().dispose()
