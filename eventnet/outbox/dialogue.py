"""Dialogue: one SMTP connection, driven by hand so that the final dot is a step of its own.

smtplib's sendmail raises the same error for a connection lost before the dot (the mail was not accepted)
and after it (nobody knows). Here everything up to the dot and the dot itself are two calls.
"""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from eventnet.outbox.connection import EncryptedConnection, PlainConnection
from eventnet.outbox.mime import clean

PATIENCE = 60.0  # seconds for connecting and for every answer but the last
DOT_PATIENCE = 600.0  # RFC 5321 §4.5.3.2.6: a shorter wait "would typically result in multiple copies"


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
        self._line: PlainConnection | EncryptedConnection | None = None

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
        line = self._line = (EncryptedConnection if encrypted else PlainConnection)(host, self._patience)
        code, text = line.connect(host, self._url.port or (465 if encrypted else 587 if user else 25))
        if line.sock is not None:
            # The dot is a small write after a large one: Nagle's algorithm would hold it for 40 ms a mail.
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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

    def _encrypt(self, line: PlainConnection | EncryptedConnection, host: str, must: bool) -> Outcome | None:
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
        stuffed = _stuffed(content if content.endswith(b"\r\n") else content + b"\r\n")
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


def _stuffed(content: bytes) -> bytes:
    """A dot at the beginning of a line is doubled, so that none ends the mail early (RFC 5321 §4.5.2)."""
    stuffed = content.replace(b"\n.", b"\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


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
