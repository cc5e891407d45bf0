"""The page behind an invitation to the team of an event: see it, sign in or choose a password, say yes."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access, organizers, passwords
from eventnet.accounts.forms import JoinForm
from eventnet.errors import Refusal
from eventnet.events import invitations
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("team_invitation", __name__)


@bp.get("/invitation/<token>")
def invitation(token: str) -> Response:
    return _page(invitations.get(cookies.settings().secret_key, token), token, JoinForm())


@bp.post("/invitation/<token>")
def accept(token: str) -> Response:
    here, me = cookies.settings(), access.current_organizer()
    found, form = invitations.get(here.secret_key, token), JoinForm(request.form)
    invitation_id, email = found.invitation.id, found.invitation.email
    slug, event_name = found.event.slug, found.event.name
    if me is None and not found.needs_password:
        return redirect("/admin/sign-in?" + urlencode({"next": f"/admin/invitation/{token}"}), 303)
    if me is not None:
        if me.email != email:
            return _page(found, token, form, 409)
        me_id = me.id
        with db.transaction():
            is_new = invitations.accept(invitation_id, me_id)
    else:
        if not form.validate():
            return _page(found, token, form, 422)
        try:
            passwords.check(form.password.data or "", email)
        except Refusal as refusal:
            form.password.errors = [refusal.sentence]
            return _page(found, token, form, 422)
        made, browser = passwords.make_hash(form.password.data or "", here.argon2), access.current_browser()
        browser_id, is_new = browser.id if browser else None, True
        with db.transaction():
            organizer_id = invitations.accept_newly(invitation_id, form.name.data or "", made)
            fresh, until = organizers.sign_in(organizer_id, browser_id, access.browser_label())
        cookies.keep_browser(fresh, until)
    flash(_("Welcome to the team of %(event)s.", event=event_name) if is_new
          else _("You were on the team already; your role stays."), "good")
    return redirect(f"/admin/e/{slug}/", 303)


def _page(found: invitations.Invited, token: str, form: JoinForm, status: int = 200) -> Response:
    page = render_template("events/invitation.html", found=found, token=token, form=form,
                           me=access.current_organizer(),
                           inviter=organizers.names([found.invitation.invited_by]).get(found.invitation.invited_by, ""))
    return make_response(page, status)
