"""The swap as a person sees it: the scan and the note that came with it, or both taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from eventnet import db
from eventnet.contacts import notes
from eventnet.contacts.models import Contact
from eventnet.encounters import recording, undoing
from eventnet.encounters.recording import Answer, Claim
from eventnet.outbox import planning


@dataclass(frozen=True, slots=True)
class Swap:
    """A scan and what was written down on the same screen."""

    claim: Claim
    note: str = ""


def swap(swaps: Sequence[Swap], *, browser_id: int | None = None, browser_token: str | None = None,
         attendee_id: int | None = None, way: str) -> list[Answer]:
    """Record scans (see recording.record_batch) and add each note to its person, once."""
    answers = recording.record_batch([one.claim for one in swaps], browser_id=browser_id, browser_token=browser_token,
                                     attendee_id=attendee_id, way=way)
    for one, answer in zip(swaps, answers, strict=True):
        stands = answer.result in ("recorded", "pending") or answer.met is not None
        if one.note and stands and answer.event_id and answer.owner_id and answer.person_id:
            notes.merge_note(answer.event_id, answer.owner_id, answer.person_id, one.note)
    return answers


def undo(event_id: int, owner_id: int, person_id: int) -> None:
    """Take a swap back on both sides; my words about them go, theirs about me stay with my name.

    Raises NotFound, or Refusal `too_late` after 24 hours.
    """
    planning.recompose(event_id, [owner_id, person_id])
    other_wrote = notes.has_words(event_id, person_id, owner_id)
    if not undoing.undo(event_id, owner_id, person_id, other_keeps_name=other_wrote):
        db.session.execute(delete(Contact).where(
            Contact.event_id == event_id, Contact.owner_id == owner_id, Contact.person_id == person_id))
