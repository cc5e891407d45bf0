"""Answers many who wait at once: yes, only the badge, or no, in few statements; and takes the last answer back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from eventnet import clock, db
from eventnet.cards import granting, receipts
from eventnet.cards.fields import BADGE_FIELDS
from eventnet.cards.models import Consent
from eventnet.encounters import answering, blocking, finding, settling
from eventnet.encounters.answering import waiting_grants, waiting_scans
from eventnet.encounters.finding import Person
from eventnet.encounters.models import AnswerRound, Encounter, Grant, Scan
from eventnet.encounters.settling import Giving, Meeting
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

Reply = Literal["yes", "badge", "no"]
UNDO_SPAN = timedelta(hours=24)
_KEPT = ("fields", "wording", "given_at", "asked_since", "answered_at", "withdrawn_at")
_TIMES = ("given_at", "asked_since", "answered_at", "withdrawn_at")


def answer(event_id: int, giver_id: int, person_ids: Collection[int] | None, reply: Reply) -> int:
    """Give all who wait (None), or those of these people who do, one answer; returns how many got it.

    Yes settles each swap with its original time and gives what my card shares now; badge gives only what the badge
    shows. No is not told: to them it looks like waiting. Raises Refusal `no_card` for a yes before I chose what I
    share, NotFound for somebody who is not of this event.
    """
    now = clock.now()
    asking = answering.who_waits(event_id, giver_id)
    ids = sorted(asking if person_ids is None else asking & set(person_ids))
    settling.lock_pairs((giver_id, person_id) for person_id in ids)
    people = finding.people([giver_id, *(ids if person_ids is None else person_ids)])
    me = people.get(giver_id)
    if me is None or any(
            person_id not in people or people[person_id].event_id != event_id for person_id in person_ids or ()):
        raise NotFound
    ids = [person_id for person_id in ids if person_id in people]
    if not ids:
        return 0
    if reply == "yes" and me.agreed_at is None:
        raise Refusal(_("First choose on your card what you share, then answer."), reason="no_card")
    before = [_as_json(row) for row in _grants_between(event_id, giver_id, ids)] if reply != "no" else []
    if reply == "no":
        answered, scans = _decline(event_id, giver_id, ids, now)
    else:
        answered, scans = _settle(event_id, me, ids, reply, now)
    if answered:
        db.session.add(AnswerRound(
            event_id=event_id, attendee_id=giver_id, reply=reply, people=sorted(answered), scans=scans, before=[
                row for row in before if {row["giver_id"], row["receiver_id"]} & answered], made_at=now))
        db.session.flush()
        if reply != "no":
            planning.recompose(event_id, [giver_id, *sorted(answered)])
    return len(answered)


def last_round(event_id: int, attendee_id: int) -> AnswerRound | None:
    """The last answer, as long as it can be taken back: for 24 hours."""
    found: AnswerRound | None = db.session.scalar(
        select(AnswerRound).where(AnswerRound.event_id == event_id, AnswerRound.attendee_id == attendee_id)
        .order_by(AnswerRound.id.desc()).limit(1))
    if found is None or found.undone_at is not None or clock.now() - found.made_at > UNDO_SPAN:
        return None
    return found


def undo_last(event_id: int, attendee_id: int) -> int:
    """Take the last answer back: its people wait again; returns how many. Raises Refusal when there is none.

    Who scanned me again meanwhile, or is blocked by one of us, stays as they are. My name stays in the list of whoever
    wrote something about me.
    """
    now = clock.now()
    last = last_round(event_id, attendee_id)
    if last is None:
        raise Refusal(_("There is no answer of the last 24 hours to take back."), reason="too_late")
    settling.lock_pairs((attendee_id, person_id) for person_id in last.people)
    taken = db.session.scalars(
        update(AnswerRound).where(AnswerRound.id == last.id, AnswerRound.undone_at.is_(None)).values(undone_at=now)
        .returning(AnswerRound.id)).one_or_none()
    if taken is None:
        return 0
    ids = sorted(set(last.people) - blocking.apart_from(event_id, attendee_id))
    mine = (Scan.event_id == event_id, Scan.id.in_(last.scans), Scan.scanner_id.in_(ids), Scan.undone_at.is_(None))
    if last.reply == "no":
        db.session.execute(update(Scan).where(*mine).values(declined_at=None))
        db.session.execute(update(Grant).where(
            *_asked_of(event_id, attendee_id, ids), Grant.answered_at == last.made_at).values(answered_at=None))
        return len(ids)
    db.session.execute(update(Scan).where(*mine, Scan.settled_at.is_not(None)).values(settled_at=None))
    met = _recompute(event_id, attendee_id, ids)
    _give_back(event_id, attendee_id, ids, met, last, now)
    planning.recompose(event_id, [attendee_id, *ids])
    return len(ids)


def _decline(event_id: int, giver_id: int, ids: Sequence[int], now: datetime) -> tuple[set[int], list[int]]:
    scans = db.session.execute(
        update(Scan).where(*waiting_scans(event_id, giver_id), Scan.scanner_id.in_(ids))
        .values(declined_at=now).returning(Scan.id, Scan.scanner_id)).all()
    grants = db.session.scalars(
        update(Grant).where(*waiting_grants(event_id, giver_id), Grant.receiver_id.in_(ids))
        .values(answered_at=now).returning(Grant.receiver_id)).all()
    return {row.scanner_id for row in scans} | set(grants), [row.id for row in scans]


def _settle(event_id: int, me: Person, ids: Sequence[int], reply: Reply,
            now: datetime) -> tuple[set[int], list[int]]:
    rows = db.session.execute(
        update(Scan).where(*waiting_scans(event_id, me.id), Scan.scanner_id.in_(ids)).values(settled_at=now)
        .returning(Scan.id, Scan.scanner_id, Scan.met_at, Scan.offered, Scan.received_at)).all()
    by_person: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.received_at, row.id)):
        by_person.setdefault(row.scanner_id, []).append(row)
    withdrawn = _withdrawn(event_id, sorted(by_person))
    gives = me.gives if reply == "yes" else list(BADGE_FIELDS)
    settled: list[tuple[Meeting, tuple[Giving, Giving]]] = []
    for person_id, scans in sorted(by_person.items()):
        offered = [field for field in scans[-1].offered
                   if withdrawn.get((person_id, field), scans[-1].received_at) <= scans[-1].received_at]
        settled.append((
            settling.meeting_of([scan.met_at for scan in scans], scanner_is_low=person_id < me.id),
            (Giving(person_id, me.id, offered, acted=True), Giving(me.id, person_id, gives, acted=True))))
    settling.settle_many(event_id, settled, now)
    only_asked = sorted(set(ids) - by_person.keys())
    asked = set(db.session.scalars(
        select(Grant.receiver_id).where(*waiting_grants(event_id, me.id), Grant.receiver_id.in_(only_asked))))
    if reply == "yes":
        granting.give_all_asked(event_id, me.id, asked)
    else:
        db.session.execute(update(Grant).where(*waiting_grants(event_id, me.id), Grant.receiver_id.in_(asked))
                           .values(answered_at=now))
    return by_person.keys() | asked, [row.id for row in rows]


def _withdrawn(event_id: int, ids: Sequence[int]) -> dict[tuple[int, str], datetime]:
    """When these people last took a field off their card: what was offered before is not offered any more."""
    rows: Sequence[Any] = db.session.execute(
        select(Consent.attendee_id, Consent.field, func.max(Consent.withdrawn_at, type_=Consent.withdrawn_at.type))
        .where(Consent.event_id == event_id, Consent.attendee_id.in_(ids), Consent.withdrawn_at.is_not(None))
        .group_by(Consent.attendee_id, Consent.field)).all()
    return {(row[0], row[1]): row[2] for row in rows}


def _recompute(event_id: int, me_id: int, ids: Sequence[int]) -> set[int]:
    """Compute the encounters with these people anew from living scans; returns who is left. See settling.recompute."""
    pairs = (Encounter.event_id == event_id, or_(
        (Encounter.low_id == me_id) & Encounter.high_id.in_(ids),
        (Encounter.high_id == me_id) & Encounter.low_id.in_(ids)))
    # A scan of one of them in the same moment waits here, or is seen by the counting below.
    known = db.session.execute(select(Encounter.id, Encounter.low_id, Encounter.high_id).where(*pairs)
                               .order_by(Encounter.low_id, Encounter.high_id).with_for_update()).all()
    found: dict[int, list[Any]] = {}
    for scan in db.session.execute(select(Scan.scanner_id, Scan.scanned_id, Scan.met_at).where(
            Scan.event_id == event_id, Scan.settled_at.is_not(None), Scan.undone_at.is_(None), or_(
                (Scan.scanner_id == me_id) & Scan.scanned_id.in_(ids),
                (Scan.scanned_id == me_id) & Scan.scanner_id.in_(ids)))):
        found.setdefault(scan.scanner_id + scan.scanned_id - me_id, []).append(scan)
    gone, left = [], []
    for row in known:
        scans = found.get(row.low_id + row.high_id - me_id)
        if not scans:
            gone.append(row.id)
            continue
        left.append({
            "id": row.id, "first_at": min(scan.met_at for scan in scans), "last_at": max(scan.met_at for scan in scans),
            "times": len(scans), "low_scanned": any(scan.scanner_id == row.low_id for scan in scans),
            "high_scanned": any(scan.scanner_id == row.high_id for scan in scans)})
    db.session.execute(delete(Encounter).where(Encounter.id.in_(gone)))
    if left:
        db.session.execute(update(Encounter), left)
    return set(found)


def _give_back(event_id: int, me_id: int, ids: Sequence[int], met: set[int], last: AnswerRound, now: datetime) -> None:
    """Put grants back to what they were before the answer, as far as nobody acted since; new ones go."""
    before = {(row["giver_id"], row["receiver_id"]): row for row in last.before}
    gone, kept, restored = [], [], []
    for grant in _grants_between(event_id, me_id, ids):
        other = grant.giver_id + grant.receiver_id - me_id
        old = before.get((grant.giver_id, grant.receiver_id))
        line = receipts.written("undone", now, [field for field in grant.fields
                                                if field not in (old or {}).get("fields", ())], told=True)
        journal = {"id": grant.id, "history": [*grant.history, line], "changed_at": now}
        if old is None and other not in met:
            if grant.giver_id == me_id:
                kept.append({**journal, "fields": granting.NAME_ONLY, "withdrawn_at": now, "asked_since": None})
            else:
                gone.append(grant.id)
        elif old is not None and grant.answered_at == last.made_at:
            restored.append({**journal, **{name: _time(old[name]) if name in _TIMES else old[name] for name in _KEPT}})
    db.session.execute(delete(Grant).where(Grant.id.in_(gone)))
    for rows in (kept, restored):
        if rows:
            db.session.execute(update(Grant), rows)


def _grants_between(event_id: int, me_id: int, ids: Sequence[int]) -> Sequence[Any]:
    return db.session.execute(
        select(Grant.id, Grant.giver_id, Grant.receiver_id, *(getattr(Grant, name) for name in _KEPT), Grant.history)
        .where(Grant.event_id == event_id, or_(
            (Grant.giver_id == me_id) & Grant.receiver_id.in_(ids),
            (Grant.receiver_id == me_id) & Grant.giver_id.in_(ids)))
        .order_by(Grant.id).with_for_update()).all()


def _asked_of(event_id: int, giver_id: int, ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return (Grant.event_id == event_id, Grant.giver_id == giver_id, Grant.receiver_id.in_(ids),
            Grant.asked_since.is_not(None))


def _as_json(row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in ("giver_id", "receiver_id", *_KEPT)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
