"""The connection to a mail server: smtplib's, with an honest reading of replies."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from functools import cache
from typing import Any

LONGEST_REPLY = 64 * 1024


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


class PlainConnection(_Patient, smtplib.SMTP):
    """A connection that begins in the clear; STARTTLS may follow."""

    def __init__(self, host: str, patience: float) -> None:
        super().__init__(local_hostname=_own_name(), timeout=patience)
        self.patience = patience
        self._host = host  # whose certificate is expected; smtplib sets it only when it connects at once


class EncryptedConnection(_Patient, smtplib.SMTP_SSL):
    """A connection that is encrypted from its first byte, the certificate checked."""

    def __init__(self, host: str, patience: float) -> None:
        super().__init__(local_hostname=_own_name(), timeout=patience, context=ssl.create_default_context())
        self.patience = patience
        self._host = host


@cache
def _own_name() -> str:
    """What we call ourselves in EHLO; asked of the name service once."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"
