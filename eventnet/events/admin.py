"""Organizer pages of events: my events, a new one, settings, programme, desk passes, the team."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts import organizers
from eventnet.accounts.access import actor, signed_in_organizer
from eventnet.errors import Refusal
from eventnet.events import calendar, desk_passes, invitations, privacy, programme, regions, roles
from eventnet.events.access import current_event
from eventnet.events.forms import DeskPassForm, EventForm, ProgrammeForm, TeamForm
from eventnet.events.models import ROLES
from eventnet.events.programme_files import UnreadableFile, parse
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("events_admin", __name__)
settings_bp = Blueprint("event_settings", __name__)
team_bp, leaving_bp = Blueprint("event_team", __name__), Blueprint("event_leaving", __name__)
passes_bp = Blueprint("desk_passes", __name__)
FROM_THE_LAST = ("zone", "region", "controller", "controller_email", "protection_officer", "purpose", "legal_basis",
                 "legal_basis_words", "hosting")


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
    known = {name: getattr(last, name) for name in FROM_THE_LAST} if last else {}
    known["purpose"] = known.get("purpose") or privacy.standard_purpose()
    known["hosting"] = known.get("hosting") or cookies.settings().hosting
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


@passes_bp.get("/desk-passes")
def passes(slug: str) -> Response:
    event, now = current_event(), clock.now()
    return _passes(None if event.is_over(now) else DeskPassForm.of(event, desk_passes.may_end(event, now)))


@passes_bp.post("/desk-passes")
def make_pass(slug: str) -> Response:
    event, me = current_event(), signed_in_organizer()
    form = DeskPassForm.of(event, desk_passes.may_end(event, clock.now()), request.form)
    if not form.validate():
        return _passes(form, 422)
    try:
        with db.transaction():
            made = desk_passes.make(event.id, me.id, form.end(), form.pin.data or "", cookies.settings().secret_key)
    except Refusal as refusal:
        form.refuse(refusal)
        return _passes(form, refusal.status)
    return redirect(f"/admin/e/{slug}/desk-passes/{made.id}", 303)


@passes_bp.get("/desk-passes/<int:desk_id>")
def one_pass(slug: str, desk_id: int) -> str:
    """The QR and the link while it waits for its device, and the PIN it was given."""
    event, secret = current_event(), cookies.settings().secret_key
    desk = desk_passes.get(event.id, desk_id)
    until = desk_passes.waits_until(event, desk, clock.now())
    return render_template(
        "events/admin/desk_pass.html", desk=desk, label=desk_passes.label(desk.number), until=until,
        address=desk_passes.address(cookies.settings(), desk) if until else "",
        pin=desk_passes.given_pin(secret, desk.id) if desk_passes.has_given_pin(secret, desk) else "")


@passes_bp.post("/desk-passes/<int:desk_id>/removal")
def end_pass(slug: str, desk_id: int) -> Response:
    with db.transaction():
        desk = desk_passes.revoke(current_event().id, desk_id, actor())
    flash(_("%(desk)s is ended. Its next tap finds nothing.", desk=desk_passes.label(desk.number)), "good")
    return redirect(f"/admin/e/{slug}/desk-passes", 303)


@passes_bp.post("/desk-passes/<int:desk_id>/release")
def release_pass(slug: str, desk_id: int) -> Response:
    with db.transaction():
        desk = desk_passes.release(current_event().id, desk_id, actor())
    flash(_("%(desk)s takes its PIN again.", desk=desk_passes.label(desk.number)), "good")
    return redirect(f"/admin/e/{slug}/desk-passes", 303)


@team_bp.get("/people")
def team(slug: str) -> Response:
    return _team(TeamForm())


@team_bp.post("/people/<int:organizer_id>/role")
def change_role(slug: str, organizer_id: int) -> Response:
    with db.transaction():
        member = roles.change(current_event().id, organizer_id, request.form.get("role", ""), actor())
    flash(_("%(name)s is %(role)s now.", name=member.shown, role=roles.word(member.role)), "good")
    return redirect(f"/admin/e/{slug}/people", 303)


@team_bp.post("/people/<int:organizer_id>/removal")
def remove_member(slug: str, organizer_id: int) -> Response:
    with db.transaction():
        member = roles.remove(current_event().id, organizer_id, actor())
    flash(_("%(name)s is off the team. Their next tap finds nothing.", name=member.shown), "good")
    return redirect(f"/admin/e/{slug}/people" if organizer_id != signed_in_organizer().id else "/admin/", 303)


@team_bp.post("/people/<int:organizer_id>/factor/removal")
def lift_factor(slug: str, organizer_id: int) -> Response:
    me = signed_in_organizer().id
    with db.transaction():
        member = roles.lift_factor(current_event().id, organizer_id, me)
    flash(_("The second factor of %(name)s is lifted; a mail tells them so.", name=member.shown), "good")
    return redirect(f"/admin/e/{slug}/people", 303)


@team_bp.post("/people/invitations")
def invite(slug: str) -> Response:
    form, me = TeamForm(request.form), signed_in_organizer().id
    if not form.validate():
        return _team(form, 422)
    try:
        with db.transaction():
            made = invitations.invite(current_event().id, form.email.data or "", form.role.data, me)
    except Refusal as refusal:
        field = form.role if refusal.field == "role" else form.email
        field.errors = [refusal.sentence]
        return _team(form, refusal.status)
    flash(_("A mail is on its way to %(email)s. Its link works for seven days.", email=made.email), "good")
    return redirect(f"/admin/e/{slug}/people", 303)


@team_bp.post("/people/invitations/<int:invitation_id>/mail")
def invite_again(slug: str, invitation_id: int) -> Response:
    me = signed_in_organizer().id
    with db.transaction():
        made = invitations.send_again(current_event().id, invitation_id, me)
    flash(_("The mail to %(email)s is on its way again. Its link works for seven days.", email=made.email), "good")
    return redirect(f"/admin/e/{slug}/people", 303)


@team_bp.post("/people/invitations/<int:invitation_id>/removal")
def revoke_invitation(slug: str, invitation_id: int) -> Response:
    me = signed_in_organizer().id
    with db.transaction():
        made = invitations.revoke(current_event().id, invitation_id, me)
    flash(_("The invitation of %(email)s is taken back; its link is dead.", email=made.email), "good")
    return redirect(f"/admin/e/{slug}/people", 303)


@leaving_bp.post("/people/leave")
def leave(slug: str) -> Response:
    event, me = current_event(), signed_in_organizer().id
    name = event.name
    with db.transaction():
        roles.leave(event.id, me)
    flash(_("You left the team of %(event)s.", event=name), "good")
    return redirect("/admin/", 303)


def _team(form: TeamForm, status: int = 200) -> Response:
    event = current_event()
    page = render_template(
        "events/admin/people.html", form=form, team=roles.team(event.id), me=signed_in_organizer(), now=clock.now(),
        waiting=invitations.waiting(event.id) if g.role == "owner" else [], word=roles.word, ROLES=ROLES[::-1])
    return make_response(page, status)


def _passes(form: DeskPassForm | None, status: int = 200) -> Response:
    event, now = current_event(), clock.now()
    found = desk_passes.listed(event.id)
    makers = organizers.names({desk.made_by for desk in found}) if found else {}
    living = [desk for desk in found if desk.is_living(event, now)
              and (desk.bound_at or desk_passes.waits_until(event, desk, now))]
    page = render_template(
        "events/admin/desk_passes.html", form=form, now=now, event=event, label=desk_passes.label, makers=makers,
        living=living, ended=[desk for desk in found if desk not in living])
    return make_response(page, status)


def _form(view: str, form: EventForm, status: int = 200) -> Response:
    event = current_event() if view == "settings" else None
    page = render_template(
        f"events/admin/{view}.html", form=form, zones=regions.zones(), missing=privacy.missing(event) if event else [],
        is_promised=event is not None and privacy.is_promised(event))
    return make_response(page, status)


def _programme(form: ProgrammeForm, outcome: programme.Outcome | None = None, status: int = 200) -> Response:
    page = render_template("events/admin/programme.html", form=form, outcome=outcome,
                           items=programme.items(current_event().id))
    return make_response(page, status)
