"""An attendee's people: whom I met, who scanned me, one person, who waits for my answer, all of it to take along."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import clock, db, links
from eventnet.attendees.access import signed_in
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference, normalize_code
from eventnet.cards import fields
from eventnet.contacts import address_book, exporting, forms, looking, notes, public, swapping, vcards
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters import answering
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_event
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.web.numbers import page_number, row_number
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("people", __name__)
bp.add_app_template_global(fields.in_words, "fields_in_words")
bp.add_app_template_global(fields.label, "field_label")
CSV = "text/csv; charset=utf-8"


@bp.get("/scan")
def scan(slug: str) -> str:
    me, here = signed_in(), cookies.settings()
    # The queue on the phone is named so that another attendee signing in here neither sees nor sends it.
    queue_key = links.base32(links.mac(here.secret_key, "scan-queue", me.event_id, me.id))
    return render_template("contacts/scan.html", queue_key=queue_key, badge_host=here.host)


@bp.get("/people")
def people(slug: str) -> str:
    me = signed_in()
    query, kind = request.args.get("q", "")[:100], request.args.get("show", "")
    page = address_book.people(me.event_id, me.id, query=query, starred=kind == "starred", promised=kind == "promised",
                               page=_page_number())
    return render_template("contacts/people.html", page=page, query=query, kind=kind,
                           counts=address_book.counts(me.event_id, me.id),
                           waiting=answering.count_waiting(me.event_id, me.id),
                           is_over=current_event().is_over(clock.now()))


@bp.get("/people/scanned-me")
def scanned_me(slug: str) -> str:
    me = signed_in()
    return render_template("contacts/scanned_me.html", page=address_book.scanned_me(me.event_id, me.id,
                                                                                    page=_page_number()))


@bp.get("/people/<int:person_id>")
def person(slug: str, person_id: int) -> str:
    me = signed_in()
    found = address_book.person(me.event_id, me.id, person_id)
    return _person_page(me, found, forms.note_form(found, request.path))


@bp.get("/people/<int:person_id>/swapped")
def swapped(slug: str, person_id: int) -> str:
    """Receipt, undo and note form alone: the sheet below the scanner's camera."""
    me = signed_in()
    found = address_book.person(me.event_id, me.id, person_id)
    return render_template("contacts/swapped.html", person=found, form=forms.note_form(found, ""),
                           undo_until=looking.undo_until(me.event_id, me.id, person_id))


@bp.post("/people/<int:person_id>/note")
def note(slug: str, person_id: int) -> AnyResponse | tuple[str, int]:
    me = signed_in()
    found = address_book.person(me.event_id, me.id, person_id)
    form = forms.NoteForm(request.form)
    try:
        words = form.words
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form[refusal.field].errors = [refusal.sentence]
        return _person_page(me, found, form), 422
    with db.transaction():
        notes.write(me.event_id, me.id, person_id, words)
    flash(_("Kept. Only you see this."), "good")
    return _after(slug, person_id, form.next.data)


@bp.post("/people/<int:person_id>/star")
def star(slug: str, person_id: int) -> AnyResponse:
    me = signed_in()
    address_book.person(me.event_id, me.id, person_id)
    with db.transaction():
        notes.star(me.event_id, me.id, person_id, request.form.get("starred") == "1")
    return _after(slug, person_id, request.form.get("next"))


@bp.post("/people/<int:person_id>/undo")
def undo(slug: str, person_id: int) -> AnyResponse | str:
    me = signed_in()
    with db.transaction():
        swapping.undo(me.event_id, me.id, person_id)
    if _is_fragment():
        return render_template("contacts/undone.html")
    flash(_("Taken back. Neither of you has the other's card from this swap any more."), "good")
    return redirect(safe_next(request.form.get("next"), url_for("people.people", slug=slug)), 303)


@bp.get("/people/<int:person_id>/card.vcf")
def card(slug: str, person_id: int) -> Response:
    me = signed_in()
    found = address_book.person(me.event_id, me.id, person_id)
    text = exporting.bundle(current_event(), [found], cookies.settings().host, with_notes=_with_notes())
    return Response(text, headers=vcards.headers(found.name))


@bp.get("/people.vcf")
def cards(slug: str) -> Response:
    me, event = signed_in(), current_event()
    text = exporting.bundle(event, address_book.everyone(me.event_id, me.id), cookies.settings().host,
                            with_notes=_with_notes())
    return Response(text, headers=vcards.headers(event.name))


@bp.get("/people.csv")
def table(slug: str) -> Response:
    me, event = signed_in(), current_event()
    text = exporting.spreadsheet(event, address_book.everyone(me.event_id, me.id), with_notes=_with_notes())
    return Response(text, headers=vcards.headers(event.name, "csv", CSV))


@bp.get("/waiting")
def waiting(slug: str) -> str:
    me = signed_in()
    return render_template("contacts/waiting.html", waiting=answering.waiting(me.event_id, me.id))


@bp.post("/waiting")
def answer(slug: str) -> AnyResponse:
    me, yes = signed_in(), request.form.get("answer") == "yes"
    to_all = "person_id" not in request.form
    person_id = row_number(request.form.get("person_id"))
    if not to_all and person_id is None:
        raise NotFound
    try:
        with db.transaction():
            if person_id is None:
                count = answering.answer_all(me.event_id, me.id, yes)
            else:
                count = int(answering.answer(me.event_id, me.id, person_id, yes))
    except Refusal as refusal:
        if refusal.reason != "no_card":
            raise
        flash(refusal.sentence, "warn")
        return redirect(f"/e/{slug}/card", 303)
    if not count:
        flash(_("Nobody waits any more."), "info")
    elif yes:
        flash(ngettext("%(num)s swap settled, with the time you met.", "%(num)s swaps settled, with the times you met.",
                       count), "good")
    else:
        flash(_("Answered. They are not told."), "good")
    return redirect(url_for("people.waiting", slug=slug), 303)


@bp.get("/code")
def code(slug: str) -> str | tuple[str, int]:
    typed = request.args.get("code", "")
    if not typed.strip():
        return render_template("contacts/code.html", typed="", error="")
    found = normalize_code(typed)
    if found is None:
        return render_template(
            "contacts/code.html", typed=typed[:40],
            error=_("This is not a badge code. Check its eight letters and digits; whether O or 0 does not matter.")
        ), 422
    return public.show_badge(BadgeReference("code", found), slug, url_for("people.code", slug=slug, code=found))


@bp.post("/code")
def swap_by_code(slug: str) -> AnyResponse | tuple[str, int]:
    found = normalize_code(request.values.get("code", ""))
    if found is None:
        return redirect(url_for("people.code", slug=slug), 303)
    return public.swap_badge(BadgeReference("code", found), slug, url_for("people.code", slug=slug, code=found), "code")


def _person_page(me: Attendee, found: PersonMet, form: forms.NoteForm) -> str:
    return render_template(
        "contacts/person.html", person=found, form=form, on_badge_page=False, is_just_now=False,
        undo_until=looking.undo_until(me.event_id, me.id, found.id), look=None)


def _after(slug: str, person_id: int, destination: str | None) -> AnyResponse:
    if _is_fragment():
        return redirect(url_for("people.swapped", slug=slug, person_id=person_id), 303)
    return redirect(safe_next(destination, url_for("people.person", slug=slug, person_id=person_id)), 303)


def _is_fragment() -> bool:
    return request.headers.get("X-Fragment") == "1"


def _page_number() -> int:
    return page_number(request.args.get("page"))


def _with_notes() -> bool:
    return request.args.get("notes") == "1"
