"""The organizer's and the desk's badge pages: printing, the PDF, one badge, a blank one, the activation screen."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eventnet import clock, db, links
from eventnet.accounts.models import Organizer
from eventnet.attendees import activation, roster
from eventnet.audit import log
from eventnet.badges import codes, issuing, printing
from eventnet.badges.models import Badge
from eventnet.events.models import EventRole
from tests.badges import papers
from tests.clients import Client
from tests.factories import Cast, make_event, make_organizer

Statements = Callable[[], AbstractContextManager[list[str]]]
PAGE, DESK = "/admin/e/mixer/badges", "/admin/e/mixer/desk"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


@pytest.fixture
def volunteer(app: Flask, cast: Cast) -> Client:
    """Somebody who may work at the desk of the mixer and nothing else."""
    with db.transaction():
        someone: Organizer = make_organizer("vera@organizers.example", name="Vera")
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=someone.id, role="desk", given_at=clock.now()))
    made: Client = app.test_client()  # type: ignore[assignment]
    return made.become_organizer(someone.id)


def text_of(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def made_rows() -> tuple[int, int]:
    with db.reading():
        made, printed = db.session.execute(select(func.count(Badge.id), func.count(Badge.printed_at))).one()
    return made, printed


def add(cast: Cast, name: str) -> int:
    with db.transaction():
        return roster.add(cast.mixer.id, registered_name=name, by="desk").id


def test_print_leads_to_a_page_that_downloads_the_batch(olga: Client, cast: Cast) -> None:
    add(cast, "Zoë Ahn")
    answer = olga.submit(f"{PAGE}/print", {"layout": "a4-sheet", "only": "new"})
    assert answer.status_code == 303
    page = olga.get(answer.location)
    assert "4 badges are ready to print. 1 sheet of paper." in text_of(page)
    [batch] = set(re.findall(r'name="batch" value="([^"]+)"', page.get_data(as_text=True)))
    pdf = olga.submit("/admin/e/mixer/badges.pdf", {"batch": batch, "layout": "a4-sheet"})
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="mixer-badges-a4-sheet.pdf"'
    with db.reading():
        expected = sorted(links.badge_url("https://ev.example", one.token) for one in issuing.listed(cast.mixer.id))
    assert papers.qr_codes(pdf.data) == expected
    assert len(expected) == 4


def test_print_notes_who_printed(olga: Client, cast: Cast) -> None:
    olga.submit(f"{PAGE}/print", {"layout": "single", "only": "all", "blank": "2"})
    assert "Olga printed 5 badges." in text_of(olga.get("/admin/e/mixer/"))


def test_second_press_offers_the_same_batch_again(olga: Client, cast: Cast) -> None:
    first = olga.submit(f"{PAGE}/print", {"layout": "a4-sheet", "only": "new"})
    second = olga.submit(f"{PAGE}/print", {"layout": "a4-sheet", "only": "new"})
    assert second.status_code == 409
    assert "The badges of all 3 attendees are printed already." in text_of(second)
    batch = re.search(r"batch=(\w+)", first.location)
    assert batch is not None
    assert f'name="batch" value="{batch[1]}"' in second.get_data(as_text=True)


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"layout": "a3", "only": "new"}, "Choose one of the papers."),
    ({"layout": "single", "only": "some"}, "Choose the new badges or all of them."),
    ({"layout": "single", "only": "new", "blank": "501"}, "Choose a number from 0 to 500."),
])
def test_print_keeps_what_was_entered(olga: Client, fields: dict[str, str], sentence: str) -> None:
    answer = olga.submit(f"{PAGE}/print", fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert f'value="{fields.get("blank", "0")}"' in answer.get_data(as_text=True)
    assert made_rows() == (4, 0)


def test_pdf_holds_all_badges_and_writes_nothing(olga: Client, cast: Cast) -> None:
    before = made_rows()
    pdf = olga.submit("/admin/e/mixer/badges.pdf", {"layout": "single"})
    assert (papers.pages(pdf.data), len(papers.qr_codes(pdf.data))) == (3, 3)
    assert made_rows() == before == (4, 0)


def test_pdf_never_leaves_somebody_out_silently(olga: Client, cast: Cast) -> None:
    add(cast, "Zoë Ahn")
    answer = olga.submit("/admin/e/mixer/badges.pdf")
    assert answer.status_code == 409
    assert "1 attendee has no badge yet. Open Badges and choose Print: that makes it." in text_of(answer)
    assert made_rows() == (4, 0)


@pytest.mark.parametrize("batch", ["20200101T000000000000", "yesterday"])
def test_pdf_of_no_such_batch_is_not_there(olga: Client, batch: str) -> None:
    assert olga.submit("/admin/e/mixer/badges.pdf", {"batch": batch}).status_code == 404


def test_pdf_comes_only_by_a_button_and_is_written_down(olga: Client, cast: Cast) -> None:
    assert olga.get("/admin/e/mixer/badges.pdf").status_code == 405
    olga.submit("/admin/e/mixer/badges.pdf", {"layout": "single"})
    with db.reading():
        newest = log.recent(cast.mixer.id, 1)[0]
    assert (newest.act, newest.actor, newest.about) == (
        "badges.exported", f"organizer:{cast.olga.id}", {"badges": 3})


def test_pdf_of_an_unknown_paper_names_the_papers(olga: Client) -> None:
    answer = olga.submit("/admin/e/mixer/badges.pdf", {"layout": "a3"})
    assert answer.status_code == 422
    assert "Choose one of: a4-sheet, single." in text_of(answer)


def test_pdf_has_no_qr_code_of_whoever_does_not_take_part(olga: Client, cast: Cast) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    pdf = olga.submit("/admin/e/mixer/badges.pdf")
    assert papers.qr_codes(pdf.data) == sorted(
        links.badge_url("https://ev.example", cast.token(who)) for who in (cast.ada, cast.grace))
    assert "Bob Kahn" in papers.words(pdf.data)


def test_event_name_of_300_characters_still_prints(olga: Client, cast: Cast) -> None:
    with db.transaction():
        long = make_event("long", owner=cast.olga, name="Jahrestreffen " * 21 + "Ende!!")
        roster.add(long.id, registered_name="Zoë Ahn", by="desk")
    answer = olga.submit("/admin/e/long/badges/print", {"layout": "a4-sheet", "only": "all"})
    page = olga.get(answer.location)
    assert "1 badge is ready to print. 1 sheet of paper." in text_of(page)


def test_page_of_an_empty_event_says_what_to_do(olga: Client, cast: Cast) -> None:
    with db.transaction():
        make_event("empty", owner=cast.olga)
    assert "Nobody is on the list yet" in text_of(olga.get("/admin/e/empty/badges"))
    answer = olga.submit("/admin/e/empty/badges/print", {"layout": "a4-sheet", "only": "all"})
    assert answer.status_code == 409
    assert "Nobody is on the list yet, so there is no badge to print." in text_of(answer)


def test_page_takes_as_many_statements_for_3_as_for_60(olga: Client, cast: Cast, statements: Statements) -> None:
    with statements() as few:
        olga.get(PAGE)
    with db.transaction():
        for number in range(57):
            roster.add(cast.mixer.id, registered_name=f"Person {number}", by="import")
    with statements() as many:
        olga.get(PAGE)
    assert len(few) == len(many) <= 6


def test_picture_is_an_image_of_each_paper(olga: Client) -> None:
    for layout in ("a4-sheet", "single"):
        answer = olga.get(f"{PAGE}/picture.svg?layout={layout}")
        assert answer.headers["Content-Type"].partition(";")[0] == "image/svg+xml"
        assert (answer.data[:4], answer.data[-6:]) == (b"<svg", b"</svg>")


def test_the_desk_may_print_one_badge_but_not_the_sheets(volunteer: Client, cast: Cast) -> None:
    assert [volunteer.get(address).status_code for address in (PAGE, f"{PAGE}/picture.svg")] == [403, 403]
    assert volunteer.submit(f"{PAGE}/print", {"layout": "single", "only": "all"}).status_code == 403
    new = add(cast, "Zoë Ahn")
    assert volunteer.get(f"{DESK}/{new}/badge.pdf").status_code == 409
    answer = volunteer.submit(f"{DESK}/{new}/badge")
    assert (answer.status_code, answer.location) == (303, f"{DESK}/{new}/badge.pdf")
    pdf = volunteer.get(answer.location)
    with db.reading():
        badge = issuing.badge_of(cast.mixer.id, new)
    assert badge is not None
    assert papers.qr_codes(pdf.data) == [links.badge_url("https://ev.example", badge.token)]
    assert "Zoë Ahn" in papers.words(pdf.data)
    assert badge.printed_at == clock.now()


@pytest.mark.parametrize("page", ["badge", "badge.pdf", "activation", "activation.png"])
def test_desk_pages_of_somebody_elsewhere_are_not_there(volunteer: Client, cast: Cast, page: str) -> None:
    foreign, absent = (volunteer.get(f"{DESK}/{number}/{page}") for number in (cast.mallory.id, 99999))
    assert (foreign.status_code, text_of(foreign)) == (404, text_of(absent))


def test_desk_posts_about_somebody_elsewhere_change_nothing(volunteer: Client, cast: Cast) -> None:
    for address in (f"{DESK}/{cast.mallory.id}/badge", f"{DESK}/{cast.mallory.id}/badge/blank"):
        assert volunteer.submit(address, {"code": "x"}).status_code == 404
    assert made_rows() == (4, 0)


def test_desk_gives_a_blank_badge_to_a_walk_in(volunteer: Client, cast: Cast) -> None:
    with db.transaction():
        [blank] = issuing.make_blanks(cast.mixer.id, 1)
    new = add(cast, "Zoë Ahn")
    answer = volunteer.submit(f"{DESK}/{new}/badge/blank", {"code": codes.grouped(blank.code).lower()})
    assert answer.status_code == 303
    assert codes.grouped(blank.code) in text_of(volunteer.get(answer.location))
    with db.reading():
        assert issuing.badge_of(cast.mixer.id, new).token == blank.token  # type: ignore[union-attr]
    scanned = volunteer.get(f"{DESK}/find", query_string={"code": links.badge_url("https://ev.example", blank.token)})
    assert (scanned.status_code, scanned.location) == (303, f"{DESK}/{new}")


def test_desk_keeps_the_typed_code_that_nobody_knows(volunteer: Client, cast: Cast) -> None:
    code = codes.new_code()
    answer = volunteer.submit(f"{DESK}/{cast.bob.id}/badge/blank", {"code": code})
    assert answer.status_code == 422
    assert "No badge of this event has that code." in text_of(answer)
    assert f'value="{code}"' in answer.get_data(as_text=True)


def test_find_knows_codes_of_this_event_only(volunteer: Client, cast: Cast) -> None:
    answer = volunteer.get(f"{DESK}/find", query_string={"code": cast.code(cast.ada).lower()})
    assert (answer.status_code, answer.location) == (303, f"{DESK}/{cast.ada.id}")
    foreign = volunteer.get(f"{DESK}/find", query_string={"code": cast.code(cast.mallory)})
    absent = volunteer.get(f"{DESK}/find", query_string={"code": codes.new_code()})
    assert (foreign.status_code, text_of(foreign)) == (404, text_of(absent))
    assert "No badge of this event has that code." in text_of(absent)


def test_activation_screen_shows_a_code_that_opens_this_person(volunteer: Client, cast: Cast) -> None:
    page = text_of(volunteer.get(f"{DESK}/{cast.bob.id}/activation"))
    assert "Let Bob Kahn scan this" in page
    assert "Works until Friday 16 October, 22:00." in page
    assert "b…b@people.example" in page
    assert "bob@people.example" not in page
    picture = Image.open(io.BytesIO(volunteer.get(f"{DESK}/{cast.bob.id}/activation.png").data)).convert("L")
    [read] = zxingcpp.read_barcodes(picture)
    assert read.text in page
    with db.reading():
        found = activation.find_by_token(volunteer.settings.secret_key, read.text.removeprefix("https://ev.example/A/"))
    assert found is not None
    assert found.id == cast.bob.id


def test_activation_screen_is_never_for_somebody_not_taking_part(volunteer: Client, cast: Cast) -> None:
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    for page in ("activation", "activation.png"):
        answer = volunteer.get(f"{DESK}/{cast.bob.id}/{page}")
        assert answer.status_code == 409
        assert "Bob Kahn does not take part, so there is nothing to activate." in text_of(answer)


def test_activation_screen_says_when_it_is_over(volunteer: Client, cast: Cast) -> None:
    with clock.stopped(cast.mixer.ends_at + timedelta(hours=24, seconds=1)):
        answer = volunteer.get(f"{DESK}/{cast.bob.id}/activation")
    assert answer.status_code == 410
    assert "Bob Kahn can still sign in with a code by e-mail." in text_of(answer)


def test_printing_counts_stay_with_their_event(olga: Client, cast: Cast) -> None:
    olga.submit(f"{PAGE}/print", {"layout": "single", "only": "all"})
    with db.reading():
        assert (printing.counts(cast.mixer.id).printed, printing.counts(cast.elsewhere.id).printed) == (3, 0)
    assert olga.get("/admin/e/elsewhere/badges").status_code == 404
    assert olga.submit("/admin/e/elsewhere/badges.pdf").status_code == 404
