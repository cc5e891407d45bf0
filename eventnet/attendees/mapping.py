"""Rows of an exported list as people: which column is what, who counts, and the key that stays the same next time."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eventnet.attendees import addresses, answers, exporting, folding, headings, sources
from eventnet.attendees.sources import Source
from eventnet.attendees.tables import Row, Sheet
from eventnet.errors import Refusal
from eventnet.words import gettext as _

PERSONAL = ("registered_name", "badge_name", "given_name", "family_name", "category", "title", "organization", "email",
            "phone", "linkedin", "website", "school", "programme", "class_year", "language")
PARTICIPATION = ("takes_part", "not_taking_part", "consent")
NAMES = ("registered_name", "given_name", "family_name", "badge_name")
# A heading row may stand below a few lines of explanation.
HEADING_WITHIN = 15
YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "oui", "o", "si", "s", "sim", "void", "voided", "on", "ok"})
SALUTATIONS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "prof dr", "herr", "frau", "m", "mme", "mlle",
                         "sr", "sra", "sig", "sir", "madam"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@dataclass
class Person:
    """One row of the file. `values` has only the fields whose columns exist; `state` is "", "skipped" or "refused"."""

    row: int
    values: dict[str, str]
    key: str = ""
    state: str = ""
    reason: str = ""
    takes_part: bool | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values.get("registered_name", "")


@dataclass(frozen=True)
class Parsed:
    """A whole file: where it comes from, what each column was taken for, and its people."""

    source: Source
    used: Sequence[tuple[str, str]]
    left_out: Sequence[str]
    people: Sequence[Person]
    encoding: str


def parse(sheet: Sheet, source_name: str = "auto") -> Parsed:
    """People of a table. Raises Refusal (422) without headings, without a column of names, or without people."""
    at, names = _heading_row(sheet.rows)
    source = sources.recognised(names) if source_name == "auto" else sources.BY_NAME[source_name]
    columns = chosen_columns(source, names)
    titles = [folding.clean(cell, 60) for cell in sheet.rows[at].cells]
    if not set(NAMES) & columns.keys():
        raise _refusal(_("No column holds names. The columns are: %(columns)s. Call the one with the names “Name”.",
                         columns=", ".join(filter(None, titles[:12]))))
    if at + 1 == len(sheet.rows):
        raise _refusal(_("That file has headings and no people below them. Export the list again with its rows."))
    read = _Reader(source, columns, titles)
    read.was_asked = any(read.cell(row, "consent") for row in sheet.rows[at + 1:])
    people = [read.person(row) for row in sheet.rows[at + 1:]]
    give_keys(people)
    used = sorted((index, name) for name, index in columns.items() if name not in ("secret", "quantity"))
    taken = {index for index, _name in used}
    return Parsed(source, [(titles[index], name) for index, name in used],
                  [title for index, title in enumerate(titles) if title and index not in taken], people, sheet.encoding)


def _refusal(sentence: str) -> Refusal:
    return Refusal(sentence, status=422, reason="file", field="file")


def _heading_row(rows: Sequence[Row]) -> tuple[int, list[str]]:
    for at, row in enumerate(rows[:HEADING_WITHIN]):
        names = [headings.normalized(headings.without_remark(cell)) for cell in row.cells]
        known = {found[0] for name in names if (found := headings.meaning(name))}
        if any("@" in cell for cell in row.cells):
            break
        if known & {*NAMES, "email"} and (len(known) > 1 or len([name for name in names if name]) == 1 or at == 0):
            return at, names
    raise _refusal(_("The first row has to say what the columns are, for example Name, E-mail, Company. "
                     "Add such a row on top and upload the file again."))


def chosen_columns(source: Source, names: Sequence[str]) -> dict[str, int]:
    """Which column (from 0) holds which field; of several the surest, then the first."""
    best: dict[str, tuple[int, int]] = {}
    for index, heading in enumerate(names):
        if heading in source.columns:
            found: tuple[str, int] | None = (source.columns[heading], -1)
        else:
            found = headings.meaning(heading)
        if found and found[0] and (found[1], index) < best.get(found[0], (1000, 0)):
            best[found[0]] = (found[1], index)
    columns = {name: index for name, (_rank, index) in best.items()}
    whole = columns.get("registered_name")
    if whole is not None and names[whole] in headings.PLAIN_NAMES:
        # "Name" beside one part of the name is the other part.
        if "family_name" in columns and "given_name" not in columns:
            columns["given_name"] = columns.pop("registered_name")
        elif "given_name" in columns and "family_name" not in columns:
            columns["family_name"] = columns.pop("registered_name")
    return columns


class _Reader:
    def __init__(self, source: Source, columns: dict[str, int], titles: Sequence[str]) -> None:
        self.source, self.columns, self.titles = source, columns, titles
        self.was_asked = False  # whether anybody answered the column that asks for consent

    def cell(self, row: Row, name: str) -> str:
        index = self.columns.get(name)
        return exporting.unsafe(row.cells[index].strip()) if index is not None and index < len(row.cells) else ""

    def person(self, row: Row) -> Person:
        found = Person(row.number, {})
        self._fill(row, found)
        if reason := self._absent(row, found):
            return replace(found, state="skipped", reason=reason)
        if not folding.has_letters(found.name):
            return replace(found, state="refused", reason=_(
                "Row %(row)s, %(column)s: there is no name. Fill it in and import again.", row=row.number,
                column=self._title_of(*NAMES)))
        email = self.cell(row, "email")
        if email and not found.values["email"]:
            return replace(found, state="refused", reason=_(
                "Row %(row)s, %(column)s: “%(value)s” is no e-mail address. Correct it or empty the cell.",
                row=row.number, column=self._title_of("email"), value=folding.clean(email, 60)))
        own = folding.clean(self.cell(row, "external_key"), 200)
        parts = [self.cell(row, name) for name in self.source.key]
        if own:
            # Somebody wrote down what to call this person: no name of a shop before it.
            found.key = own
        elif parts and all(parts):
            found.key = f"{self.source.name}:{folding.clean('-'.join(parts), 200)}"
        return found

    def _title_of(self, *names: str) -> str:
        return next((self.titles[self.columns[name]] for name in names if name in self.columns), "")

    def _fill(self, row: Row, found: Person) -> None:
        for name in PERSONAL:
            if name in self.columns:
                found.values[name] = folding.clean_name(self.cell(row, name)) if name in NAMES else folding.clean(
                    self.cell(row, name))
        self._names(found)
        if email := found.values.get("email"):
            found.values["email"] = addresses.email_address(email) or ""
        for name, check in (("linkedin", addresses.linkedin_address), ("website", addresses.web_address)):
            if text := found.values.get(name):
                found.values[name] = check(text) or ""
                if not found.values[name]:
                    found.notes.append(_("%(column)s is no address and was left out", column=self._title_of(name)))
        if not _LANGUAGE.fullmatch(found.values.get("language", "en") or "en"):
            found.values["language"] = ""
        self._category(row, found)
        if self.source.name != "eventnet" and headings.normalized(found.values.get("title", "")) in SALUTATIONS:
            found.values["title"] = ""
        self._participation(row, found)
        if (tickets := self.cell(row, "quantity")).isdecimal() and int(tickets) > 1:
            found.notes.append(_("stands for %(tickets)s tickets, names one person", tickets=tickets))

    def _participation(self, row: Row, found: Person) -> None:
        """One no is enough; what cannot be read as yes counts as no, and an unanswered request for consent as well."""
        said: list[bool] = []
        for name in PARTICIPATION:
            cell = self.cell(row, name)
            if name in self.columns and (cell or (name == "consent" and self.was_asked)):
                objects = name == "not_taking_part"
                answer = answers.read(cell)
                said.append(answers.is_plain_no(cell) if objects else answer is True)
                if answer is None:
                    found.notes.append(
                        _("%(column)s says “%(value)s”, which counts as not taking part",
                          column=self._title_of(name), value=folding.clean(cell, 40)) if cell else
                        _("%(column)s is empty, so they do not take part", column=self._title_of(name)))
        if said:
            found.takes_part = all(said)

    def _names(self, found: Person) -> None:
        values = found.values
        given, family = values.get("given_name", ""), values.get("family_name", "")
        if not values.get("registered_name"):
            whole = folding.clean_name(folding.full_name(given, family))
            values["registered_name"] = whole or values.get("badge_name", "")
        if not given and not family:
            values.pop("given_name", None)
            values.pop("family_name", None)

    def _category(self, row: Row, found: Person) -> None:
        said = found.values.pop("category", "")
        category = sources.category_of(headings.normalized(said))
        if category is None and said and "title" not in self.columns:
            found.values["title"] = said
        if category is None:
            category = sources.category_of(headings.normalized(self.cell(row, "ticket")))
        if {"category", "ticket"} & self.columns.keys():
            found.values["category"] = category or "attendee"

    def _absent(self, row: Row, found: Person) -> str:
        """Why this row is nobody who comes; empty if they do."""
        if headings.normalized(self.cell(row, "void")) in YES:
            return _("the ticket is void")
        state = self.cell(row, "status")
        if "status" in self.columns and not sources.is_live(self.source, headings.normalized(state)):
            return _("status is “%(state)s”", state=folding.clean(state, 40)) if state else _("no status yet")
        if not found.name and not self.cell(row, "email") and (self.source.name == "tito" or self.cell(row, "order")):
            return _("the ticket names nobody yet")
        return ""


def give_keys(people: Sequence[Person]) -> None:
    """Give everybody without a shop's own number a key from address or name, and skip rows that repeat another."""
    mails = Counter(folding.email_key(person.values.get("email", "")) for person in people if not person.state)
    seen: dict[str, int] = {}
    for person in people:
        if person.state:
            continue
        mail = folding.email_key(person.values.get("email", ""))
        name = folding.fold(person.name)
        marks = [f"{mail}\n{name}"] if mail else []
        if person.key:
            marks.append(person.key)
        elif mail:
            person.key = f"email:{mail}" if mails[mail] == 1 else f"email:{mail}#{_digest(name)}"
        else:
            person.key = f"name:{_digest(name, folding.fold(person.values.get('organization', '')))}"
            marks.append(person.key)
        first = next((seen[mark] for mark in marks if mark in seen), None)
        if first is not None:
            person.state, person.reason = "skipped", _("the same person as row %(row)s", row=first)
            continue
        seen.update(dict.fromkeys(marks, person.row))


def is_weak(key: str) -> bool:
    """Whether a key was made from address or name, so that it changes when those are corrected."""
    return key.startswith(("email:", "name:"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:20]
