"""Leftovers: rows without an event_id that hang on an event's rows and go with them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, exists, or_, select, update

from eventnet import clock, db
from eventnet.accounts import browsers
from eventnet.accounts.models import Browser, Budget, KnownBrowser
from eventnet.attendees.models import Attendee

CHUNK = 500


def forget_browsers(browser_ids: Collection[int]) -> int:
    """Delete those of these browsers that are nobody any more, neither attendee nor organizer; returns how many."""
    if not browser_ids:
        return 0
    mentions = [
        ~exists().where(column == Browser.id) for table in Browser.metadata.sorted_tables for column in table.c
        if any(key.column.table is Browser.__table__ for key in column.foreign_keys)]
    ids, gone = sorted(browser_ids), 0
    for start in range(0, len(ids), CHUNK):
        gone += len(db.session.scalars(
            delete(Browser).where(Browser.id.in_(ids[start:start + CHUNK]), Browser.organizer_id.is_(None), *mentions)
            .returning(Browser.id)).all())
    return gone


def purge_browsers() -> int:
    """Delete browsers whose cookie is over and that nobody is any more; returns how many. For the timetable.

    An attendee's go with the event; this is for organizers', who are strangers again half a year after they signed in.
    """
    now = clock.now()
    over = list(db.session.scalars(select(Browser.id).where(Browser.ends_at <= now).order_by(Browser.id).limit(CHUNK)))
    if not over:
        return 0
    db.session.execute(update(Browser).where(Browser.id.in_(over), Browser.organizer_until <= now)
                       .values(browsers.SIGNED_OUT))
    db.session.execute(delete(KnownBrowser).where(KnownBrowser.browser_id.in_(over)))
    return forget_browsers(over)


def forget_budgets(event_id: int) -> int:
    """Delete the budgets of an event ("sign-in-asks:3:ada@…") and of attendees who are gone ("swaps:attendee:17").

    To be called when the event's attendees are deleted. Budgets live for two days: there are never many.
    """
    keys = db.session.execute(select(Budget.id, Budget.key).where(or_(
        Budget.key.like("%:attendee:%"), Budget.key.like(f"%:{event_id}"), Budget.key.like(f"%:{event_id}:%")))).all()
    gone, of_people = [], {}
    for budget_id, key in keys:
        _purpose, subject, *rest = key.split(":")
        if subject == "attendee" and rest and rest[0].isdecimal():
            of_people[budget_id] = int(rest[0])
        elif subject == str(event_id):
            gone.append(budget_id)
    people = sorted(set(of_people.values()))
    there: set[int] = set()
    for start in range(0, len(people), CHUNK):
        there.update(db.session.scalars(select(Attendee.id).where(Attendee.id.in_(people[start:start + CHUNK]))))
    gone += [budget_id for budget_id, attendee_id in of_people.items() if attendee_id not in there]
    for start in range(0, len(gone), CHUNK):
        db.session.execute(delete(Budget).where(Budget.id.in_(gone[start:start + CHUNK])))
    return len(gone)
