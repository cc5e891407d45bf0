"""One person, two browsers: the mail program's own opens the link, the phone's real one takes a hand-over code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eventnet import db, links
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.encounters.models import Encounter
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser


def test_hand_over_from_the_mail_program_to_the_phone(live: Live, new_phone: Callable[..., Page]) -> None:
    settings, ada, grace = live.app.extensions["settings"], live.cast.ada, live.cast.grace
    mail_program, phone = new_phone(), new_phone()

    mail_program.goto(links.activation_url(live.url, activation.activation_token(settings.secret_key, ada)))
    mail_program.get_by_role("button", name="Yes, I’m Ada Lovelace").click()
    expect(mail_program).to_have_url(f"{live.url}/e/mixer/badge")
    mail_program.goto("/e/mixer/hand-over")
    mail_program.get_by_role("button", name="Make a code").click()
    code = mail_program.locator(".hand-over-code").inner_text().replace(" ", "")
    assert code.isdigit()
    assert len(code) == 6

    # The phone's camera opens Grace's badge in the phone's own browser, which nobody knows yet.
    phone.goto(f"/B/{live.cast.token(grace)}")
    expect(phone.locator("main")).not_to_contain_text("Grace")
    phone.locator("form[action$='hand-over/enter'] input[name=hand-over-code]").fill(code)
    phone.locator("form[action$='hand-over/enter'] button").click()
    expect(phone).to_have_url(re.compile(rf"/B/{live.cast.token(grace)}(\?kept=\w+)?$"))
    phone.get_by_role("button", name="Grace Hopper").click()
    expect(phone.get_by_role("heading", name="You swapped cards")).to_be_visible()

    with db.reading():
        assert db.session.query(Encounter).count() == 1
        assert db.session.query(SignedInBrowser).filter_by(attendee_id=ada.id, revoked_at=None).count() == 2

    # The code worked once: a third browser gets nowhere with it.
    stranger = new_phone()
    stranger.goto("/e/mixer/sign-in")
    stranger.locator("form[action$='hand-over/enter'] input[name=hand-over-code]").fill(code)
    stranger.locator("form[action$='hand-over/enter'] button").click()
    stranger.goto("/e/mixer/people")
    expect(stranger).to_have_url(f"{live.url}/e/mixer/sign-in?next=%2Fe%2Fmixer%2Fpeople")


def test_second_click_sends_nothing_twice(live: Live, new_phone: Callable[..., Page]) -> None:
    """A walk-in is added by an impatient hand: two clicks on a slow line are one person."""
    client = live.client().become_organizer(live.cast.olga.id)
    name = client.settings.cookie_name("eventnet")
    cookie = client.get_cookie(name, domain="localhost")
    assert cookie is not None
    page = new_phone()
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": live.url}])
    page.goto("/admin/e/mixer/desk/walk-in")
    page.locator("form[method=post]:not([action$=sign-out]) input[type=text]").first.fill("Wanda Walker")
    arrived: list[str] = []
    answer = live.app.wsgi_app

    def slowly(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST":
            arrived.append(environ["PATH_INFO"])
            time.sleep(0.6)
        return answer(environ, start_response)

    live.app.wsgi_app = slowly  # type: ignore[method-assign]
    page.locator("form[method=post]:not([action$=sign-out]) button.primary").evaluate(
        "button => { button.click(); setTimeout(() => button.click(), 150); }")
    page.wait_for_url("**/desk?**")
    assert arrived == ["/admin/e/mixer/desk/walk-in"]
    with db.reading():
        assert db.session.query(Attendee).filter_by(badge_name="Wanda Walker").count() == 1
