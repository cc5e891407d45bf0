"""One encoder a sink, each read back by the sink's own parser: mail header, vCard, CSV, page, file name, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32, default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from eventnet import config, db
from eventnet.attendees import exporting
from eventnet.contacts import spreadsheets, vcards
from eventnet.outbox import mime
from eventnet.outbox.mime import Letter
from tests.security import doors, marking, probes
from tests.security.world import World

NAUGHTY = (
    "Jürgen =?UTF-8?Q?=0A?=Bcc: v@evil.example", "=?utf-8?b?CkJjYzogdkBldmlsLmV4YW1wbGU=?=", "a\r\nBcc: v@evil.example",
    "a\nBcc: v@evil.example", "a\rBcc: v@evil.example", "a\u2028Bcc: v@evil.example",
    "a\u0085Bcc: v@evil.example",
    "a\x0bb\x0cc\x1cd\x1de\x1ef", "a\x00b", "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>", "</textarea><script>1</script>", "</title><script>1</script>", "--><script>1</script>",
    "{{7*7}}${7*7}#{7*7}%(name)s{0}", "javascript:alert(1)", "\" autofocus onfocus=alert(1) x=\"", "' onclick='x",
    "&lt;script&gt;", "&#x3C;b&#x3E;", "END:VCARD\r\nBEGIN:VCARD\r\nTEL:1", "a\\;b\\,c;d,e:f", "N:;;;;\nTEL:666",
    "x\nX-EVIL:1", "=HYPERLINK(\"http://evil.example\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1",
    "\r=1+1",
    " =1+1", "\u00a0=1", "＝1+1", "\"=1+1\"", "'=1+1", "a,b;c\td\"e\"", "a\"\r\n=1+1,\"", "\u202eevil\u202c", "\u2066x",
    "Z\u0351\u036b\u0343" * 30, "👩‍👩‍👧‍👦🏳️‍🌈", "نص عربي", "שלום",
    "日本語の名前", "Łódź ŸÝ ß", "a" * 300, "   ", "\ufeffbom",
    "../../etc/passwd", "a/b\\c:d*e?f\"g<h>i|j", "%0d%0aSet-Cookie:a=b", "CON", ".htaccess", "a%00.vcf", "NULL", "None",
)
SETTINGS = config.load({
    "EVENTNET_DATABASE_URL": "sqlite:///never-opened.sqlite3", "EVENTNET_BASE_URL": "https://ev.example",
    "EVENTNET_SECRET_KEY": "x" * 32, "EVENTNET_MAIL_FROM": "Mixer <events@ev.example>"})
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
AT = datetime(2026, 10, 16, tzinfo=UTC)
TEXT = st.one_of(st.sampled_from(NAUGHTY), st.text(max_size=60), st.text("=?_QB\r\n\t :@,;\"\\<>+-", max_size=40))
MODEST = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
# A mail as it will be sent, in a frame of its own that may run nothing: it has its styles inside.
FRAMED = {"summaries_admin.preview_mail"}
HEADERS = ["Content-Language", "Content-Type", "Date", "From", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
           "MIME-Version", "Message-ID", "Subject", "To"]


def letter(name: str, subject: str, file_name: str) -> bytes:
    return mime.build(
        Letter("ada@people.example", name, subject, "<p>Hello</p>", "Hello", ((file_name, "text/vcard", b"x"),),
               list_unsubscribe="https://ev.example/U/1", list_id="mixer.ev.example", language="en"),
        settings=SETTINGS, kind="summary", mail_id="1", dated_at=AT)[1]


@MODEST
@given(TEXT, TEXT, TEXT)
def test_mail_headers_are_ours_alone(name: str, subject: str, file_name: str) -> None:
    """Read by both of Python's parsers, also after every encoded word was decoded once more by a careless reader."""
    data = letter(name, subject, file_name)
    for policy in (default, compat32):
        message = message_from_bytes(data, policy=policy)
        assert sorted(message.keys()) == HEADERS
        assert message.defects == []
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/vcard"]
    message = message_from_bytes(data, policy=default)
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@people.example"]
    for name_of, value in message.items():
        assert not re.search(r"[\r\n\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]", str(value)), name_of
        # A reader that decodes what was decoded before finds nothing to decode (CVE-2024-6923).
        assert "=?" not in str(value), name_of
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))


@MODEST
@given(TEXT, TEXT, TEXT, TEXT)
def test_vcard_has_the_lines_we_wrote_and_no_other(name: str, organization: str, note: str, address: str) -> None:
    card = vcards.CardText("1-1@ev.example", {
        "name": name, "organization": organization, "title": name, "phone": organization, "email": address,
        "website": f"https://somebody.example/{address}"}, AT, notes=(note,), categories=(name,))
    text = vcards.vcard(card)
    cards = list(vobject.readComponents(text))
    assert len(cards) == 1
    assert set(cards[0].contents) <= {
        "version", "fn", "n", "org", "title", "tel", "email", "url", "note", "categories", "uid", "rev"}
    assert Counter(map(len, cards[0].contents.values())) == Counter({1: len(cards[0].contents)})
    assert text.count("BEGIN:VCARD") == sum(line == "BEGIN:VCARD" for line in text.split("\r\n")) or "BEGIN:VCARD" in (
        name + organization + note + address)
    assert not re.search(r"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)


@MODEST
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_spreadsheets_compute_nothing(cells: list[str]) -> None:
    """Both writers of tables: each cell stays one cell, and none begins a formula."""
    for text in (spreadsheets.spreadsheet(["a"] * len(cells), [cells]),
                 exporting.encode(["a"] * len(cells), [cells]).decode()):
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert [len(row) for row in rows] == [len(cells), len(cells)]
        for cell, was in zip(rows[1], cells, strict=True):
            is_phone = re.fullmatch(r"\+[0-9 ]+", cell.strip(), re.ASCII) is not None
            assert is_phone or cell.lstrip(" \u00a0")[:1] not in FORMULA
            assert cell in (was, f"'{was}", was.replace("\0", ""), "'" + was.replace("\0", ""))


@MODEST
@given(TEXT)
def test_download_has_one_name_and_one_header(name: str) -> None:
    made = vcards.headers(name)
    value = made["Content-Disposition"]
    kind, options = parse_options_header(value)
    assert (kind, sorted(options)) == ("attachment", ["filename"])
    assert value.isascii()
    assert value.isprintable()
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]+\.vcf"; filename\*=UTF-8\'\'[A-Za-z0-9._~%-]+', value)
    assert not set(options["filename"]) & set('/\\:*?"<>|\r\n\0')


class Shape(HTMLParser):
    """Elements and attribute names of a page, in order; and what would run or leave."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            where = (value or "").strip().lower()
            if name in ("href", "src", "action", "formaction", "poster", "data"):
                scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\x00-\x20]", "", where))
                if scheme and scheme[0] not in ("https:", "http:", "mailto:", "tel:", "data:", "sms:"):
                    self.wrong.append(f"<{tag} {name}={value!r}>")
                if scheme and scheme[0] == "data:" and not where.startswith(
                        ("data:image/svg+xml,%3csvg", "data:image/png;base64,")):
                    self.wrong.append(f"<{tag} {name}={value!r}>")
        if tag in ("script", "iframe", "object", "embed", "base") and not any(
                name == "src" and (value or "").startswith("/") for name, value in attrs):
            self.wrong.append(f"<{tag}> without an address of ours: {attrs}")
        if tag == "svg" and any(name.startswith("on") for name, _value in attrs):
            self.wrong.append(f"<svg {attrs}>")


def poison(world: World, turn: int) -> None:
    """Another naughty string into each text of each row, as if every check at the door had failed."""
    with world.app.app_context(), db.database().writing() as session:
        for at, (table, column) in enumerate(marking.text_columns()):
            if isinstance(column.type, marking.JsonText):
                value: Any = [NAUGHTY[(at + turn) % len(NAUGHTY)].replace("\0", "")]
            else:
                value = NAUGHTY[(at + turn) % len(NAUGHTY)].replace("\0", "")
            unique = any(column.name in c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint))
            if not unique and not column.unique and table.name != "mails":
                session.execute(sa.update(table).values({column.name: value}))


def pages(world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in doors.RULES:
        path = doors.address(rule, doors.known_values(world, rule))
        for who in probes.insider(probes.audience(world, rule), "mixer"):
            for method in sorted({"GET", "POST"} & set(doors.methods(rule))):
                with doors.rehearsal():
                    answer = doors.knock(world, who, method, path, **({} if method == "GET" else {"data": TYPED}))
                key = f"{method} {rule.rule} by {who}"
                if answer.status_code >= 500:
                    found[key] = f"<object>{answer.status_code}</object>"
                elif answer.mimetype == "text/html" and rule.endpoint not in FRAMED:
                    found[key] = answer.get_data(as_text=True)
                elif answer.mimetype.endswith("json"):
                    json.loads(answer.data)
    return found


TYPED = {name: NAUGHTY[9 + at % 12] for at, name in enumerate((
    "email", "name", "code", "note", "promise", "tags", "label", "registered_name", "badge_name", "organization",
    "title",
    "q", "next", "looking_for", "offering", "interests", "outcome", "reason", "words", "venue", "controller",
    "slug", "pin", "phone", "linkedin", "website", "summary_email", "to", "purpose", "hosting"))}


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.long) for turn in range(5, 60, 5))])
def test_no_page_gains_an_element_that_runs(turn: int, world: World) -> None:
    """With hostile text in every column and every field, each page still holds only our own scripts and links."""
    poison(world, turn)
    wrong = []
    for asked, page in pages(world).items():
        shape = Shape()
        shape.feed(page)
        wrong += [f"{asked}: {line}" for line in shape.wrong]
    assert wrong == []


def test_shape_sees_what_runs() -> None:
    """Negative control of the reader."""
    for page in ('<script>1</script>', "<img src=x onerror=alert(1)>", '<a href=" java\tscript:alert(1)">',
    "<p style=x>",
                 '<iframe src="https://evil.example">', "<base href=//evil.example>", '<a href="data:text/html,x">'):
        shape = Shape()
        shape.feed(page)
        assert shape.wrong != [], page


@pytest.mark.data
def test_outside_corpus_of_naughty_names_breaks_no_sink(outside_data: Path) -> None:
    corpus = (outside_data / "names-blns" / "blns.txt").read_text("utf-8")
    lines = [line for line in corpus.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 300
    for line in lines:
        message = message_from_bytes(letter(line, line, line), policy=default)
        assert sorted(message.keys()) == HEADERS
        card = vcards.vcard(vcards.CardText("1@ev.example", {"name": line, "organization": line}, AT, notes=(line,)))
        assert len(list(vobject.readComponents(card))) == 1
        table = spreadsheets.spreadsheet(["a"], [[line]]).removeprefix("\ufeff")
        row = list(csv.reader(io.StringIO(table, newline="")))[1]
        assert row[0].lstrip()[:1] not in ("=", "@")
