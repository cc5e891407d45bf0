"""The demo's mail server: takes every mail over real SMTP and keeps it as a file that the inbox page reads."""

from __future__ import annotations

import email
import email.parser
import email.policy
import itertools
import logging
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Keeper:
    """An aiosmtpd handler that writes each accepted message to `folder` before it answers 250."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._numbers = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        path = self.folder / f"{next(self._numbers):06}.eml"
        path.with_suffix(".part").write_bytes(content)
        path.with_suffix(".part").rename(path)
        return "250 Kept in the demo's inbox"


def serve(folder: Path, port: int) -> Controller:
    """Start the server on loopback; stop it with `.stop()`."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port, data_size_limit=32 * 2**20)
    controller.start()
    return controller


@dataclass(frozen=True)
class Letter:
    """One kept mail as the inbox lists it. `number` is its place, from 1."""

    number: int
    to: str
    subject: str
    at: datetime | None
    path: Path


def letters(folder: Path) -> list[Letter]:
    """All kept mails, newest first. Reads headers only."""
    found = []
    for path in sorted(folder.glob("*.eml"), reverse=True):
        with path.open("rb") as file:
            head = email.parser.BytesHeaderParser(policy=email.policy.default).parse(file)
        date = head["Date"]
        found.append(Letter(int(path.stem), str(head["To"]), str(head["Subject"]),
                            parsedate_to_datetime(str(date)) if date else None, path))
    return found


def read(folder: Path, number: int) -> EmailMessage | None:
    """One kept mail, parsed."""
    path = folder / f"{number:06}.eml"
    if not path.is_file():
        return None
    message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
