"""The audit log kept append-only by the database itself, whatever the program does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

WHY = "audit_entries are only ever added"
# What belongs to a forgotten event may go: its promised day has come, and nothing else may ever take an entry away.
_LIVING = "NOT EXISTS (SELECT 1 FROM events WHERE id = OLD.event_id AND forgotten_at IS NOT NULL)"

_SQLITE = (
    f"CREATE TRIGGER audit_entries_stay_as_written BEFORE UPDATE ON audit_entries"
    f" BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
    f"CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries WHEN {_LIVING}"
    f" BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
)
_POSTGRESQL = (
    f"CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$"
    f" BEGIN RAISE EXCEPTION '{WHY}'; END $$",
    f"CREATE FUNCTION refuse_audit_removal() RETURNS trigger LANGUAGE plpgsql AS $$"
    f" BEGIN IF {_LIVING} THEN RAISE EXCEPTION '{WHY}'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER audit_entries_stay_as_written BEFORE UPDATE ON audit_entries"
    " FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries"
    " FOR EACH ROW EXECUTE FUNCTION refuse_audit_removal()",
    "CREATE TRIGGER audit_entries_stay_together BEFORE TRUNCATE ON audit_entries"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
)
_LIFT_SQLITE = (
    "DROP TRIGGER IF EXISTS audit_entries_stay_as_written",
    "DROP TRIGGER IF EXISTS audit_entries_stay",
)
_LIFT_POSTGRESQL = (
    "DROP TRIGGER IF EXISTS audit_entries_stay_as_written ON audit_entries",
    "DROP TRIGGER IF EXISTS audit_entries_stay ON audit_entries",
    "DROP TRIGGER IF EXISTS audit_entries_stay_together ON audit_entries",
    "DROP FUNCTION IF EXISTS refuse_audit_change()",
    "DROP FUNCTION IF EXISTS refuse_audit_removal()",
)


def guard(connection: Connection) -> None:
    """Have the database refuse every change and removal of an entry, but for those of a forgotten event.

    To be called at the end of a migration. One that makes this table or events anew lifts it first and calls it again.
    """
    _run(connection, _SQLITE, _POSTGRESQL)


def lift(connection: Connection) -> None:
    """Take the guard away: for migrations that change the table, and for the guard's own negative control."""
    _run(connection, _LIFT_SQLITE, _LIFT_POSTGRESQL)


def _run(connection: Connection, sqlite: Sequence[str], postgresql: Sequence[str]) -> None:
    for statement in sqlite if connection.dialect.name == "sqlite" else postgresql:
        connection.exec_driver_sql(statement)
