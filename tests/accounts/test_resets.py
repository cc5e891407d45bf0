"""Setting a new password by a link: mailed or printed, once, and silent about who is known."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from eventnet import clock, config, db
from eventnet.accounts import organizers, passwords, resets
from eventnet.accounts.mails import compose_reset
from eventnet.accounts.models import Browser, Organizer, PasswordReset
from eventnet.errors import Refusal
from eventnet.outbox.composing import Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast

EMAIL, NEW = "olga@organizers.example", "nine blue bottles"
TOO_OLD = "This link was used already or is too old. Ask for a new one at “Forgot your password?”."


def mailed(settings: config.Settings) -> Letter | Skip:
    """The letter of the newest planned reset."""
    with db.reading():
        mail = db.session.scalars(select(Mail).order_by(Mail.subject_id.desc())).first()
        assert mail is not None
        assert (mail.kind, mail.urgency, mail.event_id, mail.attendee_id) == ("password_reset", 1, None, None)
        return compose_reset(mail, settings)


def path_of(letter: Letter | Skip) -> str:
    assert isinstance(letter, Letter)
    [address] = re.findall(r"https://\S+", letter.text)
    assert f'href="{address}"' in letter.html
    return urlsplit(address).path


def test_reset_from_mail_to_new_password(client: Client, cast: Cast, settings: config.Settings) -> None:
    elsewhere: Client = client.application.test_client()  # type: ignore[assignment]
    elsewhere.become_organizer(cast.olga.id)
    assert client.submit("/admin/reset", {"email": "OLGA@organizers.example"}).location == "/admin/reset"
    letter = mailed(settings)
    assert isinstance(letter, Letter)
    assert (letter.to_address, letter.to_name, letter.subject) == (EMAIL, "Olga", "Set a new password")
    assert "until 18:30 UTC" in letter.text
    path = path_of(letter)
    assert EMAIL in client.get(path).get_data(as_text=True)
    done = client.submit(path, {"password": NEW})
    assert (done.status_code, done.location) == (303, "/admin/sign-in")
    assert elsewhere.get("/admin/").status_code == 303, "all other sign-ins ended"
    assert client.submit("/admin/sign-in", {"email": EMAIL, "password": NEW}).location == "/admin/"


def test_reset_link_dies_with_its_use(client: Client, cast: Cast, settings: config.Settings) -> None:
    client.submit("/admin/reset", {"email": EMAIL})
    client.submit("/admin/reset", {"email": EMAIL})
    second = path_of(mailed(settings))
    with db.reading():
        first_row = db.session.scalars(select(PasswordReset).order_by(PasswordReset.id)).first()
        assert first_row is not None
        first = urlsplit(resets.address(
            settings.base_url, settings.secret_key, first_row, db.session.get_one(Organizer, cast.olga.id))).path
    client.submit(second, {"password": NEW})
    for path in (first, second):
        for answer in (client.get(path), client.submit(path, {"password": "another password"})):
            assert answer.status_code == 404
            assert TOO_OLD in answer.get_data(as_text=True)
    assert client.submit("/admin/sign-in", {"email": EMAIL, "password": NEW}).status_code == 303


def test_reset_used_twice_at_once_counts_once(cast: Cast) -> None:
    with db.transaction():
        reset = resets.make(cast.olga.id, resets.MAILED_LASTS)
    with db.transaction():
        resets.use(reset.id, passwords.make_hash(NEW, "cheap"), None, "Firefox on Linux")
    with pytest.raises(Refusal), db.transaction():
        resets.use(reset.id, passwords.make_hash("the slower one", "cheap"), None, "Firefox on Linux")
    with db.reading():
        stored = db.session.get_one(Organizer, cast.olga.id).password_hash
    assert passwords.is_right(stored, NEW, "cheap")


def test_reset_is_over_after_an_hour(client: Client, cast: Cast, settings: config.Settings) -> None:
    client.submit("/admin/reset", {"email": EMAIL})
    path = path_of(mailed(settings))
    with clock.stopped(clock.now() + timedelta(minutes=59)):
        assert client.get(path).status_code == 200
    with clock.stopped(clock.now() + timedelta(hours=1)):
        assert TOO_OLD in client.get(path).get_data(as_text=True)
        assert mailed(settings) == Skip("The link was used already or is too old.")


def test_reset_answers_the_same_for_known_and_unknown(client: Client, cast: Cast) -> None:
    pages = []
    for email in (EMAIL, "nobody@organizers.example"):
        answer = client.submit("/admin/reset", {"email": email})
        pages.append((answer.status_code, answer.location, client.get("/admin/reset").get_data()))
    assert pages[0] == pages[1]
    assert "If an organizer has this address" in pages[0][2].decode()
    with db.reading():
        assert db.session.query(Mail).count() == 1


def test_reset_plans_at_most_five_mails_an_hour(client: Client, cast: Cast) -> None:
    answers = {client.submit("/admin/reset", {"email": EMAIL}).status_code for _ask in range(8)}
    assert answers == {303}
    with db.reading():
        assert db.session.query(Mail).count() == 5


def test_opening_a_reset_link_changes_nothing(client: Client, cast: Cast, settings: config.Settings) -> None:
    client.submit("/admin/reset", {"email": EMAIL})
    path = path_of(mailed(settings))
    for _opening in range(3):
        assert client.get(path).status_code == 200
    with db.reading():
        assert [row.used_at for row in db.session.query(PasswordReset)] == [None]


@pytest.mark.parametrize(("password", "sentence"), [
    ("", "Enter a new password."),
    ("short", "Use at least 10 characters. A few words in a row are easy to remember."),
    ("aaaaaaaaaaaa", "That would be guessed at once. Use a few words in a row."),
    ("Olga@Organizers.example", "Your address is the first thing that is tried. Choose something else."),
    ("x" * 100 + "yzab" * 30, "Use at most 200 characters."),
])
def test_weak_password_is_refused_and_the_link_still_works(
    client: Client, cast: Cast, settings: config.Settings, password: str, sentence: str,
) -> None:
    client.submit("/admin/reset", {"email": EMAIL})
    path = path_of(mailed(settings))
    answer = client.submit(path, {"password": password})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert client.submit(path, {"password": NEW}).status_code == 303


@pytest.mark.parametrize("token", ["", "X", "0" * 34, "0" * 33 + "é", "../../etc/passwd", "Z" * 34])
def test_made_up_reset_token_leads_nowhere(client: Client, cast: Cast, token: str) -> None:
    assert client.get(f"/admin/reset/{token}").status_code in (404, 308)


def test_reset_gives_the_tries_back(client: Client, cast: Cast, settings: config.Settings) -> None:
    for _try in range(11):
        client.submit("/admin/sign-in", {"email": EMAIL, "password": "wrong"})
    client.submit("/admin/reset", {"email": EMAIL})
    client.submit(path_of(mailed(settings)), {"password": NEW})
    assert client.submit("/admin/sign-in", {"email": EMAIL, "password": NEW}).status_code == 303


def test_setting_a_password_ends_only_that_organizers_sign_ins(client: Client, cast: Cast) -> None:
    client.become_organizer(cast.oscar.id)
    with db.transaction():
        organizers.set_password(cast.olga.id, passwords.make_hash(NEW, "cheap"), "command line")
    with db.reading():
        assert [row.organizer_id for row in db.session.query(Browser)] == [cast.oscar.id]
