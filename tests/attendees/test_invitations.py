"""Activation mails: planned once, to the right people, with a link that works and a way out."""

from __future__ import annotations

import email
import io
import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import cast as as_type

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from eventnet import clock, db, jobs
from eventnet.attendees import invitations, mails
from eventnet.attendees.models import Attendee
from eventnet.errors import Refusal
from eventnet.events.models import Event
from eventnet.outbox import composing
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_attendee


def plan(cast: Cast, *, again: bool = False) -> int:
    with db.transaction():
        return invitations.plan_all(cast.mixer.id, "organizer:1", again=again)


def counted(cast: Cast) -> invitations.Recipients:
    with db.reading():
        return invitations.recipients(db.session.get_one(Event, cast.mixer.id))


def compose(app: Flask) -> list[EmailMessage]:
    settings = app.extensions["settings"]
    composing.compose_due(mails.composers(settings), settings)
    with db.reading():
        ready = db.session.scalars(select(Mail).where(Mail.state == "ready").order_by(Mail.attendee_id)).all()
        return [as_type(EmailMessage, email.message_from_bytes(mail.content or b"", policy=policy.default))
                for mail in ready]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_activation_mails_go_to_those_who_can_use_one(app: Flask, cast: Cast) -> None:
    with db.transaction():
        make_attendee(cast.mixer, "No Address", email="")
        make_attendee(cast.mixer, "Not There", not_taking_part_at=clock.now())
        make_attendee(cast.mixer, "Long Gone", removed_at=clock.now())
        make_attendee(cast.mixer, "Нина Иванова", email="nina@people.example")
    assert counted(cast) == invitations.Recipients(new=2, again=0, active=2, without_address=1, not_taking_part=1)
    assert plan(cast) == 2
    assert plan(cast) == 0
    assert [message["To"].addresses[0].display_name for message in compose(app)] == ["Bob Kahn", "Нина Иванова"]


def test_activation_mail_has_the_link_the_source_and_the_way_out(app: Flask, client: Client, cast: Cast) -> None:
    plan(cast)
    [message] = compose(app)
    assert (message["Subject"], message["Reply-To"]) == ("Your badge for Spring mixer", "data@organizers.example")
    for kind in ("plain", "html"):
        text = body(message, kind)
        link, leave = (re.search(rf"https://ev\.example(/{letter}/\w+)", text) for letter in "AU")
        assert link
        assert leave
        assert "Are you Bob Kahn?" in client.get(link[1]).get_data(as_text=True)
        assert "This is about Bob Kahn." in client.get(leave[1]).get_data(as_text=True)
        assert "Alumni Office, Cologne put your name and address on the list of Spring mixer" in " ".join(text.split())
        assert "https://ev.example/e/mixer/privacy" in text
        assert message["List-Unsubscribe"] == f"<https://ev.example{leave[1]}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("name", [
    "<b>Bob</b> & Co", "Bob =?UTF-8?Q?=0A?=Bcc: v@x", "%(name)s {{ 7*7 }}", "سميرة النجار"])
def test_activation_mail_keeps_any_name_as_text(app: Flask, cast: Cast, name: str) -> None:
    with db.transaction():
        db.session.get_one(Attendee, cast.bob.id).badge_name = name
    plan(cast)
    [message] = compose(app)
    assert body(message, "plain").splitlines()[0] == f"{name}, this is your badge"
    assert "<b>Bob" not in body(message, "html")
    assert message["Bcc"] is None


def test_activation_mails_need_somebody_who_answers_for_the_data(app: Flask, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).controller = " "
    with pytest.raises(Refusal, match="who answers for the data") as refused:
        plan(cast)
    assert refused.value.reason == "entries_missing"
    with db.reading():
        assert db.session.scalars(select(Mail)).all() == []


def test_activation_mails_are_refused_when_links_are_over(app: Flask, cast: Cast) -> None:
    with clock.stopped(cast.mixer.activation_ends_at + timedelta(seconds=1)), pytest.raises(Refusal, match="24 hours"):
        plan(cast)


def test_reminders_go_once_a_day_to_those_who_are_not_active(app: Flask, cast: Cast) -> None:
    before = clock.now() - timedelta(days=3)
    with clock.stopped(before):
        assert plan(cast) == 1
        assert plan(cast, again=True) == 0
    assert counted(cast).again == 1
    assert plan(cast) == 0
    assert plan(cast, again=True) == 1
    assert plan(cast, again=True) == 0
    assert counted(cast).again == 0
    with db.transaction():
        db.session.get_one(Attendee, cast.bob.id).activated_at = clock.now()
    with clock.stopped(clock.now() + timedelta(hours=12)):
        assert plan(cast, again=True) == 0


def test_one_person_can_get_it_again_once_a_day(app: Flask, cast: Cast) -> None:
    def one() -> bool:
        with db.transaction():
            return invitations.plan_one(cast.mixer.id, cast.bob.id, "organizer:1")

    assert [one(), one(), one()] == [True, True, False]
    with db.transaction(), pytest.raises(Refusal):
        invitations.plan_one(cast.mixer.id, cast.mallory.id, "organizer:1")


def test_a_new_generation_gets_a_new_mail(app: Flask, cast: Cast) -> None:
    plan(cast)
    with db.transaction():
        db.session.get_one(Attendee, cast.bob.id).generation = 2
    assert plan(cast) == 1


def test_activation_mail_is_not_written_for_somebody_who_left_meanwhile(app: Flask, cast: Cast) -> None:
    plan(cast)
    with db.transaction():
        db.session.get_one(Attendee, cast.bob.id).not_taking_part_at = clock.now()
    assert compose(app) == []
    with db.reading():
        assert [mail.state for mail in db.session.scalars(select(Mail))] == ["suppressed"]


def test_invitations_page_counts_and_plans(app: Flask, client: Client, cast: Cast) -> None:
    client.become_organizer(cast.olga.id)
    page = client.get("/admin/e/mixer/invitations").get_data(as_text=True)
    assert "Mail 1 activation link<" in page
    assert client.submit("/admin/e/mixer/invitations").headers["Location"] == "/admin/e/mixer/attendees"
    assert client.submit("/admin/e/mixer/invitations").status_code == 303
    assert len(compose(app)) == 1


def test_invitations_page_of_another_organizer_does_not_exist(client: Client, cast: Cast) -> None:
    client.become_organizer(cast.oscar.id)
    assert client.get("/admin/e/mixer/invitations").status_code == 404
    assert client.submit("/admin/e/mixer/invitations").status_code == 404
    with db.reading():
        assert db.session.scalars(select(Mail)).all() == []


def test_activation_mail_has_the_link_as_a_qr_code_too(app: Flask, cast: Cast) -> None:
    """As the timetable composes it: inline, named by the HTML, and a camera reads the link of the text part."""
    plan(cast)
    settings = app.extensions["settings"]
    composing.compose_due(jobs.composers(settings), settings)
    with db.reading():
        [mail] = db.session.scalars(select(Mail).where(Mail.state == "ready")).all()
    message = email.message_from_bytes(mail.content or b"", policy=policy.default)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    picture = list(message.walk())[-1]
    name = str(picture["Content-ID"]).strip("<>")
    assert (picture.get_content_disposition(), picture.get_filename()) == ("inline", name)
    html = list(message.walk())[-2].get_content()
    assert f'src="cid:{name}"' in html
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.get_content())).convert("L"))
    plain = list(message.walk())[1].get_content()
    assert read.text in plain
    assert read.text.startswith("https://ev.example/A/")
