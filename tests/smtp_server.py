"""A real SMTP server inside the tests: keeps what it accepts, and can be as hostile as the world."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import random
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from eventnet.config import Settings


@dataclass(frozen=True)
class Accepted:
    """One message the server took responsibility for."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, email.message_from_bytes(self.content, policy=email.policy.default))

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Trouble:
    """What goes wrong: at `where` (connect, EHLO, MAIL, RCPT, DATA, body, dot, RSET, QUIT) the server does `what`.

    `what`: drop, hang, garbage, endless, "reply, then drop", or a reply such as "451 not now". `accepted` says
    whether a message was kept before trouble at the dot. `times`: how often, None for always.
    """

    where: str
    what: str
    accepted: bool = False
    times: int | None = None


class SmtpServer:
    """The server of one test. `accepted` is the truth about who got what."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, starttls: bool = False,
                 login: tuple[str, str] | None = None) -> None:
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.dots = 0
        self.slowness = 0.0  # most seconds between taking a message and saying so
        self._trouble: Trouble | None = None
        self._login = login
        options: dict[str, Any] = {"data_size_limit": 32 * 2**20, "enable_SMTPUTF8": True}
        if login:
            options |= {"authenticator": self._authenticate, "auth_required": True, "auth_require_tls": bool(tls)}
        if tls and starttls:
            options |= {"tls_context": tls, "require_starttls": True}
        self.port = free_port()
        self._controller = _Controller(
            self, hostname="127.0.0.1", port=self.port, ssl_context=tls if tls and not starttls else None, **options)
        user = f"{login[0]}:{login[1]}@" if login else ""
        scheme = "smtps" if tls and not starttls else "smtp"
        self.url = f"{scheme}://{user}{'localhost' if tls else '127.0.0.1'}:{self.port}"

    def start(self) -> SmtpServer:
        self._controller.start()
        self.connections = 0  # starting looks whether it listens
        return self

    def stop(self) -> None:
        """From now on connections are refused."""
        if self._controller._thread is not None:
            self._controller.stop()

    def misbehave(self, where: str, what: str, *, accepted: bool = False, times: int | None = None) -> None:
        self._trouble = Trouble(where, what, accepted, times)

    def behave(self) -> None:
        self._trouble = None

    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.accepted]

    def trouble_at(self, where: str) -> Trouble | None:
        trouble = self._trouble
        if trouble is None or trouble.where != where:
            return None
        if trouble.times is not None:
            trouble.times -= 1
            if trouble.times < 0:
                return None
        return trouble

    def keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        self.accepted.append(Accepted(str(envelope.mail_from), envelope.rcpt_tos[0], envelope.content))

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any,
    ) -> AuthResult:
        user, password = self._login or ("", "")
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)


class _Controller(Controller):
    def __init__(self, owner: SmtpServer, **options: Any) -> None:
        self.owner = owner
        super().__init__(object(), **options)

    def factory(self) -> SMTP:
        return _Conversation(self.owner, self.handler, **self.SMTP_kwargs)


class _Conversation(SMTP):
    def __init__(self, owner: SmtpServer, *args: Any, **options: Any) -> None:
        self.owner = owner
        super().__init__(*args, **options)
        self._handle_hooks = {"DATA": self.handle_DATA}

    async def _handle_client(self) -> None:
        self.owner.connections += 1
        if not await self._went_wrong("connect"):
            await super()._handle_client()

    async def _went_wrong(self, where: str) -> bool:
        trouble = self.owner.trouble_at(where)
        if trouble is None:
            return False
        await self._misbehave(trouble.what)
        return True

    async def _misbehave(self, what: str) -> None:
        assert self.transport is not None
        if what == "drop":
            self.transport.abort()
        elif what == "hang":
            await asyncio.sleep(3600)
        elif what == "garbage":
            await self.push(b"\xff\xfe this is not SMTP")
        elif what == "endless":
            for _ in range(4000):
                await self.push("250-" + "and so on " * 50)
            await self.push("250 end")
        elif what == "reply, then drop":
            await self.push("250 Kept as 4F2A")
            self.transport.close()
        elif what.endswith(", then drop"):
            await self.push(what.removesuffix(", then drop"))
            self.transport.close()
        else:
            await self.push(what)
            if what.startswith("421"):
                self.transport.close()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._went_wrong("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._went_wrong("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._went_wrong("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._went_wrong("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._went_wrong("QUIT"):
            await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._went_wrong("DATA"):
            return
        if self.owner.trouble_at("body"):
            await self.push("354 Go on")
            await self._reader.readline()
            assert self.transport is not None
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.owner.dots += 1
        trouble = self.owner.trouble_at("dot")
        if trouble is None or trouble.accepted:
            self.owner.keep(envelope)
        if self.owner.slowness:
            await asyncio.sleep(random.uniform(0, self.owner.slowness))
        if trouble is None:
            return f"250 Kept as {len(self.owner.accepted):X}"
        if trouble.what[:3].isdigit() and "then" not in trouble.what:
            return trouble.what
        await self._misbehave(trouble.what)
        raise asyncio.CancelledError


def free_port() -> int:
    """A port nobody listens on just now (aiosmtpd cannot choose one itself)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that listens; `smtp.accepted` is what arrived."""
    server = SmtpServer().start()
    yield server
    server.stop()


@pytest.fixture
def mail_settings(settings: Settings, smtp: SmtpServer) -> Settings:
    """The settings of this test with its own mail server."""
    return replace(settings, smtp_url=smtp.url)
