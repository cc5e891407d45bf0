"""Dialogue: one SMTP connection, driven by hand so that the final dot is a step of its own.

smtplib's sendmail raises the same error for a connection lost before the dot (the mail was not accepted)
and after it (nobody knows). Here everything up to the dot and the dot itself are two calls.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from eventnet.outbox.mime import clean

PATIENCE = 60.0  # seconds for connecting and for every answer but the last
DOT_PATIENCE = 600.0  # RFC 5321 §4.5.3.2.6: a shorter wait "would typically result in multiple copies"
LONGEST_REPLY = 64 * 1024
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of one try.

    delivered: the server took responsibility. temporary, permanent: it provably did not. unsure: the dot
    was sent and no clear answer came. `hop_is_down`: the trouble is the connection or our sender, so the
    next mail would meet it too.
    """

    result: Literal["delivered", "temporary", "permanent", "unsure"]
    reply: str
    hop_is_down: bool = False


def _silent(_point: str) -> None:
    return None


class Dialogue:
    """A connection to the next mail server, opened when first needed and used for many mails in turn."""

    def __init__(
        self, smtp_url: str, *, at: Callable[[str], None] = _silent, patience: float = PATIENCE,
        dot_patience: float = DOT_PATIENCE,
    ) -> None:
        self._url = urlsplit(smtp_url)
        self._at = at
        self._patience, self._dot_patience = patience, dot_patience
        self._line: _Plain | _Encrypted | None = None

    def greet(self) -> Outcome | None:
        """Connect, encrypt and sign in as for a mail, and part again. None: a mail could be handed over now."""
        try:
            return self._open()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return Outcome("temporary", _told(error), hop_is_down=True)
        finally:
            self.close()

    def hand_over(self, sender: str, recipient: str, content: bytes) -> Outcome | None:
        """Everything up to the final dot. None: the server waits for the dot; else the mail was not accepted."""
        try:
            if self._line is None:
                refused = self._open()
                if refused is not None:
                    self.drop()
                    return refused
            return self._transaction(sender, recipient, content)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.drop()
            return Outcome("temporary", _told(error), hop_is_down=True)

    def dot(self) -> Outcome:
        """Send the final dot and wait for the answer, ten minutes if need be.

        A server that has hung up already gets no dot: then the mail was provably not accepted.
        """
        assert self._line is not None, "hand_over comes first"
        if not self._line.is_waiting():
            self.drop()
            return Outcome("temporary", "The mail server hung up before the mail was complete.", hop_is_down=True)
        try:
            self._line.patience = self._dot_patience
            self._line.send(b".\r\n")
            self._at("dot.sent")
            code, text = self._line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Outcome("unsure", _told(error), hop_is_down=True)
        self._line.patience = self._patience
        self._at("dot.answered")
        reply = _reply(code, text)
        if code == 421:
            self.drop()
        if 200 <= code < 300:
            return Outcome("delivered", reply)
        if 400 <= code < 500:
            return Outcome("temporary", reply, hop_is_down=code == 421)
        if 500 <= code < 600:
            return Outcome("permanent", reply)
        self.drop()
        return Outcome("unsure", reply)

    def close(self) -> None:
        """Part politely. What the server says to QUIT changes nothing about mails it has accepted."""
        line, self._line = self._line, None
        if line is None:
            return
        self._at("quit.before")
        with contextlib.suppress(OSError, smtplib.SMTPException):
            line.patience = min(self._patience, 5.0)
            line.docmd("QUIT")
        self._at("quit.after")
        line.close()

    def drop(self) -> None:
        """Hang up without a word: after DATA without the dot, any word would be part of the mail."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _open(self) -> Outcome | None:
        host = self._url.hostname or ""
        encrypted = self._url.scheme == "smtps"
        user = unquote(self._url.username or "")
        self._at("connect.before")
        line = self._line = _Encrypted(host, self._patience) if encrypted else _Plain(host, self._patience)
        code, text = line.connect(host, self._url.port or (465 if encrypted else 587 if user else 25))
        if code != 220:
            return _trouble(code, text)
        self._at("connect.after")
        for verb in ("EHLO", "HELO"):
            code, text = line.ehlo() if verb == "EHLO" else line.helo()
            if code == 250 or code not in (500, 502, 504):
                break
        if code != 250:
            return _trouble(code, text)
        if not encrypted and (user or (line.has_extn("starttls") and not _is_loopback(host))):
            refused = self._encrypt(line, host, bool(user))
            if refused is not None:
                return refused
        if user:
            try:
                line.login(user, unquote(self._url.password or ""))
            except smtplib.SMTPAuthenticationError as error:
                return _trouble(error.smtp_code, error.smtp_error)
        return None

    def _encrypt(self, line: _Plain | _Encrypted, host: str, must: bool) -> Outcome | None:
        """STARTTLS. With a password to protect the certificate must be right; else any encryption is a gain."""
        if not line.has_extn("starttls"):
            return Outcome("temporary", f"{host} offers no STARTTLS; the password was not sent.", hop_is_down=True)
        context = ssl.create_default_context()
        if not must:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        code, text = line.starttls(context=context)
        if code != 220:
            return _trouble(code, text)
        line.ehlo()
        return None

    def _transaction(self, sender: str, recipient: str, content: bytes) -> Outcome | None:
        line = self._line
        assert line is not None
        options = [f"SIZE={len(content)}"] if line.has_extn("size") else []
        if not (sender + recipient).isascii():
            if not line.has_extn("smtputf8"):
                return Outcome("permanent", "The mail server cannot write to an address with these letters.")
            options += ["SMTPUTF8", "BODY=8BITMIME"]
            line.command_encoding = "utf-8"
        code, text = line.docmd("MAIL", " ".join([f"FROM:<{sender}>", *options]))
        if code != 250:
            return self._refused(code, text, hop_is_down=True)
        self._at("mail.after")
        code, text = line.docmd("RCPT", f"TO:<{recipient}>")
        if code not in (250, 251):
            # RFC 5321 §4.5.3.1.10: 552 to RCPT is to be read as 452.
            return self._refused(452 if code == 552 else code, text)
        self._at("rcpt.after")
        code, text = line.docmd("DATA")
        if code != 354:
            return self._refused(code, text)
        self._at("data.after")
        stuffed = _LEADING_DOT.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n")
        half = len(stuffed) // 2
        line.send(stuffed[:half])
        self._at("body.middle")
        line.send(stuffed[half:])
        self._at("body.after")
        return None

    def _refused(self, code: int, text: bytes, *, hop_is_down: bool = False) -> Outcome:
        """A refusal before the dot: the connection goes on, unless the server ends it or talks nonsense."""
        if code in (421, 530, 534, 535, 538) or not 400 <= code < 600:
            self.drop()
            return _trouble(code, text)
        try:
            if self._line is not None and self._line.docmd("RSET")[0] != 250:
                self.drop()
        except (OSError, smtplib.SMTPException):
            self.drop()  # the refusal stands
        return Outcome("temporary" if code < 500 else "permanent", _reply(code, text), hop_is_down=hop_is_down)


class _Patient:
    """Reads replies with one deadline for the whole reply, and gives up on endless ones.

    smtplib's own reading starts its clock again with every byte, keeps every line it is sent, and turns a
    line that is too long into a "500", which after the dot would pass for a refusal.
    """

    sock: socket.socket | None
    patience: float
    _received = b""

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.patience)
        super().send(s)  # type: ignore[misc]

    def is_waiting(self) -> bool:
        """Whether the server is silent and the line open, as far as can be known here and now."""
        if self.sock is None or self._received:
            return False
        self.sock.settimeout(0)
        try:
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        until, size, lines = time.monotonic() + self.patience, 0, []
        while True:
            line = self._read_line(until)
            size += len(line)
            if size > LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("the answer does not end")
            lines.append(line[4:].strip())
            if not line[:3].isdigit():
                return -1, line.strip()
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)

    def _read_line(self, until: float) -> bytes:
        assert self.sock is not None
        while b"\n" not in self._received:
            if len(self._received) > LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("the answer does not end")
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            self.sock.settimeout(left)
            more = self.sock.recv(4096)
            if not more:
                raise smtplib.SMTPServerDisconnected("connection closed")
            self._received += more
        line, _newline, self._received = self._received.partition(b"\n")
        return line

    def starttls(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        answer: tuple[int, bytes] = super().starttls(*args, **kwargs)  # type: ignore[misc]
        if self._received:
            raise smtplib.SMTPServerDisconnected("words before the encryption began")
        return answer


class _Plain(_Patient, smtplib.SMTP):
    def __init__(self, host: str, patience: float) -> None:
        super().__init__(local_hostname=_own_name(), timeout=patience)
        self.patience = patience
        self._host = host  # whose certificate is expected; smtplib sets it only when it connects at once


class _Encrypted(_Patient, smtplib.SMTP_SSL):
    def __init__(self, host: str, patience: float) -> None:
        super().__init__(local_hostname=_own_name(), timeout=patience, context=ssl.create_default_context())
        self.patience = patience
        self._host = host


@cache
def _own_name() -> str:
    """What we call ourselves in EHLO; asked of the name service once."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _trouble(code: int, text: bytes | str) -> Outcome:
    """The connection or our account is refused: no mail's fault, so each of them waits."""
    return Outcome("temporary", _reply(code, text), hop_is_down=True)


def _reply(code: int, text: bytes | str) -> str:
    words = clean(text if isinstance(text, str) else text.decode("utf-8", "replace"), 500)
    return f"{code} {words}" if code > 0 else f"An answer that makes no sense: {words}"


def _told(error: Exception) -> str:
    """An error of the network in words for the organizer."""
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, ssl.SSLError):
        return clean(f"Encryption with the mail server failed: {error.reason or error}", 500)
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return "The mail server could not be reached."
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return clean(f"The mail server cannot be used: {error}", 500)
    return clean(f"The connection to the mail server was lost: {error}", 500)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
