"""The ground under every slice: reading sessions cannot write, write transactions are all or nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from eventnet import clock, db
from eventnet.accounts.models import Organizer
from tests.factories import make_organizer


def test_reading_session_refuses_to_write(database: db.Database) -> None:
    with pytest.raises(DBAPIError), db.reading():
        db.session.execute(text("INSERT INTO organizers (email, name, made_at) VALUES ('x', 'x', '2026-01-01')"))


def test_writing_session_writes_where_reading_refuses(database: db.Database) -> None:
    with db.transaction():
        make_organizer("olga@organizers.example")
    with db.reading():
        assert db.session.query(Organizer).one().email == "olga@organizers.example"


def test_transaction_leaves_nothing_after_an_error(database: db.Database) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():
        make_organizer()
        raise ZeroDivisionError
    with db.reading():
        assert db.session.query(Organizer).count() == 0


def test_transaction_refuses_to_nest(database: db.Database) -> None:
    with db.transaction(), pytest.raises(RuntimeError, match="one verb, one transaction"), db.transaction():
        pass


def test_reading_sees_what_was_written_inside_it(database: db.Database) -> None:
    with db.reading():
        assert db.session.query(Organizer).count() == 0
        with db.transaction():
            make_organizer()
        assert db.session.query(Organizer).count() == 1


def test_naive_time_is_refused(database: db.Database) -> None:
    with pytest.raises(StatementError, match="naive time"), db.transaction():
        db.session.add(Organizer(email="x@y.example", made_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        db.session.flush()


def test_time_comes_back_aware_and_equal(database: db.Database) -> None:
    with db.transaction():
        at = make_organizer().made_at
    with db.reading():
        assert db.session.query(Organizer).one().made_at == at
        assert at <= clock.now()


def test_error_of_the_database_does_not_tell_what_people_typed(database: db.Database) -> None:
    with pytest.raises(DBAPIError) as fault, db.reading():
        db.session.execute(text("SELECT * FROM no_such_table WHERE name = :name"), {"name": "Ada Lovelace"})
    assert "Ada" not in str(fault.value)
