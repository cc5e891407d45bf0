"""The journal of a grant: what was given, added and taken back when, and what of it either side is told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from eventnet.cards.fields import BADGE_FIELDS, FIELDS, WORDING

Act = Literal["gave", "added", "took_back", "undone"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: these fields changed hands then.

    `gave` is a swap and names all it gave; `added` came later; `took_back` may be told; `undone` took back the swaps
    since `met_at`. `met_at` is the time of the meeting. `everybody`: it was taken back from all people at once, on the
    card. `wording` is the version of the words that were agreed to.
    """

    act: Act
    at: datetime
    fields: tuple[str, ...]
    met_at: datetime | None = None
    wording: str = ""
    told: bool = False
    everybody: bool = False


def written(act: Act, at: datetime, fields: Iterable[str], *, met_at: datetime | None = None, wording: str = WORDING,
            told: bool = False, everybody: bool = False) -> dict[str, Any]:
    """An entry as it stands in the journal; what is not said there is false or empty."""
    named = set(fields)
    line: dict[str, Any] = {
        "act": act, "at": _text(at), "fields": [field for field in FIELDS if field in named], "wording": wording}
    if met_at is not None and met_at != at:
        line["met_at"] = _text(met_at)
    return line | ({"told": True} if told else {}) | ({"everybody": True} if everybody else {})


def as_text(lines: Sequence[dict[str, Any]]) -> str:
    """A journal as the database keeps it."""
    return json.dumps(lines, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(journal: str | Sequence[dict[str, Any]]) -> list[Entry]:
    """The entries of a journal, the oldest first."""
    lines = json.loads(journal) if isinstance(journal, str) else journal
    return [Entry(
        line["act"], datetime.fromisoformat(line["at"]), tuple(line["fields"]),
        datetime.fromisoformat(line["met_at"]) if "met_at" in line else None, line.get("wording", ""),
        line.get("told", False), line.get("everybody", False)) for line in lines]


def begun(journal: str | Sequence[dict[str, Any]], fields: Sequence[str], given_at: datetime,
          wording: str) -> list[Entry]:
    """As read; a grant from before there were journals begins with what its row says."""
    return read(journal) or [Entry("gave", given_at, tuple(fields), wording=wording)]


def replayed(entries: Iterable[Entry], since: datetime | None = None) -> list[str]:
    """Which fields stand at the end of a journal; without what was given from `since` on, if that is said.

    Taking back counts whenever it was: nothing comes back by undoing a swap.
    """
    standing: set[str] = set()
    for entry in entries:
        if entry.act in ("took_back", "undone"):
            standing -= set(entry.fields)
        elif since is None or entry.at < since:
            standing = set(entry.fields) | (standing if entry.act == "added" else set())
    return [field for field in FIELDS if field in standing]


def held_back(entries: Iterable[Entry]) -> set[str]:
    """The fields that were taken back from this one person and not given again since."""
    held: set[str] = set()
    for entry in entries:
        if entry.act == "took_back" and not entry.everybody:
            held |= set(entry.fields)
        elif entry.act != "undone":
            held -= set(entry.fields)
    return held


def for_receiver(entries: Sequence[Entry], shown: Collection[str]) -> list[Entry]:
    """What the receiver reads: as it happened, but a field that is not `shown` and was taken back untold is gone."""
    told: dict[str, bool] = {}
    for entry in entries:
        told.update(dict.fromkeys(entry.fields, entry.act != "took_back" or entry.told))
    visible = {field for field in FIELDS if field in BADGE_FIELDS or field in shown or _said(field, told, entries)}
    lines = []
    for entry in entries:
        if entry.act == "took_back" and not entry.told:
            continue
        fields = tuple(field for field in entry.fields if field in visible)
        if fields:
            lines.append(Entry(entry.act, entry.at, fields, entry.met_at, entry.wording, entry.told, entry.everybody))
    return lines


def told_lately(entries: Sequence[Entry]) -> Entry | None:
    """The last thing that was taken back and told, without what was given again since."""
    last: Entry | None = None
    for entry in entries:
        if entry.act == "took_back" and entry.told:
            last = entry
        elif last is not None and entry.act in ("gave", "added"):
            left = tuple(field for field in last.fields if field not in entry.fields)
            last = Entry("took_back", last.at, left, told=True) if left else None
    return last


def _said(field: str, told: dict[str, bool], entries: Sequence[Entry]) -> bool:
    """Whether the end of this field was told: it was taken back, and openly."""
    return told.get(field, False) and any(entry.act == "took_back" and field in entry.fields for entry in entries)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
