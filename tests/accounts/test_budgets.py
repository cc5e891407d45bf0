"""Budgets: limits per key and span, exact under threads, forgotten when over."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.accounts import budgets
from eventnet.accounts.models import Budget

SPAN = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def stopped(database: db.Database, evening: datetime) -> None:
    """17:30 UTC: a span begins here."""


def spend(key: str, limit: int = 3, span: timedelta = SPAN) -> bool:
    with db.transaction():
        return budgets.spend(key, limit, span)


def left(key: str, limit: int = 3) -> int:
    with db.reading():
        return budgets.left(key, limit, SPAN)


def test_budget_is_used_up_and_comes_back_with_the_next_span() -> None:
    assert [(spend("a"), left("a")) for _ in range(5)] == [(True, 2), (True, 1), (True, 0), (False, 0), (False, 0)]
    with clock.stopped(clock.now() + SPAN - timedelta(seconds=1)):
        assert (spend("a"), budgets.seconds_left(SPAN)) == (False, 1)
    with clock.stopped(clock.now() + SPAN):
        assert (spend("a"), left("a")) == (True, 2)


def test_budgets_are_kept_apart_by_key() -> None:
    assert [spend("a", 1), spend("b", 1), spend("a", 1)] == [True, True, False]


def test_budget_of_nothing_is_never_within() -> None:
    assert spend("a", 0) is False
    assert left("a") == 3


def test_budget_is_given_back() -> None:
    spend("a")
    with db.transaction():
        budgets.clear("a", SPAN)
    assert left("a") == 3


def test_refused_transaction_spends_nothing() -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():
        budgets.spend("a", 3, SPAN)
        raise ZeroDivisionError
    assert left("a") == 3


def test_budget_is_exact_when_many_spend_at_once() -> None:
    granted: list[bool] = []

    def rush() -> None:
        granted.extend(spend("rush", 20) for _ in range(10))

    threads = [threading.Thread(target=rush) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (granted.count(True), len(granted)) == (20, 60)


def test_purge_forgets_only_what_is_over() -> None:
    spend("old")
    with clock.stopped(clock.now() + timedelta(days=3)):
        spend("new")
        with db.transaction():
            assert budgets.purge() == 1
        with db.reading():
            assert [row.key for row in db.session.query(Budget)] == ["new"]


def test_span_begins_at_a_multiple_of_itself() -> None:
    spend("a")
    with db.reading():
        assert [row.span_start for row in db.session.query(Budget)] == [datetime(2026, 10, 15, 17, 30, tzinfo=UTC)]
