"""Organizer pages of attendees: the list, one attendee, export, and mailing the activation links."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db
from eventnet.accounts.access import actor, signed_in_organizer
from eventnet.attendees import (
    drafts,
    erased,
    exporting,
    importing,
    invitations,
    labels,
    mapping,
    overruns,
    participation,
    replacing,
    roster,
    sources,
    tables,
)
from eventnet.attendees.forms import AttendeeForm, NewAttendeeForm, UploadForm
from eventnet.attendees.models import Attendee
from eventnet.attendees.sentences import said
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events import privacy
from eventnet.events.access import current_event
from eventnet.web import cookies
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("attendees_admin", __name__)
invitations_bp = Blueprint("attendees_invitations", __name__)
ROWS_SHOWN = 100


def _page_number() -> int:
    """?page=3, counted from 1; anything else is the first page."""
    text = request.args.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 8 else 1


@bp.get("")
def attendees(slug: str) -> str:
    query = request.args.get("q", "")
    return render_template(
        "attendees/admin/list.html", query=query, removed=_just_removed(), category=labels.category,
        page=roster.page(current_event().id, query, _page_number()))


def _just_removed() -> Attendee | None:
    """The person whose removal this page offers to undo."""
    number = request.args.get("removed", "")
    if not number.isdecimal() or len(number) > 15:
        return None
    try:
        attendee = roster.get(current_event().id, int(number), removed=True)
    except NotFound:
        return None
    return attendee if attendee.removed_at is not None else None


@bp.get("/new")
def new(slug: str) -> Response:
    return _form(NewAttendeeForm(), None)


@bp.post("/new")
def add(slug: str) -> AnyResponse:
    form = NewAttendeeForm(request.form)
    if not form.validate():
        return _form(form, None, 422)
    try:
        with db.transaction():
            attendee = roster.add(current_event().id, by="desk", who=actor(), taking_part=form.takes_part.data,
                                  **form.values())
    except Refusal as refusal:
        form.refuse(refusal)
        return _form(form, None, refusal.status)
    flash(_("%(name)s is on the list.", name=attendee.registered_name), "good")
    return redirect(url_for(".attendee", slug=slug, attendee_id=attendee.id), 303)


@bp.get("/<int:attendee_id>")
def attendee(slug: str, attendee_id: int) -> Response:
    found = roster.get(current_event().id, attendee_id)
    return _form(AttendeeForm.of(found), found)


@bp.post("/<int:attendee_id>")
def change(slug: str, attendee_id: int) -> AnyResponse:
    event_id = current_event().id
    found = roster.get(event_id, attendee_id)
    form = AttendeeForm(request.form)
    if not form.validate():
        return _form(form, found, 422)
    try:
        with db.transaction():
            done = roster.change(event_id, attendee_id, form.values(), "desk", actor())
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.refuse(refusal)
        return _form(form, found, refusal.status)
    for sentence, kind in said(done):
        flash(sentence, kind)
    return redirect(url_for(".attendee", slug=slug, attendee_id=attendee_id), 303)


@bp.post("/<int:attendee_id>/removal")
def remove(slug: str, attendee_id: int) -> AnyResponse:
    with db.transaction():
        roster.remove(current_event().id, attendee_id, actor())
    return redirect(url_for(".attendees", slug=slug, removed=attendee_id, q=request.form.get("q") or None), 303)


@bp.post("/<int:attendee_id>/return")
def restore(slug: str, attendee_id: int) -> AnyResponse:
    event_id = current_event().id
    replacing.check_may_return(event_id, attendee_id)
    with db.transaction():
        attendee = roster.restore(event_id, attendee_id, actor())
    flash(_("%(name)s is back on the list.", name=attendee.registered_name), "good")
    return redirect(url_for(".attendees", slug=slug, q=request.form.get("q") or None), 303)


@bp.post("/export")
def export(slug: str) -> AnyResponse:
    event = current_event()
    file = exporting.attendee_list(event.id, roster.everybody(event.id))
    with db.transaction():
        log.write("attendees.exported", actor(), event.id)
    answer = Response(file, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}-attendees.csv"'
    return answer


@bp.get("/import")
def new_import(slug: str) -> Response:
    return _upload(UploadForm())


@bp.post("/import")
def upload(slug: str) -> AnyResponse:
    event_id, organizer, form = current_event().id, signed_in_organizer(), UploadForm(request.form)
    file = request.files.get("file")
    if file is None or not file.filename:
        form.file.errors = [_("Choose the file with the attendee list first.")]
        return _upload(form, 422)
    if not form.validate():
        return _upload(form, 422)
    try:
        parsed = mapping.parse(tables.read(file.read()), form.source.data)
    except Refusal as refusal:
        form.file.errors = [refusal.sentence]
        return _upload(form, refusal.status)
    people = erased.mark(cookies.settings().secret_key, event_id, parsed.people)
    plan = importing.preview(event_id, people)
    with db.transaction():
        draft_id = drafts.keep(event_id, organizer.id, file.filename, replace(parsed, people=people), plan)
    return redirect(url_for(".draft", slug=slug, draft_id=draft_id), 303)


@bp.get("/import/<draft_id>")
def draft(slug: str, draft_id: str) -> str:
    found = drafts.get(current_event().id, draft_id)
    only = request.args.get("show", "")
    shown = drafts.outcomes(found, only if only in importing.OUTCOMES else "")
    pages = max(1, -(-len(shown) // ROWS_SHOWN))
    number = min(_page_number(), pages)
    return render_template(
        "attendees/admin/draft.html", draft=found, source=sources.BY_NAME[found.source], label=labels.label,
        counts=found.notes["counts"], outcomes=importing.OUTCOMES, only=only, number=number, pages=pages,
        rows=shown[(number - 1) * ROWS_SHOWN:number * ROWS_SHOWN], outcome_label=labels.outcome)


@bp.post("/import/<draft_id>")
def commit(slug: str, draft_id: str) -> AnyResponse:
    event_id = current_event().id
    found = drafts.get(event_id, draft_id)
    # A second tap is led to the page that says what the first one did.
    if found.committed_at is None:
        plan = importing.preview(
            event_id, erased.mark(cookies.settings().secret_key, event_id, drafts.people(found)))
        with db.transaction():
            drafts.commit(event_id, draft_id, plan, actor())
    return redirect(url_for(".draft", slug=slug, draft_id=draft_id), 303)


def _upload(form: UploadForm, status: int = 200) -> Response:
    return make_response(render_template("attendees/admin/import.html", form=form), status)


def _form(form: AttendeeForm, found: Attendee | None, status: int = 200) -> Response:
    page = render_template("attendees/admin/attendee.html", form=form, attendee=found, label=labels.label,
                           setter=labels.setter, last=last_edit(found) if found else None,
                           said_by=participation.was_said_by(found) if found else "")
    return make_response(page, status)


def last_edit(attendee: Attendee) -> tuple[str, str, str] | None:
    """(time, by, field) of the newest change that somebody made by hand; None if there is none."""
    edits = [(mark["at"], mark["by"], name) for name, mark in attendee.edits.items()]
    return max(edits, default=None)


@invitations_bp.get("/limits")
def limits(slug: str) -> str:
    """Who ran into a budget: names, so for managers and owners only."""
    return render_template("attendees/admin/limits.html", listed=overruns.listed(current_event().id))


@invitations_bp.get("/invitations")
def invitations_page(slug: str) -> str:
    event = current_event()
    return render_template("attendees/admin/invitations.html", event=event, people=invitations.recipients(event),
                           missing=privacy.missing(event))


@invitations_bp.post("/invitations")
def plan_invitations(slug: str) -> AnyResponse:
    event_id, here = current_event().id, f"/admin/e/{slug}"
    try:
        with db.transaction():
            planned = invitations.plan_all(event_id, actor(), again=bool(request.form.get("again")))
    except Refusal as refusal:
        flash(refusal.sentence, "bad")
        return redirect(f"{here}/invitations", 303)
    if planned:
        flash(ngettext("%(num)s activation mail is on its way.", "%(num)s activation mails are on their way.", planned),
              "good")
    else:
        flash(_("Everybody who can get a mail has one already. Nothing was sent."), "warn")
    return redirect(f"{here}/attendees", 303)
