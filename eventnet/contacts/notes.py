"""What I write about a person I met: note, promise, tags, star. Checked, kept, never silently overwritten."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import case, func, literal, select, update

from eventnet import clock, db
from eventnet.contacts.models import Contact
from eventnet.errors import Refusal
from eventnet.words import gettext as _

LONGEST_NOTE, LONGEST_PROMISE, LONGEST_TAG, MOST_TAGS = 4000, 300, 40, 12


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the note form says about one person."""

    note: str = ""
    promise: str = ""
    tags: tuple[str, ...] = ()
    is_starred: bool = False

    def __bool__(self) -> bool:
        return bool(self.note or self.promise or self.tags or self.is_starred)


def clean(text: str) -> str:
    """`text` in NFC with plain line ends, without control characters and halves of characters."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.replace("\t", " ").strip()


def checked(note: str = "", promise: str = "", tags: Iterable[str] = (), is_starred: bool = False) -> Words:
    """The words of a form, cleaned; raises Refusal 422 with `field` for what is too long."""
    words = Words(clean(note), " ".join(clean(promise).split()), _tags(tags), is_starred)
    if len(words.note) > LONGEST_NOTE:
        raise Refusal(_("A note holds %(most)s characters; this one has %(has)s. Shorten it a little.",
                        most=LONGEST_NOTE, has=len(words.note)), status=422, reason="too_long", field="note")
    if len(words.promise) > LONGEST_PROMISE:
        raise Refusal(_("A promise holds %(most)s characters. Put the rest into the note.", most=LONGEST_PROMISE),
                      status=422, reason="too_long", field="promise")
    if len(words.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in words.tags):
        raise Refusal(_("At most %(count)s tags of %(most)s characters each.", count=MOST_TAGS, most=LONGEST_TAG),
                      status=422, reason="too_long", field="tags")
    return words


def write(event_id: int, owner_id: int, person_id: int, words: Words) -> None:
    """Put these words in place of the earlier ones: the form showed them, so the person decided."""
    now = clock.now()
    values = {"note": words.note, "promise": words.promise, "tags": list(words.tags), "changed_at": now}
    insert = db.insert(Contact)
    db.session.execute(
        insert.values(event_id=event_id, owner_id=owner_id, person_id=person_id, **values,
                      starred_at=now if words.is_starred else None)
        .on_conflict_do_update(
            index_elements=["event_id", "owner_id", "person_id"],
            set_={**values, "starred_at": func.coalesce(Contact.starred_at, now) if words.is_starred else None}))


def star(event_id: int, owner_id: int, person_id: int, is_starred: bool) -> None:
    """Mark a good talk, or not."""
    now = clock.now()
    db.session.execute(
        db.insert(Contact).values(event_id=event_id, owner_id=owner_id, person_id=person_id, note="", promise="",
                                  tags=[], starred_at=now if is_starred else None, changed_at=now)
        .on_conflict_do_update(
            index_elements=["event_id", "owner_id", "person_id"],
            set_={"starred_at": func.coalesce(Contact.starred_at, now) if is_starred else None, "changed_at": now}))


def merge_note(event_id: int, owner_id: int, person_id: int, note: str) -> None:
    """Add a note that arrived with a scan: a new line below the old ones, unless it is there already.

    One upsert, so that a scan sent twice, or from two phones, neither doubles a line nor overwrites one. A note that
    would grow beyond four times its length keeps what it has.
    """
    text = clean(note)[:LONGEST_NOTE]
    if text:
        db.connection().execute(_merge(db.dialect()), {
            "event_id": event_id, "owner_id": owner_id, "person_id": person_id, "note": text, "promise": "", "tags": [],
            "starred_at": None, "changed_at": clock.now()})


def merge(event_id: int, owner_id: int, person_id: int, words: Words) -> None:
    """Add words that arrived with a scan to what is written: nothing of it is replaced, nothing doubled."""
    merge_note(event_id, owner_id, person_id, words.note)
    added = Words("", " ".join(clean(words.promise).split())[:LONGEST_PROMISE],
                  tuple(tag for tag in _tags(words.tags) if len(tag) <= LONGEST_TAG), words.is_starred)
    if not added:
        return
    now = clock.now()
    key = {"event_id": event_id, "owner_id": owner_id, "person_id": person_id}
    db.session.execute(db.insert(Contact).values(
        **key, note="", promise="", tags=[], starred_at=None, changed_at=now).on_conflict_do_nothing())
    contact = db.session.scalars(
        select(Contact).filter_by(**key).with_for_update().execution_options(populate_existing=True)).one()
    promises = [contact.promise] if contact.promise else []
    if added.promise and added.promise not in contact.promise.split("; "):
        promises.append(added.promise)
    promise = "; ".join(promises)
    if len(promise) > LONGEST_PROMISE:
        # No room beside the older promise: it is written below the note, where there is.
        merge_note(event_id, owner_id, person_id, added.promise)
        promise = contact.promise
    values = {"promise": promise, "tags": list(_tags((*contact.tags, *added.tags))[:MOST_TAGS]), "changed_at": now,
              "starred_at": contact.starred_at or (now if added.is_starred else None)}
    db.session.execute(update(Contact).filter_by(**key).values(**values))


def has_words(event_id: int, owner_id: int, person_id: int) -> bool:
    """Whether the owner wrote anything about the person."""
    contact = db.session.scalar(select(Contact).where(
        Contact.event_id == event_id, Contact.owner_id == owner_id, Contact.person_id == person_id))
    return contact is not None and bool(contact.note or contact.promise or contact.tags or contact.starred_at)


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for tag in tags:
        text = " ".join(clean(tag).lstrip("#").split())
        if text:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


@cache
def _merge(_dialect: str) -> Any:
    insert = db.insert(Contact.__table__)
    old, new = Contact.__table__.c.note, insert.excluded.note
    around = literal("\n")
    line = around.concat(new).concat(around)
    # A text without its occurrences of the line is shorter than itself exactly when the line is in it.
    is_there = func.replace(around.concat(old).concat(around), line, "") != around.concat(old).concat(around)
    return insert.on_conflict_do_update(
        index_elements=["event_id", "owner_id", "person_id"],
        set_={
            "note": case((old == "", new), (is_there, old), (func.length(old) > 3 * LONGEST_NOTE, old),
                         else_=old.concat("\n").concat(new)),
            "changed_at": insert.excluded.changed_at,
        })
