"""Mails for the tests of the outbox, planned and ready, made with few words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox import mime, planning
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail


def make_letter(address: str = "ada@people.example", **values: Any) -> Letter:
    return Letter(**{
        "to_address": address, "to_name": "Ada Lovelace", "subject": "Whom you met at the spring mixer",
        "html": "<p>Grace asked about the engine.</p>\r\n.\r\n..dots\r\n", "text": "Grace asked about the engine.\n.\n",
        **values})


def plan_mail(key: str = "attendee:1", kind: str = "summary", **values: Any) -> Mail:
    """A planned mail, in the current write transaction."""
    assert planning.plan(kind, key, **values)
    return get_mail(key, kind)


def make_ready_mails(settings: Settings, number: int, *, kind: str = "summary", urgency: int = 5) -> list[str]:
    """Ids of `number` ready mails to person1@… and so on, in the order in which they leave."""
    with db.transaction():
        for n in range(1, number + 1):
            planning.plan(kind, f"person:{n:04}", urgency=urgency)
        mails = list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))
        for n, mail in enumerate(mails, 1):
            letter = make_letter(f"person{n}@people.example")
            now = clock.now()
            message_id, content = mime.build(letter, settings=settings, kind=kind, mail_id=mail.id, dated_at=now)
            assert planning.make_ready(mail.id, letter.to_address, content, message_id, now)
    return [mail.id for mail in mails]


def get_mail(key: str, kind: str = "summary") -> Mail:
    return db.session.scalars(select(Mail).where(Mail.kind == kind, Mail.unique_key == key)).one()


def states() -> list[str]:
    """The states of all mails, in the order of their ids."""
    with db.reading():
        return list(db.session.scalars(select(Mail.state).order_by(Mail.id)))


def rows() -> list[Mail]:
    with db.reading():
        return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def law_holds() -> bool:
    with db.reading():
        return planning.conservation().holds
