"""MIME: a letter in, the exact bytes of an e-mail out.

The writer is our own because `email.message.EmailMessage` costs 2 ms a mail, folds List-Unsubscribe into
encoded words, and on Python 3.11.7 turns an encoded line break inside a name into a header (CVE-2024-6923).
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from urllib.parse import quote

from eventnet.config import Settings

Attachment = tuple[str, str, bytes]

LONGEST_LINE = 990  # RFC 5322 allows 998 without CRLF
_ATTR = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]+")
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f-\x9f<>()\[\],;:\\\"@]+@[^\s\x00-\x1f\x7f-\x9f<>()\[\],;:\\\"@]+\Z")
_HIGH = bytes(range(128, 256))


class Unsendable(ValueError):
    """This letter cannot become a mail; the message says why, in words for the organizer."""


@dataclass(frozen=True)
class Letter:
    """One e-mail before it is bytes.

    `attachments` are (file name, content type, bytes); so are `pictures`, which the HTML shows: <img src="cid:NAME">
    names one by its file name, which is ASCII without spaces. `list_unsubscribe` is the https address that a mail
    program posts to (RFC 8058). `list_id` is a name in domain form ("mixer.events.example.org"). `auto_submitted` is
    for mails that answer an act of the person: "auto-generated" (RFC 3834).
    """

    to_address: str
    to_name: str
    subject: str
    html: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()
    list_unsubscribe: str | None = None
    reply_to: str | None = None
    list_id: str | None = None
    auto_submitted: str | None = None
    language: str | None = None


def build(letter: Letter, *, settings: Settings, kind: str, mail_id: str, dated_at: datetime) -> tuple[str, bytes]:
    """The Message-ID and the bytes (CRLF lines) of `letter`; the same arguments give the same bytes.

    Raises Unsendable for an address that no mail server would take. RFC 5322, 2045 to 2047, 2231, 2387, 8058.
    """
    message_id = f"<{kind}.{mail_id}@{settings.mail_domain}>"
    headers = [
        ("From", _own(settings.mail_from)),
        ("To", mailbox(letter.to_name, letter.to_address, len("To: "))),
        ("Subject", _unstructured(clean(letter.subject, 250), len("Subject: "))),
        ("Date", format_datetime(dated_at)),
        ("Message-ID", message_id),
    ]
    if letter.reply_to:
        headers.append(("Reply-To", _own(letter.reply_to)))
    if letter.list_id:
        headers.append(("List-ID", f"<{_token(letter.list_id)}>"))
    if letter.list_unsubscribe:
        headers += [
            ("List-Unsubscribe", f"<{_url(letter.list_unsubscribe)}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    if letter.auto_submitted:
        headers.append(("Auto-Submitted", _token(letter.auto_submitted)))
    if letter.language:
        headers.append(("Content-Language", _token(letter.language)))
    headers.append(("MIME-Version", "1.0"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    # A boundary that begins with "=_" cannot occur in quoted-printable or base64.
    html = _text_part("html", letter.html)
    if letter.pictures:
        html = _multipart("related", f"=_r_{mail_id}", [html, *(_shown(*parts) for parts in letter.pictures)])
    alternative = _multipart("alternative", f"=_a_{mail_id}", [_text_part("plain", letter.text), html])
    if not letter.attachments:
        return message_id, head + alternative
    return message_id, head + _multipart(
        "mixed", f"=_m_{mail_id}", [alternative, *(_attached(*parts) for parts in letter.attachments)])


def clean(text: str, longest: int = 120) -> str:
    """A name or subject fit for a header: one line, no controls, no direction tricks, nothing that a careless
    reader could decode as an encoded word."""
    text = _UNSAFE.sub(" ", _BIDI.sub("", text))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    while "=?" in text:
        text = text.replace("=?", "= ?")
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def checked_address(address: str) -> str:
    """The address as it goes on the wire: domain in ASCII (IDNA). Raises Unsendable."""
    address = address.strip()
    if not _ADDRESS.match(address) or len(address) > 254 or "=?" in address:
        raise Unsendable("The address cannot be used: " + clean(address))
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError as error:
        raise Unsendable("The address cannot be used: " + clean(address)) from error


def mailbox(name: str, address: str, used: int = len("Reply-To: ")) -> str:
    """`name <address>` for a header, folded, with the name quoted or encoded after `used` characters."""
    address, name = checked_address(address), clean(name)
    if not name:
        return address
    if _PLAIN.match(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{address}>'
    return f"{_encoded_words(name, used)}\r\n <{address}>"


@lru_cache(maxsize=100)
def _own(mailbox_text: str) -> str:
    return mailbox(*parseaddr(mailbox_text))


def _unstructured(text: str, used: int) -> str:
    return text if _PLAIN.match(text) and len(text) + used <= LONGEST_LINE else _encoded_words(text, used)


def _encoded_words(text: str, used: int) -> str:
    """RFC 2047 words split between characters, one a line of at most 76, of which `used` are taken on the first."""
    words: list[str] = []
    piece: list[str] = []
    size, room = 0, (76 - used - 12) // 4 * 3
    for character in text:
        width = len(character.encode())
        if size + width > room:
            words.append("".join(piece))
            piece, size, room = [], 0, 45
        piece.append(character)
        size += width
    words.append("".join(piece))
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > 250:
        raise Unsendable("A mail header would be broken by: " + clean(text))
    return text


def _url(url: str) -> str:
    """An address in a header stays on one line: mail providers do not unfold it."""
    if not re.match(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+\Z", url) or len(url) > LONGEST_LINE - 30:
        raise Unsendable("The address for leaving cannot be used: " + clean(url))
    return url


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    line = f"--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return b"".join([head, *(piece for part in parts for piece in (line, part)), f"--{boundary}--\r\n".encode()])


def _text_part(subtype: str, text: str) -> bytes:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    data = text.encode("utf-8", "replace")
    encoding, body = _smaller(data if data.endswith(b"\r\n") else data + b"\r\n")
    return (f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
            + body + b"\r\n")


def _smaller(data: bytes) -> tuple[str, bytes]:
    """Quoted-printable or base64, whichever is shorter; mostly told from the number of high bytes alone."""
    if 2 * (len(data) - len(data.translate(None, _HIGH))) > len(data) // 2:
        return "base64", _base64(data)
    quoted, whole = binascii.b2a_qp(data, istext=True), len(data) * 4 // 3 * 78 // 76
    if len(quoted) <= whole:
        return "quoted-printable", quoted
    return "base64", _base64(data)


def _base64(data: bytes) -> bytes:
    line = binascii.b2a_base64(data, newline=False)
    return b"".join(line[at:at + 76] + b"\r\n" for at in range(0, len(line), 76))


def _attached(name: str, content_type: str, data: bytes) -> bytes:
    name = clean(name.replace("/", "-").replace("\\", "-")) or "attachment"
    if all(c in _ATTR or c == " " for c in name):
        named = f'filename="{name}"'
    else:
        named = f"filename*=utf-8''{quote(name, safe='')}"  # RFC 2231; beside it, a plain form would win in some
    if not content_type.isascii() or not content_type.isprintable():
        raise Unsendable("A mail header would be broken by: " + clean(content_type))
    return (f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-Disposition: attachment;\r\n {named}\r\n\r\n").encode() + _base64(data)


def _shown(name: str, content_type: str, data: bytes) -> bytes:
    """A picture that the HTML beside it shows (RFC 2387, RFC 2392)."""
    for token in (name, content_type):
        _token(token)
    return (f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <{name}>\r\n"
            f"Content-Disposition: inline; filename=\"{name}\"\r\n\r\n").encode() + _base64(data)
