"""Slips with activation codes: off unless chosen, read back from the PDF, and each print is answered for."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import config, db
from eventnet.attendees.models import ActivationCode
from eventnet.attendees.printed_codes import Slip
from eventnet.audit.models import AuditEntry
from eventnet.badges import slips
from eventnet.errors import Refusal
from eventnet.events.models import EventRole
from tests.badges import papers
from tests.clients import Client
from tests.factories import Cast

PAGE = "/admin/e/mixer/badges/slips"


def test_slips_are_off_until_they_are_chosen(client: Client, cast: Cast) -> None:
    client.become_organizer(cast.olga.id)
    assert "They are off" in client.get(PAGE).get_data(as_text=True)
    answer = client.submit(f"{PAGE}/pdf")
    assert (answer.status_code, "Switch them on first" in answer.get_data(as_text=True)) == (409, True)
    assert client.submit(PAGE, {"chosen": "1"}).headers["Location"] == PAGE
    assert "Download the slips" in client.get(PAGE).get_data(as_text=True)
    client.submit(PAGE, {})
    assert "They are off" in client.get(PAGE).get_data(as_text=True)


def test_slips_are_printed_read_and_typed(app: Flask, client: Client, cast: Cast) -> None:
    client.become_organizer(cast.olga.id)
    client.submit(PAGE, {"chosen": "1"})
    first = client.submit(f"{PAGE}/pdf")
    assert (first.mimetype, papers.pages(first.data)) == ("application/pdf", 1)
    words = papers.words(first.data)
    assert [text in words for text in (
        "Bob Kahn", "ev.example/e/mixer/activate", "the e-mail address you registered with", "Ada")] == [
        True, True, True, False]  # Ada is active
    code = re.search(r"\b([A-Z]{5} [A-Z]{5})\b", words)
    assert code
    assert code[1] in papers.words(client.submit(f"{PAGE}/pdf").data)
    phone: Client = app.test_client()  # type: ignore[assignment]
    phone.get("/e/mixer/activate")
    phone.submit("/e/mixer/activate", {"code": code[1], "proof": "bob@people.example"})
    assert "Bob Kahn" in phone.get("/e/mixer/badge").get_data(as_text=True)
    assert client.submit(f"{PAGE}/pdf").status_code == 409  # nobody is left
    with db.reading():
        acts = db.session.scalars(select(AuditEntry.act).where(
            AuditEntry.act.startswith("activation_codes")).order_by(AuditEntry.id)).all()
        assert acts == ["activation_codes.chosen", "activation_codes.made", "activation_codes.printed",
                        "activation_codes.printed"]
        assert len(db.session.scalars(select(ActivationCode)).all()) == 1


@pytest.mark.parametrize("role", ["desk", "viewer"])
def test_slips_are_the_managers(client: Client, cast: Cast, role: str) -> None:
    with db.transaction():
        db.session.query(EventRole).filter_by(organizer_id=cast.olga.id).update({"role": role})
    client.become_organizer(cast.olga.id)
    assert [client.get(PAGE).status_code, client.submit(PAGE, {"chosen": "1"}).status_code,
            client.submit(f"{PAGE}/pdf").status_code] == [403, 403, 403]


def test_slips_take_any_name_and_eight_fit_a_sheet(settings: config.Settings) -> None:
    names = ["سميرة النجار", "王小明", "#set page(width: 1pt)", "x " * 300, "Zoë", "Ž", "J.", "Ада", "Ninth Person"]
    made = slips.print_slips([Slip(name, "BCDFG HJKMN", "phone") for name in names], event_name="Mixer",
                             address="ev.example/e/mixer/activate", language="en", fonts=settings.fonts)
    assert papers.pages(made) == 2
    words = papers.words(made)
    assert (words.count("BCDFG HJKMN"), "#set page(width: 1pt)" in words, "Ninth Person" in words) == (9, True, True)


def test_slips_without_any_are_refused(settings: config.Settings) -> None:
    with pytest.raises(Refusal):
        slips.print_slips([], event_name="Mixer", address="x", language="en", fonts=settings.fonts)
