"""An address for mail and sign-in: proven by a mailed code before it counts, told to the old one."""

from __future__ import annotations

import email
import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import cast as as_type

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, address_changes, mails
from eventnet.attendees.models import AddressChange, Attendee
from eventnet.outbox import composing
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_attendee

PAGE, CODE = "/e/mixer/address", "/e/mixer/address/code"


@pytest.fixture
def nina(cast: Cast) -> Attendee:
    with db.transaction():
        return make_attendee(cast.mixer, "Нина Иванова", email="")


def letters(app: Flask) -> list[tuple[str, str]]:
    """(address, text) of every mail, in the order of planning."""
    settings = app.extensions["settings"]
    composing.compose_due(mails.composers(settings), settings)
    with db.reading():
        found = db.session.scalars(select(Mail).where(Mail.state == "ready").order_by(Mail.planned_at, Mail.kind)).all()
        read = [as_type(EmailMessage, email.message_from_bytes(mail.content or b"", policy=policy.default))
                for mail in found]
    return [(one["To"].addresses[0].addr_spec, str(one.get_body(("plain",)).get_content())) for one in read]  # type: ignore[union-attr]


def code_in(text: str) -> str:
    found = re.search(r"^ +(\d{4} \d{4})\r?$", text, re.MULTILINE)
    assert found, text
    return found[1]


def address_of(attendee: Attendee) -> tuple[str, str]:
    with db.reading():
        row = db.session.get_one(Attendee, attendee.id)
        return row.email, row.email_key


def test_address_counts_once_its_code_is_typed(app: Flask, client: Client, cast: Cast, nina: Attendee) -> None:
    client.become(nina)
    assert client.submit(PAGE, {"email": " Nina@people.example"}).headers["Location"] == CODE
    assert address_of(nina) == ("", "")
    [(to, text)] = letters(app)
    assert to == "Nina@people.example"
    stranger: Client = app.test_client()  # type: ignore[assignment]
    stranger.get("/e/mixer/sign-in")
    stranger.submit("/e/mixer/sign-in", {"email": "nina@people.example"})
    assert len(letters(app)) == 1  # no way to sign in yet
    assert client.submit(CODE, {"code": code_in(text)}).headers["Location"] == "/e/mixer/browsers"
    assert address_of(nina) == ("Nina@people.example", "nina@people.example")
    assert client.get(CODE).headers["Location"] == PAGE
    assert len(letters(app)) == 1  # there was no old address to tell


def test_address_change_tells_the_old_one_and_ends_its_link(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    old = activation.activation_token(app.extensions["settings"].secret_key, cast.bob)
    client.submit(PAGE, {"email": "robert@home.example"})
    [(_to, text)] = letters(app)
    client.submit(CODE, {"code": code_in(text)})
    assert address_of(cast.bob) == ("robert@home.example", "robert@home.example")
    told = [text for to, text in letters(app) if to == "bob@people.example"]
    assert len(told) == 1
    assert "now goes to r…t@home.example" in told[0].replace("\r\n", " ")
    assert client.get(f"/A/{old}").status_code == 404
    assert client.get("/e/mixer/people").status_code == 200


def test_address_code_is_of_the_browser_that_asked(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    client.submit(PAGE, {"email": "robert@home.example"})
    [(_to, text)] = letters(app)
    other: Client = app.test_client()  # type: ignore[assignment]
    other.become(cast.bob)
    assert other.submit(CODE, {"code": code_in(text)}).status_code == 422
    grace: Client = app.test_client()  # type: ignore[assignment]
    grace.become(cast.grace)
    assert grace.submit(CODE, {"code": code_in(text)}).status_code == 422
    assert [address_of(one)[0] for one in (cast.bob, cast.grace)] == ["bob@people.example", "grace@people.example"]


@pytest.mark.parametrize("end", ["tries", "time", "used", "newer"])
def test_address_code_ends(app: Flask, client: Client, cast: Cast, end: str) -> None:
    client.become(cast.bob)
    client.submit(PAGE, {"email": "robert@home.example"})
    [(_to, text)] = letters(app)
    code = code_in(text)
    at = clock.now()
    if end == "tries":
        wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
        assert [client.submit(CODE, {"code": wrong}).status_code for _n in range(5)] == [422] * 5
    elif end == "time":
        at += address_changes.LASTS
    elif end == "used":
        client.submit(CODE, {"code": code})
        client.submit(PAGE, {"email": "bob@people.example"})
    else:
        client.submit(PAGE, {"email": "bobby@home.example"})
        newer = next(text for to, text in letters(app) if to == "bobby@home.example")
        client.submit(CODE, {"code": code_in(newer)})
    before = address_of(cast.bob)
    with clock.stopped(at):
        assert client.submit(CODE, {"code": code}).status_code == 422
    assert address_of(cast.bob) == before


def test_address_refuses_what_is_none_and_what_is_theirs(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    for typed, sentence in (("bob at home", "That is no e-mail address."), ("BOB@people.example", "already")):
        answer = client.submit(PAGE, {"email": typed})
        page = answer.get_data(as_text=True)
        assert (answer.status_code, sentence in page, f'value="{typed}"' in page) == (422, True, True)
    with db.reading():
        assert db.session.scalars(select(AddressChange)).all() == []


def test_address_mails_are_limited(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    answers = [client.submit(PAGE, {"email": f"n{n}@home.example"}).status_code for n in range(7)]
    assert answers == [303] * address_changes.ASKS_PER_HOUR + [429] * 2


def test_address_changes_are_forgotten_a_day_later(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    client.submit(PAGE, {"email": "robert@home.example"})
    for hours, gone in ((24, 0), (25, 1)):
        with clock.stopped(clock.now() + timedelta(hours=hours)), db.transaction():
            assert address_changes.purge() == gone
