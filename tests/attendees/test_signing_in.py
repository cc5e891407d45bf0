"""Signing in by mail: the link in the browser that asked, the code anywhere; no page tells who is on the list."""

from __future__ import annotations

import email
import re
from datetime import timedelta
from email import policy

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, mails, sign_in
from eventnet.attendees.models import Attendee, SignInRequest
from eventnet.outbox import composing
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_attendee

ASK, CODE = "/e/mixer/sign-in", "/e/mixer/sign-in/code"


def ask(client: Client, address: str, **more: str) -> None:
    client.get(ASK)
    answer = client.submit(ASK, {"email": address, **more})
    assert (answer.status_code, answer.headers["Location"]) == (303, CODE)


def letters(app: Flask) -> list[tuple[str, str, str, str]]:
    """(address, name, path of the link, code) of each sign-in mail, read from the bytes that would leave."""
    settings = app.extensions["settings"]
    composing.compose_due(mails.composers(settings), settings)
    with db.reading():
        found = db.session.scalars(select(Mail).where(Mail.kind == "sign_in", Mail.state == "ready")
                                   .order_by(Mail.subject_id)).all()
    result = []
    for mail in found:
        message = email.message_from_bytes(mail.content or b"", policy=policy.default)
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
        link = re.search(r"https://ev\.example(/L/\w+)", text)
        code = re.search(r"^ +(\d{4} \d{4})$", text, re.MULTILINE)
        assert link, text
        assert code, text
        address = message["To"].addresses[0]
        result.append((address.addr_spec, address.display_name, link[1], code[1]))
    return result


def who(client: Client, slug: str = "mixer") -> str:
    """The badge name this browser is signed in as; empty when it is nobody."""
    answer = client.get(f"/e/{slug}/badge")
    if answer.status_code == 303:
        return ""
    return re.search(r"<h1[^>]*>([^<]*)</h1>", answer.get_data(as_text=True))[1]  # type: ignore[index]


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def requests() -> list[SignInRequest]:
    with db.reading():
        return list(db.session.scalars(select(SignInRequest).order_by(SignInRequest.id)))


def test_sign_in_by_the_mailed_link_in_the_browser_that_asked(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "GRACE@people.example ", next="/e/mixer/people")
    [(address, name, link, _code)] = letters(app)
    assert (address, name) == ("grace@people.example", "Grace Hopper")

    for _time in range(20):
        assert "Sign in as Grace Hopper" in client.get(link).get_data(as_text=True)
    assert who(client) == ""
    assert client.submit(link).headers["Location"] == "/e/mixer/people"
    assert who(client) == "Grace Hopper"
    assert client.get(link).headers["Location"] == "/e/mixer/people"


def test_sign_in_link_elsewhere_says_to_type_the_code(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, link, code)] = letters(app)
    scanner = new_browser(app)
    for _time in range(3):
        page = scanner.get(link).get_data(as_text=True)
        assert ("Type the code instead" in page, "Grace" in page) == (True, False)
        assert scanner.submit(link).headers["Location"] == link
    assert (who(scanner), requests()[0].used_at) == ("", None)

    assert scanner.submit(CODE, {"code": code, "email": "grace@people.example"}).headers["Location"] == "/e/mixer/"
    assert who(scanner) == "Grace Hopper"


def test_sign_in_by_the_code_where_it_was_asked_needs_no_address(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    assert 'name="email"' not in client.get(CODE).get_data(as_text=True)
    client.submit(CODE, {"code": code.replace("0", "٠")})
    assert who(client) == "Grace Hopper"


def test_sign_in_code_elsewhere_needs_the_address(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    other = new_browser(app)
    assert 'name="email"' in other.get(CODE).get_data(as_text=True)
    assert other.submit(CODE, {"code": code}).status_code == 422
    assert other.submit(CODE, {"code": code, "email": "bob@people.example"}).status_code == 422
    assert who(other) == ""
    other.submit(CODE, {"code": code, "email": "Grace@people.example"})
    assert who(other) == "Grace Hopper"


def test_sign_in_code_and_link_count_once(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, link, code)] = letters(app)
    client.submit(CODE, {"code": code})
    client.submit("/e/mixer/browsers/sign-out")

    assert client.submit(CODE, {"code": code, "email": "grace@people.example"}).status_code == 422
    client.submit(link)
    assert who(client) == ""
    with clock.stopped(clock.now() + timedelta(minutes=3)):
        assert who(client) == ""


def test_sign_in_link_by_a_double_tap_is_one_browser(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, link, _code)] = letters(app)
    csrf = client.csrf()
    other_half = new_browser(app)
    nonce = client.get_cookie("__Host-eventnet-visitor", domain="ev.example")
    assert nonce is not None
    other_half.set_cookie("__Host-eventnet-visitor", nonce.value, domain="ev.example", secure=True)
    client.post(link, data={"csrf_token": csrf})
    other_half.post(link, data={"csrf_token": csrf})
    assert who(other_half) == "Grace Hopper"
    with db.reading():
        assert len(activation.browsers_of(cast.grace)) == 1


def test_sign_in_is_over_after_twenty_minutes(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, link, code)] = letters(app)
    with clock.stopped(clock.now() + timedelta(minutes=20)):
        assert client.get(link).status_code == 410
        assert client.submit(link).status_code == 303
        assert client.submit(CODE, {"code": code, "email": "grace@people.example"}).status_code == 422
        assert who(client) == ""


def test_sign_in_code_is_dead_after_five_wrong_ones(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    for tries in range(1, 6):
        assert client.submit(CODE, {"code": wrong}).status_code == 422
        assert requests()[0].tries == tries
    client.submit(CODE, {"code": code})
    assert who(client) == ""


def test_sign_in_code_on_the_fifth_try_still_works(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    for _try in range(4):
        client.submit(CODE, {"code": "00000000" if code != "0000 0000" else "11111111"})
    client.submit(CODE, {"code": code})
    assert who(client) == "Grace Hopper"


def test_sign_in_tries_of_a_stranger_do_not_use_up_mine(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    stranger = new_browser(app)
    stranger.get(CODE)
    wrong = "00000000" if code != "0000 0000" else "11111111"
    answers = [stranger.submit(CODE, {"code": wrong, "email": "grace@people.example"}).status_code for _n in range(12)]
    assert answers == [422] * sign_in.TYPED_ELSEWHERE + [429, 429]
    assert requests()[0].tries == 0
    client.submit(CODE, {"code": code})
    assert who(client) == "Grace Hopper"


def test_sign_in_asking_again_voids_nothing(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    ask(client, "grace@people.example")
    [older, newer] = letters(app)
    assert older[3] != newer[3]
    client.submit(CODE, {"code": older[3]})
    assert who(client) == "Grace Hopper"


@pytest.mark.parametrize("slug", ["mixer", "elsewhere"])
def test_sign_in_answers_an_unknown_address_with_the_same_bytes(
        app: Flask, client: Client, cast: Cast, slug: str) -> None:
    path, seen = f"/e/{slug}/sign-in", []
    client.get(path)
    for address in ("nobody@people.example", "ada@people.example"):
        posted = client.submit(path, {"email": address})
        shown = client.get(posted.headers["Location"])
        seen.append((posted.status_code, posted.data, sorted(posted.headers), shown.status_code, shown.data))
    assert seen[0] == seen[1]
    with db.reading():
        mailed = db.session.scalars(select(Mail.attendee_id).where(Mail.kind == "sign_in")).all()
    assert mailed == ([cast.ada.id] if slug == "mixer" else [])
    assert [row.attendee_id for row in requests()] == ([None, cast.ada.id] if slug == "mixer" else [None, None])


def test_sign_in_of_an_unknown_address_opens_nothing(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "nobody@people.example")
    [row] = requests()
    secret = app.extensions["settings"].secret_key
    assert client.submit(CODE, {"code": sign_in.code(secret, row.id, row.event_id)}).status_code == 422
    assert client.get(f"/L/{sign_in.link_token(secret, row)}").status_code == 404


def test_sign_in_writes_one_mail_to_an_address_of_several_and_names_nobody(
        app: Flask, client: Client, cast: Cast) -> None:
    with db.transaction():
        make_attendee(cast.mixer, "Howard Hopper", email="Grace@people.example")
    ask(client, "grace@people.example")
    [(address, name, link, _code)] = letters(app)
    assert (address, name) == ("grace@people.example", "")
    with db.reading():
        content = (db.session.scalars(select(Mail.content)).one() or b"").decode()
    assert ("Grace Hopper" in content, "Howard" in content, "several people" in content) == (False, False, True)
    page = client.get(link).get_data(as_text=True)
    assert ("Grace Hopper" in page, "Howard" in page) == (False, False)


def test_sign_in_mails_are_limited_by_address_without_telling(app: Flask, client: Client, cast: Cast) -> None:
    for number in range(sign_in.ASKS_PER_HOUR + 2):
        ask(client if number % 2 else new_browser(app), "grace@people.example")
    assert len(letters(app)) == sign_in.ASKS_PER_HOUR


def test_sign_in_mails_are_limited_by_browser_with_a_sentence(app: Flask, client: Client, cast: Cast) -> None:
    for number in range(sign_in.ASKS_PER_BROWSER):
        ask(client, f"nobody{number}@people.example")
    answer = client.submit(ASK, {"email": "grace@people.example"})
    assert (answer.status_code, "many requests from this browser" in answer.get_data(as_text=True)) == (429, True)
    ask(new_browser(app), "grace@people.example")
    assert [row[0] for row in letters(app)] == ["grace@people.example"]


def test_sign_in_at_another_event_with_this_ones_code_is_refused(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, _link, code)] = letters(app)
    answer = client.submit("/e/elsewhere/sign-in/code", {"code": code, "email": "grace@people.example"})
    assert answer.status_code == 422
    assert (who(client), who(client, "elsewhere")) == ("", "")


def test_sign_in_as_somebody_else_takes_the_place_only_when_shown(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    ask(client, "grace@people.example")
    [(_address, _name, link, code)] = letters(app)
    assert client.submit(CODE, {"code": code}).status_code == 409
    assert who(client) == "Bob Kahn"
    page = client.get(link).get_data(as_text=True)
    assert f'name="instead_of" value="{cast.bob.id}"' in page
    assert "signs Bob Kahn out" in page
    client.submit(link, {"instead_of": cast.bob.id})
    assert who(client) == "Grace Hopper"


def test_sign_in_goes_on_long_after_the_event(app: Flask, client: Client, cast: Cast) -> None:
    with clock.stopped(cast.mixer.ends_at + timedelta(days=90)):
        ask(client, "grace@people.example")
        [(_address, _name, _link, code)] = letters(app)
        client.submit(CODE, {"code": code})
        assert who(client) == "Grace Hopper"


def test_sign_in_of_somebody_removed_meanwhile_opens_nothing(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    [(_address, _name, link, code)] = letters(app)
    with db.transaction():
        db.session.get_one(Attendee, cast.grace.id).not_taking_part_at = clock.now()
    assert client.submit(CODE, {"code": code}).status_code == 404
    assert client.submit(link).status_code == 404
    assert who(client) == ""


@pytest.mark.parametrize("foreign", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_sign_in_leads_only_to_our_own_pages(app: Flask, client: Client, cast: Cast, foreign: str) -> None:
    ask(client, "grace@people.example", next=foreign)
    [(_address, _name, link, _code)] = letters(app)
    assert client.submit(link).headers["Location"] == "/e/mixer/"


def test_sign_in_keeps_what_was_typed_wrongly(client: Client, cast: Cast) -> None:
    client.get(ASK)
    answer = client.submit(ASK, {"email": "grace at people"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, 'value="grace at people"' in page, "That is no e-mail address." in page) == (
        422, True, True)
    assert requests() == []


def test_sign_in_mail_is_not_sent_when_it_was_used_meanwhile(app: Flask, client: Client, cast: Cast) -> None:
    ask(client, "grace@people.example")
    settings = app.extensions["settings"]
    client.submit(CODE, {"code": sign_in.code(settings.secret_key, requests()[0].id, cast.mixer.id)})
    composing.compose_due(mails.composers(settings), settings)
    with db.reading():
        [mail] = db.session.scalars(select(Mail)).all()
        assert (mail.state, mail.reply) == ("suppressed", "The sign-in was used or is older than 20 minutes.")
