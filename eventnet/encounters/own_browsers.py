"""Pages of an attendee about what acts as them: browsers with their last scan, "not me", signing out, keys."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation, api_tokens, recoveries
from eventnet.attendees.access import is_held, signed_in
from eventnet.encounters import senders
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _
from eventnet.words import ngettext

browsers_bp = Blueprint("browsers", __name__)
keys_bp = Blueprint("keys", __name__)


@browsers_bp.get("/browsers")
def browsers(slug: str) -> Response:
    return _page()


@browsers_bp.post("/browsers/<int:sign_in_id>/revoke")
def revoke(slug: str, sign_in_id: int) -> Response:
    attendee, here = signed_in(), _browser_id()
    own = {one.id: one for one in activation.browsers_of(attendee)}
    with db.transaction():
        activation.revoke(attendee, sign_in_id, here)
    if sign_in_id in own and own[sign_in_id].browser_id == here:
        return redirect(f"/e/{g.event.slug}/sign-in", 303)
    flash(_("That browser is signed out."), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


@browsers_bp.post("/browsers/sign-out")
def sign_out(slug: str) -> Response:
    browser_id = _browser_id()
    with db.transaction():
        activation.sign_out(g.event.id, browser_id)
    flash(_("You are signed out of %(event)s in this browser.", event=g.event.name), "good")
    return redirect(f"/e/{g.event.slug}/sign-in", 303)


@keys_bp.post("/browsers/others/revoke")
def revoke_others(slug: str) -> Response:
    attendee, here = signed_in(), _browser_id()
    with db.transaction():
        ended = activation.revoke_others(attendee, here)
    flash(ngettext("%(num)s other browser is signed out.", "%(num)s other browsers are signed out.", ended), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


@keys_bp.post("/browsers/keys")
def make_key(slug: str) -> Response:
    attendee, label = signed_in(), request.form.get("label", "")
    try:
        with db.transaction():
            key = api_tokens.make(attendee, label)
    except Refusal as refusal:
        return _page(key_error=refusal.sentence, key_label=label, status=refusal.status)
    # Answered at once, without a redirect: the key is shown this one time and kept nowhere it could be read.
    return _page(new_key=key)


@keys_bp.post("/browsers/keys/<int:key_id>/revoke")
def revoke_key(slug: str, key_id: int) -> Response:
    attendee = signed_in()
    with db.transaction():
        api_tokens.revoke(attendee, key_id)
    flash(_("That key no longer works."), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


def _browser_id() -> int:
    browser = current_browser()
    if browser is None:
        raise NotFound
    return browser.id


def _page(*, new_key: str = "", key_error: str = "", key_label: str = "", status: int = 200) -> Response:
    attendee, here = signed_in(), _browser_id()
    last_sent = senders.last_sent(attendee.event_id, attendee.id)
    return make_response(render_template(
        "encounters/browsers.html", attendee=attendee, browsers=activation.browsers_of(attendee), here=here,
        last_sent=last_sent, held=is_held() and here not in last_sent, recovery=recoveries.living_of(attendee),
        keys=api_tokens.tokens_of(attendee), new_key=new_key, key_error=key_error, key_label=key_label), status)
