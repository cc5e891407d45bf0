"""Mail scanners: programs that open, run and submit what is in a mail lock nobody out and are shown no contact data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.accounts import browsers
from eventnet.attendees import access, activation, invitations
from eventnet.attendees.models import Attendee
from eventnet.cards import choosing
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast

SECRETS = ("bob@people.example", "+1 202 555 0100", "555 0100", "5550100")


def link_of(app: Flask, attendee: Attendee) -> str:
    return f"/A/{activation.activation_token(app.extensions['settings'].secret_key, attendee)}"


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


class _Forms(HTMLParser):
    """Every link and every form of a page, filled in as it stands: no box is ticked that was not."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self.forms.append((given.get("action", ""), given.get("method", "get"), []))
        elif tag in ("input", "button") and self.forms and given.get("name"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.forms[-1][2].append((given["name"], given.get("value", "on")))


def rummage(bot: Client, start: str, but: str = "sign-out", most: int = 60) -> Iterator[str]:
    """Keeps cookies, follows every link and submits every form it meets `but` these; yields all it was shown."""
    todo, seen, pressed = [start], set(), set()
    while todo and len(seen) < most:
        address = todo.pop(0)
        if address in seen or not address.startswith("/") or "static" in address:
            continue
        seen.add(address)
        answer = bot.get(address, follow_redirects=True)
        if answer.mimetype != "text/html":
            yield answer.get_data().decode("utf-8", "replace")
            continue
        page = answer.get_data(as_text=True)
        yield page
        found = _Forms()
        found.feed(page)
        todo += found.links
        here = answer.request.path
        for action, method, fields in found.forms:
            if method.lower() != "post" or (action or here, tuple(fields)) in pressed or but in action:
                continue
            pressed.add((action or here, tuple(fields)))
            data: dict[str, list[str]] = {}
            for name, value in fields:
                data.setdefault(name, []).append(value)
            data["csrf_token"] = [bot.csrf()]
            yield bot.post(action or here, data=data, follow_redirects=True).get_data().decode("utf-8", "replace")


def listed(client: Client) -> int:
    page = client.get("/e/mixer/browsers").get_data(as_text=True)
    return len(re.findall(r"/browsers/\d+/revoke", page))


def met_grace(cast: Cast, client: Client) -> None:
    """Bob swapped with Grace some time ago, in a browser of his."""
    client.become(cast.bob)
    client.submit(f"/B/{cast.token(cast.grace)}")


def test_scanner_that_presses_everything_gets_no_contact_data_and_locks_nobody_out(app: Flask, cast: Cast) -> None:
    bot = new_browser(app)
    shown = list(rummage(bot, link_of(app, cast.bob), but="/browsers/"))
    assert len(shown) > 12
    assert [secret for secret in SECRETS for page in shown if secret in page] == []

    human = new_browser(app)
    human.get(link_of(app, cast.bob))
    human.submit(link_of(app, cast.bob))
    assert human.get("/e/mixer/card").status_code == 200
    assert listed(human) == 2
    page = human.get("/e/mixer/browsers").get_data(as_text=True)
    assert "perhaps your mail program did" in page
    with db.reading():
        bots = activation.browsers_of(cast.bob)[-1]
    assert human.submit(f"/e/mixer/browsers/{bots.id}/revoke").status_code == 303
    assert bot.get("/e/mixer/card").headers["Location"] == "/e/mixer/sign-in?next=%2Fe%2Fmixer%2Fcard"
    assert listed(human) == 1


def test_scanner_after_the_person_sees_nobody_they_met_and_ends_nothing(app: Flask, cast: Cast) -> None:
    human, bot = new_browser(app), new_browser(app)
    met_grace(cast, human)
    human.submit("/e/mixer/card", {"share_email": "y", "summary_email": "bob@home.example", "summary_detail": "full",
                                   "swap_policy": "ask", "phone": "+1 202 555 0100"})
    shown = list(rummage(bot, link_of(app, cast.bob)))
    for secret in (*SECRETS, "Grace Hopper", "grace@people.example", "bob@home.example"):
        assert [page for page in shown if secret in page] == [], secret
    assert human.get("/e/mixer/people").status_code == 200
    with db.reading():
        card = choosing.card_of(cast.bob.id)
        assert card is not None
        assert (card.shared, card.summary_email, card.swap_policy) == (["email"], "bob@home.example", "ask")
        assert len(activation.browsers_of(cast.bob)) >= 1


def test_scanner_would_be_told_without_the_veil(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with the guard off, the same robot reads and ends all that the tests above keep from it."""
    human, bot = new_browser(app), new_browser(app)
    met_grace(cast, human)
    monkeypatch.setattr(access, "is_held", lambda: False)
    monkeypatch.setattr("eventnet.encounters.access.is_held", lambda: False)
    monkeypatch.setattr("eventnet.cards.pages.is_held", lambda: False)
    shown = "".join(rummage(bot, link_of(app, cast.bob)))
    assert [secret in shown for secret in ("bob@people.example", "+1 202 555 0100", "Grace Hopper")] == [True] * 3


@pytest.mark.parametrize("act", ["tick", "it is me", "scan", "hand over", "code"])
def test_person_is_known_by_what_they_do(app: Flask, client: Client, cast: Cast, act: str) -> None:
    client.get(link_of(app, cast.bob))
    client.submit(link_of(app, cast.bob))
    assert client.get("/e/mixer/people").headers["Location"] == "/e/mixer/it-is-me?next=%2Fe%2Fmixer%2Fpeople"
    if act == "tick":
        client.submit("/e/mixer/card", {"share_email": "y", "swap_policy": "at_once", "summary_detail": "full"})
    elif act == "it is me":
        refused = client.submit("/e/mixer/it-is-me", {"next": "/e/mixer/people"})
        assert (refused.status_code, "tick the box first" in refused.get_data(as_text=True)) == (422, True)
        assert client.get("/e/mixer/people").status_code == 303
        answer = client.submit("/e/mixer/it-is-me", {"me": "1", "next": "/e/mixer/people"})
        assert answer.headers["Location"] == "/e/mixer/people"
    elif act == "scan":
        client.submit(f"/B/{cast.token(cast.grace)}")
    else:
        with db.transaction():
            browser = activation.browsers_of(cast.bob)[0].browser_id
            way = "hand_over" if act == "hand over" else "mailed_code"
            activation.activate(cast.bob.id, 1, browser, "Firefox", way, cast.mixer.retention_at)
        client._keep(_token_of(browser))
    assert client.get("/e/mixer/people").status_code == 200


def _token_of(browser_id: int) -> str:
    with db.transaction():
        return browsers.sign_in(browser_id, "Firefox", clock.now() + timedelta(days=9))[1]


def test_card_that_is_saved_without_a_tick_is_not_agreed_to(app: Flask, client: Client, cast: Cast) -> None:
    """A robot that saves the card must not agree for the person, whose first screen would then be another one."""
    client.get(link_of(app, cast.bob))
    client.submit(link_of(app, cast.bob))
    first = client.get("/e/mixer/card").get_data(as_text=True)
    assert ("bob@people.example" in first, "This is my phone, I am Bob Kahn" in first) == (False, False)
    answer = client.submit("/e/mixer/card", {"interests": "packets", "swap_policy": "paused"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "packets" in page, "bob@people.example" in page) == (422, True, False)
    assert "This is my phone, I am Bob Kahn" in page
    with db.reading():
        assert choosing.card_of(cast.bob.id) is None
    assert client.get("/e/mixer/").headers["Location"] == "/e/mixer/card"
    client.submit("/e/mixer/card", {"interests": "packets", "swap_policy": "paused", "me": "1"})
    assert "bob@people.example" in client.get("/e/mixer/card").get_data(as_text=True)
    assert client.get("/e/mixer/people").status_code == 200


def test_person_who_ticks_and_saves_meets_no_further_question(app: Flask, client: Client, cast: Cast) -> None:
    """Link, yes, tick, save, check, scan: five pages, and what they share is shown before they save it."""
    client.get(link_of(app, cast.bob))
    client.submit(link_of(app, cast.bob))
    ticked = {"share_email": "y", "swap_policy": "at_once", "summary_detail": "full"}
    assert "bob@people.example" in client.submit("/e/mixer/card/preview", ticked).get_data(as_text=True)
    assert "bob@people.example" not in client.get("/e/mixer/card").get_data(as_text=True)
    saved = client.submit("/e/mixer/card", ticked)
    assert saved.headers["Location"] == "/e/mixer/card/saved?first=1"
    assert client.get(saved.headers["Location"]).headers["Location"] == "/e/mixer/check"
    assert [client.get(f"/e/mixer/{page}").status_code for page in ("check", "scan", "people", "waiting")] == [200] * 4


@pytest.mark.parametrize("path", ["/e/mixer/badge/new-code", "/e/mixer/browsers/keys", "/e/mixer/recovery",
                                  "/e/mixer/address", "/e/mixer/browsers/others/revoke"])
def test_scanner_changes_nothing_that_lasts(app: Flask, client: Client, cast: Cast, path: str) -> None:
    client.get(link_of(app, cast.bob))
    client.submit(link_of(app, cast.bob))
    answer = client.submit(path, {"label": "a program", "email": "bot@evil.example"})
    assert (answer.status_code, "First tick that it is you" in answer.get_data(as_text=True)) == (403, True)


def test_scanner_that_comes_later_ends_nobody(app: Flask, cast: Cast) -> None:
    human, bot = new_browser(app), new_browser(app)
    for one in (human, bot):
        one.get(link_of(app, cast.bob))
        one.submit(link_of(app, cast.bob))
    human.submit("/e/mixer/it-is-me", {"me": "1"})
    with db.reading():
        [_bots, humans] = activation.browsers_of(cast.bob)
    assert bot.submit(f"/e/mixer/browsers/{humans.id}/revoke").status_code == 403
    assert human.get("/e/mixer/card").status_code == 200


def test_five_scanners_make_room_after_ten_minutes(app: Flask, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    for _number in range(5):
        bot = new_browser(app)
        bot.get(path)
        bot.submit(path)
    human = new_browser(app)
    human.get(path)
    human.submit(path)
    assert human.get("/e/mixer/card").status_code == 303
    with clock.stopped(clock.now() + activation.HELD_COUNTS):
        human.submit(path)
        assert human.get("/e/mixer/card").status_code == 200
        assert listed(human) == 5


def test_five_people_make_no_room(app: Flask, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    for _number in range(5):
        one = new_browser(app)
        one.get(path)
        one.submit(path)
        one.submit("/e/mixer/it-is-me", {"me": "1"})
    sixth = new_browser(app)
    with clock.stopped(clock.now() + timedelta(days=0, hours=3)):
        sixth.get(path)
        sixth.submit(path)
        assert sixth.get("/e/mixer/card").status_code == 303


def test_person_whose_link_a_scanner_used_is_reminded(app: Flask, client: Client, cast: Cast) -> None:
    with clock.stopped(clock.now() - timedelta(days=1)), db.transaction():
        invitations.plan_all(cast.mixer.id, "organizer:1")
    client.get(link_of(app, cast.bob))
    client.submit(link_of(app, cast.bob))
    with db.reading():
        assert invitations.recipients(db.session.get_one(Event, cast.mixer.id)).again == 1
    client.submit("/e/mixer/it-is-me", {"me": "1"})
    with db.reading():
        assert invitations.recipients(db.session.get_one(Event, cast.mixer.id)).again == 0
