"""The crawl: every page, file and mail as everybody, and nobody reads a word that is not for them."""

from __future__ import annotations

import io
import zipfile
from email import message_from_bytes
from email.policy import default
from typing import Any

import pypdfium2
import pytest
from werkzeug.test import TestResponse

from eventnet import db, jobs, tables
from eventnet.outbox import composing
from eventnet.outbox.models import Mail
from tests.security import doors, marking, probes
from tests.security.doors import RULES, SAFE
from tests.security.filling import NOT_FILLED
from tests.security.marking import Mark, Reader, foreign_words
from tests.security.world import SLUGS, World

OWN = {"olga": SLUGS[:2], "oscar": SLUGS[2:], "manager": SLUGS[:1], "desk": SLUGS[:1], "viewer": SLUGS[:1]}
ORGANIZERS = ("olga", "oscar", "manager", "desk", "viewer", "organizer without events", "disabled organizer",
              "organizer past the end of the sign-in")
SIGNED_OUT = ("nobody", "removed attendee", "not taking part", "revoked browser", "browser past its end")
ATTENDEES = tuple(f"{name}@{slug}" for slug in SLUGS for name in ("ada", "grace", "cleo", "bob"))
QUICK = ("nobody", "revoked browser", "olga", "oscar", "desk", "ada@mixer", "cleo@mixer", "bob@mixer", "ada@elsewhere")


@pytest.fixture(scope="module")
def marks(world: World) -> dict[str, Mark]:
    return marking.mark(world)


def reader(who: str, slug: str, rule: Any, name: str) -> Reader:
    """What `who` is, and what the address itself proves: a mailed token its person, a badge only that it is there."""
    attendees = (tuple(reversed(who.split("@"))),) if "@" in who else ()
    # In the world Ada blocked Dan; the list of whom one blocked names them.
    badge_of = (slug, "dan") if "/blocked" in rule.rule else None
    if "token" in rule.arguments:
        if rule.rule[:3].lower() == "/b/":
            badge_of = (slug, name)
        elif rule.rule.startswith("/admin/"):
            return Reader(organizer="olga" if slug in SLUGS[:2] else "oscar")
        else:
            attendees = (*attendees, (slug, name))
    return Reader(attendees, OWN.get(who, ()), who if who in OWN or who in ORGANIZERS else "", badge_of, publicly=SLUGS)


def words_of(response: TestResponse) -> str:
    """Page, table, card and headers as text; of a PDF what a reader reads."""
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    if response.mimetype == "application/pdf":
        pdf = pypdfium2.PdfDocument(io.BytesIO(response.data))
        return head + "\n".join(page.get_textpage().get_text_range() for page in pdf)
    if response.mimetype == "application/zip":
        packed = zipfile.ZipFile(io.BytesIO(response.data))
        return head + "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return head + "\n" + response.data.decode("utf-8", "replace")


def crawl(world: World, marks: dict[str, Mark], principals: tuple[str, ...], slugs: tuple[str, ...],
          names: tuple[str, ...]) -> tuple[list[str], int, set[str]]:
    """Fetch every rule as these principals; returns what leaked, how many answers there were, and the words seen."""
    leaks, answers, seen = [], 0, set()
    for rule in RULES:
        methods = [method for method in doors.methods(rule) if method not in ("HEAD", "OPTIONS")]
        for slug in slugs:
            for name in names if "token" in rule.arguments or "person_id" in rule.arguments else names[:1]:
                other = "grace" if name == "ada" else "ada"
                path = doors.address(rule, doors.known_values(world, rule, slug, name, other))
                for who in principals:
                    for method in methods:
                        said = {} if method in SAFE else {"data": doors.FORMS.get(rule.endpoint, {})}
                        with doors.rehearsal():
                            response = doors.knock(world, who, method, path, **said)
                        text = words_of(response)
                        answers += 1
                        seen.update(word.lower() for word in marking.WORD.findall(text))
                        leaks += [f"{method} {path} by {who}: {mark.table}.{mark.column} of {mark.row}, {mark.word}"
                                  for mark in foreign_words(world, marks, reader(who, slug, rule, name), text)]
                        if response.status_code >= 500:
                            leaks.append(f"{method} {path} by {who}: {response.status_code}")
    return leaks, answers, seen


def test_nobody_reads_a_word_that_is_not_for_them(world: World, marks: dict[str, Mark]) -> None:
    leaks, answers, seen = crawl(world, marks, QUICK, ("mixer", "elsewhere"), ("ada",))
    assert leaks == [], "\n".join(leaks)
    assert answers > 1500
    # The crawl reads what is there: a crawl that saw nothing would prove nothing.
    columns = {(marks[word].table, marks[word].column) for word in seen if word in marks}
    assert columns >= {("attendees", "badge_name"), ("attendees", "email"), ("contacts", "note"), ("events", "venue"),
                       ("programme_items", "title"), ("api_tokens", "label")}


@pytest.mark.long
def test_nobody_reads_a_word_that_is_not_for_them_as_anybody_anywhere(world: World, marks: dict[str, Mark]) -> None:
    leaks, answers, _seen = crawl(world, marks, (*SIGNED_OUT, *ORGANIZERS, *ATTENDEES), SLUGS,
                                  ("ada", "grace"))
    assert (leaks, answers > 5000) == ([], True), answers


def test_mails_carry_no_word_of_others(world: World, marks: dict[str, Mark]) -> None:
    composing.compose_due(jobs.composers(world.settings), world.settings, limit=1000)
    leaks, letters = [], 0
    with db.reading():
        mails = db.session.query(Mail).filter(Mail.content.is_not(None)).all()
    owner = {person.id: (slug, name) for slug, people in world.people.items() for name, person in people.items()}
    for mail in mails:
        letters += 1
        message = message_from_bytes(mail.content or b"", policy=default)
        text = "\n".join([*(f"{name}: {value}" for name, value in message.items()),
                          *(part.get_content() if part.get_content_maintype() == "text" else ""
                            for part in message.walk() if not part.is_multipart())])
        slug = next(slug for slug, event in world.events.items() if event.id == mail.event_id)
        to = Reader((owner[mail.attendee_id],) if mail.attendee_id else (), publicly=(slug,),
                    organizer="" if mail.attendee_id else "olga" if slug in SLUGS[:2] else "oscar",
                    organizes=() if mail.attendee_id else (slug,))
        leaks += [f"{mail.kind} to {owner.get(mail.attendee_id or 0)}: {mark.table}.{mark.column} of {mark.row}"
                  for mark in foreign_words(world, marks, to, text)]
    assert (leaks, letters >= 16) == ([], True), letters


def test_every_text_column_is_marked_or_means_something(world: World, marks: dict[str, Mark]) -> None:
    """A new column is in the crawl by itself; one that is not says so here, and a table without rows is no proof."""
    marked = {(mark.table, mark.column) for mark in marks.values()}
    told = {(table.name, column.name) for table, column in marking.text_columns()}
    without_rows = {table.name for table in tables.metadata.sorted_tables if not _has_rows(table)}
    assert {pair for pair in told - marked if pair[0] not in without_rows} <= {("mails", "reply")}
    assert without_rows <= EMPTY


EMPTY = NOT_FILLED | {"audit_entries"}


def _has_rows(table: Any) -> bool:
    with db.reading():
        return db.session.execute(table.select().limit(1)).first() is not None


def test_crawl_sees_a_leak(world: World, marks: dict[str, Mark], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with the scope of an address book gone, the crawl says which word of whom was read where."""
    monkeypatch.setitem(world.cookies, "bob@mixer", world.cookies["ada@mixer"])
    leaks, _answers, _seen = crawl(world, marks, ("bob@mixer",), ("mixer",), ("ada",))
    assert any("contacts.note" in leak for leak in leaks)


def test_probe_audiences_cover_the_site_map(world: World) -> None:
    assert {probes.audience(world, rule) for rule in RULES} <= {
        "anyone", "visitor", "attendee", "organizer", *doors.LEAST_ROLES}
