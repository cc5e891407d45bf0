"""The swap as a person sees it: the scan and the note that came with it, or both taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from eventnet import db
from eventnet.cards import granting
from eventnet.contacts import notes
from eventnet.contacts.models import Contact
from eventnet.contacts.notes import Words
from eventnet.encounters import recording, settling, undoing
from eventnet.encounters.models import Scan
from eventnet.encounters.recording import Answer, Choosing, Claim
from eventnet.errors import Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _
from eventnet.words import later

UNDONE = later("Taken back. You do not have each other's card any more. If they wrote something about you, your name "
               "stays with it.")
UNDONE_LAST = later("The last meeting is taken back. You met before, so what you gave each other then stays.")


@dataclass(frozen=True, slots=True)
class Swap:
    """A scan and what was written down on the same screen."""

    claim: Claim
    words: Words = field(default_factory=Words)


def swap(swaps: Sequence[Swap], *, browser_id: int | None = None, browser_token: str | None = None,
         attendee_id: int | None = None, way: str, only: Choosing | None = None) -> list[Answer]:
    """Record scans (see recording.record_batch) and add the words of each to its person, once."""
    answers = recording.record_batch([one.claim for one in swaps], browser_id=browser_id, browser_token=browser_token,
                                     attendee_id=attendee_id, way=way, only=only)
    for one, answer in zip(swaps, answers, strict=True):
        if one.words and answer.event_id and answer.owner_id and answer.person_id and _stands(answer):
            notes.merge(answer.event_id, answer.owner_id, answer.person_id, one.words)
    return answers


def _stands(answer: Answer) -> bool:
    """Whether there is, or may come to be, somebody to write about; words may follow a scan that still waits."""
    if answer.result in ("recorded", "pending") or answer.met is not None:
        return True
    return answer.result == "repeated" and db.session.scalar(select(Scan.id).where(
        Scan.scanner_id == answer.owner_id, Scan.client_id == answer.client_id, Scan.settled_at.is_(None),
        Scan.undone_at.is_(None))) is not None


def undo(event_id: int, owner_id: int, person_id: int) -> bool:
    """Take a swap back on both sides; my words about them go, theirs about me stay with my name.

    Returns whether an earlier meeting stays, with the cards as they were then. Raises NotFound, or Refusal
    `too_late` after 24 hours.
    """
    # Words that are written in this moment are seen below, or find that nothing is left to write about.
    settling.lock_pair(owner_id, person_id)
    planning.recompose(event_id, [owner_id, person_id])
    other_wrote = notes.has_words(event_id, person_id, owner_id)
    stays = undoing.undo(event_id, owner_id, person_id, other_keeps_name=other_wrote)
    if not stays:
        db.session.execute(delete(Contact).where(
            Contact.event_id == event_id, Contact.owner_id == owner_id, Contact.person_id == person_id))
    return stays


def write(event_id: int, owner_id: int, person_id: int, words: Words) -> None:
    """Keep these words about a person I met; raises Refusal `undone` when they took the meeting back meanwhile."""
    settling.lock_pair(owner_id, person_id)
    if granting.given_to(event_id, person_id, owner_id) is None:
        raise Refusal(_("They took the swap back in the moment you wrote this, so nothing is left to write it to."),
                      reason="undone")
    notes.write(event_id, owner_id, person_id, words)
