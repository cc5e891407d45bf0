"""The recovery picture on its page: made by a tap, shown once as a PNG that a camera reads, ended; swapping instead."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from eventnet import config, db
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee, Recovery
from eventnet.badges import recovery_pictures
from tests.clients import Client
from tests.factories import Cast

PAGE = "/e/mixer/recovery"


def picture_in(page: str) -> Image.Image:
    found = re.search(r'<img src="data:image/png;base64,([^"]+)"', page)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def test_recovery_picture_is_shown_once_and_signs_another_phone_in(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert "data:image/png" not in client.get(PAGE).get_data(as_text=True)
    picture = picture_in(client.submit(PAGE).get_data(as_text=True))
    assert picture.size == (900, 1320)
    [read] = zxingcpp.read_barcodes(picture.convert("L"))
    assert read.text.startswith("https://EV.EXAMPLE/R/")
    again = client.get(PAGE).get_data(as_text=True)
    assert ("data:image/png" in again, "Nobody has used it" in again) == (False, True)

    other: Client = app.test_client()  # type: ignore[assignment]
    path = read.text.removeprefix("https://EV.EXAMPLE")
    other.get(path)
    other.submit(path)
    assert "Bob Kahn" in other.get("/e/mixer/badge").get_data(as_text=True)
    assert "It was last used at 19:30" in client.get(PAGE).get_data(as_text=True)
    assert client.submit(f"{PAGE}/end").headers["Location"] == PAGE
    assert other.get(path).status_code == 404
    assert other.get("/e/mixer/badge").status_code == 200  # ending the picture ends no browser


def test_recovery_picture_made_again_ends_the_one_before(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    first, second = (zxingcpp.read_barcodes(picture_in(client.submit(PAGE).get_data(as_text=True)).convert("L"))[0].text
                     .removeprefix("https://EV.EXAMPLE") for _n in range(2))
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    with db.reading():
        assert [row.revoked_at is None for row in db.session.scalars(select(Recovery).order_by(Recovery.id))] == [
            False, True]


@pytest.mark.parametrize("name", [
    "سميرة بنت عبد الرحمن النجار", "王小明", "Z͑ͫ̓a̴l", "x" * 400, "<script>alert(1)</script>"])
def test_recovery_picture_takes_any_name(settings: config.Settings, name: str) -> None:
    made = recovery_pictures.picture("https://EV.EXAMPLE/R/0123", name=name, event_name=name, until="1 May",
                                     fonts=settings.fonts)
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(made)).convert("L"))
    assert read.text == "https://EV.EXAMPLE/R/0123"


def test_recovery_picture_without_fonts_is_the_code_alone(settings: config.Settings) -> None:
    made = recovery_pictures.picture("https://EV.EXAMPLE/R/0123", name="Bob", event_name="Mixer", until="1 May",
                                     fonts=settings.var / "nowhere")
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(made)).convert("L"))[0].text == "https://EV.EXAMPLE/R/0123"


def test_recovery_picture_of_the_signed_out_and_of_others(app: Flask, client: Client, cast: Cast) -> None:
    client.get("/e/mixer/sign-in")
    assert [client.get(PAGE).status_code, client.submit(PAGE).status_code] == [303, 401]
    client.become(cast.mallory)
    assert [client.get(PAGE).status_code, client.submit(PAGE).status_code] == [303, 401]
    with db.reading():
        assert db.session.scalars(select(Recovery)).all() == []


@pytest.mark.parametrize("token", ["swap", "activation", "made up", "next generation"])
def test_swap_instead_leads_to_the_badge_with_its_own_token_only(
        app: Flask, client: Client, cast: Cast, token: str) -> None:
    secret = app.extensions["settings"].secret_key
    made = {"activation": activation.activation_token(secret, cast.bob)}.get(
        token, activation.swap_token(secret, cast.bob))
    if token == "made up":
        made = made[:-1] + ("0" if made[-1] != "0" else "1")
    if token == "next generation":
        with db.transaction():
            db.session.get_one(Attendee, cast.bob.id).generation += 1
    client.become(cast.grace)
    answer = client.get(f"/A/{made}/badge")
    assert (answer.status_code, answer.headers.get("Location")) == (
        (303, f"/B/{cast.token(cast.bob)}") if token == "swap" else (404, None))


def test_activation_link_in_somebody_elses_browser_offers_the_swap(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    page = client.get(f"/A/{activation.activation_token(app.extensions['settings'].secret_key, cast.bob)}")
    swap = re.search(r'<a class="button primary wide" href="(/A/\w+/badge)"[^>]*>Swap cards with Bob Kahn<',
                     page.get_data(as_text=True))
    assert swap
    assert "Swap with Bob Kahn" in client.get(swap[1], follow_redirects=True).get_data(as_text=True)


def test_camera_check_leads_to_the_own_badge_and_says_so(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert "point your camera at your own badge" in client.get("/e/mixer/check").get_data(as_text=True)
    page = client.get(f"/B/{cast.token(cast.bob)}").get_data(as_text=True)
    assert "your badge" in page.lower()
    client.submit("/e/mixer/browsers/sign-out")
    signed_out = client.get(f"/B/{cast.token(cast.bob)}").get_data(as_text=True)
    assert ("Bob" in signed_out, 'action="/e/mixer/sign-in"' in signed_out) == (False, True)
