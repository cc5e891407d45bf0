"""After the promised day every page says so, and old links lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from eventnet import clock, db, links
from eventnet.accounts import browsers
from eventnet.attendees import activation, hand_over, participation, sign_in
from eventnet.attendees.models import Attendee, HandOver, SignedInBrowser, SignInRequest
from eventnet.errors import Refusal
from eventnet.events import calendar
from eventnet.events.models import Event
from eventnet.lifecycle import forgetting
from eventnet.summaries import reading
from tests.clients import Client
from tests.factories import Cast, make_attendee

PAGES = ("/e/mixer/people", "/e/mixer/badge", "/e/mixer/card", "/e/mixer/summary", "/e/mixer/privacy",
         "/e/mixer/sign-in", "/e/mixer/scan")
ADMIN = ("attendees", "desk", "badges", "settings", "programme", "summaries", "numbers")
ON_THE_DAY = "Everything about Spring mixer was kept until 15 November 2027. It is being deleted now, as promised."
AFTERWARDS = "Everything about Spring mixer was deleted on 15 November 2027, as promised."


@pytest.fixture
def day(cast: Cast) -> Iterator[None]:
    """The promised day has begun; the worker has not come by yet."""
    with db.transaction():
        cast.elsewhere = db.session.get_one(Event, cast.elsewhere.id)
        cast.elsewhere.retention_months = 24
    with clock.stopped(cast.mixer.retention_at + timedelta(minutes=1)):
        yield


def signed_in(cast: Cast, client: Client) -> Client:
    with clock.stopped(cast.mixer.retention_at - timedelta(days=1)):
        return client.become(cast.ada).become_organizer(cast.olga.id)


def forget() -> None:
    with db.transaction():
        forgetting.forget_due(clock.now(), 10_000)


def tokens(cast: Cast, client: Client) -> list[str]:
    secret = client.settings.secret_key
    return [f"/A/{activation.activation_token(secret, cast.ada)}", f"/M/{reading.summary_token(secret, cast.ada)}",
            f"/U/{participation.participation_token(secret, cast.ada)}"]


def test_pages_of_an_event_end_with_its_day(cast: Cast, day: None, client: Client) -> None:
    signed_in(cast, client)
    with clock.stopped(cast.mixer.retention_at - timedelta(seconds=1)):
        assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
        assert [client.get(f"/admin/e/mixer/{page}").status_code for page in ADMIN] == [200] * len(ADMIN)
    for sentence in (ON_THE_DAY, AFTERWARDS):
        answers = [client.get(page) for page in [*PAGES, *(f"/admin/e/mixer/{page}" for page in ADMIN)]]
        assert {(answer.status_code, sentence in answer.text) for answer in answers} == {(410, True)}
        assert {client.submit(page).status_code for page in ("/e/mixer/card", "/admin/e/mixer/settings")} == {410}
        forget()


def test_links_say_it_on_the_day_and_for_good(cast: Cast, day: None, client: Client) -> None:
    old = [*tokens(cast, client), f"/B/{cast.token(cast.ada)}"]
    answers = [client.get(link) for link in old]
    assert {(answer.status_code, ON_THE_DAY in answer.text) for answer in answers} == {(410, True)}
    forget()
    # A badge's token means nothing without its row: it answers a stranger as any badge does, with the way to sign in.
    assert [client.get(link).status_code for link in old] == [410, 410, 410, client.get("/B/" + "0" * 26).status_code]
    assert [AFTERWARDS in client.get(link).text for link in old] == [True, True, True, False]
    made_up = [link[:-1] + ("1" if link[-1] == "0" else "0") for link in old[:3]]
    assert [client.get(link).status_code for link in made_up] == [404] * 3
    assert ["Ada" in client.get(link).text for link in old] == [False] * 4


def test_scan_of_a_forgotten_badge_is_refused_as_unknown(cast: Cast, day: None, client: Client) -> None:
    with clock.stopped(cast.mixer.retention_at - timedelta(days=1)):
        client.become(cast.mallory)
    forget()
    answer = client.send("/api/v1/encounters", {"sent_at": clock.now().isoformat(), "scans": [
        {"id": "00000000-0000-4000-8000-000000000001", "badge": cast.token(cast.ada),
         "scanned_at": clock.now().isoformat(), "elapsed_ms": 0}]}).get_json()["answers"][0]
    assert (answer["result"], answer["reason"]) == ("refused", "unknown")


def test_organizer_sees_when_it_was_forgotten(cast: Cast, day: None, client: Client) -> None:
    signed_in(cast, client)
    assert "It is being deleted now, as promised; nobody sees it any more." in client.get("/admin/e/mixer/").text
    forget()
    page = client.get("/admin/e/mixer/")
    assert (page.status_code, "was deleted on 15 November 2027, as promised." in page.text) == (200, True)
    assert "The worker deleted everything about the event on the promised day: 9 rows." in page.text
    assert "/admin/e/mixer/attendees" not in page.text
    assert '<th scope="row" translate="no">attendees</th><td class="figure">3</td>' in page.text
    assert "Begun on Monday 15 November at 00:01. Ended on Monday 15 November at 00:01." in page.text
    mine = client.get("/admin/").text
    assert ("Spring mixer" in mine, "deleted on 15 November 2027, as promised" in mine) == (True, True)


def test_overview_leads_to_no_page_that_is_gone(cast: Cast, day: None, client: Client) -> None:
    olga = signed_in(cast, client)
    for _when in ("on the day", "afterwards"):
        page = olga.get("/admin/e/mixer/").get_data(as_text=True)
        assert re.findall(r'href="/admin/e/mixer/([^"]*)"', page) == [""]
        forget()


def test_other_organizers_learn_nothing_of_a_forgotten_event(cast: Cast, day: None, client: Client) -> None:
    with clock.stopped(cast.mixer.retention_at - timedelta(days=1)):
        client.become_organizer(cast.oscar.id)
    forget()
    assert [client.get(f"/admin/e/{slug}/{page}").status_code for slug in ("mixer", "never") for page in ("", *ADMIN)
            ] == [404] * 16


def test_other_events_go_on(cast: Cast, day: None, client: Client) -> None:
    with clock.stopped(cast.mixer.retention_at - timedelta(days=1)):
        client.become(cast.mallory).become(cast.ada)
    forget()
    assert client.get("/e/elsewhere/card").status_code == 200
    start = client.get("/").text
    assert ("Another event" in start, "Spring mixer" in start) == (True, False)


def test_command_line_is_told_too(cast: Cast, day: None) -> None:
    for sentence in (ON_THE_DAY, AFTERWARDS):
        with db.reading(), pytest.raises(Refusal) as told:
            calendar.get_event("mixer")
        assert (told.value.sentence, told.value.status, told.value.reason) == (sentence, 410, "forgotten")
        forget()


def test_change_that_would_delete_everything_at_once_is_refused(cast: Cast) -> None:
    with clock.stopped(cast.mixer.ends_at + timedelta(days=100)):
        with db.transaction(), pytest.raises(Refusal) as told:
            calendar.change_event(cast.mixer.id, {"retention_months": 3}, "organizer:1")
        assert (told.value.field, told.value.status) == ("retention_months", 422)
        assert "it would have been kept until 15 January 2027." in told.value.sentence
        with db.transaction():
            assert calendar.change_event(cast.mixer.id, {"retention_months": 4}, "organizer:1").retention_months == 4


def test_sign_in_requests_and_hand_overs_go_a_day_after_their_end(cast: Cast, client: Client) -> None:
    now, secret = clock.now(), client.settings.secret_key
    with db.transaction():
        db.session.add(SignedInBrowser(event_id=cast.mixer.id, attendee_id=cast.ada.id, browser_id=_browser(),
                                       way="desk", since=now))
        ada = db.session.get_one(Attendee, cast.ada.id)
        sign_in.ask(cast.mixer.id, cast.ada.email, "asker")
        hand_over.make(secret, ada, 1)
        old_request, old_hand_over = db.session.query(SignInRequest).one(), db.session.query(HandOver).one()
    for later, gone in ((timedelta(days=1), 0), (timedelta(days=1, minutes=21), 1)):
        with clock.stopped(now + later), db.transaction():
            assert (sign_in.purge(), hand_over.purge()) == (gone, gone)
    with db.transaction():
        sign_in.ask(cast.mixer.id, cast.ada.email, "asker")
        hand_over.make(secret, db.session.get_one(Attendee, cast.ada.id), 1)
        request, code = db.session.query(SignInRequest).one(), db.session.query(HandOver).one()
    # Codes are derived from the number of the row: a number given twice would be a code given twice.
    assert (request.id > old_request.id, code.id > old_hand_over.id) == (True, True)
    assert sign_in.code(secret, request.id, cast.mixer.id) != sign_in.code(secret, old_request.id, cast.mixer.id)


def test_new_attendee_does_not_inherit_an_old_link(cast: Cast, day: None, client: Client) -> None:
    old = tokens(cast, client)
    forget()
    with db.transaction():
        new = make_attendee(db.session.get_one(Event, cast.elsewhere.id), "Eve Newcomer")
    assert new.id > cast.mallory.id
    assert [(client.get(link).status_code, "Newcomer" in client.get(link).text) for link in old] == [(410, False)] * 3


def _browser() -> int:
    return browsers.sign_in(None, links.fingerprint("x"), clock.now() + timedelta(days=1))[0].id
