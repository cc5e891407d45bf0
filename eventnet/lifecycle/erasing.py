"""Deletes everything about one attendee at once; others keep, as plain text, the name that was given to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import delete, or_, select, update

from eventnet import db
from eventnet.accounts.models import Browser, Budget
from eventnet.attendees import erased
from eventnet.attendees.models import Attendee, ImportDraft, SignedInBrowser
from eventnet.audit import log
from eventnet.cards.models import Card, Grant
from eventnet.contacts import kept_names
from eventnet.encounters.models import AnswerRound, Scan
from eventnet.errors import NotFound
from eventnet.lifecycle import leftovers, subjects
from eventnet.outbox import suppressing
from eventnet.outbox.models import Mail, Suppression
from eventnet.outbox.planning import changed
from eventnet.suggestions.picks import Picks
from eventnet.summaries.models import Summary

CHUNK = 500
# A mail that is not yet handed over is written anew; the marker just before the dot is the last moment.
_REWRITTEN = ("ready", "sending")
_OVER = ("sent", "failed", "suppressed", "cancelled")


@dataclass(frozen=True)
class Erased:
    """What went: rows by table, how many people keep the name, whether the browsers were only this person."""

    rows: dict[str, int] = field(default_factory=dict)
    kept_by: int = 0
    browsers: int = 0


def erase(secret: bytes, event_id: int, attendee_id: int, by: str) -> Erased:
    """Delete every row about this attendee, in one write transaction; `by` answers for it in the audit log.

    Their badge is unknown from then on, their browsers are signed out, a scan of them that is on its way is refused
    as one of an unknown badge, and mails to others that name them and have not left are written anew. Raises NotFound
    for whoever is not there (any more). After the commit, `scrub()`.
    """
    # Whoever scans or is scanned by them at this moment holds this row, or finds it gone.
    person = db.session.scalar(select(Attendee).where(
        Attendee.event_id == event_id, Attendee.id == attendee_id).with_for_update())
    if person is None:
        raise NotFound
    addresses, browsers = addresses_of(person), _browsers(person)
    named_in = _forget_picks(event_id, attendee_id)
    others = _others(event_id, attendee_id) | named_in
    kept_by = kept_names.keep(event_id, attendee_id)
    counts: Counter[str] = Counter()
    counts["import_drafts"] = _forget_uploads(person, addresses)
    counts["answer_rounds"] = _forget_rounds(event_id, attendee_id)
    erased.remember(secret, person)
    db.session.flush()
    for table in subjects.in_deleting_order():
        counts[table.name] += changed(delete(table).where(
            *subjects.rows_of(table, event_id, attendee_id, subjects.HELD[table.name].people)))
    counts["suppressions"] = changed(delete(Suppression).where(
        Suppression.event_id == event_id, Suppression.address.in_(addresses)))
    counts["budgets"] = _forget_budgets(event_id, attendee_id, addresses)
    gone = leftovers.forget_browsers(browsers)
    counts["browsers"] = gone
    _write_anew(event_id, others)
    rows = {name: number for name, number in sorted(counts.items()) if number}
    db.session.expunge(person)
    log.write("attendee.erased", by, event_id, attendee=attendee_id, rows=sum(rows.values()))
    db.session.flush()
    return Erased(rows, kept_by, gone)


def apply_again(secret: bytes, event_id: int, by: str) -> int:
    """After a restore: delete once more those whom the record of deletions names; returns how many."""
    ids = erased.matching(secret, erased.of_event(event_id), event_id)
    for attendee_id in ids:
        erase(secret, event_id, attendee_id, by)
    return len(ids)


def scrub() -> bool:
    """Have the write-ahead log forget the deleted bytes as well; False while somebody reads for long: the worker
    does it later. To be called outside any transaction."""
    return db.database().empty_log()


def addresses_of(person: Attendee) -> list[str]:
    """Every address this person was or would be written to, folded."""
    card = db.session.scalar(select(Card.summary_email).where(Card.attendee_id == person.id))
    sent_to = db.session.scalars(select(Mail.to_address).where(
        Mail.event_id == person.event_id, Mail.attendee_id == person.id, Mail.to_address.is_not(None)).distinct())
    return sorted({suppressing.folded(address) for address in (person.email, card or "", *sent_to) if address})


def _browsers(person: Attendee) -> set[int]:
    mine = (SignedInBrowser.event_id == person.event_id, SignedInBrowser.attendee_id == person.id)
    return set(db.session.scalars(select(SignedInBrowser.browser_id).where(*mine)))


def _others(event_id: int, attendee_id: int) -> set[int]:
    """Everybody whose mails may name this person: whom they swapped with, scanned, or were scanned by."""
    found: set[int] = set()
    for one, other in ((Grant.giver_id, Grant.receiver_id), (Grant.receiver_id, Grant.giver_id),
                       (Scan.scanner_id, Scan.scanned_id), (Scan.scanned_id, Scan.scanner_id)):
        found.update(db.session.scalars(select(other).where(
            one.class_.event_id == event_id, one == attendee_id).distinct()))
    return found


def _forget_picks(event_id: int, attendee_id: int) -> set[int]:
    """Take this person out of what others' summaries say; returns whose they were."""
    found = set()
    for summary in db.session.scalars(select(Summary).where(
            Summary.event_id == event_id, sa.type_coerce(Summary.picks, sa.Text).contains(str(attendee_id)))):
        picks = Picks.from_json(summary.picks)
        left = Picks(
            tuple(pick for pick in picks.follow_up if pick.attendee_id != attendee_id),
            tuple(one for one in picks.did_you_talk if one != attendee_id),
            tuple(pick for pick in picks.should_meet if pick.attendee_id != attendee_id))
        if left != picks:
            summary.picks = left.as_json()
            found.add(summary.attendee_id)
    return found


def _forget_rounds(event_id: int, attendee_id: int) -> int:
    """Answers of others that could still be undone name by number whom they answered."""
    rounds = db.session.scalars(select(AnswerRound).where(
        AnswerRound.event_id == event_id, AnswerRound.attendee_id != attendee_id,
        sa.type_coerce(AnswerRound.people, sa.Text).contains(str(attendee_id)))).all()
    ids = [one.id for one in rounds if attendee_id in one.people]
    return changed(delete(AnswerRound).where(AnswerRound.id.in_(ids))) if ids else 0


def _forget_uploads(person: Attendee, addresses: Collection[str]) -> int:
    """Rows of uploaded lists, kept for a day, that are this person."""
    gone = 0
    for draft in db.session.scalars(select(ImportDraft).where(ImportDraft.event_id == person.event_id)):
        left = [row for row in draft.rows if not is_about(row, person, addresses)]
        if len(left) < len(draft.rows):
            gone += len(draft.rows) - len(left)
            draft.rows = left
    return gone


def is_about(row: dict[str, Any], person: Attendee, addresses: Collection[str]) -> bool:
    """Whether this row of an upload is this person: same key, same address, or, when only names are left, same name."""
    told = row.get("person")
    if told is None:
        return bool(row.get("outcome", {}).get("name") in (person.registered_name, person.badge_name))
    if person.external_key and told.get("key") == person.external_key:
        return True
    address = suppressing.folded(told.get("values", {}).get("email", ""))
    if address:
        return address in addresses
    return bool(told.get("values", {}).get("registered_name") in (person.registered_name, person.badge_name))


def _forget_budgets(event_id: int, attendee_id: int, addresses: Collection[str]) -> int:
    """Counters that name this person, or an address of theirs at this event."""
    ends = (f"%:attendee:{attendee_id}", f"%:attendee:{attendee_id}:%")
    keys = db.session.execute(select(Budget.id, Budget.key).where(or_(
        *(Budget.key.like(end) for end in ends), Budget.key.like(f"%:{event_id}:%")))).all()
    gone = [row.id for row in keys if f":attendee:{attendee_id}:" in f"{row.key}:"
            or any(f":{address}:" in f"{row.key}:".lower() for address in addresses)]
    return changed(delete(Budget).where(Budget.id.in_(gone))) if gone else 0


def _write_anew(event_id: int, others: Collection[int]) -> None:
    """Mails to these people that have not left are written without the one who is gone; of those that did, the bytes
    that are still kept go. One that is being handed over this second has left."""
    ids = sorted(others)
    for start in range(0, len(ids), CHUNK):
        theirs = (Mail.event_id == event_id, Mail.attendee_id.in_(ids[start:start + CHUNK]))
        db.session.execute(update(Mail).where(*theirs, Mail.state.in_(_REWRITTEN)).values(
            state="planned", content=None, digest=None, message_id=None, dated_at=None, to_address=None, attempt=None,
            lease_until=None))
        db.session.execute(update(Mail).where(*theirs, Mail.state.in_(_OVER), Mail.content.is_not(None)).values(
            content=None))


def is_nobody(browser_id: int) -> bool:
    """Whether this browser went with the person: it was nobody else."""
    return db.session.get(Browser, browser_id) is None
