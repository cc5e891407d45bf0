"""Pages of a signed-in attendee about their browsers: the list, "not me", signing out, the hand-over code, keys."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation, api_tokens, hand_over
from eventnet.attendees.access import signed_in
from eventnet.errors import NotFound, Refusal
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("browsers", __name__)


@bp.get("/browsers")
def browsers(slug: str) -> Response:
    return _page()


@bp.post("/browsers/<int:sign_in_id>/revoke")
def revoke(slug: str, sign_in_id: int) -> Response:
    attendee, here = signed_in(), _browser_id()
    own = {one.id: one for one in activation.browsers_of(attendee)}
    with db.transaction():
        activation.revoke(attendee, sign_in_id)
    if sign_in_id in own and own[sign_in_id].browser_id == here:
        return redirect(f"/e/{g.event.slug}/sign-in", 303)
    flash(_("That browser is signed out."), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


@bp.post("/browsers/sign-out")
def sign_out(slug: str) -> Response:
    browser_id = _browser_id()
    with db.transaction():
        activation.sign_out(g.event.id, browser_id)
    flash(_("You are signed out of %(event)s in this browser.", event=g.event.name), "good")
    return redirect(f"/e/{g.event.slug}/sign-in", 303)


@bp.post("/browsers/keys")
def make_key(slug: str) -> Response:
    attendee, label = signed_in(), request.form.get("label", "")
    try:
        with db.transaction():
            key = api_tokens.make(attendee, label)
    except Refusal as refusal:
        return _page(key_error=refusal.sentence, key_label=label, status=refusal.status)
    # Answered at once, without a redirect: the key is shown this one time and kept nowhere it could be read.
    return _page(new_key=key)


@bp.post("/browsers/keys/<int:key_id>/revoke")
def revoke_key(slug: str, key_id: int) -> Response:
    attendee = signed_in()
    with db.transaction():
        api_tokens.revoke(attendee, key_id)
    flash(_("That key no longer works."), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


@bp.get("/hand-over")
def show_hand_over(slug: str) -> str:
    signed_in()
    shown = hand_over.shown(cookies.settings().secret_key, g.event.id, _browser_id())
    seconds = int((shown.ends_at - clock.now()).total_seconds()) if shown else 0
    return render_template("attendees/hand_over.html", shown=shown, seconds=seconds,
                           address=f"{cookies.settings().host}{url_for('sign_in.ask', slug=g.event.slug)}")


@bp.post("/hand-over")
def make_hand_over(slug: str) -> Response:
    attendee, browser_id = signed_in(), _browser_id()
    with db.transaction():
        hand_over.make(cookies.settings().secret_key, attendee, browser_id)
    return redirect(f"/e/{g.event.slug}/hand-over", 303)


def _browser_id() -> int:
    browser = current_browser()
    if browser is None:
        raise NotFound
    return browser.id


def _page(*, new_key: str = "", key_error: str = "", key_label: str = "", status: int = 200) -> Response:
    attendee = signed_in()
    return make_response(render_template(
        "attendees/browsers.html", attendee=attendee, browsers=activation.browsers_of(attendee), here=_browser_id(),
        keys=api_tokens.tokens_of(attendee), new_key=new_key, key_error=key_error, key_label=key_label), status)
