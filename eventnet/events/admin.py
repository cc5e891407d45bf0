"""Organizer pages of events: my events, a new one, settings, programme."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import actor, signed_in_organizer
from eventnet.errors import Refusal
from eventnet.events import calendar, programme, regions
from eventnet.events.access import current_event
from eventnet.events.forms import EventForm, ProgrammeForm
from eventnet.events.programme_files import UnreadableFile, parse
from eventnet.words import gettext as _

bp = Blueprint("events_admin", __name__)
settings_bp = Blueprint("event_settings", __name__)


@bp.get("/")
def mine() -> str:
    now, events = clock.now(), calendar.events_of(signed_in_organizer().id)
    over = [(event, role) for event, role in events if event.is_over(now)]
    coming = [(event, role) for event, role in reversed(events) if not event.is_over(now)]
    return render_template("events/admin/mine.html", coming=coming, over=over, now=now, me=signed_in_organizer())


@bp.get("/events/new")
def new() -> Response:
    earlier = calendar.events_of(signed_in_organizer().id)
    last = next((event for event, _role in earlier if event.forgotten_at is None), None)
    known = {name: getattr(last, name) for name in ("zone", "region", "controller", "controller_email")} if last else {}
    return _form("new", EventForm(data=known))


@bp.post("/events/new")
def create() -> Response:
    form, me = EventForm(request.form), signed_in_organizer()
    if not form.validate():
        return _form("new", form, 422)
    try:
        values, notes = form.values()
        slug = form.short_name(calendar.is_slug_free)
        with db.transaction():
            event = calendar.create_event(slug, organizer_id=me.id, by=actor(), **values)
    except Refusal as refusal:
        form.refuse(refusal)
        return _form("new", form, refusal.status)
    for note in notes:
        flash(note, "warn")
    flash(_("%(name)s is ready. Next: bring in the attendees.", name=event.name), "good")
    return redirect(f"/admin/e/{event.slug}/", 303)


@settings_bp.get("/settings")
def settings(slug: str) -> Response:
    return _form("settings", EventForm.of(current_event()))


@settings_bp.post("/settings")
def change(slug: str) -> Response:
    event, form = current_event(), EventForm(request.form)
    if not form.validate():
        return _form("settings", form, 422)
    try:
        values, notes = form.values(event)
        with db.transaction():
            calendar.change_event(event.id, values, actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _form("settings", form, refusal.status)
    for note in notes:
        flash(note, "warn")
    flash(_("Saved."), "good")
    return redirect(f"/admin/e/{event.slug}/settings", 303)


@settings_bp.get("/programme")
def show_programme(slug: str) -> Response:
    return _programme(ProgrammeForm())


@settings_bp.post("/programme")
def upload_programme(slug: str) -> Response:
    event, form, file = current_event(), ProgrammeForm(), request.files.get("file")
    if file is None or not file.filename:
        form.file.errors = [_("Choose a .csv or .ics file first.")]
        return _programme(form, status=422)
    try:
        rows = parse(file.filename, file.read(), event.zone)
    except UnreadableFile as error:
        form.file.errors = [str(error)]
        return _programme(form, status=422)
    outcome = programme.compare(event.id, rows)
    if outcome.count("refused"):
        return _programme(form, outcome, 422)
    with db.transaction():
        outcome = programme.upload(event.id, rows, actor())
    flash(_("The programme is stored: %(new)s new, %(changed)s changed, %(same)s as before.",
            new=outcome.count("new"), changed=outcome.count("changed"), same=outcome.count("same")), "good")
    return redirect(f"/admin/e/{event.slug}/programme", 303)


@settings_bp.post("/programme/<int:item_id>/removal")
def remove_item(slug: str, item_id: int) -> Response:
    with db.transaction():
        title = programme.remove(current_event().id, item_id, actor())
    flash(_("“%(title)s” is no longer in the programme. An upload of the file brings it back.", title=title), "good")
    return redirect(f"/admin/e/{slug}/programme", 303)


def _form(view: str, form: EventForm, status: int = 200) -> Response:
    page = render_template(f"events/admin/{view}.html", form=form, zones=regions.zones())
    return make_response(page, status)


def _programme(form: ProgrammeForm, outcome: programme.Outcome | None = None, status: int = 200) -> Response:
    page = render_template("events/admin/programme.html", form=form, outcome=outcome,
                           items=programme.items(current_event().id))
    return make_response(page, status)
