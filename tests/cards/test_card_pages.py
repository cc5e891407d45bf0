"""The card screen: what it shows, saves, previews and refuses; and "I was there"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges.models import Badge
from eventnet.cards import attendance, choosing
from eventnet.cards.models import Card, Consent
from eventnet.events.models import ProgrammeItem
from tests.clients import Client
from tests.factories import Cast, make_attendee

CARD = "/e/mixer/card"


def card(attendee: Attendee) -> Card:
    with db.reading():
        found = choosing.card_of(attendee.id)
        assert found is not None
        return found


def switches(page: str) -> list[str]:
    return [part.split('name="')[1].split('"')[0] for part in page.split("<input")[1:]
            if 'class="switch"' in part.split(">")[0] and " checked" in part.split(">")[0]]


def test_card_screen_begins_with_everything_off_and_writes_nothing(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    page = client.get(CARD).get_data(as_text=True)
    assert switches(page) == []
    assert "bob@people.example" in page
    with db.reading():
        assert choosing.card_of(cast.bob.id) is None


def test_card_screen_saves_and_shows_what_was_chosen(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    answer = client.submit(CARD, {
        "share_email": "y", "share_phone": "y", "suggest_me": "y", "title": "Engineer", "organization": "ARPA",
        "phone": "+1 202-555-0100", "linkedin": "in/bobkahn", "website": "", "looking": ["a mentor", "a job"],
        "looking_own": "packets", "offering": ["20-minute chats"], "offering_own": "", "interests": "TCP",
        "swap_policy": "ask", "summary_email": "bob@home.example", "summary_detail": "names"})
    assert answer.headers["Location"] == "/e/mixer/card/saved?first=1"
    assert client.get("/e/mixer/card/saved?first=1").headers["Location"] == "/e/mixer/check"
    saved = card(cast.bob)
    assert (saved.shared, saved.looking_for, saved.offering, saved.interests) == (
        ["email", "phone"], "a mentor, a job, packets", "20-minute chats", "TCP")
    assert (saved.swap_policy, saved.summary_email, saved.summary_detail, saved.agreed_at) == (
        "ask", "bob@home.example", "names", clock.now())
    with db.reading():
        bob = db.session.get_one(Attendee, cast.bob.id)
        assert (bob.title, bob.phone, bob.linkedin) == ("Engineer", "+1 202-555-0100", "https://www.linkedin.com/in/bobkahn")
    assert switches(client.get(CARD).get_data(as_text=True)) == ["share_email", "share_phone", "suggest_me"]
    assert client.submit(CARD, {"share_email": "y"}).headers["Location"] == f"{CARD}/saved"
    assert client.get(f"{CARD}/saved").headers["Location"] == CARD
    assert card(cast.bob).shared == ["email"]


def test_card_screen_twice_is_one_consent(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    for _twice in range(2):
        client.submit(CARD, {"share_email": "y"})
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(Consent).where(
            Consent.attendee_id == cast.bob.id)) == 1


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"share_website": "y", "website": ""}, "You share this, so write it here; or switch it off above."),
    ({"website": "http://x.example"}, "Only https addresses stand on a card."),
    ({"linkedin": "https://evil.example/ada"}, "That is no LinkedIn profile."),
    ({"summary_email": "nowhere"}, "That is no e-mail address."),
    ({"looking_own": "x" * 201}, "That is too long: 200 characters at most."),
    ({"swap_policy": "always"}, "Not a valid choice"),
])
def test_card_screen_keeps_what_was_typed_when_it_refuses(
        client: Client, cast: Cast, typed: dict[str, str], sentence: str) -> None:
    client.become(cast.bob)
    answer = client.submit(CARD, {"interests": "compilers", "share_email": "y", **typed})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, sentence in page, "compilers" in page, "share_email" in switches(page)) == (
        422, True, True, True)
    with db.reading():
        assert choosing.card_of(cast.bob.id) is None


def test_card_screen_keeps_a_doubtful_phone_number_and_says_so(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    client.submit(CARD, {"share_phone": "y", "phone": "room 12"})
    page = client.get("/e/mixer/check").get_data(as_text=True)
    assert "“room 12” does not look like a phone number here." in page
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).phone == "room 12"


def test_card_screen_does_not_change_the_address_one_signs_in_with(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    client.submit(CARD, {"email": "thief@evil.example", "share_email": "y"})
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).email == "bob@people.example"


def test_card_screen_takes_no_unproven_address_from_somebody_without_one(client: Client, cast: Cast) -> None:
    with db.transaction():
        nina = make_attendee(cast.mixer, "Нина Иванова", email="")
    client.become(nina)
    assert 'href="/e/mixer/address"' in client.get(CARD).get_data(as_text=True)
    answer = client.submit(CARD, {"share_email": "y", "email": "nina@people.example"})
    assert (answer.status_code, "Add your e-mail address first" in answer.get_data(as_text=True)) == (422, True)
    client.submit(CARD, {"share_phone": "y", "phone": "+49 221 5555", "email": "nina@people.example"})
    with db.reading():
        row = db.session.get_one(Attendee, nina.id)
        assert (row.email, row.email_key, row.phone) == ("", "", "+49 221 5555")


def test_card_gives_a_badge_to_whoever_has_none(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.query(Badge).where(Badge.attendee_id == cast.bob.id).delete()
    client.become(cast.bob)
    for _twice in range(2):
        client.submit(CARD)
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(Badge).where(Badge.attendee_id == cast.bob.id)) == 1


def test_preview_shows_what_is_typed_and_saves_nothing(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    typed = {"share_phone": "y", "phone": "+1 202-555-0100", "looking": "a job", "suggest_me": "y", "interests": "TCP"}
    page = client.submit("/e/mixer/card/preview", typed).get_data(as_text=True)
    assert "<dt>Phone</dt><dd dir=\"auto\">+1 202-555-0100</dd>" in page
    assert ("bob@people.example" in page, "<dt>E-mail</dt>" in page, "a job</p>" in page) == (False, False, False)
    with db.reading():
        assert choosing.card_of(cast.bob.id) is None
    back = client.submit(CARD, {**typed, "edit": "1"}).get_data(as_text=True)
    assert switches(back) == ["share_phone", "suggest_me"]
    with db.reading():
        assert choosing.card_of(cast.bob.id) is None


def test_preview_of_the_saved_card_follows_a_withdrawal(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    assert "ada@people.example" in client.get("/e/mixer/card/preview").get_data(as_text=True)
    client.submit(CARD, {"share_linkedin": "y"})
    assert "ada@people.example" not in client.get("/e/mixer/card/preview").get_data(as_text=True)


def test_card_pages_escape_any_name(client: Client, cast: Cast) -> None:
    name = '<script>alert("x")</script>'
    with db.transaction():
        row = db.session.get_one(Attendee, cast.bob.id)
        row.badge_name = row.organization = name
    client.become(cast.bob)
    for path in (CARD, "/e/mixer/card/preview", "/e/mixer/badge", "/e/mixer/check", "/e/mixer/browsers"):
        assert name not in client.get(path).get_data(as_text=True)


def test_start_leads_to_the_card_first_and_to_the_badge_later(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert client.get("/e/mixer/").headers["Location"] == CARD
    client.submit(CARD)
    assert client.get("/e/mixer/").headers["Location"] == "/e/mixer/badge"


def test_card_pages_send_the_signed_out_to_sign_in(client: Client, cast: Cast) -> None:
    client.become(cast.mallory)
    for path in ("card", "badge", "badge.png", "check", "hand-over", "browsers", "programme", "card/preview"):
        assert client.get(f"/e/mixer/{path}").headers["Location"].startswith("/e/mixer/sign-in?next=")
        assert client.submit(f"/e/mixer/{path}").status_code in (401, 405)
    assert '<a class="button primary" href="/e/mixer/sign-in">Sign in</a>' in client.submit(CARD).text


def test_attendance_is_what_people_say_about_items_that_began(client: Client, cast: Cast) -> None:
    now = clock.now()
    with db.transaction():
        begun, later, foreign = (
            ProgrammeItem(event_id=event.id, external_key=title, title=title, starts_at=start,
                          ends_at=start + timedelta(hours=1))
            for event, title, start in ((cast.mixer, "Keynote", now - timedelta(hours=1)),
                                        (cast.mixer, "Panel", now + timedelta(hours=1)),
                                        (cast.elsewhere, "Secret", now - timedelta(hours=1))))
        db.session.add_all([begun, later, foreign])
        db.session.flush()
    client.become(cast.bob)
    page = client.get("/e/mixer/programme").get_data(as_text=True)
    assert ("Keynote" in page, "Panel" in page, "Secret" in page) == (True, False, False)
    for _twice in range(2):
        client.submit("/e/mixer/programme", {"item": [begun.id, later.id, foreign.id, "x"]})
    with db.reading():
        assert attendance.said_by(cast.mixer.id, cast.bob.id) == {begun.id}
    client.submit("/e/mixer/programme")
    with db.reading():
        assert attendance.said_by(cast.mixer.id, cast.bob.id) == set()


def test_privacy_page_says_what_the_event_says(client: Client, cast: Cast) -> None:
    page = client.get("/e/mixer/privacy").get_data(as_text=True)
    for words in ("Alumni Office, Cologne", "data@organizers.example", "15 November 2027"):
        assert words in page
    assert client.get("/e/nowhere/privacy").status_code == 404
