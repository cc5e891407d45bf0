"""An attendee's people: whom I met, who scanned me, one person, who waits for my answer, all of it to take along."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import clock, db
from eventnet.attendees.access import signed_in
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference, normalize_code
from eventnet.cards import fields, granting, late_ticks, names, wordings
from eventnet.contacts import (
    address_book,
    exporting,
    forms,
    kept_names,
    looking,
    notes,
    phone,
    public,
    swapping,
    vcards,
)
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters import answering, news
from eventnet.encounters.finding import Person
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_event
from eventnet.web import cookies, errors
from eventnet.web.destinations import safe_next
from eventnet.web.numbers import page_number, row_number
from eventnet.words import gettext as _

bp = Blueprint("people", __name__)
bp.add_app_template_global(fields.in_words, "fields_in_words")
bp.add_app_template_global(fields.label, "field_label")
CSV = "text/csv; charset=utf-8"
KEPT_FIELDS = ("email", "phone", "linkedin", "website")


@bp.app_template_global()
def scanner_name(attendee: Attendee | Person) -> str:
    """The name under which the phone keeps this attendee's scans: nobody else who signs in there sends them."""
    return phone.scanner_id(cookies.settings().secret_key, attendee.event_id, attendee.id)


@bp.get("/scan")
def scan(slug: str) -> str:
    return render_template("contacts/scan.html", badge_host=cookies.settings().host, scanner=scanner_name(signed_in()))


@bp.get("/people")
def people(slug: str) -> str:
    me = signed_in()
    query, kind = request.args.get("q", "")[:100], request.args.get("show", "")
    counts = address_book.counts(me.event_id, me.id)
    page = address_book.people(me.event_id, me.id, query=query, kind=kind, page=_page_number(), counted=counts)
    asked = names.open_question(current_event(), me.id)
    return render_template("contacts/people.html", page=page, query=query, kind=kind, counts=counts,
                           news=news.now(me.event_id, me.id), fresh=looking.fresh(page.people), names_policy=asked,
                           names_question=names.asked(asked) if asked else "",
                           kept=kept_names.of(me.event_id, me.id), is_over=current_event().is_over(clock.now()))


@bp.post("/people/kept/<int:kept_id>/removal")
def remove_kept(slug: str, kept_id: int) -> AnyResponse:
    me = signed_in()
    with db.transaction():
        name = kept_names.remove(me.event_id, me.id, kept_id)
    flash(_("%(name)s is off your list.", name=name), "good")
    return redirect(url_for("people.people", slug=slug), 303)


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
    """Receipt, undo, card and note form alone: the sheet below the scanner's camera."""
    me = signed_in()
    found = address_book.person(me.event_id, me.id, person_id)
    return _swapped(me, found, forms.note_form(found, ""))


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
        return _swapped(me, found, form) if _is_fragment() else _person_page(me, found, form), 422
    with db.transaction():
        swapping.write(me.event_id, me.id, person_id, words)
    if not _is_fragment():
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
        stays = swapping.undo(me.event_id, me.id, person_id)
    if _is_fragment():
        return render_template("contacts/undone.html", sentence=swapping.UNDONE_LAST if stays else swapping.UNDONE)
    flash(str(swapping.UNDONE_LAST if stays else swapping.UNDONE), "good")
    return redirect(safe_next(request.form.get("next"), url_for("people.people", slug=slug)), 303)


@bp.get("/people/<int:person_id>/given")
def given(slug: str, person_id: int) -> str:
    """What one person has of me, since when, in which words; and the way to take it back or give it again."""
    me = signed_in()
    found = granting.given_to(me.event_id, me.id, person_id)
    if found is None:
        raise NotFound
    return render_template("contacts/given.html", given=found, words_of=wordings.of_swap,
                           story=[(entry, True) for entry in found.entries],
                           is_met=address_book.find_person(me.event_id, me.id, person_id) is not None)


@bp.post("/people/<int:person_id>/given")
def change_given(slug: str, person_id: int) -> AnyResponse:
    me, chosen = signed_in(), request.form.getlist("field")
    found = granting.given_to(me.event_id, me.id, person_id)
    if found is None:
        raise NotFound
    if request.form.get("act") == "give":
        with db.transaction():
            count = granting.give(me.event_id, me.id, [person_id], chosen)
        flash(_("%(name)s has it now.", name=found.name) if count else _("Nothing was ticked, so nothing changed."),
              "good" if count else "info")
    else:
        told, name_too = request.form.get("tell") == "1", "name" in chosen
        with db.transaction():
            taken = granting.take_back(me.event_id, me.id, person_id, chosen, told=told, name_too=name_too)
        flash(_("Taken back from %(name)s, at once on every page and in every later download.", name=found.name)
              if taken else _("Nothing was ticked, so nothing changed."), "good" if taken else "info")
    return redirect(url_for("people.given", slug=slug, person_id=person_id), 303)


@bp.get("/card/saved")
def card_saved(slug: str) -> AnyResponse:
    """Where to go from a saved card: to who waits, to the one question about people met before, or back."""
    me = signed_in()
    is_first = request.args.get("first") == "1"
    if answering.count_waiting(me.event_id, me.id):
        return redirect(f"/e/{slug}/waiting{'?first=1' if is_first else ''}", 303)
    if late_ticks.find_question(me.event_id, me.id) is not None:
        return redirect(f"/e/{slug}/card/later", 303)
    return redirect(f"/e/{slug}/{'check' if is_first else 'card'}", 303)


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
                            with_notes=_with_notes(), kept=kept_names.of(me.event_id, me.id))
    return Response(text, headers=vcards.headers(event.name))


@bp.get("/people.csv")
def table(slug: str) -> Response:
    me, event = signed_in(), current_event()
    text = exporting.spreadsheet(event, address_book.everyone(me.event_id, me.id), with_notes=_with_notes(),
                                 kept=kept_names.of(me.event_id, me.id))
    return Response(text, headers=vcards.headers(event.name, "csv", CSV))


@bp.get("/people.json")
def chosen(slug: str) -> Response:
    """People as a phone keeps them for places without network: those with these ids, or everybody; never my notes."""
    me, wanted = signed_in(), {row_number(text) for text in request.args.getlist("id")}
    found = address_book.everyone(me.event_id, me.id)
    return jsonify({"people": [
        {"url": url_for("people.person", slug=slug, person_id=one.id), "name": one.name, "title": one.title,
         "organization": one.organization, "met_at": one.first_at.isoformat() if one.first_at else None,
         **{field: one.values.get(field, "") for field in KEPT_FIELDS}}
        for one in found if not wanted or one.id in wanted]})


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


@bp.errorhandler(Refusal)
def ask_again(refusal: Refusal) -> AnyResponse:
    found = normalize_code(request.values.get("code", "")) if request.endpoint == "people.swap_by_code" else None
    opening = public.renewed(refusal)
    if found is None or opening is None:
        return errors.refused(refusal)
    # By way of the address, whose guard looks who this is.
    page = url_for("people.code", code=found, **(request.view_args or {}))
    address = public.kept_address(page, BadgeReference("code", found), opening)
    if _is_fragment():
        return public.told_again(refusal, address)
    public.flash_again()
    return redirect(address, 303)


@bp.post("/code")
def swap_by_code(slug: str) -> AnyResponse | tuple[str, int]:
    found = normalize_code(request.values.get("code", ""))
    if found is None:
        return redirect(url_for("people.code", slug=slug), 303)
    return public.swap_badge(BadgeReference("code", found), slug, url_for("people.code", slug=slug, code=found), "code")


def _person_page(me: Attendee, found: PersonMet, form: forms.NoteForm) -> str:
    mine = granting.given_to(me.event_id, me.id, found.id)
    story = [(entry, False) for entry in found.received] + [(entry, True) for entry in (mine.entries if mine else ())]
    return render_template(
        "contacts/person.html", person=found, form=form, on_badge_page=False, is_just_now=False,
        given=mine, story=sorted(story, key=lambda line: line[0].at),
        undo_until=looking.undo_until(me.event_id, me.id, found.id), look=None)


def _swapped(me: Attendee, found: PersonMet, form: forms.NoteForm) -> str:
    return render_template("contacts/swapped.html", person=found, form=form,
                           undo_until=looking.undo_until(me.event_id, me.id, found.id))


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
