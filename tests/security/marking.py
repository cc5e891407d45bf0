"""Writes a word of its own into every text of every row, and knows who may read which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from eventnet import db, tables
from eventnet.db import JsonText
from tests.security.world import SLUGS, World, drafted

WORD = re.compile(r"zq\d{4}k", re.IGNORECASE)
# Texts that mean something to the program: marking them would break it, and no person reads them as they are.
MEANINGFUL = {
    "slug", "zone", "language", "kind", "state", "unique_key", "act", "actor", "way", "wording", "field", "name_policy",
    "message_id", "digest", "attempt", "span_start", "key", "region", "next_path", "legal_basis", "started_by", "scope",
    "reason", "role", "category", "event_slug", "source", "id",
}
SECRET = re.compile(r"token|_hash|code$|secret|salt|nonce|client_id")
# What the program makes of other columns and never shows; words in it would be found nowhere anyway.
MARKED_JSON = {"tags"}
BADGE = ("badge_name", "title", "organization")
# Who is in the address books of the world, and what each ticked beyond the badge.
MET: dict[str, tuple[str, ...]] = {
    "ada": ("grace", "bob"), "grace": ("ada",), "bob": ("ada",), "cleo": (), "dan": (), "nick": (), "rita": ()}
TICKED = {"ada": ("email", "linkedin"), "grace": ("email",), "cleo": ("phone",), "dan": ("email", "phone"), "bob": ()}


@dataclass(frozen=True)
class Mark:
    """Where a word stands: its table, column and row, the event of the row, and the people it is about in order."""

    word: str
    table: str
    column: str
    row: Any
    event_id: int | None
    people: tuple[int, ...]
    organizer_id: int | None


def text_columns() -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
    """Every column of the schema that holds text somebody may have typed."""
    for table in tables.metadata.sorted_tables:
        checked = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, sa.CheckConstraint))
        for column in table.columns:
            is_json = isinstance(column.type, JsonText)
            if not (isinstance(column.type, sa.Text | sa.String) or is_json) or column.primary_key:
                continue
            if column.foreign_keys or re.search(rf"\b{column.name}\b", checked) or column.name in MEANINGFUL:
                continue
            if SECRET.search(column.name) or (is_json and column.name not in MARKED_JSON):
                continue
            yield table, column


def mark(world: World) -> dict[str, Mark]:
    """Mark all rows of the world; returns every word with what it stands for."""
    marks: dict[str, Mark] = {}
    with world.app.app_context(), db.database().writing() as session:
        for table, column in text_columns():
            key = list(table.primary_key.columns)
            for row in session.execute(sa.select(table)).mappings().all():
                if table.name == "mails" and column.name == "reply" and row["reply"] is None:
                    continue
                word = f"zq{len(marks):04}k"
                marks[word] = Mark(word, table.name, column.name, tuple(row[c.name] for c in key),
                                   _event_of(world, table, row), _people(table, row),
                                   row["id"] if table.name == "organizers" else row.get("organizer_id"))
                session.execute(sa.update(table).where(*(c == row[c.name] for c in key))
                                .values({column.name: _shaped(column, word)}))
    for slug in SLUGS:
        marks[drafted(slug)] = Mark(drafted(slug), "import_drafts", "rows", slug, world.events[slug].id, (), None)
    return marks


def _shaped(column: sa.Column[Any], word: str) -> Any:
    """The word as an address where the column holds addresses."""
    if isinstance(column.type, JsonText):
        return [word]
    if "email" in column.name or column.name in ("address", "to_address"):
        return f"{word}@people.example"
    if column.name in ("linkedin", "website") or column.name.endswith("url"):
        return f"https://{word}.example/in"
    return word


def _event_of(world: World, table: sa.Table, row: Any) -> int | None:
    """The event of a row; of a browser that of whoever it is signed in as."""
    if table.name == "events":
        return int(row["id"])
    if table.name == "browsers":
        people = _people(table, row)
        return next((p.event_id for of in world.people.values() for p in of.values() if p.id in people), None)
    return row.get("event_id")


def _people(table: sa.Table, row: Any) -> tuple[int, ...]:
    """The attendees a row names, its owner first: in the order of the columns that point to attendees."""
    if table.name == "attendees":
        return (row["id"],)
    if table.name == "browsers":
        signed_in = tables.metadata.tables["signed_in_browsers"]
        return tuple(db.session.scalars(
            sa.select(signed_in.c.attendee_id).where(signed_in.c.browser_id == row["id"])))
    pointing = [c.name for c in table.columns for f in table.foreign_key_constraints
                if f.referred_table.name == "attendees" and c.name in f.column_keys and c.name != "event_id"]
    return tuple(row[name] for name in dict.fromkeys(pointing) if row[name] is not None)


def foreign_words(world: World, marks: dict[str, Mark], reader: Reader, text: str) -> list[Mark]:
    """The marks in a text that this reader must not see; case and line folding do not hide a word."""
    unfolded = re.sub(r"\r?\n[ \t]|=\r?\n", "", text)
    found = {word.lower() for word in WORD.findall(unfolded)} | {
        drafted(slug) for slug in SLUGS if drafted(slug) in unfolded}
    return [marks[word] for word in sorted(found) if word in marks and not reader.may_read(world, marks[word])]


@dataclass(frozen=True)
class Reader:
    """Whose eyes: an attendee at some event, an organizer of some, and whose badge or link they hold in their hand."""

    attendees: tuple[tuple[str, str], ...] = ()
    organizes: tuple[str, ...] = ()
    organizer: str = ""
    badge_of: tuple[str, str] | None = None
    publicly: tuple[str, ...] = ()

    def may_read(self, world: World, mark: Mark) -> bool:
        slug = next((s for s, event in world.events.items() if event.id == mark.event_id), None)
        if mark.table == "organizers":
            return bool(self.organizer) and (
                mark.organizer_id == world.organizers[self.organizer].id or bool(self.organizes))
        if mark.table == "browsers" and self.organizer and mark.organizer_id == world.organizers[self.organizer].id:
            return True
        if mark.table in ("events", "programme_items"):
            return slug in (*self.publicly, *self.organizes, *(at for at, _name in self.attendees))
        if any(slug == at and self._as_attendee(world, mark, at, name) for at, name in self.attendees):
            return True
        # Organizers see numbers, not what people wrote about each other, nor with what they opened it.
        return slug in self.organizes and mark.table not in ("contacts", "browsers")

    def _as_attendee(self, world: World, mark: Mark, slug: str, name: str) -> bool:
        if not mark.people:
            return False
        owner = next((n for n, person in world.people[slug].items() if person.id == mark.people[0]), "")
        if owner == name:
            # Registered names are the desk's.
            return True
        if mark.table != "attendees":
            return False
        if mark.column in BADGE:
            # Met, suggested with their tick, or in front of the camera.
            return owner in MET[name] or owner in ("ada", "grace", "cleo") or (slug, owner) == self.badge_of
        return owner in MET[name] and mark.column in TICKED[owner]
