"""The link of a desk pass: makes the device that opens it a desk."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access
from eventnet.events import desk_passes
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("desk_links", __name__)


@bp.get("/D/<token>")
def link(token: str) -> str:
    found = desk_passes.find_waiting(token)
    if found is None:
        raise desk_passes.is_used()
    g.event, desk = found
    return render_template("events/desk/link.html", desk=desk, label=desk_passes.label(desk.number), token=token,
                           organizer=access.current_organizer())


@bp.post("/D/<token>")
def become_desk(token: str) -> Response:
    found, browser = desk_passes.find_waiting(token), access.current_browser()
    if found is None:
        raise desk_passes.is_used()
    slug, browser_id = found[0].slug, browser.id if browser else None
    with db.transaction():
        desk, fresh = desk_passes.bind(token, browser_id, access.browser_label())
        until, name = desk.ends_at, desk_passes.label(desk.number)
    if browser is not None:
        until = max(until, browser.ends_at)
    cookies.keep_browser(fresh, until)
    flash(_("This device is %(desk)s now.", desk=name), "good")
    return redirect(f"/admin/e/{slug}/desk", 303)
