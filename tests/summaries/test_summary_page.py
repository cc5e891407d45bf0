"""The summary as a page and as the limited view behind the mail's link."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card
from eventnet.summaries import campaigns, reading
from tests.clients import Client
from tests.factories import Cast, make_attendee
from tests.summaries.evenings import meet, write

AT = datetime(2026, 10, 15, 17, 20, tzinfo=UTC)


@pytest.fixture
def met(cast: Cast, app: Flask) -> Cast:
    """Ada met Grace and promised her something about work; Bob was there and met nobody."""
    with db.transaction():
        meet(cast.ada, cast.grace, AT)
        write(cast.ada, cast.grace, note="COBOL", promise="send CV and slides")
    return cast


def other(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def link(met: Cast, client: Client, attendee: Attendee | None = None) -> str:
    return f"/M/{reading.summary_token(client.settings.secret_key, attendee or met.ada)}"


def test_page_shows_the_signed_in_attendee_their_own_summary(met: Cast, client: Client) -> None:
    page = client.become(met.ada).get("/e/mixer/summary").text
    assert "You met one person." in page
    for own in ("Start with Grace.", "send CV and slides", "COBOL", "grace@people.example", "Spring mixer is still on"):
        assert own in words_of(page)
    assert f'href="/e/mixer/people/{met.grace.id}/card.vcf"' in page


def test_page_shows_nobody_elses_summary(met: Cast, client: Client) -> None:
    page = client.become(met.grace).get("/e/mixer/summary").text
    assert [word for word in ("send CV", "COBOL") if word in page] == []


def test_page_sends_a_stranger_to_sign_in(met: Cast, client: Client) -> None:
    answer = client.get("/e/mixer/summary")
    assert (answer.status_code, answer.location) == (303, "/e/mixer/sign-in?next=%2Fe%2Fmixer%2Fsummary")


def test_page_helps_somebody_who_met_nobody(met: Cast, client: Client) -> None:
    with db.transaction():
        zoe = make_attendee(met.mixer, "Zoë Öztürk", shared=[])
    words = words_of(client.become(zoe).get("/e/mixer/summary").text)
    assert "Three things that help" in words
    assert "One question: what are you looking for?" in words


def test_page_and_mail_agree_on_the_order_once_it_is_settled(met: Cast, client: Client) -> None:
    with db.transaction():
        for i in range(6):
            meet(met.ada, make_attendee(met.mixer, f"Person{i} Example", shared=["email"]), AT + timedelta(minutes=i))
    with clock.stopped(met.mixer.ends_at):
        with db.reading():
            picks = campaigns.picks_for(met.mixer.id)
        with db.transaction():
            campaigns.start(met.mixer.id, picks, "command line")
        with db.transaction():
            write(met.ada, db.session.query(Attendee).filter_by(badge_name="Person0 Example").one(), promise="later")
        with db.reading():
            mail = reading.read(client.settings, met.mixer, met.ada.id, in_mail=True).digest
        page = client.become(met.ada).get("/e/mixer/summary").text
    shown = [int(number) for number in re.findall(r'id="person-(\d+)"', page)]
    assert shown == [entry.id for entry in mail.entries[:8]]
    assert shown[0] == met.grace.id


def test_limited_view_works_without_a_cookie_and_says_whose_it_is(met: Cast, client: Client) -> None:
    answer = client.get(link(met, client))
    words = words_of(answer.text)
    assert "You see Ada Lovelace's list. Not Ada Lovelace?" in words.replace("&#39;", "'")
    assert "grace@people.example" in words
    assert "send CV" not in answer.text, "what speaks of work is on the signed-in page only"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_limited_view_is_read_only(met: Cast, client: Client) -> None:
    assert "<form" not in re.sub(r'<form[^>]*class="theme.*?</form>', "", client.get(link(met, client)).text)
    assert client.submit(link(met, client)).status_code == 405


@pytest.mark.parametrize("detail", ["names", "link"])
def test_limited_view_says_no_more_than_the_mail(met: Cast, client: Client, detail: str) -> None:
    with db.transaction():
        db.session.get_one(Card, met.ada.id).summary_detail = detail
    page = client.get(link(met, client)).text
    assert ("Grace Hopper" in page) == (detail == "names")
    assert [word for word in ("grace@people.example", "COBOL", "Hi Grace") if word in page] == []


def test_limited_view_ends_with_the_activation_links_generation(met: Cast, client: Client) -> None:
    address = link(met, client)
    assert client.get(address).status_code == 200
    with db.transaction():
        db.session.get_one(Attendee, met.ada.id).generation += 1
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("change", [
    lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"), lambda token: "0" * 34, lambda token: "x",
    lambda token: f"{int(token[:8]) + 1:08d}{token[8:]}",
])
def test_made_up_links_open_nothing(met: Cast, client: Client, change: object) -> None:
    token = reading.summary_token(client.settings.secret_key, met.ada)
    answer = client.get(f"/M/{change(token)}")  # type: ignore[operator]
    assert (answer.status_code, "This link does not open anything." in answer.text) == (404, True)


def test_limited_view_of_somebody_who_left_opens_nothing(met: Cast, client: Client) -> None:
    with db.transaction():
        db.session.get_one(Attendee, met.ada.id).not_taking_part_at = clock.now()
    assert client.get(link(met, client)).status_code == 404


def test_limited_view_ends_with_the_retention_date(met: Cast, client: Client) -> None:
    with clock.stopped(met.mixer.retention_at):
        answer = client.get(link(met, client))
    assert answer.status_code == 410
    assert "was kept until 15 November 2027. It is being deleted now" in answer.text
