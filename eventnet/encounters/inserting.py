"""Writes one scan in one statement, which looks at the same time whether one of the two keeps the other away."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Text, bindparam, case, not_, null, select

from eventnet import db
from eventnet.db import BigId
from eventnet.encounters import blocking
from eventnet.encounters.finding import Person
from eventnet.encounters.models import Scan


def insert_scan(event_id: int, actor: Person, person: Person, *, client_id: str, browser_id: int | None, way: str,
                said_at: datetime | None, received_at: datetime, met_at: datetime, settled_at: datetime | None) -> Any:
    """The new row's `id` and `blocked_at`; None when there is one with this number, or the actor blocks this person.

    Kept away by them, the scan is written as one that waits, with `blocked_at`. The transaction must have locked the
    actor's row before: a block locks it, too, and so is seen, or comes after the scan as a whole.
    """
    return db.connection().execute(_statement(db.dialect()), {
        "event": event_id, "client": client_id, "scanner": actor.id, "scanned": person.id, "browser": browser_id,
        "by_way": way, "gives": actor.gives, "said": said_at, "received": received_at, "met": met_at,
        "settled": settled_at, **_keys("mine", actor), **_keys("theirs", person)}).first()


def _keys(whose: str, person: Person) -> dict[str, str]:
    """What a wish in advance may call this person, as values of a statement."""
    keys = blocking.keys_of(person.badge_name, person.registered_name, person.email)
    return {f"{whose}_{number}": key for number, key in enumerate(keys)}


@cache
def _statement(_dialect: str) -> Any:
    scan = Scan.__table__.c

    def value(name: str, column: Any) -> Any:
        return bindparam(name, type_=column.type)

    def away(blocker: str, blocked: str, whose: str) -> Any:
        return blocking.keeps_away(
            bindparam(blocker, type_=BigId), bindparam(blocked, type_=BigId),
            [bindparam(f"{whose}_{number}", type_=Text()) for number in range(blocking.KEYS)])

    shut = select(away("scanned", "scanner", "mine").label("away")).subquery("shut")
    columns = {
        "event_id": bindparam("event", type_=BigId), "client_id": value("client", scan.client_id),
        "scanner_id": bindparam("scanner", type_=BigId), "scanned_id": bindparam("scanned", type_=BigId),
        "browser_id": value("browser", scan.browser_id), "way": value("by_way", scan.way),
        "offered": value("gives", scan.offered), "said_at": value("said", scan.said_at),
        "received_at": value("received", scan.received_at), "met_at": value("met", scan.met_at),
        "settled_at": case((shut.c.away, null()), else_=value("settled", scan.settled_at)),
        "blocked_at": case((shut.c.away, value("received", scan.received_at)), else_=null()),
    }
    return (
        db.insert(Scan.__table__)
        .from_select(list(columns), select(*columns.values()).select_from(shut)
                     .where(not_(away("scanner", "scanned", "theirs"))))
        .on_conflict_do_nothing(index_elements=["scanner_id", "client_id"]).returning(scan.id, scan.blocked_at))
