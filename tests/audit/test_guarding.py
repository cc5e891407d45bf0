"""The audit log is append-only in the database itself; only what belongs to a forgotten event may go."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from eventnet import clock, db
from eventnet.audit import guarding, log
from eventnet.audit.models import AuditEntry
from eventnet.events.models import Event
from tests.factories import Cast


@pytest.fixture
def entry(cast: Cast) -> int:
    with db.transaction():
        log.write("event.created", "organizer:1", cast.mixer.id)
        log.write("organizer.added", "command line", organizer_id=5)
    with db.reading():
        return log.recent(cast.mixer.id)[0].id


def left() -> int:
    with db.reading():
        return db.session.query(AuditEntry).count()


@pytest.mark.parametrize("statement", [
    update(AuditEntry).values(actor="organizer:2"), update(AuditEntry).values(about={}), delete(AuditEntry),
    delete(AuditEntry).where(AuditEntry.event_id.is_(None)),
], ids=["actor", "about", "delete", "delete of the host's"])
def test_entry_is_neither_changed_nor_removed(entry: int, statement: object) -> None:
    with pytest.raises(DBAPIError, match=guarding.WHY), db.transaction():
        db.session.execute(statement)  # type: ignore[call-overload]
    assert left() == 2


def test_entries_are_not_emptied_at_once(entry: int) -> None:
    emptying = "DELETE FROM audit_entries" if db.dialect() == "sqlite" else "TRUNCATE audit_entries"
    with pytest.raises(DBAPIError, match=guarding.WHY), db.transaction():
        db.session.execute(text(emptying))
    assert left() == 2


def test_purge_of_a_forgotten_event_may_remove_its_entries_and_no_others(entry: int, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).forgotten_at = clock.now()
        log.write("event.created", "organizer:2", cast.elsewhere.id)
    with db.transaction():
        db.session.execute(delete(AuditEntry).where(AuditEntry.event_id == cast.mixer.id))
    assert left() == 2
    with pytest.raises(DBAPIError, match=guarding.WHY), db.transaction():
        db.session.execute(delete(AuditEntry))
    with pytest.raises(DBAPIError, match=guarding.WHY), db.transaction():
        db.session.execute(update(AuditEntry).values(act="event.changed"))


def test_guard_negative_control(entry: int) -> None:
    """Without the triggers both go through, so it is they who refuse; with them again, neither does."""
    with db.database().writer.begin() as connection:
        guarding.lift(connection)
    with db.transaction():
        db.session.execute(update(AuditEntry).values(actor="organizer:2"))
        db.session.execute(delete(AuditEntry).where(AuditEntry.id == entry))
    assert left() == 1
    with db.database().writer.begin() as connection:
        guarding.guard(connection)
    with pytest.raises(DBAPIError, match=guarding.WHY), db.transaction():
        db.session.execute(delete(AuditEntry))
