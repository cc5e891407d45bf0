"""Leaving by the link in every mail: no more mail, not taking part, and both taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventnet import clock, db
from eventnet.attendees import activation, api_tokens, participation
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.outbox import planning, suppressing
from eventnet.outbox.models import Mail, Suppression
from tests.clients import Client
from tests.factories import Cast


def link_of(app: Flask, attendee: Attendee) -> str:
    settings = app.extensions["settings"]
    url = participation.unsubscribe_url(settings, attendee)
    assert url.startswith("https://ev.example/U/")
    return url.removeprefix("https://ev.example")


def headline(client: Client, path: str) -> str:
    return client.get(path).get_data(as_text=True).split("<h1>")[1].split("</h1>")[0].strip()


def state(attendee: Attendee) -> tuple[bool, bool]:
    """(takes part, gets mail)"""
    with db.reading():
        row = db.session.get_one(Attendee, attendee.id)
        return row.takes_part, participation.gets_mail(row)


def press(client: Client, path: str, act: str, **more: str) -> str:
    """Press a button of the page without any cookie or CSRF token."""
    answer = client.post(path, data={"act": act, **more})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    return headline(client, path)


def test_leaving_page_changes_nothing_by_being_opened(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.grace)
    for _time in range(20):
        assert headline(client, path) == "Less of this?"
        client.head(path)
    assert state(cast.grace) == (True, True)


def test_no_more_mail_is_for_this_address_and_event_and_can_be_taken_back(
        app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.grace)
    for _twice in range(2):
        assert press(client, path, "no_mail") == "You get no more mail"
    assert state(cast.grace) == (True, False)
    assert state(cast.ada) == (True, True)
    with db.reading():
        assert suppressing.is_suppressed(cast.mixer.id, "grace@people.example")
        assert not suppressing.is_suppressed(cast.elsewhere.id, "grace@people.example")
    assert press(client, path, "mail") == "Less of this?"
    assert state(cast.grace) == (True, True)


def test_no_more_mail_covers_the_address_a_summary_went_to(app: Flask, client: Client, cast: Cast) -> None:
    with db.transaction():
        planning.plan("summary", f"attendee:{cast.grace.id}", event_id=cast.mixer.id, attendee_id=cast.grace.id)
        db.session.scalars(select(Mail)).one().to_address = "Private@home.example"
    press(client, link_of(app, cast.grace), "no_mail")
    with db.reading():
        assert set(db.session.scalars(select(Suppression.address))) == {"grace@people.example", "private@home.example"}


def test_one_click_of_a_mail_program_stops_mail_without_cookies(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.grace)
    for _twice in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, "You get no more mail" in answer.get_data(as_text=True)) == (200, True)
    assert state(cast.grace) == (True, False)
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(Suppression)) == 1


def test_not_taking_part_needs_a_tick_so_that_scanners_that_submit_forms_do_no_harm(
        app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.grace)
    answer = client.post(path, data={"act": "leave"})
    assert (answer.status_code, "tick the box first" in answer.get_data(as_text=True)) == (422, True)
    assert state(cast.grace) == (True, True)


def test_not_taking_part_signs_out_everywhere_and_stops_mails_and_keys(
        app: Flask, client: Client, cast: Cast) -> None:
    phone: Client = app.test_client()  # type: ignore[assignment]
    phone.become(cast.grace)
    with db.transaction():
        key = api_tokens.make(cast.grace, "My script")
        planning.plan("summary", f"attendee:{cast.grace.id}", event_id=cast.mixer.id, attendee_id=cast.grace.id)
        planning.plan("summary", f"attendee:{cast.ada.id}", event_id=cast.mixer.id, attendee_id=cast.ada.id)
    for _twice in range(2):
        assert press(client, link_of(app, cast.grace), "leave", sure="1") == "You do not take part"

    assert state(cast.grace)[0] is False
    assert phone.get("/e/mixer/card").status_code == 303
    with db.reading():
        assert api_tokens.find_bearer(key) is None
        assert activation.browsers_of(cast.grace) == []
        assert dict(db.session.execute(select(Mail.attendee_id, Mail.state)).all()) == {
            cast.grace.id: "cancelled", cast.ada.id: "planned"}
        acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
        assert acts.count("attendee.not_taking_part") == 1
    token = activation.activation_token(app.extensions["settings"].secret_key, cast.grace)
    assert client.get(f"/A/{token}").status_code == 404


def test_coming_back_works_for_thirty_days_and_opens_the_old_link_again(
        app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.grace)
    press(client, path, "leave", sure="1")
    with clock.stopped(clock.now() + timedelta(days=30)):
        assert "Take part after all" not in client.get(path).get_data(as_text=True)
        assert client.post(path, data={"act": "come_back"}).status_code == 409
        assert state(cast.grace)[0] is False
    assert press(client, path, "come_back") == "Less of this?"
    assert state(cast.grace)[0] is True
    token = activation.activation_token(app.extensions["settings"].secret_key, cast.grace)
    assert client.get(f"/A/{token}").status_code == 200
    with db.reading():
        assert activation.browsers_of(cast.grace) == []


@pytest.mark.parametrize("kind", ["made up", "activation", "removed"])
def test_leaving_link_of_another_kind_is_unknown(app: Flask, client: Client, cast: Cast, kind: str) -> None:
    path = link_of(app, cast.grace)
    if kind == "made up":
        path = path[:-1] + ("0" if path[-1] != "0" else "1")
    elif kind == "activation":
        path = "/U/" + activation.activation_token(app.extensions["settings"].secret_key, cast.grace)
    else:
        with db.transaction():
            db.session.get_one(Attendee, cast.grace.id).removed_at = clock.now()
    for answer in (client.get(path), client.post(path, data={"List-Unsubscribe": "One-Click"})):
        assert (answer.status_code, "does not open anything" in answer.get_data(as_text=True)) == (404, True)
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0


def test_leaving_page_refuses_what_it_does_not_offer(app: Flask, client: Client, cast: Cast) -> None:
    answer = client.post(link_of(app, cast.grace), data={"act": "delete everything"})
    assert (answer.status_code, "Choose one of the two" in answer.get_data(as_text=True)) == (422, True)
    assert state(cast.grace) == (True, True)
