"""Pages of an attendee about the recovery picture: made and shown once, ended."""

from __future__ import annotations

import base64

from flask import Blueprint, flash, g, make_response, redirect, render_template
from werkzeug.wrappers import Response

from eventnet import db, words
from eventnet.attendees import recoveries
from eventnet.attendees.access import signed_in
from eventnet.badges import recovery_pictures
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("recovery", __name__)


@bp.get("/recovery")
def recovery(slug: str) -> Response:
    return _page()


@bp.post("/recovery")
def make(slug: str) -> Response:
    attendee, settings = signed_in(), cookies.settings()
    with db.transaction():
        token = recoveries.make(attendee)
    picture = recovery_pictures.picture(
        recoveries.address(settings.base_url, token), name=attendee.badge_name, event_name=g.event.name,
        until=words.full_day(g.event.retention_on), fonts=settings.fonts)
    # Answered at once, without a redirect: the link is shown this one time and kept nowhere it could be read.
    return _page(base64.b64encode(picture).decode())


@bp.post("/recovery/end")
def end(slug: str) -> Response:
    attendee = signed_in()
    with db.transaction():
        recoveries.end(attendee)
    flash(_("The recovery picture opens nothing any more. Delete it from your photos."), "good")
    return redirect(f"/e/{g.event.slug}/recovery", 303)


def _page(picture: str = "") -> Response:
    attendee = signed_in()
    return make_response(render_template(
        "badges/recovery.html", attendee=attendee, living=recoveries.living_of(attendee), picture=picture))
