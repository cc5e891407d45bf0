"""Keeps the parsed rows of an upload until the organizer says yes, at most for a day; the file itself is never kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from eventnet import clock, db
from eventnet.attendees import importing, mapping
from eventnet.attendees.importing import Outcome, Plan
from eventnet.attendees.mapping import Parsed, Person
from eventnet.attendees.models import ImportDraft
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

KEPT_FOR = timedelta(hours=24)


def keep(event_id: int, organizer_id: int, file_name: str, parsed: Parsed, plan: Plan) -> str:
    """Keep the people of an upload, what its columns were taken for and what each row would do; returns the id."""
    draft = ImportDraft(
        id=secrets.token_urlsafe(16), event_id=event_id, organizer_id=organizer_id, file_name=file_name[:200],
        source=parsed.source.name, made_at=clock.now(),
        rows=[{"person": vars(person), "outcome": vars(outcome)}
              for person, outcome in zip(parsed.people, plan.outcomes, strict=True)],
        notes={"said": _said(parsed), "used": [list(pair) for pair in parsed.used], "left_out": list(parsed.left_out),
               "encoding": parsed.encoding, "counts": plan.counts})
    db.session.add(draft)
    db.session.flush()
    return draft.id


def _said(parsed: Parsed) -> dict[str, Any]:
    """What the file says about taking part: the headings it says so under, and how many people do and do not."""
    columns = [heading for heading, name in parsed.used if name in mapping.PARTICIPATION]
    answers = [person.takes_part for person in parsed.people if not person.state]
    return {"columns": columns, "out": answers.count(False), "taking_part": len(answers) - answers.count(False)}


def get(event_id: int, draft_id: str) -> ImportDraft:
    """A draft of this event that is not older than a day; raises NotFound."""
    draft: ImportDraft | None = db.session.scalar(
        select(ImportDraft).where(ImportDraft.event_id == event_id, ImportDraft.id == draft_id,
                                  ImportDraft.made_at > clock.now() - KEPT_FOR))
    if draft is None:
        raise NotFound(_("This upload is gone: uploads are kept for a day. Upload the file again."))
    return draft


def people(draft: ImportDraft) -> list[Person]:
    """Everybody in the file; nobody once it is imported."""
    return [Person(**row["person"]) for row in draft.rows if "person" in row]


def outcomes(draft: ImportDraft, only: str = "") -> list[Outcome]:
    """What each row would do, or has done once it is imported; `only` one kind of outcome, if given."""
    return [Outcome(**row["outcome"]) for row in draft.rows if only in ("", row["outcome"]["outcome"])]


def commit(event_id: int, draft_id: str, plan: Plan, who: str) -> dict[str, int]:
    """Import what the preview said, once; afterwards the draft holds the outcomes and no personal values but names.

    Raises Refusal (409) when it was imported already, or when the list changed since the preview.
    """
    draft = db.session.scalar(
        update(ImportDraft)
        .where(ImportDraft.event_id == event_id, ImportDraft.id == draft_id, ImportDraft.committed_at.is_(None))
        .values(committed_at=clock.now(), rows=[{"outcome": vars(outcome)} for outcome in plan.outcomes])
        .returning(ImportDraft).execution_options(populate_existing=True))
    if draft is None:
        raise Refusal(_("This upload was imported already; it was not imported again."), reason="repeated")
    draft.notes = {**draft.notes, "counts": plan.counts}
    return importing.commit(event_id, plan, who, draft.source)


def purge_drafts() -> int:
    """Forget uploads older than a day; returns how many. For the timetable."""
    old = db.session.scalars(
        delete(ImportDraft).where(ImportDraft.made_at <= clock.now() - KEPT_FOR).returning(ImportDraft.id)).all()
    return len(old)
