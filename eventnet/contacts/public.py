"""The page behind a badge's QR code: opening it changes nothing, one tap on a button with a name swaps cards."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import current_browser
from eventnet.badges.codes import BadgeReference, normalize_token
from eventnet.contacts import forms, looking, swapping
from eventnet.contacts.looking import Look
from eventnet.contacts.swapping import Swap
from eventnet.encounters.recording import Claim
from eventnet.errors import Refusal
from eventnet.events import calendar
from eventnet.words import gettext as _

bp = Blueprint("badge_page", __name__)


@bp.get("/B/<token>")
@bp.get("/b/<token>", endpoint="show_lower")
def show(token: str) -> tuple[str, int]:
    return show_badge(_reference(token), None, request.path)


@bp.post("/B/<token>")
@bp.post("/b/<token>", endpoint="swap_lower")
def swap(token: str) -> tuple[str, int] | Response:
    return swap_badge(_reference(token), None, request.path, "page")


def show_badge(badge: BadgeReference | None, slug: str | None, address: str) -> tuple[str, int]:
    """The page of a badge at `address`, as far as this browser may see it, with its status."""
    browser = current_browser()
    found = looking.look(badge, browser.id if browser is not None else None, slug)
    if found.event is not None and found.state != "unknown":
        calendar.check_is_kept(found.event)
    g.event = found.event
    form = None
    if found.met is not None:
        form = forms.note_form(found.met, address)
    page = render_template(
        f"contacts/{_TEMPLATES[found.state]}.html", look=found, person=found.met, form=form, address=address,
        scan_id=str(uuid.uuid4()), opened_at=clock.now().isoformat(timespec="seconds"),
        sign_in=_sign_in(found, address), on_badge_page=True, is_just_now=found.is_just_now,
        undo_until=found.undo_until)
    return page, 404 if found.state == "unknown" else 200


def swap_badge(badge: BadgeReference | None, slug: str | None, address: str,
               way: str) -> tuple[str, int] | Response:
    """Swap cards with the person of a badge, then show the same address, where the receipt is."""
    browser = current_browser()
    if browser is None:
        raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
    claim = Claim(forms.scan_id(request.form), badge, slug, forms.said(request.form))
    with db.transaction():
        answer = swapping.swap([Swap(claim)], browser_id=browser.id, way=way)[0]
    if answer.reason in ("unknown", "invalid"):
        return show_badge(badge, slug, address)
    if answer.reason in ("budget", "busy", "id_reused"):
        flash(answer.sentence if answer.result == "refused" else
              _("You swapped with very many people just now. Wait a few minutes and tap again."), "warn")
    return redirect(address, 303)


_TEMPLATES = {
    "signed_out": "badge_signed_out", "unknown": "badge_unknown", "own": "badge_own", "met": "person",
    "pending": "badge_pending", "paused": "badge_closed", "not_yet": "badge_closed", "closed": "badge_closed",
    "not_taking_part": "badge_closed", "swap": "badge_swap",
}


def _reference(token: str) -> BadgeReference | None:
    normal = normalize_token(token)
    return BadgeReference("token", normal) if normal is not None else None


def _sign_in(found: Look, address: str) -> str:
    if found.event is None:
        return ""
    return f"/e/{found.event.slug}/sign-in?" + urlencode({"next": address})
