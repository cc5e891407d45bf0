"""Hostile mail servers: each kind of trouble leads to the one state that is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox.delivery import Delivery
from eventnet.outbox.dialogue import Dialogue
from tests.outbox.letters import law_holds, make_ready_mails, rows
from tests.smtp_server import SmtpServer, free_port

# where, what, kept by the server, state of the mail, state after the server behaves again, times it arrived
HOSTILE = [
    ("connect", "421 not now", False, "ready", "sent", 1),
    ("connect", "554 no service here", False, "ready", "sent", 1),
    ("connect", "drop", False, "ready", "sent", 1),
    ("connect", "hang", False, "ready", "sent", 1),
    ("EHLO", "drop", False, "ready", "sent", 1),
    ("EHLO", "garbage", False, "ready", "sent", 1),
    ("MAIL", "451 busy", False, "ready", "sent", 1),
    ("MAIL", "550 not from you", False, "failed", "failed", 0),
    ("MAIL", "530 authentication first", False, "ready", "sent", 1),
    ("MAIL", "drop", False, "ready", "sent", 1),
    ("RCPT", "450 greylisted", False, "ready", "sent", 1),
    ("RCPT", "550 no such person", False, "failed", "failed", 0),
    ("RCPT", "552 mailbox full", False, "ready", "sent", 1),
    ("RCPT", "421 going down", False, "ready", "sent", 1),
    ("RCPT", "550 no such person, then drop", False, "failed", "failed", 0),
    ("RCPT", "drop", False, "ready", "sent", 1),
    ("RCPT", "endless", False, "ready", "sent", 1),
    ("DATA", "451 busy", False, "ready", "sent", 1),
    ("DATA", "554 no", False, "failed", "failed", 0),
    ("DATA", "drop", False, "ready", "sent", 1),
    ("DATA", "hang", False, "ready", "sent", 1),
    ("body", "drop", False, "ready", "sent", 1),
    ("dot", "drop", True, "in_doubt", "in_doubt", 1),
    ("dot", "drop", False, "in_doubt", "in_doubt", 0),
    ("dot", "hang", True, "in_doubt", "in_doubt", 1),
    ("dot", "garbage", True, "in_doubt", "in_doubt", 1),
    ("dot", "endless", True, "in_doubt", "in_doubt", 1),
    ("dot", "354 what?", True, "in_doubt", "in_doubt", 1),
    ("dot", "451 try later", False, "ready", "sent", 1),
    ("dot", "421 closing", False, "ready", "sent", 1),
    ("dot", "554 looks like spam", False, "failed", "failed", 0),
    ("dot", "reply, then drop", True, "sent", "sent", 1),
    ("QUIT", "421 closing", False, "sent", "sent", 1),
    ("QUIT", "drop", False, "sent", "sent", 1),
    ("QUIT", "garbage", False, "sent", "sent", 1),
]


def _deliver(settings: Settings) -> None:
    Delivery(settings, line=Dialogue(settings.smtp_url, patience=0.4, dot_patience=0.4)).run()


@pytest.mark.parametrize(("where", "what", "accepted", "state", "in_the_end", "arrived"), HOSTILE)
def test_hostile_server_leads_to_the_true_state(
    where: str, what: str, accepted: bool, state: str, in_the_end: str, arrived: int,
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    smtp.misbehave(where, what, accepted=accepted)
    _deliver(mail_settings)
    assert rows()[0].state == state
    assert law_holds()

    smtp.behave()
    with clock.stopped(evening + timedelta(hours=1)):
        _deliver(mail_settings)
        _deliver(mail_settings)
    assert (rows()[0].state, len(smtp.accepted)) == (in_the_end, arrived)
    assert law_holds()


def test_reply_is_kept_for_the_organizer(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    smtp.misbehave("RCPT", "550 5.1.1 No such person here\x07")
    _deliver(mail_settings)
    assert (rows()[0].reply, rows()[0].attempts) == ("550 5.1.1 No such person here", 1)


def test_refused_connection_leaves_the_mail_ready(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    make_ready_mails(settings, 3)
    done = Delivery(replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")).run()
    assert [row.state for row in rows()] == ["ready"] * 3
    assert (done.hop_is_down, done.delayed, sum(row.attempts for row in rows())) == (True, 1, 1)
    assert {row.reply for row in rows()} == {None, "The mail server could not be reached."}


def test_refused_recipient_does_not_cost_the_next_one_the_connection(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 3)
    smtp.misbehave("RCPT", "550 no such person", times=1)
    _deliver(mail_settings)
    assert [row.state for row in rows()] == ["failed", "sent", "sent"]
    assert smtp.connections == 1


def test_lines_of_dots_arrive_as_written(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    written = rows()[0].content
    _deliver(mail_settings)
    assert smtp.accepted[0].content == written
    assert b"\r\n..dots" in smtp.accepted[0].content


def test_password_goes_only_over_verified_encryption(
    database: db.Database, settings: Settings, evening: datetime, certificate: SSLContext, trusted: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    make_ready_mails(settings, 1)
    server = SmtpServer(tls=certificate, starttls=True, login=("mixer", "a secret")).start()
    try:
        there = replace(settings, smtp_url=server.url.replace("a secret", "a%20secret"))
        trusted.delenv("SSL_CERT_FILE")
        _deliver(there)
        assert (rows()[0].state, server.accepted) == ("ready", [])
        assert rows()[0].reply.startswith("Encryption with the mail server failed")  # type: ignore[union-attr]

        trusted.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        with clock.stopped(evening + timedelta(hours=1)):
            _deliver(replace(there, smtp_url=there.smtp_url.replace("secret", "guess")))
            assert rows()[0].reply.startswith("535")  # type: ignore[union-attr]
        with clock.stopped(evening + timedelta(hours=2)):
            _deliver(there)
        assert (rows()[0].state, server.recipients()) == ("sent", ["person1@people.example"])
    finally:
        server.stop()


def test_password_is_not_sent_without_starttls(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    _deliver(replace(mail_settings, smtp_url=mail_settings.smtp_url.replace("smtp://", "smtp://mixer:secret@")))
    assert rows()[0].reply == "127.0.0.1 offers no STARTTLS; the password was not sent."
    assert smtp.accepted == []


def test_offered_encryption_is_used_even_if_nobody_vouches_for_it(
    database: db.Database, settings: Settings, evening: datetime, certificate: SSLContext,
) -> None:
    """Without a password and away from loopback (127.1 does not look like it): better so than in the clear."""
    make_ready_mails(settings, 1)
    server = SmtpServer(tls=certificate, starttls=True).start()
    try:
        _deliver(replace(settings, smtp_url=f"smtp://127.1:{server.port}"))
        assert (rows()[0].state, rows()[0].reply) == ("sent", "250 Kept as 1")
    finally:
        server.stop()


def test_smtps_delivers(
    database: db.Database, settings: Settings, evening: datetime, certificate: SSLContext, trusted: pytest.MonkeyPatch,
) -> None:
    make_ready_mails(settings, 1)
    server = SmtpServer(tls=certificate).start()
    try:
        _deliver(replace(settings, smtp_url=server.url))
        assert (rows()[0].state, len(server.accepted)) == ("sent", 1)
    finally:
        server.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> SSLContext:
    """A certificate for localhost, its own authority, also at authority.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    (tmp_path / "authority.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "authority.pem", tmp_path / "key.pem")
    return context


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return monkeypatch
