"""Organizer pages of the summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.events.models import Event
from eventnet.outbox import timetable
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_attendee
from tests.summaries.evenings import meet, write


@pytest.fixture
def over(cast: Cast, app: Flask) -> Iterator[Cast]:
    """The mixer is over; Ada met Grace, Bob was checked in, Gus never came."""
    with db.transaction():
        meet(cast.ada, cast.grace)
        write(cast.ada, cast.grace, note="secret-note", promise="secret-promise")
        cast.bob.checked_in_at = clock.now()
        db.session.merge(cast.bob)
        make_attendee(cast.mixer, "Gus Noshow")
    with clock.stopped(cast.mixer.ends_at):
        yield cast


@pytest.fixture
def olga(over: Cast, client: Client) -> Client:
    return client.become_organizer(over.olga.id)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def planned() -> int:
    with db.reading():
        return db.session.query(Mail).count()


def test_page_says_who_gets_one_and_who_not_and_names_nobody(olga: Client) -> None:
    page = olga.get("/admin/e/mixer/summaries").text
    words = words_of(page)
    assert "3 people get a summary" in words
    assert "1 They were not checked in, did not open their card at the event and met nobody: not there." in words
    assert [name for name in ("Ada", "Grace", "Bob", "Gus", "secret") if name in words] == []


def test_page_withholds_cells_below_five(olga: Client) -> None:
    words = words_of(olga.get("/admin/e/mixer/summaries").text)
    assert words.count("Shown from five people on") == 2


def test_page_offers_nothing_before_the_end(over: Cast, client: Client) -> None:
    with clock.stopped(over.mixer.starts_at):
        page = client.become_organizer(over.olga.id).get("/admin/e/mixer/summaries").text
        assert "Spring mixer is still on. The summaries can be sent from Thursday 15 October, 22:00." in words_of(page)
        assert "Send the summaries" not in page
        answer = client.submit("/admin/e/mixer/summaries", {"number": "3"})
        assert (answer.status_code, "still on" in answer.text) == (409, True)
    assert planned() == 0


def test_sending_needs_the_number(olga: Client) -> None:
    for number in ("", "2", "x"):
        answer = olga.submit("/admin/e/mixer/summaries", {"number": number})
        assert (answer.status_code, planned()) == (422, 0)
    answer = olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    assert (answer.status_code, answer.location, planned()) == (303, "/admin/e/mixer/summaries", 3)
    assert "3 summaries are on their way." in words_of(olga.get("/admin/e/mixer/summaries").text)


def test_second_press_adds_nothing_and_says_so(olga: Client) -> None:
    olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    assert planned() == 3
    assert "Nobody gets two." in words_of(olga.get("/admin/e/mixer/summaries").text)


def test_progress_tells_numbers_and_a_missing_worker(olga: Client) -> None:
    olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    assert "the worker gives no sign of life" in words_of(olga.get("/admin/e/mixer/summaries/progress").text)
    with db.transaction():
        timetable.beat()
    words = words_of(olga.get("/admin/e/mixer/summaries/progress").text)
    assert "sign of life" not in words
    assert "0 of 3" in words


def test_failed_and_doubtful_mails_are_shown_in_plain_words_and_settled(olga: Client) -> None:
    olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    with db.transaction():
        first, second, _third = db.session.query(Mail).order_by(Mail.attendee_id).all()
        first.state, first.reply, first.settled_at, first.to_address = (
            "failed", "550 5.1.1 no such user", clock.now(), "ada@people.example")
        second.state, second.dot_at, second.content = "in_doubt", clock.now(), b"x"
        failed, doubtful = first.id, second.id
    words = words_of(olga.get("/admin/e/mixer/summaries/progress").text)
    assert "Their mail server says this address does not exist." in words
    assert "It was handed over, and no answer came. Most such mails did arrive." in words
    assert olga.submit(f"/admin/e/mixer/summaries/{doubtful}/resolve", {"verdict": "sent"}).status_code == 303
    assert olga.submit(f"/admin/e/mixer/summaries/{failed}/resolve", {"verdict": "again"}).status_code == 303
    assert olga.submit(f"/admin/e/mixer/summaries/{failed}/resolve", {"verdict": "x"}).status_code == 422
    with db.reading():
        assert {mail.id: mail.state for mail in db.session.query(Mail).all() if mail.id in (failed, doubtful)} == {
            doubtful: "sent", failed: "planned"}


def test_pause_resume_and_take_back(olga: Client) -> None:
    olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    olga.submit("/admin/e/mixer/summaries/pause")
    assert "Paused: nothing leaves." in words_of(olga.get("/admin/e/mixer/summaries").text)
    olga.submit("/admin/e/mixer/summaries/resume")
    assert "Paused: nothing leaves." not in words_of(olga.get("/admin/e/mixer/summaries").text)
    assert olga.submit("/admin/e/mixer/summaries/cancel").status_code == 422
    olga.submit("/admin/e/mixer/summaries/cancel", {"sure": "1"})
    with db.reading():
        assert {mail.state for mail in db.session.query(Mail).all()} == {"cancelled"}


@pytest.mark.parametrize("kind", ["met", "alone", "asked"])
def test_preview_shows_people_who_do_not_exist(olga: Client, kind: str) -> None:
    page = olga.get(f"/admin/e/mixer/summaries/preview?kind={kind}")
    mail = olga.get(f"/admin/e/mixer/summaries/preview/mail?kind={kind}")
    assert "sandbox" in mail.headers["Content-Security-Policy"]
    assert "script-src" not in mail.headers["Content-Security-Policy"]
    for real in ("Hopper", "Kahn", "secret-note", "secret-promise", "people.example/"):
        assert real not in page.text + mail.text


def test_preview_knows_three_mails(olga: Client) -> None:
    assert olga.get("/admin/e/mixer/summaries/preview?kind=x").status_code == 404


def test_sending_is_refused_while_nobody_answers_for_the_data(over: Cast, olga: Client) -> None:
    with db.transaction():
        db.session.get_one(Event, over.mixer.id).controller = ""
    answer = olga.submit("/admin/e/mixer/summaries", {"number": "3"})
    assert (answer.status_code, planned()) == (409, 0)
    assert '<a href="/admin/e/mixer/settings#controller">who answers for the data</a>' in answer.text
    assert "Send them" not in words_of(olga.get("/admin/e/mixer/summaries").text)


def test_another_organizer_sees_no_such_event(over: Cast, client: Client) -> None:
    oscar = client.become_organizer(over.oscar.id)
    assert oscar.get("/admin/e/mixer/summaries").status_code == 404
    assert oscar.submit("/admin/e/mixer/summaries", {"number": "3"}).status_code == 404
    assert planned() == 0
