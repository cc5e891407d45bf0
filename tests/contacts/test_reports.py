"""Reports: who told what about whom, budget, the organizers' page, the mail that says no more than that one waits."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from eventnet import clock, config, db, jobs
from eventnet.audit.models import AuditEntry
from eventnet.cards.models import Block
from eventnet.contacts import reporting
from eventnet.contacts.models import Report
from eventnet.events.models import EventRole
from eventnet.outbox.composing import compose_due
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_organizer

WORDS = "They followed me to the tram."


def report(phone: Client, cast: Cast, **more: str) -> int:
    return phone.submit("/e/mixer/reports", {"badge": cast.token(cast.grace), "reason": "unwanted", "words": WORDS,
                                             **more}).status_code


def test_report_reaches_the_organizers_page_and_is_settled_there(app: Flask, cast: Cast) -> None:
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    olga: Client = app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined]
    page = ada.get(f"/e/mixer/reports/new?badge={cast.token(cast.grace)}").text
    assert "The organizers see your name and what you write" in page
    assert report(ada, cast, block="silent") == 303
    mine = ada.get("/e/mixer/blocked").text
    assert [text in mine for text in (WORDS, "with the organizers", "Grace Hopper")] == [True] * 3
    assert "One report waits" not in olga.get("/admin/e/mixer/").text
    assert "1 report about an attendee is waiting" in olga.get("/admin/e/mixer/").text
    theirs = olga.get("/admin/e/mixer/reports").text
    assert [text in theirs for text in (WORDS, "Ada Lovelace", "Grace Hopper", "They keep coming")] == [True] * 4
    with db.reading():
        row = db.session.scalars(select(Report)).one()
        assert db.session.scalar(select(Block.blocked_id)) == cast.grace.id
    path = f"/admin/e/mixer/reports/{row.id}"
    refused = olga.submit(path, {"outcome": " "})
    assert (refused.status_code, "Say in a few words" in refused.text) == (422, True)
    assert olga.submit(path, {"outcome": "Spoke to both."}).status_code == 303
    assert "Spoke to both." in olga.get("/admin/e/mixer/reports").text
    mine = ada.get("/e/mixer/blocked").text
    assert ("dealt with" in mine, "Spoke to both" in mine) == (True, False)
    olga.submit(f"{path}/reopening")
    with db.reading():
        assert reporting.count_open(cast.mixer.id) == 1
        assert {entry.act for entry in db.session.scalars(select(AuditEntry))} >= {
            "report.made", "report.settled", "report.reopened"}
        assert WORDS not in repr([entry.about for entry in db.session.scalars(select(AuditEntry))])


def test_report_is_nobody_elses(app: Flask, cast: Cast) -> None:
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    report(ada, cast)
    with db.reading():
        number = db.session.scalars(select(Report.id)).one()
    oscar: Client = app.test_client().become_organizer(cast.oscar.id)  # type: ignore[attr-defined]
    assert oscar.get("/admin/e/mixer/reports").status_code == 404
    assert oscar.submit(f"/admin/e/elsewhere/reports/{number}", {"outcome": "x"}).status_code == 404
    grace: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    assert WORDS not in grace.get("/e/mixer/blocked").text
    desk = _desk(cast)
    desky: Client = app.test_client().become_organizer(desk)  # type: ignore[attr-defined]
    assert desky.get("/admin/e/mixer/reports").status_code == 403


def _desk(cast: Cast) -> int:
    with db.transaction():
        desk = make_organizer("desk@organizers.example", name="Dora")
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=desk.id, role="desk", given_at=clock.now()))
        return desk.id


def test_report_keeps_what_was_typed_when_it_is_refused(app: Flask, cast: Cast) -> None:
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    for data, sentence in (({"reason": ""}, "Choose what it is about."), ({"words": "x" * 1001}, "Shorten it"),
                           ({"reason": "other", "words": ""}, "Say in a few words what happened.")):
        answer = ada.submit("/e/mixer/reports", {"badge": cast.token(cast.grace), "reason": "unsafe", "words": WORDS,
                                                 **data})
        assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "x" * 1001 in ada.submit("/e/mixer/reports", {
        "badge": cast.token(cast.grace), "reason": "unsafe", "words": "x" * 1001}).text


def test_eleventh_report_of_a_day_is_refused(app: Flask, cast: Cast, evening: datetime) -> None:
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    assert [report(ada, cast) for _ in range(11)] == [303] * 10 + [429]
    with clock.stopped(evening + timedelta(days=1)):
        assert report(ada, cast) == 303


def test_owners_get_one_mail_that_names_nobody(app: Flask, cast: Cast, settings: config.Settings) -> None:
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    _desk(cast)
    for _ in range(3):
        report(ada, cast)
    compose_due(jobs.composers(settings), settings)
    with db.reading():
        mails = db.session.scalars(select(Mail).where(Mail.kind == "report")).all()
    assert [(mail.to_address, mail.state) for mail in mails] == [("olga@organizers.example", "ready")]
    letter = email.message_from_bytes(mails[0].content or b"", policy=email.policy.default)
    text = "".join(part.get_content() for part in letter.walk() if not part.is_multipart())
    assert letter["Subject"] == "Spring mixer: a report is waiting"
    assert "https://ev.example/admin/e/mixer/reports" in text
    assert [name for name in ("Ada", "Grace", "tram") if name in text] == []
    with db.transaction():
        for number in db.session.scalars(select(Report.id)).all():
            reporting.settle(cast.mixer.id, number, "done", cast.olga.id, f"organizer:{cast.olga.id}")
    report(ada, cast)
    with db.reading():
        assert db.session.query(Mail).filter(Mail.kind == "report").count() == 2
