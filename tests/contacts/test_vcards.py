"""vCards that phones take: read back by vobject, whatever the name contains."""

from __future__ import annotations

from datetime import UTC, datetime

import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from eventnet.contacts import vcards
from eventnet.contacts.vcards import CardText

AT = datetime(2026, 10, 15, 17, 30, tzinfo=UTC)


def made(notes: tuple[str, ...] = (), given_name: str = "", family_name: str = "", **values: str) -> str:
    return vcards.vcard(CardText("1-2@ev.example", {"name": "Ada Lovelace", **values}, AT, given_name, family_name,
                                 notes, ("Spring mixer",)))


def test_vcard_carries_the_card() -> None:
    text = made(("Met at Spring mixer.",), "Ada", "Lovelace", title="Analyst", organization="Engines; Ltd, London",
                email="ada@engines.example", phone="+44 20 7946 0958", website="https://ada.example/?a=1,2;3",
                linkedin="https://www.linkedin.com/in/ada")
    card = vobject.readOne(text)
    assert (card.version.value, card.fn.value, card.n.value.family, card.n.value.given, card.org.value,
            card.title.value, card.tel.value, card.email.value, card.uid.value, card.rev.value, card.note.value) == (
        "3.0", "Ada Lovelace", "Lovelace", "Ada", ["Engines; Ltd, London"], "Analyst", "+44 20 7946 0958",
        "ada@engines.example", "1-2@ev.example", "2026-10-15T17:30:00Z", "Met at Spring mixer.")
    assert [line.value for line in card.contents["url"]] == [
        "https://ada.example/?a=1%2C2%3B3", "https://www.linkedin.com/in/ada"]
    assert card.contents["x-socialprofile"][0].value == "https://www.linkedin.com/in/ada"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.replace("\r\n", "").count("\n") == 0


def test_registered_name_that_differs_from_the_badge_stays_at_the_desk() -> None:
    assert "Augusta" not in made(given_name="Augusta", family_name="King")


def test_address_that_is_no_http_address_is_left_out() -> None:
    assert "URL" not in made(website="javascript:alert(1)", linkedin="in/ada")


AWKWARD = "\r\n\x00\x1b,;:\\\"'=^\u2028\u202e\ufeff👩🏽‍🚀"
NAUGHTY = st.text(st.characters(codec="utf-8") | st.sampled_from(AWKWARD), max_size=90)


@settings(max_examples=150, deadline=None)
@given(NAUGHTY, NAUGHTY, NAUGHTY, NAUGHTY)
def test_any_text_stays_inside_its_line_and_comes_back(name: str, title: str, note: str, category: str) -> None:
    text = vcards.vcard(CardText("7-9@ev.example", {"name": name, "title": title, "organization": title}, AT,
                                 notes=(note,), categories=(category,)))
    card = vobject.readOne(text)
    assert set(card.contents) <= {"version", "fn", "n", "org", "title", "note", "categories", "uid", "rev"}
    assert card.fn.value == (vcards.clean(name) or "?")
    assert (card.note.value if "note" in card.contents else "") == vcards.clean(note)
    assert all(c in "\r\n" or ord(c) >= 32 for c in text)
    assert len(list(vobject.readComponents(text + text))) == 2


def test_download_headers_have_a_plain_and_a_real_name() -> None:
    assert vcards.headers("Zoë \"O'Neil\"\r\nX: 1/2")["Content-Disposition"] == (
        "attachment; filename=\"zoe-o-neil-x-1-2.vcf\"; filename*=UTF-8''Zo%C3%AB%20O%27Neil%20X%2012.vcf")
    assert vcards.file_name("سميرة") == "card"
