"""The database: one read-only session a request, short write transactions, types and naming."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; a naive value is refused on the way in.

    SQLite keeps it as fixed-width text so that comparison in SQL is comparison in time.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: times are aware UTC, see clock.now()")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None).isoformat(" ", "microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(f"{value}+00:00")  # six times as fast as a replace of tzinfo
        return cast(datetime, value).astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A small JSON value kept as text, the same on every database; never queried inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


BigId = BigInteger().with_variant(Integer(), "sqlite")
# For tables whose rows are deleted while links, codes or the audit log still name them: without it SQLite gives the
# number of the last row that went to the next one, and an old sign-in code fits a new request.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Table(DeclarativeBase):
    """Parent of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), str: Text()}  # noqa: RUF012


class Database:
    """Engines and sessions of one installation.

    Reading sessions cannot write: SQLite connections have `query_only` on, PostgreSQL transactions are
    READ ONLY. Writing on SQLite begins IMMEDIATE, behind one lock a process, so that threads queue in
    order instead of sleeping in SQLite's busy handler.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.reader = _sqlite_engine(url, read_only=True)
            self.writer = _sqlite_engine(url, read_only=False)
        else:
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            self.writer = create_engine(self.url, pool_pre_ping=True, pool_size=20, max_overflow=20,
                                        hide_parameters=True)
            self.reader = self.writer.execution_options(postgresql_readonly=True)
        self._write_lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that can only read. Nested uses share the outer one."""
        outer = _current.get()
        if outer is not None and outer.database is self:
            yield session
            return
        held = _Held(self)
        token = _current.set(held)
        try:
            yield session
        finally:
            _current.reset(token)
            held.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction: committed at the end of the block, rolled back by any exception."""
        outer = _current.get()
        if outer is not None and outer.database is not self:
            outer = None
        if outer is not None:
            if outer.writes is not None:
                raise RuntimeError("a write transaction is already open: one verb, one transaction")
            # The snapshot of the reading session ends here, so that no connection is held twice
            # and what is read after the write is what was written.
            outer.end_snapshot()
        with self._locked(), self.writer.begin() as connection:
            held = _Held(self, connection)
            token = _current.set(held)
            try:
                yield session
                held.flush()
            finally:
                _current.reset(token)
                held.close()
                # A row read before and looked at inside the block began another snapshot, from before the commit.
                if outer is not None:
                    outer.end_snapshot()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with self._write_lock:
            yield

    def empty_log(self) -> bool:
        """Move SQLite's write-ahead log into the file and empty it, so that deleted content is in neither.

        False while a long reader is in the way: try again later. Nothing to do on PostgreSQL.
        """
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            return True
        with closing(sqlite3.connect(str(self.url.database), timeout=1)) as connection:
            return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


class _Held:
    """What a block holds: a reading session, or the connection of a write transaction and a session over it.

    The session is made at first need: the busiest verbs speak to the connection alone.
    """

    def __init__(self, database: Database, writes: Connection | None = None) -> None:
        self.database, self.writes = database, writes
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = (
                Session(self.database.reader, expire_on_commit=False, autoflush=False) if self.writes is None
                else Session(self.writes, expire_on_commit=False))
        return self._session

    @property
    def connection(self) -> Connection:
        return self.session.connection() if self.writes is None else self.writes

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def end_snapshot(self) -> None:
        if self._session is not None:
            self._session.rollback()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


_current: ContextVar[_Held | None] = ContextVar("session", default=None)
_database: Database | None = None


class _CurrentSession:
    """Stands for the session of this request or job: `db.session.scalars(...)`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_held().session, name)


session: Session = cast(Session, _CurrentSession())


def connection() -> Connection:
    """The connection of the current session, for constant statements on busy paths.

    In a write transaction, `session.flush()` first what was only added to the session.
    """
    return _held().connection


def _held() -> _Held:
    held = _current.get()
    if held is None:
        raise RuntimeError("no database session here: use db.reading() or db.transaction()")
    return held


def connect(url: str) -> Database:
    """Make `url` the database of this process and return it."""
    global _database
    if _database is not None:
        _database.dispose()
    _database = Database(url)
    return _database


def database() -> Database:
    if _database is None:
        raise RuntimeError("no database yet: call db.connect(url)")
    return _database


def reading() -> Any:
    """A block that may read through db.session (jobs and CLI; requests have it already)."""
    return database().reading()


def transaction() -> Any:
    """A block that writes through db.session: one verb, committed at its end."""
    return database().writing()


def dialect() -> str:
    """'sqlite' or 'postgresql', for the few statements that differ."""
    return "sqlite" if database().is_sqlite else "postgresql"


def insert(table: Any) -> Any:
    """An INSERT of this dialect, with on_conflict_do_nothing / on_conflict_do_update."""
    if database().is_sqlite:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    engine = create_engine(
        # What people typed, and the hashes of their tokens, stay out of error messages and so of logs.
        url, pool_size=20 if read_only else 1, max_overflow=40, hide_parameters=True,
        connect_args={"timeout": 15, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction control would begin late and DEFERRED; BEGIN is said below instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            # What is deleted is overwritten: a promise to people, whatever the library was built with.
            cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
