"""Organizer pages of badges: choose what to print, and the PDF."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import clock, db
from eventnet.accounts.access import actor
from eventnet.attendees import activation, printed_codes
from eventnet.audit import log
from eventnet.badges import printing, slips, symbols
from eventnet.badges.forms import PrintForm, layout_label
from eventnet.badges.layouts import LAYOUTS
from eventnet.errors import NotFound, Refusal
from eventnet.events import desk_passes
from eventnet.events.access import current_event
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("badges_admin", __name__)
PIXELS_A_MODULE = 12
MOMENT = "%Y%m%dT%H%M%S%f"


@bp.get("/badges")
def badges(slug: str) -> Response:
    return _page(PrintForm())


@bp.post("/badges/print")
def print_badges(slug: str) -> AnyResponse:
    form, event_id = PrintForm(request.form), current_event().id
    if not form.validate():
        return _page(form, status=422)
    try:
        with db.transaction():
            at = printing.print_now(event_id, cookies.settings().base_url, form.only.data,
                                    form.blank.data or 0, actor())
    except Refusal as refusal:
        return _page(form, refusal, refusal.status)
    return redirect(url_for(".badges", slug=slug, batch=at.strftime(MOMENT), layout=form.layout.data), 303)


@bp.post("/badges.pdf")
def pdf(slug: str) -> Response:
    """The badges that were made, as often as it is asked for: a batch printed before, only new ones, or all."""
    event, settings, by = current_event(), cookies.settings(), actor()
    layout = printing.get_layout(request.form.get("layout") or "a4-sheet")
    if request.form.get("batch"):
        batch = printing.printed_at(event.id, settings.base_url, _moment(request.form["batch"]))
        if not batch.faces:
            raise NotFound
    else:
        batch = printing.faces(event.id, settings.base_url, only=_only(request.form.get("only") or "all"))
        printing.check_complete(batch)
        if not batch.faces:
            printing.refuse_nothing(event.id)
    sheet = printing.print_sheet(settings, event.name, event.language, batch, layout)
    with db.transaction():
        log.write("badges.exported", by, event.id, badges=len(batch.faces))
    answer = Response(sheet, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}-badges-{layout.name}.pdf"'
    return answer


@bp.get("/badges/picture.svg")
def picture(slug: str) -> Response:
    layout = printing.get_layout(request.args.get("layout", "a4-sheet"))
    return Response(printing.picture(cookies.settings(), current_event(), layout), mimetype="image/svg+xml")


@bp.get("/desk-passes/<int:desk_id>.png")
def desk_pass_picture(slug: str, desk_id: int) -> Response:
    """The QR code that makes a device a desk, while the pass waits for one."""
    event, settings = current_event(), cookies.settings()
    desk = desk_passes.get(event.id, desk_id)
    if desk_passes.waits_until(event, desk, clock.now()) is None:
        raise NotFound
    return Response(symbols.symbol(desk_passes.address(settings, desk)).png(PIXELS_A_MODULE), mimetype="image/png")


@bp.get("/badges/slips")
def activation_slips(slug: str) -> str:
    return _slips_page()


@bp.post("/badges/slips")
def choose_slips(slug: str) -> AnyResponse:
    event_id, is_chosen = current_event().id, request.form.get("chosen") == "1"
    with db.transaction():
        printed_codes.set_chosen(event_id, is_chosen, actor())
    return redirect(url_for(".activation_slips", slug=slug), 303)


@bp.post("/badges/slips/pdf")
def print_slips(slug: str) -> AnyResponse:
    """Make the codes that are missing and answer with the slips of all that work; each print is in the audit log."""
    event, settings = current_event(), cookies.settings()
    with db.transaction():
        printed_codes.make_missing(settings.secret_key, event.id, actor())
        found = printed_codes.slips(settings.secret_key, event)
        printed_codes.note_printed(event.id, len(found), actor())
    pdf = slips.print_slips(
        found, event_name=event.name, language=event.language, fonts=settings.fonts,
        address=settings.host + url_for("sign_in.printed_code", slug=slug))
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}-slips.pdf"'
    return answer


def _slips_page() -> str:
    event = current_event()
    return render_template("badges/admin/slips.html", is_chosen=printed_codes.are_chosen(event),
                           is_late=activation.is_late(event), counts=printed_codes.counts(event))


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise NotFound from None


def _only(text: str) -> printing.Only:
    if text == "new":
        return "new"
    if text == "all":
        return "all"
    raise Refusal(_("Choose the new badges or all of them."), status=422, reason="only", field="only")


def _page(form: PrintForm, refusal: Refusal | None = None, status: int = 200) -> Response:
    event_id, batch, layout = current_event().id, request.args.get("batch"), LAYOUTS.get(request.args.get("layout", ""))
    counts, made = printing.counts(event_id), 0
    if batch and layout:
        made = printing.count_printed_at(event_id, _moment(batch))
        form.layout.data = layout.name
    if not counts.new and not form.errors:
        form.only.data = "all"
    page = render_template(
        "badges/admin/badges.html", form=form, counts=counts, layouts=LAYOUTS.values(), layout_label=layout_label,
        refusal=refusal, made=made, layout=layout,
        pages=layout.pages(made) if layout else 0, batch=batch,
        last=counts.last_at.strftime(MOMENT) if counts.last_at else "")
    return make_response(page, status)
