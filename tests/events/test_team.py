"""The team of an event: who is on it as what, never without an owner, and a lost second factor lifted."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from eventnet import clock, config, db
from eventnet.accounts import factors, organizers, totp
from eventnet.accounts.models import Organizer, SecondFactor
from eventnet.attendees import size
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events import roles
from eventnet.events.models import EventRole, TeamInvitation
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_attendee, make_event, make_organizer

PEOPLE = "/admin/e/mixer/people"


@pytest.fixture
def team(cast: Cast) -> dict[str, Organizer]:
    """Olga owns the mixer alone; Mona manages, Dora is at the desk, Vera looks on."""
    made = {}
    with db.transaction():
        for role, name in (("manager", "Mona"), ("desk", "Dora"), ("viewer", "Vera")):
            made[name] = make_organizer(f"{name.lower()}@organizers.example", name=name)
            db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=made[name].id, role=role,
                                     given_at=clock.now()))
    return made


def browser(app: Flask, organizer: Organizer) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    return made.become_organizer(organizer.id)


def role_of(cast: Cast, organizer: Organizer) -> str | None:
    with db.reading():
        return next((one.role for one in roles.team(cast.mixer.id) if one.organizer_id == organizer.id), None)


def give_factor(organizer_id: int, settings: config.Settings) -> None:
    with db.transaction():
        factors.begin(organizer_id, settings.secret_key)
        db.session.flush()
        pending = db.session.get_one(SecondFactor, organizer_id).pending or b""
        secret = totp.opened(pending, settings.secret_key, organizer_id) or b""
        factors.confirm(organizer_id, settings.secret_key, totp.code(secret, totp.step_at(clock.now())))


def test_role_change_acts_on_the_next_request(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    olga, mona = browser(app, cast.olga), browser(app, team["Mona"])
    assert mona.get("/admin/e/mixer/settings").status_code == 200
    changed = olga.submit(f"{PEOPLE}/{team['Mona'].id}/role", {"role": "viewer"})
    assert changed.location == PEOPLE
    assert "Mona is viewer now." in olga.get(PEOPLE).get_data(as_text=True)
    assert mona.get("/admin/e/mixer/settings").status_code == 403
    olga.submit(f"{PEOPLE}/{team['Mona'].id}/removal")
    assert mona.get("/admin/e/mixer/").status_code == 404
    with db.reading():
        said = [log.sentence(entry, "Olga") for entry in log.recent(cast.mixer.id)]
    assert said == ["Olga took somebody on the team off the team, who was viewer.",
                    "Olga changed the role of somebody on the team from manager to viewer."]


@pytest.mark.parametrize("name", ["Mona", "Dora", "Vera"])
def test_only_owners_change_roles(app: Flask, cast: Cast, team: dict[str, Organizer], name: str) -> None:
    client = browser(app, team[name])
    acts = (f"{PEOPLE}/{team[name].id}/role", f"{PEOPLE}/{cast.olga.id}/removal", f"{PEOPLE}/invitations",
            f"{PEOPLE}/{cast.olga.id}/factor/removal")
    answers = [client.submit(path, {"role": "owner", "email": "x@people.example"}).status_code for path in acts]
    assert answers == [403] * 4
    assert role_of(cast, team[name]) == {"Mona": "manager", "Dora": "desk", "Vera": "viewer"}[name]
    page = client.get(PEOPLE).get_data(as_text=True)
    assert ("Olga" in page, f"{PEOPLE}/invitations" in page, f"{PEOPLE}/leave" in page) == (True, False, True)
    assert ("olga@organizers.example" in page) == (name == "Mona"), "addresses are for those who may mail people"


def test_last_owner_stays(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    olga = browser(app, cast.olga)
    assert "You are the only owner." in olga.get(PEOPLE).get_data(as_text=True)
    for path, values in ((f"{PEOPLE}/{cast.olga.id}/role", {"role": "manager"}),
                         (f"{PEOPLE}/{cast.olga.id}/removal", {}), (f"{PEOPLE}/leave", {})):
        refused = olga.submit(path, values)
        assert (refused.status_code, "An event needs an owner" in refused.get_data(as_text=True)) == (409, True)
    assert role_of(cast, cast.olga) == "owner"
    olga.submit(f"{PEOPLE}/{team['Mona'].id}/role", {"role": "owner"})
    assert "You are the only owner." not in olga.get(PEOPLE).get_data(as_text=True)
    assert olga.submit(f"{PEOPLE}/leave").location == "/admin/"
    assert (role_of(cast, cast.olga), role_of(cast, team["Mona"])) == (None, "owner")


def test_two_owners_cannot_remove_each_other(cast: Cast, team: dict[str, Organizer]) -> None:
    with db.transaction():
        roles.change(cast.mixer.id, team["Mona"].id, "owner", "command line")
    with db.transaction():
        roles.remove(cast.mixer.id, cast.olga.id, f"organizer:{team['Mona'].id}")
    with db.transaction(), pytest.raises(Refusal, match="needs an owner"):
        roles.remove(cast.mixer.id, team["Mona"].id, f"organizer:{cast.olga.id}")


def test_leaving_is_for_everybody_and_for_oneself(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    vera = browser(app, team["Vera"])
    assert vera.submit(f"{PEOPLE}/leave").location == "/admin/"
    assert (role_of(cast, team["Vera"]), role_of(cast, team["Dora"])) == (None, "desk")
    assert vera.get(PEOPLE).status_code == 404
    assert vera.submit(f"{PEOPLE}/leave").status_code == 404


def test_foreign_and_absent_people_look_the_same(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    olga = browser(app, cast.olga)
    for path in ("role", "removal", "factor/removal"):
        answers = [olga.submit(f"{PEOPLE}/{number}/{path}", {"role": "desk"}) for number in (cast.oscar.id, 999)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data


def test_role_that_does_not_exist_is_refused(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    olga = browser(app, cast.olga)
    assert olga.submit(f"{PEOPLE}/{team['Mona'].id}/role", {"role": "god"}).status_code == 422
    assert role_of(cast, team["Mona"]) == "manager"


def test_removed_owner_takes_their_invitations_along(cast: Cast, team: dict[str, Organizer]) -> None:
    with db.transaction():
        roles.change(cast.mixer.id, team["Mona"].id, "owner", "command line")
        for by in (cast.olga.id, team["Mona"].id):
            db.session.add(TeamInvitation(
                event_id=cast.mixer.id, email=f"{by}@x.example", role="desk", invited_by=by, invited_at=clock.now(),
                mailed_at=clock.now(), ends_at=clock.now()))
    with db.transaction():
        roles.remove(cast.mixer.id, team["Mona"].id, "command line")
    with db.reading():
        assert {row.invited_by: row.revoked_at is None for row in db.session.query(TeamInvitation)} == {
            cast.olga.id: True, team["Mona"].id: False}


def test_lost_factor_is_lifted_by_another_owner(
    app: Flask, cast: Cast, team: dict[str, Organizer], settings: config.Settings,
) -> None:
    give_factor(team["Mona"].id, settings)
    olga = browser(app, cast.olga)
    page = olga.get(PEOPLE).get_data(as_text=True)
    assert len(re.findall("second factor</span>", page)) == 1
    assert olga.submit(f"{PEOPLE}/{team['Mona'].id}/factor/removal").location == PEOPLE
    with db.reading():
        assert not factors.is_on(team["Mona"].id)
        assert [(mail.kind, mail.subject_id) for mail in db.session.query(Mail)] == [
            ("factor_lifted", team["Mona"].id)]
        [entry] = log.recent(cast.mixer.id)
        assert log.sentence(entry, "Olga") == "Olga lifted the second factor of an organizer."
    again = olga.submit(f"{PEOPLE}/{team['Mona'].id}/factor/removal")
    assert (again.status_code, "Mona has no second factor" in again.get_data(as_text=True)) == (409, True)


def test_lifting_opens_no_event_of_somebody_else(
    cast: Cast, team: dict[str, Organizer], settings: config.Settings,
) -> None:
    give_factor(team["Mona"].id, settings)
    with db.transaction():
        make_event("private", owner=team["Mona"])
    with db.transaction(), pytest.raises(Refusal, match="another event"):
        roles.lift_factor(cast.mixer.id, team["Mona"].id, cast.olga.id)
    with db.transaction():
        roles.change(cast.mixer.id, team["Mona"].id, "owner", "command line")
    with db.transaction():
        roles.lift_factor(cast.mixer.id, team["Mona"].id, cast.olga.id)
    with db.transaction(), pytest.raises(NotFound):
        roles.lift_factor(cast.mixer.id, cast.oscar.id, cast.olga.id)
    with db.transaction(), pytest.raises(Refusal, match="in your account"):
        roles.lift_factor(cast.mixer.id, cast.olga.id, cast.olga.id)


def test_team_page_takes_the_same_statements_for_one_and_four(  # type: ignore[no-untyped-def]
    app: Flask, cast: Cast, team: dict[str, Organizer], statements,
) -> None:
    counted = []
    for slug, client in (("elsewhere", browser(app, cast.oscar)), ("mixer", browser(app, cast.olga))):
        client.get(f"/admin/e/{slug}/people")
        with statements() as said:
            client.get(f"/admin/e/{slug}/people")
        counted.append(len(said))
    assert counted[0] == counted[1]


@pytest.fixture
def large(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mixer of three takes part as a large event would: the limit is two."""
    monkeypatch.setattr(size, "WITHOUT_FACTOR", 2)


@pytest.mark.usefixtures("large")
def test_owner_of_a_large_event_is_led_to_set_a_factor_up(
    app: Flask, cast: Cast, team: dict[str, Organizer], settings: config.Settings,
) -> None:
    olga = browser(app, cast.olga)
    led = olga.get("/admin/e/mixer/attendees?q=ada")
    assert led.location == "/admin/account/factor?because=large&next=%2Fadmin%2Fe%2Fmixer%2Fattendees%3Fq%3Dada"
    assert "ask this of their owners" in olga.get(led.location).get_data(as_text=True)
    told = olga.submit("/admin/e/mixer/settings")
    assert (told.status_code, "need a second factor" in told.get_data(as_text=True)) == (403, True)
    open_to_her = ("/admin/", "/admin/account", "/admin/e/mixer/", "/admin/e/mixer/desk", PEOPLE)
    assert [olga.get(path).status_code for path in open_to_her] == [200] * 5
    assert browser(app, team["Mona"]).get("/admin/e/mixer/attendees").status_code == 200, "not an owner"
    give_factor(cast.olga.id, settings)
    assert olga.get("/admin/e/mixer/attendees").status_code == 200


@pytest.mark.usefixtures("large")
def test_who_does_not_take_part_makes_no_event_large(cast: Cast) -> None:
    with db.reading():
        assert size.lacks_factor(cast.mixer.id, cast.olga.id)
    with db.transaction():
        cast.ada = db.session.merge(cast.ada)
        cast.ada.not_taking_part_at = clock.now()
        make_attendee(cast.mixer, "Rita Removed", removed_at=clock.now())
    with db.reading():
        assert not size.lacks_factor(cast.mixer.id, cast.olga.id)


def test_event_of_three_asks_for_no_factor(app: Flask, cast: Cast) -> None:
    assert size.WITHOUT_FACTOR == 500
    assert browser(app, cast.olga).get("/admin/e/mixer/attendees").status_code == 200


def test_disabled_owner_is_no_second_owner(app: Flask, cast: Cast, team: dict[str, Organizer]) -> None:
    with db.transaction():
        roles.change(cast.mixer.id, team["Mona"].id, "owner", "command line")
        organizers.disable(team["Mona"].email, "command line")
    olga = browser(app, cast.olga)
    page = olga.get(PEOPLE).get_data(as_text=True)
    assert ("You are the only owner" in page, page.count('<span class="tag bad">disabled</span>')) == (True, 1)
    assert "Invite a second owner" in olga.get("/admin/e/mixer/").get_data(as_text=True)
    with pytest.raises(Refusal, match="this is the only one"), db.transaction():
        roles.leave(cast.mixer.id, cast.olga.id)
    assert olga.submit(f"{PEOPLE}/{team['Mona'].id}/removal").location == PEOPLE
    assert role_of(cast, team["Mona"]) is None
