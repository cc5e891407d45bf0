"""A device that is a desk: its lock screen, and giving the pass back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from eventnet import clock, db
from eventnet.accounts import browsers
from eventnet.accounts.access import actor
from eventnet.events import desk_passes
from eventnet.events.access import current_event, this_desk
from eventnet.web import cookies
from eventnet.words import gettext as _
from eventnet.words import ngettext

device_bp = Blueprint("desk_device", __name__)


@device_bp.get("/lock")
def lock_screen(slug: str) -> AnyResponse:
    if not this_desk().is_locked(clock.now()):
        return redirect(f"/admin/e/{slug}/desk", 303)
    return _lock_screen()


@device_bp.post("/lock")
def lock(slug: str) -> AnyResponse:
    with db.transaction():
        desk_passes.lock(this_desk().id)
    return redirect(f"/admin/e/{slug}/desk/lock", 303)


@device_bp.post("/unlock")
def unlock(slug: str) -> AnyResponse:
    desk, pin, secret = this_desk(), request.form.get("pin", "")[:40], cookies.settings().secret_key
    with db.transaction():
        tried = desk_passes.try_pin(desk.id, pin, secret)
    if tried.is_open:
        return redirect(f"/admin/e/{slug}/desk", 303)
    if not tried.left:
        return redirect(f"/admin/e/{slug}/desk/lock", 303)
    error = ngettext("That is not the PIN. %(num)s try is left.", "That is not the PIN. %(num)s tries are left.",
                     tried.left)
    return _lock_screen(error, 422)


@device_bp.post("/return")
def give_back(slug: str) -> AnyResponse:
    """End the pass from its own device. A locked one must not become an organizer's by that, so they are signed out."""
    desk, by = this_desk(), actor()
    is_locked, browser_id = desk.is_locked(clock.now()), desk.browser_id
    with db.transaction():
        desk_passes.revoke(current_event().id, desk.id, by)
        if is_locked and browser_id is not None:
            browsers.sign_out_organizer(browser_id)
    flash(_("This device is no longer %(desk)s.", desk=desk_passes.label(desk.number)), "good")
    return redirect("/", 303)


def _lock_screen(error: str = "", status: int = 200) -> Response:
    desk = desk_passes.get(current_event().id, this_desk().id)
    return make_response(render_template(
        "events/desk/lock.html", desk=desk, label=desk_passes.label(desk.number), error=error), status)
