"""The organizer's page that mails the activation links: who gets one, who does not, one button."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts.access import current_organizer
from eventnet.attendees import invitations
from eventnet.errors import Refusal
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("attendees_invitations", __name__)


@bp.get("/invitations")
def confirm(slug: str) -> str:
    return render_template("attendees/admin/invitations.html", event=g.event, people=invitations.recipients(g.event),
                           is_ready=invitations.may_be_mailed(g.event))


@bp.post("/invitations")
def plan(slug: str) -> Response:
    organizer = current_organizer()
    actor = f"organizer:{organizer.id}" if organizer is not None else "organizer"
    here, event_id = f"/admin/e/{g.event.slug}", g.event.id
    try:
        with db.transaction():
            planned = invitations.plan_all(event_id, actor, again=bool(request.form.get("again")))
    except Refusal as refusal:
        flash(refusal.sentence, "bad")
        return redirect(f"{here}/invitations", 303)
    if planned:
        flash(ngettext("%(num)s activation mail is on its way.", "%(num)s activation mails are on their way.", planned),
              "good")
    else:
        flash(_("Everybody who can get a mail has one already. Nothing was sent."), "warn")
    return redirect(f"{here}/attendees", 303)
