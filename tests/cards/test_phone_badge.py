"""The badge on the phone: the QR holds the address, a new code kills the old one."""

from __future__ import annotations

import io
from datetime import timedelta

import zxingcpp
from PIL import Image
from sqlalchemy import select

from eventnet import clock, db
from eventnet.badges import codes, issuing
from eventnet.badges.models import Badge
from eventnet.cards import choosing, fields
from tests.clients import Client
from tests.factories import Cast

BADGE = "/e/mixer/badge"


def read(client: Client) -> str:
    picture = client.get("/e/mixer/badge.png")
    assert picture.mimetype == "image/png"
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)))
    return str(found.text)


def test_badge_page_shows_the_code_and_the_qr_holds_the_address(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    page = client.get(BADGE).get_data(as_text=True)
    assert codes.grouped(cast.code(cast.bob)) in page
    assert read(client) == f"https://EV.EXAMPLE/B/{cast.token(cast.bob)}"


def test_badge_page_names_nobody_else(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    page = client.get(BADGE).get_data(as_text=True)
    assert [name in page for name in ("Bob Kahn", "Ada", "Grace", "Mallory")] == [True, False, False, False]


def test_badge_page_leads_to_the_summary_once_the_event_is_over(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    shown = []
    for moment in (cast.mixer.ends_at - timedelta(seconds=1), cast.mixer.ends_at):
        with clock.stopped(moment):
            shown.append('href="/e/mixer/summary"' in client.get(BADGE).text)
    assert shown == [False, True]


def test_new_code_kills_the_old_one_and_shows_the_new(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert client.submit(f"{BADGE}/new-code").headers["Location"] == BADGE
    with db.reading():
        old = issuing.find_by_token(cast.token(cast.bob))
        new = issuing.badge_of(cast.mixer.id, cast.bob.id)
        assert old is not None
        assert new is not None
        assert (old.retired_at, new.retired_at) == (clock.now(), None)
    assert read(client) == f"https://EV.EXAMPLE/B/{new.token}"
    page = client.get(BADGE).get_data(as_text=True)
    assert (codes.grouped(new.code) in page, codes.grouped(old.code) in page) == (True, False)


def test_new_code_for_somebody_without_a_badge_is_the_first(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.query(Badge).where(Badge.attendee_id == cast.bob.id).delete()
    client.become(cast.bob)
    assert "Make my badge" in client.get(BADGE).get_data(as_text=True)
    assert client.get("/e/mixer/badge.png").status_code == 404
    client.submit(f"{BADGE}/new-code")
    with db.reading():
        assert [row.retired_at for row in db.session.scalars(
            select(Badge).where(Badge.attendee_id == cast.bob.id))] == [None]


def test_policy_on_the_badge_page_is_not_an_agreement_to_share(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    client.submit(f"{BADGE}/policy", {"swap_policy": "paused"})
    with db.reading():
        card = choosing.card_of(cast.bob.id)
        assert card is not None
        assert (card.swap_policy, card.agreed_at, fields.shared_now(card)) == ("paused", None, fields.BADGE_FIELDS)
    assert "Paused: nobody gets anything" in client.get(BADGE).get_data(as_text=True)
    assert client.submit(f"{BADGE}/policy", {"swap_policy": "always"}).status_code == 422


def test_badge_page_tells_of_a_newer_browser(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert "became you at" not in client.get(BADGE).get_data(as_text=True)
    other: Client = client.application.test_client()  # type: ignore[assignment]
    with clock.stopped(clock.now().replace(minute=45)):
        other.become(cast.bob)
    assert "Firefox on Android became you at 19:45." in client.get(BADGE).get_data(as_text=True)
    assert "became you at" not in other.get(BADGE).get_data(as_text=True)
