"""Printing badges: whose are in a batch, what stands on them, what counts as new, and the picture of a page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from eventnet import clock, config, db, links
from eventnet.attendees import roster
from eventnet.badges import codes, issuing, printing
from eventnet.badges.layouts import LAYOUTS, get_layout
from eventnet.badges.symbols import symbol
from eventnet.errors import Refusal
from eventnet.events.models import Event
from tests.badges import papers
from tests.factories import Cast, make_event

Statements = Callable[[], AbstractContextManager[list[str]]]
BASE = "https://ev.example"


def print_now(event_id: int, only: printing.Only = "all", blank: int = 0) -> printing.Batch:
    with db.transaction():
        at = printing.print_now(event_id, BASE, only, blank, "organizer:1")
    with db.reading():
        return printing.printed_at(event_id, BASE, at)


def names(batch: printing.Batch) -> list[str]:
    return [face.badge_name for face in batch.faces]


def test_faces_are_in_name_order_with_what_the_badge_shows(cast: Cast) -> None:
    with db.reading():
        batch = printing.faces(cast.mixer.id, BASE)
    assert names(batch) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]
    ada = batch.faces[2]
    assert (ada.organization, ada.title, ada.category) == ("Analytical Engines", "Analyst", "attendee")
    assert (ada.url, ada.code) == (f"https://EV.EXAMPLE/B/{cast.token(cast.ada)}", cast.code(cast.ada))
    assert batch.lacking == 0


def test_faces_take_one_statement_however_many(cast: Cast, statements: Statements) -> None:
    with db.transaction():
        for number in range(20):
            roster.add(cast.mixer.id, registered_name=f"Person {number}", by="import")
        issuing.issue_missing(cast.mixer.id)
    with db.reading(), statements() as said:
        assert len(printing.faces(cast.mixer.id, BASE).faces) == 23
    assert len(said) == 1


def test_faces_without_qr_code_for_whoever_does_not_take_part(cast: Cast) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
        roster.remove(cast.mixer.id, cast.grace.id)
    with db.reading():
        batch = printing.faces(cast.mixer.id, BASE)
    assert [(face.badge_name, face.url is None, face.code is None) for face in batch.faces] == [
        ("Bob Kahn", True, True), ("Ada Lovelace", False, False)]


def test_faces_count_who_has_no_badge_yet(cast: Cast) -> None:
    with db.transaction():
        roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="desk")
    with db.reading():
        batch = printing.faces(cast.mixer.id, BASE)
    assert (len(batch.faces), batch.lacking) == (3, 1)
    with pytest.raises(Refusal) as refused:
        printing.check_complete(batch)
    assert refused.value.sentence == "1 attendee has no badge yet. Open Badges and choose Print: that makes it."


def test_print_now_prints_new_people_once(cast: Cast) -> None:
    assert len(print_now(cast.mixer.id, "new").faces) == 3
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        with db.transaction():
            roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="desk")
        assert names(print_now(cast.mixer.id, "new")) == ["Zoë Ahn"]
        with pytest.raises(Refusal) as refused:
            print_now(cast.mixer.id, "new")
    assert refused.value.sentence == (
        "The badges of all 4 attendees are printed already. Choose all badges to print them again.")
    with clock.stopped(clock.now() + timedelta(minutes=9)):
        assert len(print_now(cast.mixer.id, "all").faces) == 4


def test_print_now_takes_a_rotated_badge_for_new(cast: Cast) -> None:
    print_now(cast.mixer.id)
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        with db.transaction():
            fresh = issuing.rotate(cast.mixer.id, cast.ada.id)
        batch = print_now(cast.mixer.id, "new")
    assert [face.url for face in batch.faces] == [links.badge_url(BASE, fresh.token)]


def test_print_now_puts_blank_badges_last(cast: Cast) -> None:
    print_now(cast.mixer.id)
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        batch = print_now(cast.mixer.id, "new", blank=2)
    assert names(batch) == ["", ""]
    with clock.stopped(clock.now() + timedelta(minutes=5)), db.reading():
        assert printing.count_printed_at(cast.mixer.id, clock.now()) == 2
    assert [face.code is not None for face in batch.faces] == [True, True]
    with db.reading():
        assert [badge.attendee_id for badge in map(_badge, batch.badge_ids)] == [None, None]


def _badge(badge_id: int) -> issuing.Badge:
    return db.session.get_one(issuing.Badge, badge_id)


def test_print_now_without_attendees_says_so(cast: Cast) -> None:
    with db.transaction():
        empty = make_event("empty").id
    with pytest.raises(Refusal) as refused:
        print_now(empty)
    assert refused.value.sentence == (
        "Nobody is on the list yet, so there is no badge to print. Bring in the attendees first.")


def test_print_now_leaves_other_events_alone(cast: Cast) -> None:
    print_now(cast.mixer.id)
    with db.reading():
        assert printing.counts(cast.elsewhere.id).printed == 0
        assert printing.printed_at(cast.elsewhere.id, BASE, clock.now()).faces == []


def test_counts_tell_printed_new_and_not_taking_part(cast: Cast, statements: Statements) -> None:
    print_now(cast.mixer.id)
    with db.transaction():
        roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="desk")
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    with db.reading(), statements() as said:
        counts = printing.counts(cast.mixer.id)
    assert counts == printing.Counts(attendees=4, printed=3, not_taking_part=1, lacking=1, last_at=clock.now(),
                                         again=0)
    assert counts.new == 1
    assert len(said) == 1


def test_print_sheet_holds_exactly_the_addresses(cast: Cast, settings: config.Settings) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    batch = print_now(cast.mixer.id, blank=1)
    blank = next(face.url for face in batch.faces if not face.badge_name)
    for layout in LAYOUTS.values():
        pdf = printing.print_sheet(settings, cast.mixer.name, "en", batch, layout)
        assert papers.qr_codes(pdf) == sorted([
            f"https://EV.EXAMPLE/B/{cast.token(cast.ada)}", f"https://EV.EXAMPLE/B/{cast.token(cast.grace)}", blank])
        assert papers.pages(pdf) == layout.pages(len(batch.faces))
        assert "Bob Kahn" in papers.words(pdf)
        assert codes.grouped(cast.code(cast.bob)) not in papers.words(pdf)


def test_print_sheet_of_an_event_with_300_characters(cast: Cast, settings: config.Settings) -> None:
    batch = print_now(cast.mixer.id)
    pdf = printing.print_sheet(settings, "Jahrestreffen " * 21 + "Ende!!", "en", batch, get_layout("a4-sheet"))
    assert len(papers.qr_codes(pdf)) == 3


def test_get_layout_names_those_there_are() -> None:
    with pytest.raises(Refusal) as refused:
        printing.get_layout("a3")
    assert refused.value.sentence == "There is no badge layout “a3”. Choose one of: a4-sheet, single."


def test_print_one_makes_the_badge_and_notes_it(cast: Cast) -> None:
    with db.transaction():
        new = roster.add(cast.mixer.id, registered_name="Zoë Ahn", by="desk").id
    with db.transaction():
        printing.print_one(cast.mixer.id, new, "organizer:1")
    with db.reading():
        assert issuing.badge_of(cast.mixer.id, new).printed_at == clock.now()  # type: ignore[union-attr]
        assert printing.counts(cast.mixer.id).new == 3


def test_picture_shows_the_first_people_with_nobodys_code(cast: Cast, settings: config.Settings) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    with db.reading():
        event = db.session.get_one(Event, cast.mixer.id)
        root = ElementTree.fromstring(printing.picture(settings, event, get_layout("a4-sheet")))
    shown = symbol(links.badge_url(BASE, "0" * 26)).path()
    assert [path.get("d") for path in root if path.get("transform", "").count("scale(")] == [shown, shown]
