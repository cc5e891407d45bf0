"""The desk's pages about one badge: print it, hand out a blank one, and let a phone become its attendee."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db, links
from eventnet.accounts.access import actor
from eventnet.attendees import activation, roster
from eventnet.attendees.folding import masked_email
from eventnet.attendees.models import Attendee
from eventnet.badges import codes, issuing, printing, reprinting, symbols
from eventnet.badges.forms import BlankForm
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import check_no_desk_pass, current_event
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("badges_desk", __name__)
PIXELS_A_MODULE = 12


@bp.get("/find")
def find(slug: str) -> AnyResponse:
    """Whose badge a hand scanner read or a person typed."""
    reference = codes.parse_badge(request.args.get("code", ""), cookies.settings().base_url)
    badge = issuing.find(current_event().id, reference) if reference else None
    if badge is None:
        raise NotFound(_("No badge of this event has that code. Read it again, or search for the name."))
    if badge.attendee_id is None:
        raise Refusal(_("That badge is blank. Find the person by name, open Badge there, and type its code."),
                      reason="blank")
    return redirect(f"/admin/e/{slug}/desk/{badge.attendee_id}", 303)


@bp.get("/<int:attendee_id>/badge")
def badge(slug: str, attendee_id: int) -> Response:
    return _page(roster.get(current_event().id, attendee_id), BlankForm())


@bp.post("/<int:attendee_id>/badge")
def print_badge(slug: str, attendee_id: int) -> AnyResponse:
    """Make the badge if there is none, note that it is printed, and show the PDF."""
    event_id = current_event().id
    with db.transaction():
        printing.print_one(event_id, attendee_id, actor())
    return redirect(url_for(".pdf", slug=slug, attendee_id=attendee_id), 303)


@bp.get("/<int:attendee_id>/badge.pdf")
def pdf(slug: str, attendee_id: int) -> Response:
    event, settings = current_event(), cookies.settings()
    attendee = roster.get(event.id, attendee_id)
    batch = printing.faces(event.id, settings.base_url, attendee_ids=[attendee_id])
    if not batch.faces:
        raise Refusal(_("%(name)s has no badge yet. Go back and choose Print the badge.", name=attendee.badge_name),
                      reason="badges_missing")
    layout = printing.get_layout("single")
    answer = Response(printing.print_sheet(settings, event.name, event.language, batch, layout),
                      mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{event.slug}-badge-{attendee_id}.pdf"'
    return answer


@bp.post("/<int:attendee_id>/badge/new-code")
def make_new_code(slug: str, attendee_id: int) -> AnyResponse:
    """Somebody lost their badge or found a photo of it: the old one stops working at once."""
    event_id = current_event().id
    attendee = roster.get(event_id, attendee_id)
    had_one = issuing.badge_of(event_id, attendee_id) is not None
    with db.transaction():
        if had_one:
            issuing.rotate(event_id, attendee_id, actor())
        else:
            issuing.ensure(event_id, [attendee_id])
    flash(_("%(name)s has a new badge. The old one and every photo of it stopped working. Print the new one.",
            name=attendee.badge_name), "good")
    return redirect(url_for(".badge", slug=slug, attendee_id=attendee_id), 303)


@bp.post("/<int:attendee_id>/badge/printed")
def note_printed(slug: str, attendee_id: int) -> AnyResponse:
    """They have a right badge again, written by hand or printed elsewhere."""
    event_id = current_event().id
    name = roster.get(event_id, attendee_id).badge_name
    with db.transaction():
        reprinting.clear(event_id, attendee_id, actor())
    flash(_("%(name)s has a new badge.", name=name), "good")
    return redirect(url_for(".reprints", slug=slug), 303)


@bp.get("/reprints")
def reprints(slug: str) -> str:
    return render_template("badges/desk/reprints.html", waiting=reprinting.listed(current_event().id))


@bp.post("/reprints")
def print_reprints(slug: str) -> AnyResponse:
    """Note the whole list as printed and answer with the PDF."""
    event, settings = current_event(), cookies.settings()
    check_no_desk_pass(_("This device prints one badge at a time. An organizer prints the whole list."))
    with db.transaction():
        at = reprinting.print_all(event.id, actor())
    if at is None:
        flash(_("No badge needs a new print now."), "info")
        return redirect(url_for(".reprints", slug=slug), 303)
    batch = printing.printed_at(event.id, settings.base_url, at)
    answer = Response(printing.print_sheet(settings, event.name, event.language, batch, printing.get_layout("single")),
                      mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{event.slug}-badges-again.pdf"'
    return answer


@bp.post("/<int:attendee_id>/badge/blank")
def bind(slug: str, attendee_id: int) -> AnyResponse:
    event_id = current_event().id
    attendee, form = roster.get(event_id, attendee_id), BlankForm(request.form)
    if not form.validate():
        return _page(attendee, form, 422)
    reference = codes.parse_badge(form.code.data, cookies.settings().base_url)
    try:
        with db.transaction():
            issuing.bind(event_id, attendee_id, reference, actor())
    except Refusal as refusal:
        if refusal.field != "code":
            raise
        form.code.errors = [refusal.sentence]
        return _page(attendee, form, refusal.status)
    flash(_("The badge is %(name)s’s now.", name=attendee.badge_name), "good")
    return redirect(url_for(".badge", slug=slug, attendee_id=attendee_id), 303)


@bp.get("/<int:attendee_id>/activation")
def activation_screen(slug: str, attendee_id: int) -> str:
    attendee = _to_activate(attendee_id)
    return render_template("badges/desk/activation.html", attendee=attendee, address=_address(attendee),
                           email=masked_email(attendee.email))


@bp.get("/<int:attendee_id>/activation.png")
def activation_picture(slug: str, attendee_id: int) -> Response:
    picture = symbols.symbol(_address(_to_activate(attendee_id))).png(PIXELS_A_MODULE)
    return Response(picture, mimetype="image/png")


def _to_activate(attendee_id: int) -> Attendee:
    event = current_event()
    attendee = roster.get(event.id, attendee_id)
    if attendee.activated_at is not None:
        check_no_desk_pass(_("%(name)s is active on a phone already. Another one is added with the link in their mail, "
                             "or by an organizer.", name=attendee.badge_name))
    if not attendee.takes_part:
        raise Refusal(_("%(name)s does not take part, so there is nothing to activate.", name=attendee.badge_name),
                      reason="not_taking_part")
    if activation.is_late(event):
        raise Refusal(_("Activation links worked until 24 hours after the event. %(name)s can still sign in with a "
                        "code by e-mail.", name=attendee.badge_name), status=410, reason="late")
    return attendee


def _address(attendee: Attendee) -> str:
    settings = cookies.settings()
    return links.activation_url(settings.base_url, activation.activation_token(settings.secret_key, attendee))


def _page(attendee: Attendee, form: BlankForm, status: int = 200) -> Response:
    found = issuing.badge_of(current_event().id, attendee.id)
    page = render_template("badges/desk/badge.html", attendee=attendee, badge=found, form=form,
                           code=codes.grouped(found.code) if found else "")
    return make_response(page, status)
