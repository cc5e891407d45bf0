"""MIME: headers that nobody can break out of, bytes that every mail program reads."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventnet import config
from eventnet.outbox import mime
from eventnet.outbox.mime import Letter, Unsendable
from tests.outbox.letters import make_letter

SETTINGS = config.load({
    "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters",
    "EVENTNET_MAIL_FROM": "Spring mixer <events@ev.example>", "EVENTNET_MAIL_DOMAIN": "mail.ev.example"})
AT = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
URL = "https://ev.example/U/" + "7" * 400

HOSTILE_NAMES = [
    "Jürgen =?UTF-8?Q?=0A?=Bcc: v@x.example",
    "=?utf-8?q?=0D=0ABcc:_v@x.example?=",
    "=?=?utf-8?q?x?=",
    "Eve\r\nBcc: v@x.example",
    "Eve\nBcc: v@x.example\n\nbody",
    "Eve\u2028Bcc: v@x.example\u2029",
    "Eve\x85Bcc: v@x.example\x0b\x0c\x00",
    'Eve" <v@x.example>, "',
    "Eve\\",
    "\u202egnp.exe\u202c",
    "Ada <v@x.example>",
    "a" * 5000,
    "𝒜𝒹𝒶 " * 100,
    "\ud800 lone",
]


def _build(letter: Letter) -> bytes:
    return mime.build(letter, settings=SETTINGS, kind="summary", mail_id="0" * 32, dated_at=AT)[1]


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _head(content: bytes) -> bytes:
    return content.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_adds_no_header(name: str) -> None:
    content = _build(make_letter(to_name=name, subject=name, reply_to=None))
    names = [line.split(b":")[0] for line in _head(content).split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"]
    message = _parsed(content)
    assert message["Bcc"] is None
    assert [a.addr_spec for a in message["To"].addresses] == ["ada@people.example"]
    # Written out again by a careless program on this Python, it still is one header each.
    again = email.message_from_bytes(message.as_bytes(policy=email.policy.SMTP), policy=email.policy.default)
    assert again["Bcc"] is None
    assert [a.addr_spec for a in again["To"].addresses] == ["ada@people.example"]


@hypothesis.settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_and_subject_stay_in_their_headers(name: str, subject: str) -> None:
    content = _build(make_letter(to_name=name, subject=subject))
    lines = _head(content).split(b"\r\n")
    assert [line.split(b":")[0] for line in lines if not line.startswith(b" ")] == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"]
    assert all(re.fullmatch(rb"[\x20-\x7e]{1,998}", line) for line in lines)
    message = _parsed(content)
    assert str(message["Subject"]).split() == mime.clean(subject, 250).split()
    assert [a.addr_spec for a in message["To"].addresses] == ["ada@people.example"]


@pytest.mark.parametrize("name", [
    "Ada Lovelace", "Jürgen Müller", "李小龍", "नरेन्द्र शर्मा", "محمد عبد الله",
    "O'Brien, Pat", 'Ada "Countess" L.', "Zoë 👩🏽‍🔬",
])
def test_name_in_any_script_is_read_back_as_written(name: str) -> None:
    message = _parsed(_build(make_letter(to_name=name, subject=f"Met: {name}")))
    assert [a.display_name for a in message["To"].addresses] == [name]
    assert str(message["Subject"]) == f"Met: {name}"


def test_long_name_is_split_between_characters_into_short_lines() -> None:
    name = "श्रीमती नरेन्द्र शर्मा und 👩🏽‍🔬 Jürgen" * 2
    head = _head(_build(make_letter(to_name=name)))
    raw = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.compat32)["To"]
    assert str(make_header(decode_header(raw))).split(" <")[0].rstrip() == name
    assert max(len(line) for line in head.split(b"\r\n") if b"=?" in line) <= 76


@pytest.mark.parametrize("address", [
    "", "ada", "ada@", "@people.example", "ada@people.example\r\nBcc: v@x.example", "a b@people.example",
    "ada@people.example>", "<ada@people.example>", "ada@people.example, eve@people.example", "ada\x00@people.example",
    "a" * 250 + "@people.example", "=?utf-8?q?x?=@people.example",
])
def test_impossible_address_is_refused(address: str) -> None:
    with pytest.raises(Unsendable, match="address cannot be used"):
        _build(make_letter(address))


def test_international_domain_is_written_in_ascii() -> None:
    assert b" <ada@xn--mnchen-3ya.example>\r\n" in _build(make_letter("ada@münchen.example"))


def test_unsubscribe_headers_are_whole_in_the_raw_bytes() -> None:
    content = _build(make_letter(list_unsubscribe=URL, list_id="mixer.ev.example"))
    assert f"\r\nList-Unsubscribe: <{URL}>\r\n".encode() in content
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content
    assert b"\r\nList-ID: <mixer.ev.example>\r\n" in content


@pytest.mark.parametrize("url", [
    "mailto:x@y.example", "https://ev.example/U/\r\nBcc: v@x.example", "https://ev.example/ü", "https://ev.example/a b",
    "https://ev.example/>", "https://ev.example/" + "7" * 990])
def test_unsubscribe_address_that_would_break_the_header_is_refused(url: str) -> None:
    with pytest.raises(Unsendable):
        _build(make_letter(list_unsubscribe=url))


def test_every_header_of_a_full_letter_is_there() -> None:
    message_id, content = mime.build(
        make_letter(reply_to="Alumni Office <data@organizers.example>", list_unsubscribe=URL,
                    list_id="mixer.ev.example", auto_submitted="auto-generated", language="en"),
        settings=SETTINGS, kind="sign_in", mail_id="f" * 32, dated_at=AT)
    assert message_id == f"<sign_in.{'f' * 32}@mail.ev.example>"
    message = _parsed(content)
    assert {name: str(message[name]) for name in message} == {
        "From": "Spring mixer <events@ev.example>", "To": "Ada Lovelace <ada@people.example>",
        "Subject": "Whom you met at the spring mixer", "Date": "Fri, 16 Oct 2026 06:30:00 +0000",
        "Message-ID": message_id, "Reply-To": "Alumni Office <data@organizers.example>",
        "List-ID": "<mixer.ev.example>", "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
        "Content-Language": "en", "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_a_{"f" * 32}"'}
    assert message.defects == []


LONG_CJK = "会議で李さんに会いました。" * 300


@pytest.mark.parametrize("text", [
    "plain", "", "with trailing space \nand\ttab\t\n", "=3D signs = everywhere =\n" * 50, LONG_CJK, "ñ" * 5000,
    "x" * 5000, ".\n..\n.\r\nFrom here\n", "--=_a_" + "0" * 32 + "\nnot a boundary\n", "a\rb\nc\r\nd",
])
def test_text_and_html_are_read_back_as_written(text: str) -> None:
    message = _parsed(_build(make_letter(text=text, html=f"<p>{text}</p>")))
    plain, html = message.iter_parts()

    def lines(value: str) -> list[str]:
        return re.sub(r"\r\n|\r", "\n", value).rstrip("\n").split("\n")

    assert lines(plain.get_content()) == lines(text)
    assert lines(html.get_content()) == lines(f"<p>{text}</p>")
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(("text", "encoding"), [
    ("Hello Ada\n" * 100, "quoted-printable"), (LONG_CJK, "base64"),
    ("Best wishes to Jürgen\n" * 50, "quoted-printable"), ("=" * 2000, "base64"),
])
def test_smaller_encoding_is_chosen(text: str, encoding: str) -> None:
    plain = next(iter(_parsed(_build(make_letter(text=text))).iter_parts()))
    assert plain["Content-Transfer-Encoding"] == encoding


def test_attachments_come_back_byte_for_byte() -> None:
    cards = bytes(range(256)) * 40
    content = _build(make_letter(attachments=(
        ("cards.vcf", "text/vcard; charset=utf-8", cards),
        ('Jürgen "x"\r\n/../evil.vcf', "application/octet-stream", b""))))
    message = _parsed(content)
    assert message.get_content_type() == "multipart/mixed"
    body, first, second = message.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    assert (first.get_filename(), first.get_content_type(), first.get_payload(decode=True)) == (
        "cards.vcf", "text/vcard", cards)
    assert (second.get_filename(), second.get_payload(decode=True)) == ('Jürgen "x" -..-evil.vcf', b"")


def test_lines_end_in_crlf_and_are_short_enough() -> None:
    content = _build(make_letter(
        text="x" * 5000 + LONG_CJK, list_unsubscribe=URL,
        attachments=(("a.bin", "application/octet-stream", b"\n" * 999),)))
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_same_letter_gives_the_same_bytes() -> None:
    assert _build(make_letter()) == _build(make_letter())
