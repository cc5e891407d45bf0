"""Pages of a signed-in organizer's account: sign out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access, organizers
from eventnet.words import gettext as _

bp = Blueprint("accounts_admin", __name__)


@bp.post("/sign-out")
def sign_out() -> Response:
    organizer, browser = access.current_organizer(), access.current_browser()
    if organizer is not None and browser is not None:
        with db.transaction():
            organizers.sign_out(organizer.id, browser.id)
    flash(_("You are signed out."), "good")
    return redirect("/admin/sign-in", 303)
