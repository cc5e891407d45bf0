"""The second factor: set up, sign in, codes once, recovery codes, lost ones, and no stranger locks anybody out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from eventnet import clock, config, db, jobs
from eventnet.accounts import factors, half_sign_ins, organizers, passwords, resets, totp
from eventnet.accounts.models import Browser, HalfSignIn, Organizer, RecoveryCode, SecondFactor
from eventnet.audit import log
from eventnet.outbox.composing import compose_due
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast

PASSWORD, EMAIL = "seven green bottles", "olga@organizers.example"
WRONG = "That code is not right, or was used already."


@pytest.fixture(autouse=True)
def known_password(cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).password_hash = passwords.make_hash(PASSWORD, "cheap")


@pytest.fixture
def secret(cast: Cast, settings: config.Settings) -> bytes:
    """Olga has an app that was set up an hour ago."""
    with clock.stopped(clock.now() - timedelta(hours=1)), db.transaction():
        factors.begin(cast.olga.id, settings.secret_key)
        db.session.flush()
        factor = db.session.get_one(SecondFactor, cast.olga.id)
        made = totp.opened(factor.pending or b"", settings.secret_key, cast.olga.id)
        assert made is not None
        factors.confirm(cast.olga.id, settings.secret_key, code_now(made))
    return made


def code_now(secret: bytes, steps: int = 0) -> str:
    return totp.code(secret, totp.step_at(clock.now()) + steps)


def with_password(client: Client, password: str = PASSWORD, next_: str = ""):  # type: ignore[no-untyped-def]
    return client.submit("/admin/sign-in", {"email": EMAIL, "password": password, "next": next_})


def with_code(client: Client, code: str, next_: str = ""):  # type: ignore[no-untyped-def]
    return client.submit("/admin/sign-in/code", {"code": code, "next": next_})


def new_browser(app: Flask) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    return made


def test_setting_up_shows_the_secret_and_ends_with_ten_codes(
    client: Client, cast: Cast, settings: config.Settings,
) -> None:
    client.become_organizer(cast.olga.id)
    assert "Set up a second factor" in client.get("/admin/account/factor").get_data(as_text=True)
    assert client.submit("/admin/account/factor").location == "/admin/account/factor"
    page = client.get("/admin/account/factor").get_data(as_text=True)
    [shown] = re.findall(r'class="secret" translate="no">([A-Z2-7 ]+)<', page)
    with db.reading():
        kept = db.session.get_one(SecondFactor, cast.olga.id)
        secret = totp.opened(kept.pending or b"", settings.secret_key, cast.olga.id) or b""
        assert (totp.shown(secret), kept.sealed, secret in (kept.pending or b"")) == (shown, None, False)
        assert not factors.is_on(cast.olga.id)
    wrong = client.submit("/admin/account/factor/code", {"code": "000000"})
    assert (wrong.status_code, "That is not the code the app shows now" in wrong.get_data(as_text=True)) == (422, True)
    done = client.submit("/admin/account/factor/code", {"code": code_now(secret)}).get_data(as_text=True)
    codes = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", done)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert codes[0] not in client.get("/admin/account/factor").get_data(as_text=True)
    with db.reading():
        hashes = {row.code_hash for row in db.session.query(RecoveryCode).all()}
        assert len(hashes) == 10
        assert not any(code.replace("-", "") in kept for code in codes for kept in hashes)
        assert [log.sentence(entry, "Olga") for entry in log.recent(None, 1)] == ["Olga turned a second factor on."]
    replay = client.submit("/admin/account/factor/code", {"code": code_now(secret)})
    assert replay.location == "/admin/account/factor"
    assert "Nothing is being set up" in client.get(replay.location).get_data(as_text=True)


def test_password_alone_is_only_half_a_sign_in(client: Client, cast: Cast, secret: bytes) -> None:
    half = with_password(client, next_="/admin/e/mixer/")
    assert half.location == "/admin/sign-in/code?next=%2Fadmin%2Fe%2Fmixer%2F"
    for path in ("/admin/", "/admin/account", "/admin/e/mixer/", "/admin/account/factor"):
        assert client.get(path).location.startswith("/admin/sign-in?next=")
    with db.reading():
        assert db.session.query(Browser).count() == 0
        assert db.session.query(HalfSignIn).one().organizer_id == cast.olga.id
    assert "The password of olga@organizers.example is right" in client.get(half.location).get_data(as_text=True)
    assert with_code(client, code_now(secret), "/admin/e/mixer/").location == "/admin/e/mixer/"
    assert client.get("/admin/").status_code == 200
    with db.reading():
        assert db.session.query(HalfSignIn).count() == 0


def test_half_sign_in_belongs_to_its_browser_and_ends_after_ten_minutes(
    client: Client, app: Flask, secret: bytes,
) -> None:
    with_password(client)
    thief = new_browser(app)
    assert with_code(thief, code_now(secret)).location == "/admin/sign-in?next=%2Fadmin%2F"
    with clock.stopped(clock.now() + half_sign_ins.LASTS):
        assert client.get("/admin/sign-in/code").location == "/admin/sign-in?next=%2Fadmin%2F"
        assert with_code(client, code_now(secret)).location == "/admin/sign-in?next=%2Fadmin%2F"
        with db.transaction():
            assert half_sign_ins.purge() == 1


def test_half_sign_in_dies_with_the_password(client: Client, cast: Cast, secret: bytes) -> None:
    with_password(client)
    with db.transaction():
        organizers.set_password(cast.olga.id, passwords.make_hash("nine blue bottles", "cheap"), "command line")
    assert with_code(client, code_now(secret)).location == "/admin/sign-in?next=%2Fadmin%2F"


def test_code_signs_in_once(client: Client, app: Flask, secret: bytes) -> None:
    with_password(client)
    assert with_code(client, code_now(secret, 2)).status_code == 422
    assert with_code(client, code_now(secret)).location == "/admin/"
    other = new_browser(app)
    with_password(other)
    again = with_code(other, code_now(secret))
    assert (again.status_code, WRONG in again.get_data(as_text=True)) == (422, True)
    assert with_code(other, code_now(secret, 1)).location == "/admin/", "the next one is new"


def test_code_brought_twice_at_once_counts_once(cast: Cast, settings: config.Settings, secret: bytes) -> None:
    """Both requests read the factor before either wrote: the conditional update lets one through."""
    factor = SecondFactor.__table__
    with db.transaction():
        was_read_before = db.session.get_one(SecondFactor, cast.olga.id)
        db.connection().execute(update(factor).values(last_step=totp.step_at(clock.now())))  # type: ignore[arg-type]
        assert was_read_before.last_step < totp.step_at(clock.now())
        assert factors.take(cast.olga.id, settings.secret_key, code_now(secret)) is None


def test_recovery_code_signs_in_once(client: Client, app: Flask, cast: Cast, settings: config.Settings,
                                     secret: bytes) -> None:
    with db.transaction():
        codes = factors.renew_codes(cast.olga.id, settings.secret_key)
    with_password(client)
    assert with_code(client, codes[3].lower().replace("-", " ")).location == "/admin/"
    page = client.get("/admin/").get_data(as_text=True)
    assert "That recovery code is used up. 9 are left; make new ones in your account." in page
    other = new_browser(app)
    with_password(other)
    assert with_code(other, codes[3]).status_code == 422
    assert with_code(other, codes[4]).location == "/admin/"
    with db.reading():
        assert factors.codes_left(cast.olga.id) == 8


def test_new_recovery_codes_kill_the_old_ones(client: Client, cast: Cast, settings: config.Settings,
                                              secret: bytes) -> None:
    with db.transaction():
        old = factors.renew_codes(cast.olga.id, settings.secret_key)
    client.become_organizer(cast.olga.id)
    page = client.submit("/admin/account/factor/recovery-codes").get_data(as_text=True)
    new = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", page)
    assert len(new) == 10
    with db.transaction():
        assert factors.take(cast.olga.id, settings.secret_key, old[0]) is None
        assert factors.take(cast.olga.id, settings.secret_key, new[0]) == "recovery"
        assert factors.take(cast.oscar.id, settings.secret_key, new[1]) is None, "somebody else's"


def test_wrong_codes_are_budgeted_and_come_back_with_the_right_one(
    client: Client, app: Flask, secret: bytes,
) -> None:
    with_password(client)
    assert [with_code(client, "000000").status_code for _try in range(10)] == [422] * 10
    refused = with_code(client, code_now(secret))
    assert (refused.status_code, "Too many wrong codes. Wait 15 minutes" in refused.get_data(as_text=True)) == (
        429, True)
    assert refused.headers["Retry-After"] == "900"
    with db.reading():
        assert len([entry for entry in log.recent(None) if entry.act == "organizer.code_refused"]) == 10


def test_stranger_with_the_password_does_not_lock_a_known_browser_out(
    client: Client, app: Flask, secret: bytes,
) -> None:
    with_password(client)
    with_code(client, code_now(secret))
    client.submit("/admin/sign-out")
    stranger = new_browser(app)
    with_password(stranger)
    while with_code(stranger, "000000").status_code != 429:
        pass
    with_password(client)
    assert with_code(client, code_now(secret, 1)).location == "/admin/"


def test_stranger_with_the_address_does_not_lock_a_known_browser_out(client: Client, app: Flask) -> None:
    with_password(client)
    client.submit("/admin/sign-out")
    stranger = new_browser(app)
    while with_password(stranger, "wrong").status_code != 429:
        pass
    assert with_password(new_browser(app)).status_code == 429, "a browser nobody knows: the negative control"
    assert with_password(client).location == "/admin/"
    client.submit("/admin/sign-out")
    assert [with_password(client, "wrong").status_code for _try in range(11)] == [422] * 10 + [429], "its own budget"


def test_mailed_reset_makes_a_browser_known(client: Client, app: Flask, cast: Cast, settings: config.Settings) -> None:
    stranger = new_browser(app)
    while with_password(stranger, "wrong").status_code != 429:
        pass
    with db.transaction():
        reset = resets.make(cast.olga.id, resets.MAILED_LASTS)
        token = resets.token(settings.secret_key, reset, db.session.get_one(Organizer, cast.olga.id))
    assert client.submit(f"/admin/reset/{token}", {"password": "nine blue bottles"}).location == "/admin/sign-in"
    assert client.get("/admin/").status_code == 303, "known, not signed in"
    while with_password(stranger, "wrong").status_code != 429:
        pass
    assert with_password(client, "nine blue bottles").location == "/admin/"


def test_set_up_again_keeps_the_old_app_until_the_new_one_is_confirmed(
    client: Client, cast: Cast, settings: config.Settings, secret: bytes,
) -> None:
    client.become_organizer(cast.olga.id)
    client.submit("/admin/account/factor")
    with db.transaction():
        assert factors.take(cast.olga.id, settings.secret_key, code_now(secret)) == "app"
        pending = db.session.get_one(SecondFactor, cast.olga.id).pending or b""
    new = totp.opened(pending, settings.secret_key, cast.olga.id) or b""
    client.submit("/admin/account/factor/code", {"code": code_now(new)})
    with db.transaction():
        assert factors.take(cast.olga.id, settings.secret_key, code_now(secret, 1)) is None
        assert factors.take(cast.olga.id, settings.secret_key, code_now(new, 1)) == "app"


def test_turning_it_off_leaves_the_password_alone(client: Client, app: Flask, cast: Cast, secret: bytes) -> None:
    client.become_organizer(cast.olga.id)
    assert client.submit("/admin/account/factor/removal").location == "/admin/account"
    assert with_password(new_browser(app)).location == "/admin/"
    with db.reading():
        assert db.session.query(RecoveryCode).count() == 0


def test_lifted_factor_is_mailed(cast: Cast, settings: config.Settings, secret: bytes) -> None:
    with db.transaction():
        assert factors.lift(cast.olga.id, "command line") is True
    with db.transaction():
        assert factors.lift(cast.olga.id, "command line") is False, "there is none any more"
    compose_due(jobs.composers(settings), settings)
    with db.reading():
        [mail] = db.session.query(Mail).all()
        assert (mail.kind, mail.to_address, mail.state) == ("factor_lifted", EMAIL, "ready")
        assert b"Subject: Your second factor was lifted" in (mail.content or b"")
        [entry] = [entry for entry in log.recent(None) if entry.act == "organizer.factor_lifted"]
        assert log.sentence(entry) == "The command line lifted the second factor of an organizer."


def test_lost_secret_key_opens_nothing(cast: Cast, secret: bytes) -> None:
    with db.transaction():
        assert factors.take(cast.olga.id, b"another key of 32 characters or so", code_now(secret)) is None
