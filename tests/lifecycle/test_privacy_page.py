"""The event's page about data says what the event entered, and what one can do."""

from __future__ import annotations

import pytest

from eventnet import clock, db
from eventnet.events import privacy
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast


def test_page_says_every_entry(cast: Cast, client: Client) -> None:
    page = client.get("/e/mixer/privacy").text
    said = ["Alumni Office, Cologne", "data@organizers.example", "So that people who meet can find each other again.",
            "GDPR Article 6(1)(f)", "In Cologne, by the Alumni Office itself.", "ev.example", "localhost",
            "15 November 2027", f"version {privacy.WORDING}", 'href="/e/mixer/my-data"', 'href="/e/mixer/delete-me"']
    assert [text for text in said if text not in page] == []
    assert "Data protection officer" not in page


def test_entries_are_shown_as_text(cast: Cast, client: Client) -> None:
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.protection_officer = "<b>Dana</b>"
        event.legal_basis, event.legal_basis_words = "other", "Works <i>agreement</i>"
    page = client.get("/e/mixer/privacy").text
    assert [text in page for text in ("&lt;b&gt;Dana&lt;/b&gt;", "Works &lt;i&gt;agreement", "<b>Dana", "6(1)(f)")] == [
        True, True, False, False]


def test_page_says_that_something_is_missing(cast: Cast, client: Client) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).purpose = ""
    page = client.get("/e/mixer/privacy").text
    assert ("Until they do, no mail leaves." in page, "Not said yet." in page) == (True, True)


@pytest.mark.parametrize("is_sensitive", [True, False])
def test_sensitive_event_says_so_where_people_agree(cast: Cast, client: Client, is_sensitive: bool) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).sensitive_since = clock.now() if is_sensitive else None
    client.become(cast.ada)
    assert [("This is a sensitive event" in client.get(f"/e/mixer/{page}").text) for page in ("privacy", "card")] == [
        is_sensitive] * 2
    assert ("Names only" in client.get("/e/mixer/card").text) == (not is_sensitive)
