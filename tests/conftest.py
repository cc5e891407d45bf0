"""What every test stands on: a real database copied from one template, a stopped clock, the fixed cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from werkzeug.routing import Rule

from eventnet import clock, config, create_app, db, migrations
from tests.clients import Client
from tests.databases import PostgresTemplates
from tests.factories import EVENING, Cast, make_cast
from tests.security.installing import world
from tests.smtp_server import mail_settings, smtp

__all__ = ["EVENING", "mail_settings", "smtp", "world"]  # fixtures that live in a module of their own

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="which engine to test on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second pass, on PostgreSQL, leaves out what has nothing to do with a database: the first one ran it."""
    if config.getoption("--database") != "postgresql":
        return
    others = [item for item in items if "new_database_url" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]


def _compile_each_address_once() -> None:
    """Half of making an app is compiling its addresses, the same in every test: keep what was compiled."""
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, repr(rule.defaults), rule.subdomain, rule.host, append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once  # type: ignore[method-assign]


_compile_each_address_once()


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def new_database_url(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Makes a fresh database from the migrated template: new_database_url(tmp_path) -> address."""
    folder = tmp_path_factory.mktemp("template")
    if engine_name == "sqlite":
        template = folder / "template.sqlite3"
        made = db.Database(f"sqlite:///{template}")
        migrations.upgrade(made)
        made.dispose()

        def copy(where: Path) -> str:
            shutil.copy(template, where / "eventnet.sqlite3")
            return f"sqlite:///{where}/eventnet.sqlite3"

        yield copy
        return
    with PostgresTemplates(os.environ.get("EVENTNET_TEST_PG_URL"), folder) as templates:
        yield lambda _where: templates.new_database()


@pytest.fixture
def database_url(new_database_url: Callable[[Path], str], tmp_path: Path) -> str:
    return new_database_url(tmp_path)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    return config.load({
        "EVENTNET_DATABASE_URL": database_url,
        "EVENTNET_BASE_URL": "https://ev.example",
        "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters",
        "EVENTNET_MAIL_FROM": "Spring mixer <events@ev.example>",
        "EVENTNET_VAR": str(tmp_path / "var"),
        "EVENTNET_ARGON2": "cheap",
    })


@pytest.fixture
def database(settings: config.Settings) -> Iterator[db.Database]:
    """The database of this test, connected; verbs run in `with db.transaction():` or `with db.reading():`."""
    made = db.connect(settings.database_url)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once a run, not once an app."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: config.Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled_templates
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    made.test_client_class = Client
    yield made
    db.database().dispose()


@pytest.fixture
def client(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def evening() -> Iterator[datetime]:
    """The clock stands at 19:30 in Cologne, in the middle of the spring mixer of the cast."""
    with clock.stopped(EVENING):
        yield EVENING


@pytest.fixture
def cast(app: Flask, evening: datetime) -> Cast:
    """Olga organizes; Ada and Grace attend and agreed; Bob came but agreed to nothing; Mallory is elsewhere."""
    return make_cast(app)


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the SQL of a block: `with statements() as said: …; assert len(said) == 4`."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        said: list[str] = []
        here = db.database()
        engines = [here.reader, here.writer] if here.is_sqlite else [here.writer]

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith("BEGIN"):
                said.append(statement)

        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield said
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """Real input that nobody here wrote; only these tests may be skipped, by name."""
    folder = Path(os.environ.get("EVENTNET_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"outside data is not at {folder} (EVENTNET_TEST_DATA)")
    return folder
