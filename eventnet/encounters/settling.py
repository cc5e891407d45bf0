"""Settles a swap both sides agreed to: the pair's encounter and a grant in each direction, by upserts alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    type_coerce,
    update,
)

from eventnet import db
from eventnet.cards import granting, receipts
from eventnet.cards.fields import BADGE_FIELDS, WORDING
from eventnet.cards.models import Grant
from eventnet.encounters.models import Encounter, Scan

_encounters, _grants, _scans = Encounter.__table__, Grant.__table__, Scan.__table__


@dataclass(frozen=True, slots=True)
class Giving:
    """One direction of a swap: what is given, whether the giver acted themself, whether the rest was asked for."""

    giver_id: int
    receiver_id: int
    fields: Sequence[str]
    acted: bool
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the settled scans say of a pair: when, and who scanned whom."""

    first_at: datetime
    last_at: datetime
    times: int
    low_scanned: bool
    high_scanned: bool


def lock_pair(first_id: int, second_id: int) -> None:
    """Have others who decide about this pair wait until this transaction ends (SQLite has one writer anyway)."""
    lock_pairs([(first_id, second_id)])


def lock_pairs(pairs: Iterable[tuple[int, int]]) -> None:
    """As lock_pair for many, in the order of their ids and in one statement."""
    if db.dialect() == "postgresql":
        ordered = sorted((min(pair), max(pair)) for pair in pairs)
        keys = [(low * 2_654_435_761 + high) % 2**63 for low, high in ordered]
        db.connection().execute(_LOCK, {"keys": keys})


def settle(event_id: int, meeting: Meeting, givings: tuple[Giving, Giving], now: datetime) -> dict[int, list[str]]:
    """Add a meeting to the pair's encounter and write both grants; returns the fields of each by giver.

    A giver who acted renews their own grant to what they give now; the grant of one who did not stays as it
    is. Everything is an upsert, so two who do this in the same second both count. What a grant gives now, at the time
    of the meeting, is a line of its journal.
    """
    connection = db.connection()
    upsert_encounter, _upsert_grants, upsert_grant = _upserts(db.dialect())
    connection.execute(upsert_encounter, _encounter(event_id, meeting, givings))
    # One row at a time: a list of rows would be written into the statement anew on every swap.
    return {
        giving.giver_id: connection.execute(
            upsert_grant, _grant(event_id, meeting, giving, now)).scalar_one()
        for giving in sorted(givings, key=lambda giving: giving.giver_id)
    }


def settle_many(event_id: int, settled: Sequence[tuple[Meeting, tuple[Giving, Giving]]], now: datetime) -> None:
    """As settle for many pairs, in two statements, rows in the order of pairs."""
    upsert_encounter, upsert_grants, _upsert_grant = _upserts(db.dialect())
    encounters = [_encounter(event_id, meeting, givings) for meeting, givings in settled]
    grants = [_grant(event_id, meeting, giving, now) for meeting, givings in settled for giving in givings]
    if settled:
        db.connection().execute(upsert_encounter, sorted(encounters, key=lambda row: (row["low_id"], row["high_id"])))
        db.connection().execute(upsert_grants, sorted(grants, key=lambda row: (
            min(row["giver_id"], row["receiver_id"]), max(row["giver_id"], row["receiver_id"]), row["giver_id"])))


def _encounter(event_id: int, meeting: Meeting, givings: tuple[Giving, Giving]) -> dict[str, Any]:
    low, high = sorted((givings[0].giver_id, givings[1].giver_id))
    return {
        "event_id": event_id, "low_id": low, "high_id": high, "first_at": meeting.first_at,
        "last_at": meeting.last_at, "times": meeting.times, "low_scanned": meeting.low_scanned,
        "high_scanned": meeting.high_scanned,
    }


def _grant(event_id: int, meeting: Meeting, giving: Giving, now: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id, "giver_id": giving.giver_id, "receiver_id": giving.receiver_id,
        "fields": list(giving.fields), "wording": WORDING, "given_at": now,
        "asked_since": now if giving.asked else None, "answered_at": now if giving.acted else None,
        "history": [receipts.written("gave", now, giving.fields, met_at=meeting.last_at)],
        "badge_again": receipts.as_text([receipts.written("gave", now, BADGE_FIELDS, met_at=meeting.last_at)]),
    }


def meeting_of(times_met: Sequence[datetime], *, scanner_is_low: bool, both_scanned: bool = False) -> Meeting:
    """The meeting that one person's scans, or scans of both, describe."""
    return Meeting(min(times_met), max(times_met), len(times_met), scanner_is_low or both_scanned,
                   not scanner_is_low or both_scanned)


def settle_waiting(event_id: int, scanner_id: int, scanned_id: int, now: datetime) -> list[tuple[datetime, list[str]]]:
    """The scans of `scanner_id` that waited for the other's yes count from now; returns (met_at, offered) of each.

    What the scanner took off their card since is not offered any more, even if it is on it again.
    """
    rows = db.connection().execute(_SETTLE_WAITING, {
        "event": event_id, "scanner": scanner_id, "scanned": scanned_id, "now": now}).all()
    return [(met_at, granting.still_offered(event_id, scanner_id, offered, received_at))
            for met_at, offered, received_at in sorted(rows, key=lambda row: row[2])]


def is_waiting(event_id: int, scanner_id: int, scanned_id: int) -> bool:
    """Whether a scan of `scanner_id` waits for the other's yes."""
    return db.session.scalar(select(Scan.id).where(
        Scan.event_id == event_id, Scan.scanner_id == scanner_id, Scan.scanned_id == scanned_id,
        Scan.settled_at.is_(None), Scan.undone_at.is_(None)).limit(1)) is not None


def has_agreed(event_id: int, giver_id: int, receiver_id: int) -> bool:
    """Whether `giver_id` already said yes to this person: by a grant of their own, or a scan that waits."""
    return bool(db.connection().scalar(
        _HAS_AGREED, {"event": event_id, "giver": giver_id, "receiver": receiver_id}))


def grants_between(event_id: int, one_id: int, other_id: int) -> dict[int, list[str]]:
    """The fields of the living grants between two people, by giver."""
    rows = db.connection().execute(_BETWEEN, {"event": event_id, "one": one_id, "other": other_id})
    return {row[0]: row[1] for row in rows}


def recompute(event_id: int, one_id: int, other_id: int) -> bool:
    """Compute the pair's encounter anew from its living settled scans; returns whether one is left.

    The caller has locked the row (or the pair), so that a scan in the same moment is counted, not lost.
    """
    low, high = sorted((one_id, other_id))
    row = db.session.execute(
        select(func.min(_scans.c.met_at, type_=_scans.c.met_at.type), func.max(_scans.c.met_at,
               type_=_scans.c.met_at.type), func.count(),
               func.coalesce(func.sum(case((_scans.c.scanner_id == low, 1), else_=0)), 0))
        .where(_scans.c.event_id == event_id, _scans.c.settled_at.is_not(None), _scans.c.undone_at.is_(None),
               or_((_scans.c.scanner_id == low) & (_scans.c.scanned_id == high),
                   (_scans.c.scanner_id == high) & (_scans.c.scanned_id == low)))
    ).one()
    pair = (_encounters.c.event_id == event_id, _encounters.c.low_id == low, _encounters.c.high_id == high)
    if not row[2]:
        db.session.execute(delete(Encounter).where(*pair))
        return False
    db.session.execute(update(Encounter).where(*pair).values(
        first_at=row[0], last_at=row[1], times=row[2], low_scanned=row[3] > 0, high_scanned=row[3] < row[2]))
    return True


@cache
def _upserts(_dialect: str) -> tuple[Any, Any, Any]:
    """Of a pair's encounter, of many grants, and of one grant, which says its fields."""
    encounter = db.insert(_encounters)
    new, old = encounter.excluded, _encounters.c
    upsert_encounter = encounter.on_conflict_do_update(
        index_elements=["event_id", "low_id", "high_id"],
        set_={
            "first_at": case((new.first_at < old.first_at, new.first_at), else_=old.first_at),
            "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
            "times": old.times + new.times,
            "low_scanned": or_(old.low_scanned, new.low_scanned),
            "high_scanned": or_(old.high_scanned, new.high_scanned),
        })
    grant = db.insert(_grants)
    given, before = grant.excluded, _grants.c
    acted = given.answered_at.is_not(None)
    gone = or_(before.withdrawn_at.is_not(None), before.fields == _NAME_ONLY)
    is_news = or_(gone, type_coerce(given.fields, Text) != type_coerce(before.fields, Text))
    upsert_grant = grant.on_conflict_do_update(
        index_elements=["event_id", "giver_id", "receiver_id"],
        set_={
            # Taken back or undone, then scanned in person again: the badge shows this much to whoever stands there.
            "fields": case((acted, given.fields), (gone, _BADGE_ONLY), else_=before.fields),
            "wording": case((acted, given.wording), else_=before.wording),
            "given_at": case((acted, given.given_at), else_=before.given_at),
            "asked_since": case((acted, null()), else_=before.asked_since),
            "answered_at": case((acted, given.answered_at), else_=before.answered_at),
            "withdrawn_at": null(),
            "history": case(
                (and_(acted, is_news), _joined(before.history, given.history)),
                (and_(~acted, gone), _joined(before.history, bindparam("badge_again", type_=Text))),
                else_=before.history),
            "changed_at": case((or_(and_(acted, is_news), gone), given.given_at), else_=before.changed_at),
        })
    return upsert_encounter, upsert_grant, upsert_grant.returning(_grants.c.fields)


def _joined(before: Any, new: Any) -> Any:
    """Two journals as one: [a] and [b] are [a,b]."""
    old, added = type_coerce(before, Text), type_coerce(new, Text)
    return type_coerce(case(
        (old == "[]", added),
        else_=func.substr(old, 1, func.length(old) - 1).concat(",").concat(func.substr(added, 2))), before.type)


_BADGE_ONLY = literal_column("""'["name","title","organization"]'""", _grants.c.fields.type)
_NAME_ONLY = literal_column("""'["name"]'""", _grants.c.fields.type)
_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_waits = (_scans.c.settled_at.is_(None), _scans.c.undone_at.is_(None))
_SETTLE_WAITING = (
    update(Scan.__table__)  # type: ignore[arg-type]
    .where(_scans.c.event_id == bindparam("event"), _scans.c.scanner_id == bindparam("scanner"),
           _scans.c.scanned_id == bindparam("scanned"), *_waits)
    .values(settled_at=bindparam("now", type_=_scans.c.settled_at.type))
    .returning(_scans.c.met_at, _scans.c.offered, _scans.c.received_at)
)
_HAS_AGREED = select(or_(
    select(_scans.c.id).where(
        _scans.c.event_id == bindparam("event"), _scans.c.scanner_id == bindparam("giver"),
        _scans.c.scanned_id == bindparam("receiver"), *_waits).exists(),
    select(_grants.c.id).where(
        _grants.c.event_id == bindparam("event"), _grants.c.giver_id == bindparam("giver"),
        _grants.c.receiver_id == bindparam("receiver"), _grants.c.withdrawn_at.is_(None),
        _grants.c.asked_since.is_(None)).exists(),
))
_BETWEEN = select(_grants.c.giver_id, _grants.c.fields).where(
    _grants.c.event_id == bindparam("event"), _grants.c.withdrawn_at.is_(None),
    or_((_grants.c.giver_id == bindparam("one")) & (_grants.c.receiver_id == bindparam("other")),
        (_grants.c.giver_id == bindparam("other")) & (_grants.c.receiver_id == bindparam("one"))))
