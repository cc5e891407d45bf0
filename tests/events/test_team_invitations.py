"""Invitations to the team: mailed, bound to the address, used once by a yes, plain when they are over."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from flask import Flask

from eventnet import clock, config, db, jobs
from eventnet.accounts import budgets, organizers, passwords
from eventnet.accounts.models import Organizer
from eventnet.audit import log
from eventnet.errors import NotFound
from eventnet.events import invitations, roles
from eventnet.events.models import TeamInvitation
from eventnet.outbox.composing import compose_due
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_organizer

PEOPLE, PASSWORD = "/admin/e/mixer/people", "seven green bottles"
GONE = "This invitation was used already, is too old, or was taken back."


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


@pytest.fixture
def mailbox(settings: config.Settings):  # type: ignore[no-untyped-def]
    def read() -> list[tuple[str, str]]:
        """(to, path of the link) of every mail that would leave."""
        compose_due(jobs.composers(settings), settings)
        with db.reading():
            mails = db.session.query(Mail).filter_by(state="ready").order_by(Mail.planned_at, Mail.id).all()
            letters = [message_from_bytes(mail.content or b"", policy=policy.default) for mail in mails]
        return [(letter["To"], urlsplit(re.findall(r"https://\S+/admin/invitation/\w+", letter.get_body(
            ("plain",)).get_content())[0]).path) for letter in letters]

    return read


def invite(client: Client, email: str = "nora@people.example", role: str = "manager"):  # type: ignore[no-untyped-def]
    return client.submit(f"{PEOPLE}/invitations", {"email": email, "role": role})


def on_team(cast: Cast) -> dict[str, str]:
    with db.reading():
        return {one.email: one.role for one in roles.team(cast.mixer.id)}


def stranger(app: Flask) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    return made


def test_invited_stranger_sets_a_password_and_is_on_the_team(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    assert invite(olga, " NORA@people.example ").location == PEOPLE
    page = olga.get(PEOPLE).get_data(as_text=True)
    assert ("1 invitation waits" in page, "nora@people.example" in page, "until 22 October 2026" in page) == (
        True, True, True)
    [(to, path)] = mailbox()
    assert to == "nora@people.example"
    assert path not in page
    nora = stranger(app)
    shown = nora.get(path).get_data(as_text=True)
    assert ("Olga invites you to the team" in shown, "Your name" in shown) == (True, True)
    assert nora.submit(path, {"name": "", "password": "short"}).status_code == 422
    assert nora.submit(path, {"name": "Nora", "password": "short"}).status_code == 422
    assert on_team(cast) == {"olga@organizers.example": "owner"}
    assert nora.submit(path, {"name": "Nora", "password": PASSWORD}).location == "/admin/e/mixer/"
    assert "Welcome to the team of Spring mixer." in nora.get("/admin/e/mixer/").get_data(as_text=True)
    assert on_team(cast) == {"olga@organizers.example": "owner", "nora@people.example": "manager"}
    with db.reading():
        assert [log.sentence(entry, "X") for entry in log.recent(cast.mixer.id)] == [
            "X joined the team as manager.", "X invited somebody to the team as manager."]
    assert nora.submit("/admin/sign-out").location == "/admin/sign-in"
    signed_in = nora.submit("/admin/sign-in", {"email": "nora@people.example", "password": PASSWORD})
    assert signed_in.location == "/admin/"


def test_link_works_once(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    stranger(app).submit(path, {"name": "Nora", "password": PASSWORD})
    for client in (stranger(app), olga):
        for answer in (client.get(path), client.submit(path, {"name": "Eve", "password": PASSWORD})):
            assert (answer.status_code, GONE in answer.get_data(as_text=True)) == (404, True)
    with db.reading():
        assert db.session.query(Organizer).filter_by(email="nora@people.example").one().name == "Nora"


def test_opening_the_link_changes_nothing(olga: Client, app: Flask, cast: Cast, mailbox, statements) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    bot = stranger(app)
    with statements() as said:
        for _time in range(20):
            assert bot.get(path).status_code == bot.head(path).status_code == 200
    assert [one for one in said if not one.lstrip().upper().startswith("SELECT")] == []
    assert bot.submit(path).status_code == 422, "a scanner that submits the form as it is"
    assert stranger(app).submit(path, {"name": "Nora", "password": PASSWORD}).location == "/admin/e/mixer/"


def test_scanner_that_makes_up_a_password_locks_nobody_out(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    stranger(app).submit(path, {"name": "a", "password": "made up by a machine"})
    nora = stranger(app)
    assert GONE in nora.get(path).get_data(as_text=True)
    nora.submit("/admin/reset", {"email": "nora@people.example"})
    with db.reading():
        assert [mail.kind for mail in db.session.query(Mail).filter_by(state="planned")] == ["password_reset"]


def test_invited_organizer_signs_in_and_says_yes(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    with db.transaction():
        db.session.get_one(Organizer, cast.oscar.id).password_hash = passwords.make_hash(PASSWORD, "cheap")
    invite(olga, "oscar@elsewhere.example", "desk")
    [(_to, path)] = mailbox()
    oscar = stranger(app)
    page = oscar.get(path).get_data(as_text=True)
    assert ("Sign in with that address first" in page, 'name="password"' in page) == (True, False)
    taken = oscar.submit(path, {"name": "Eve", "password": "not his password"})
    assert taken.location == f"/admin/sign-in?next={path.replace('/', '%2F')}", "the link alone sets no password"
    signed_in = oscar.submit("/admin/sign-in", {"email": "oscar@elsewhere.example", "password": PASSWORD, "next": path})
    assert signed_in.location == path
    assert "Join the team" in oscar.get(path).get_data(as_text=True)
    assert oscar.submit(path).location == "/admin/e/mixer/"
    assert on_team(cast)["oscar@elsewhere.example"] == "desk"


def test_link_is_for_its_address_only(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    oscar = stranger(app).become_organizer(cast.oscar.id)
    page = oscar.get(path).get_data(as_text=True)
    assert "This invitation is for nora@people.example, and you are signed in as oscar@elsewhere.example." in page
    assert oscar.submit(path, {"name": "x", "password": PASSWORD}).status_code == 409
    assert on_team(cast) == {"olga@organizers.example": "owner"}
    with db.reading():
        assert organizers.find("nora@people.example") is None


def test_yes_is_checked_again_when_it_is_written(olga: Client, cast: Cast) -> None:
    """Two who said yes at the same moment, and somebody with another address: the write lets one through."""
    invite(olga, "oscar@elsewhere.example", "desk")
    with db.transaction():
        number = db.session.query(TeamInvitation).one().id
        nora = make_organizer("nora@people.example", name="Nora").id
        with pytest.raises(NotFound):
            invitations.accept(number, nora)
        assert invitations.accept(number, cast.oscar.id) is True
        with pytest.raises(NotFound):
            invitations.accept(number, cast.oscar.id)
    assert on_team(cast) == {"olga@organizers.example": "owner", "oscar@elsewhere.example": "desk"}


def test_inviting_tells_nothing_about_an_address(olga: Client, cast: Cast, mailbox, settings: config.Settings) -> None:  # type: ignore[no-untyped-def]
    """Known or not, the answer, the list and the mail are the same but for the address."""
    pages, letters = [], []
    for email in ("nora@elsewhere.example", "oscar@elsewhere.example"):
        answer = invite(olga, email)
        pages.append((answer.status_code, answer.data, re.sub(
            r"invitations/\d+", "", olga.get(PEOPLE).get_data(as_text=True)).replace(email, "X")))
        [(to, _path)] = mailbox()
        with db.transaction():
            mail = db.session.query(Mail).filter_by(state="ready").one()
            text = message_from_bytes(mail.content or b"", policy=policy.default).get_body(("plain",)).get_content()
            letters.append(re.sub(r"invitation/\w+", "", text).replace(email, "X"))
            db.session.delete(mail)
            db.session.query(TeamInvitation).delete()
        assert to == email
    assert pages[0] == pages[1]
    assert letters[0] == letters[1]


def test_who_is_on_the_team_is_not_invited(olga: Client, cast: Cast) -> None:
    answer = invite(olga, "olga@organizers.example")
    assert (answer.status_code, "Olga is on the team already" in answer.get_data(as_text=True)) == (409, True)


@pytest.mark.parametrize(("email", "role", "sentence"), [
    ("", "desk", "Enter an e-mail address."), ("nobody", "desk", "nobody is not an e-mail address"),
    ("nora@people.example", "god", "Not a valid choice"),
    ("a@b.example\r\nBcc: x@y.example", "desk", "is not an e-mail"),
])
def test_invitation_that_cannot_be_keeps_what_was_typed(olga: Client, email: str, role: str, sentence: str) -> None:
    answer = invite(olga, email, role)
    assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (422, True)
    with db.reading():
        assert db.session.query(Mail).count() == 0


def test_second_click_is_not_a_second_mail(olga: Client, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    invite(olga)
    assert len(mailbox()) == 1
    with clock.stopped(clock.now() + timedelta(minutes=2)):
        invite(olga, role="viewer")
        with db.reading():
            assert [(row.role, row.mails) for row in db.session.query(TeamInvitation)] == [("viewer", 2)]


def test_sent_again_is_the_same_link_for_seven_days_more(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    with db.reading():
        number = db.session.query(TeamInvitation).one().id
    with clock.stopped(clock.now() + timedelta(days=7)):
        assert GONE in stranger(app).get(path).get_data(as_text=True)
        olga.become_organizer(cast.olga.id)
        assert "over since" in olga.get(PEOPLE).get_data(as_text=True)
        assert olga.submit(f"{PEOPLE}/invitations/{number}/mail").location == PEOPLE
        assert mailbox()[-1] == ("nora@people.example", path)
        assert stranger(app).get(path).status_code == 200


def test_taken_back_link_is_dead_and_its_mail_stays(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    with db.reading():
        number = db.session.query(TeamInvitation).one().id
    assert olga.submit(f"{PEOPLE}/invitations/{number}/removal").location == PEOPLE
    assert GONE in stranger(app).get(path).get_data(as_text=True)
    with db.reading():
        assert [mail.state for mail in db.session.query(Mail)] == ["cancelled"]
    for act in ("mail", "removal"):
        assert olga.submit(f"{PEOPLE}/invitations/{number}/{act}").status_code == 404
    assert "invitation waits" not in olga.get(PEOPLE).get_data(as_text=True)


def test_invitations_of_another_event_are_out_of_reach(olga: Client, app: Flask, cast: Cast) -> None:
    invite(olga)
    with db.reading():
        number = db.session.query(TeamInvitation).one().id
    oscar = stranger(app).become_organizer(cast.oscar.id)
    for act in ("mail", "removal"):
        answers = [oscar.submit(f"/admin/e/elsewhere/people/invitations/{id_}/{act}") for id_ in (number, 999)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data
    with db.reading():
        assert db.session.query(TeamInvitation).one().revoked_at is None


def test_forged_tokens_look_like_used_ones(client: Client, olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    forged = path[:-1] + ("0" if path[-1] != "0" else "1")
    answers = [stranger(app).get(one) for one in (forged, "/admin/invitation/x", f"/admin/invitation/{'Z' * 34}")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.data for answer in answers}) == 1


def test_disabled_organizer_cannot_come_back_by_an_invitation(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    with db.transaction():
        make_organizer("gone@organizers.example", disabled_at=clock.now())
    invite(olga, "gone@organizers.example")
    [(_to, path)] = mailbox()
    assert GONE in stranger(app).get(path).get_data(as_text=True)
    assert stranger(app).submit(path, {"name": "x", "password": PASSWORD}).status_code == 404


def test_invitations_are_budgeted(olga: Client, cast: Cast) -> None:
    with db.transaction():
        for _one in range(50):
            budgets.spend(f"team-invitations:{cast.mixer.id}", 50, timedelta(days=1))
    assert invite(olga).status_code == 429


def test_invitation_of_a_disabled_organizer_opens_nothing(olga: Client, app: Flask, cast: Cast, mailbox) -> None:  # type: ignore[no-untyped-def]
    invite(olga)
    [(_to, path)] = mailbox()
    with db.transaction():
        organizers.disable(cast.olga.email, "command line")
    nora = stranger(app)
    assert (nora.get(path).status_code, GONE in nora.get(path).get_data(as_text=True)) == (404, True)
    with db.reading():
        number = db.session.query(TeamInvitation).one().id
    with pytest.raises(NotFound), db.transaction():
        invitations.accept_newly(number, "Nora", "a hash")
    assert "nora@people.example" not in on_team(cast)
