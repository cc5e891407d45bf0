"""The badge on the phone: its QR, the code to type, what happens on a scan, and a new code when one leaked."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db, links
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation
from eventnet.attendees.access import signed_in
from eventnet.badges import codes, issuing, symbols
from eventnet.cards import choosing, forms
from eventnet.errors import NotFound, Refusal
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("phone_badge", __name__)
PIXELS_A_MODULE = 10


@bp.get("/badge")
def badge(slug: str) -> str:
    attendee = signed_in()
    found, card = issuing.badge_of(g.event.id, attendee.id), choosing.card_of(attendee.id)
    browser = current_browser()
    own = activation.browsers_of(attendee)
    mine = next((one for one in own if browser is not None and one.browser_id == browser.id), None)
    return render_template(
        "cards/badge.html", attendee=attendee, badge=found, code=codes.grouped(found.code) if found else "",
        policies=[(policy, forms.policy_label(policy)) for policy in forms.POLICIES],
        policy=card.swap_policy if card else choosing.starting_policy(g.event, attendee),
        has_agreed=card is not None and card.agreed_at is not None,
        newer=[one for one in own if mine is not None and one.since > mine.since])


@bp.get("/badge.png")
def picture(slug: str) -> Response:
    found = issuing.badge_of(g.event.id, signed_in().id)
    if found is None:
        raise NotFound
    address = links.badge_url(cookies.settings().base_url, found.token)
    return Response(symbols.symbol(address).png(PIXELS_A_MODULE), mimetype="image/png")


@bp.post("/badge/new-code")
def make_new_code(slug: str) -> AnyResponse:
    event_id, attendee_id = g.event.id, signed_in().id
    had_one = issuing.badge_of(event_id, attendee_id) is not None
    with db.transaction():
        if had_one:
            issuing.rotate(event_id, attendee_id)
        else:
            issuing.ensure(event_id, [attendee_id])
    if had_one:
        flash(_("Your badge has a new code. The old one and every photo of it stopped working. Does a printed badge "
                "hang around your neck? The desk prints the new one."), "good")
    return redirect(f"/e/{g.event.slug}/badge", 303)


@bp.post("/badge/policy")
def set_policy(slug: str) -> AnyResponse:
    event_id, attendee_id, policy = g.event.id, signed_in().id, request.form.get("swap_policy", "")
    if policy not in forms.POLICIES:
        raise Refusal(_("Choose one of the three on the page."), status=422, reason="swap_policy")
    with db.transaction():
        choosing.set_policy(event_id, attendee_id, policy)
    flash(_("When someone scans you now: %(policy)s.", policy=forms.policy_label(policy).lower()), "good")
    return redirect(f"/e/{g.event.slug}/badge", 303)
