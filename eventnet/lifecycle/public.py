"""The event's page about data: who answers for it, what for, how long, who sees what, and what one can do."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, g, render_template

from eventnet.attendees import access
from eventnet.cards.fields import WORDING as CARD_WORDING
from eventnet.events import privacy
from eventnet.web import cookies

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def show(slug: str) -> str:
    here = cookies.settings()
    return render_template(
        "lifecycle/privacy.html", event=g.event, attendee=access.current_attendee(), host=here.host,
        relay=urlsplit(here.smtp_url).hostname, basis=privacy.basis_sentence(g.event.legal_basis),
        wording=privacy.WORDING, card_wording=CARD_WORDING, may_mail=not privacy.missing(g.event))
