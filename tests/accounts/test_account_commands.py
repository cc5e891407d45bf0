"""eventnet organizer: add with a password or a link, recover; exit codes."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from eventnet import clock, config, db
from eventnet.accounts import factors, organizers, resets, totp
from eventnet.accounts.commands import organizer
from eventnet.accounts.models import SecondFactor
from eventnet.audit import log
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast

NEW = "nine blue bottles"


@pytest.fixture
def run(settings: config.Settings, cast: Cast):  # type: ignore[no-untyped-def]
    def invoke(*words: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(organizer, list(words), input=stdin, obj=settings)
        db.connect(settings.database_url)
        return result

    return invoke


def test_organizer_is_added_with_a_password(run, client: Client) -> None:  # type: ignore[no-untyped-def]
    result = run("add", "Nora@Organizers.example", "--name", "Nora", "--password-stdin", stdin=f"{NEW}\n")
    assert (result.exit_code, result.output) == (
        0, "nora@organizers.example can sign in at https://ev.example/admin/sign-in\n")
    with db.reading():
        [entry] = log.recent(None)
        assert log.sentence(entry) == "The command line added an organizer."


def test_organizer_is_added_with_a_link_that_works_once(run, settings: config.Settings) -> None:  # type: ignore[no-untyped-def]
    result = run("add", "nora@organizers.example", "--json")
    said = json.loads(result.output)
    assert (result.exit_code, said["email"]) == (0, "nora@organizers.example")
    from eventnet import create_app

    app = create_app(settings)
    app.test_client_class = Client
    client: Client = app.test_client()  # type: ignore[assignment]
    path = urlsplit(said["link"]).path
    assert client.submit(path, {"password": NEW}).location == "/admin/sign-in"
    assert client.submit(path, {"password": "another one here"}).status_code == 404
    assert client.submit("/admin/sign-in", {"email": "nora@organizers.example", "password": NEW}).location == "/admin/"


def test_recover_prints_a_link_and_is_audited(run, cast: Cast) -> None:  # type: ignore[no-untyped-def]
    result = run("recover", "OLGA@organizers.example")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == (
        "olga@organizers.example sets a new password here, once, within 24 hours:")
    assert result.output.splitlines()[1].startswith("https://ev.example/admin/reset/")
    with db.reading():
        [entry] = log.recent(None)
        assert (entry.act, entry.actor, entry.about) == (
            "organizer.recovered", "command line", {"organizer_id": cast.olga.id})


def test_recover_lifts_a_lost_factor_and_says_so(run, cast: Cast, settings: config.Settings) -> None:  # type: ignore[no-untyped-def]
    with db.transaction():
        factors.begin(cast.olga.id, settings.secret_key)
        db.session.flush()
        pending = db.session.get_one(SecondFactor, cast.olga.id).pending or b""
        secret = totp.opened(pending, settings.secret_key, cast.olga.id) or b""
        factors.confirm(cast.olga.id, settings.secret_key, totp.code(secret, totp.step_at(clock.now())))
    result = run("recover", "olga@organizers.example")
    assert result.output.splitlines()[2:] == [
        "Their second factor is lifted, and a mail tells them. They set up a new one in their account."]
    with db.reading():
        assert (factors.is_on(cast.olga.id), factors.codes_left(cast.olga.id)) == (False, 0)
        assert [entry.act for entry in log.recent(None, 2)] == ["organizer.factor_lifted", "organizer.recovered"]
        assert [mail.kind for mail in db.session.query(Mail)] == ["factor_lifted"]
    assert json.loads(run("recover", "olga@organizers.example", "--json").output)["factor_lifted"] is False


def test_disabled_organizer_is_out_at_once_and_comes_back_with_the_same_password(  # type: ignore[no-untyped-def]
    run, cast: Cast, client: Client,
) -> None:
    assert client.become_organizer(cast.olga.id).get("/admin/e/mixer/").status_code == 200
    result = run("disable", "OLGA@organizers.example")
    assert (result.exit_code, result.output) == (0, "olga@organizers.example is disabled; 1 browser signed out.\n")
    assert client.get("/admin/e/mixer/").location == "/admin/sign-in?next=%2Fadmin%2Fe%2Fmixer%2F"
    with db.transaction():
        resets.ask("olga@organizers.example")
    with db.reading():
        assert db.session.query(Mail).count() == 0, "no mail lets them in either"
        assert log.sentence(log.recent(None)[0]) == "The command line disabled an organizer."
    for words, sentence in (
        ("disable", "olga@organizers.example is disabled already."),
        ("recover", "olga@organizers.example is disabled. Let them in first: eventnet organizer enable "
                    "olga@organizers.example"),
    ):
        refused = run(words, "olga@organizers.example")
        assert (refused.exit_code, sentence in refused.output) == (1, True)
    assert json.loads(run("enable", "olga@organizers.example", "--json").output) == {
        "organizer_id": cast.olga.id, "email": "olga@organizers.example"}
    assert client.become_organizer(cast.olga.id).get("/admin/e/mixer/").status_code == 200
    assert run("enable", "olga@organizers.example").exit_code == 1


@pytest.mark.parametrize(("words", "stdin", "code", "sentence"), [
    (("add", "olga@ORGANIZERS.example"), None, 1,
     "olga@organizers.example already is an organizer. Use recover to set a new password."),
    (("add", "not an address"), None, 1, "not an address is not an e-mail address. Check it for a typing mistake."),
    (("add", "nora@organizers.example", "--password-stdin"), "short\n", 1,
     "Use at least 10 characters. A few words in a row are easy to remember."),
    (("add", "nora@organizers.example", "--password-stdin"), "", 1,
     "Use at least 10 characters. A few words in a row are easy to remember."),
    (("recover", "nobody@organizers.example"), None, 1,
     "nobody@organizers.example is not an organizer here. Add them with: eventnet organizer add"),
    (("add",), None, 2, "Missing argument 'EMAIL'"),
])
def test_refused_command_says_why(  # type: ignore[no-untyped-def]
    run, words: tuple[str, ...], stdin: str | None, code: int, sentence: str,
) -> None:
    result = run(*words, stdin=stdin)
    assert result.exit_code == code
    assert sentence in result.output
    with db.reading():
        assert organizers.find("nora@organizers.example") is None
