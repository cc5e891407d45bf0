"""An attendee's card and badge: choose, preview, check with the own camera, the QR on the phone, talks they were at."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db, links
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation
from eventnet.attendees.access import signed_in
from eventnet.badges import codes, issuing, symbols
from eventnet.cards import attendance, choosing, fields, forms, wishes
from eventnet.cards.forms import CardForm
from eventnet.errors import NotFound, Refusal
from eventnet.web import cookies
from eventnet.web.numbers import row_number
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("cards", __name__)
badge_bp = Blueprint("phone_badge", __name__)
PIXELS_A_MODULE = 10


@bp.get("/")
def start(slug: str) -> Response:
    card = choosing.card_of(signed_in().id)
    return redirect(f"/e/{g.event.slug}/{'badge' if card is not None and card.agreed_at else 'card'}", 303)


@bp.get("/card")
def card(slug: str) -> Response:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    form = _form(None, forms.filled(attendee, found, choosing.starting_policy(g.event, attendee)))
    return _card_page(form)


@bp.post("/card")
def choose(slug: str) -> Response:
    form = _form(request.form)
    if "edit" in request.form:
        # Back from the preview: everything typed is still there, nothing is saved.
        return _card_page(form)
    if not form.validate():
        return _card_page(form, 422)
    attendee = signed_in()
    attendee_id, event_id = attendee.id, g.event.id
    before = choosing.card_of(attendee_id)
    is_first = before is None or before.agreed_at is None
    with db.transaction():
        choosing.choose(event_id, attendee_id, form.choice(), form.details())
    if form.doubtful_phone:
        flash(_("“%(phone)s” does not look like a phone number here. It stays as you wrote it.", phone=form.phone.data),
              "warn")
    if is_first:
        return redirect(f"/e/{g.event.slug}/check", 303)
    flash(_("Your card is changed. Pages and later downloads show it at once."), "good")
    return redirect(f"/e/{g.event.slug}/card", 303)


@bp.get("/card/preview")
def preview(slug: str) -> str:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    shown = fields.visible(attendee, fields.shared_now(found))
    return render_template(
        "cards/preview.html", attendee=attendee, shown=shown, labels=fields.label, typed=[],
        looking_for=wishes.shown(found.looking_for) if found else "", offering=found.offering if found else "",
        interests=found.interests if found else "", suggest_me=bool(found and found.suggest_me_at),
        policy=found.swap_policy if found else choosing.starting_policy(g.event, attendee), is_saved=True)


@bp.post("/card/preview")
def preview_of_typed(slug: str) -> Response:
    """What others would see; writes nothing and carries everything typed on to the next tap."""
    form = _form(request.form)
    if not form.validate():
        return _card_page(form, 422)
    attendee, choice, details = signed_in(), form.choice(), form.details()
    values = {"name": attendee.badge_name, "email": attendee.email, **details}
    shown = {field: values[field] for field in (*fields.BADGE_FIELDS, *choice.shared) if values.get(field)}
    return make_response(render_template(
        "cards/preview.html", attendee=attendee, shown=shown, labels=fields.label,
        typed=[(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"],
        looking_for=wishes.shown(choice.looking_for), offering=choice.offering, interests=choice.interests,
        suggest_me=choice.suggest_me, policy=choice.swap_policy, is_saved=False))


@bp.get("/check")
def check(slug: str) -> str:
    attendee = signed_in()
    return render_template("cards/check.html", attendee=attendee, badge=issuing.badge_of(g.event.id, attendee.id),
                           host=cookies.settings().host)


@bp.get("/programme")
def programme(slug: str) -> str:
    attendee = signed_in()
    return render_template("cards/programme.html", items=attendance.items_begun(g.event.id),
                           said=attendance.said_by(g.event.id, attendee.id))


@bp.post("/programme")
def say(slug: str) -> Response:
    event_id, attendee_id = g.event.id, signed_in().id
    item_ids = [number for number in map(row_number, request.form.getlist("item")) if number is not None]
    with db.transaction():
        count = attendance.say(event_id, attendee_id, item_ids)
    flash(ngettext("You were at %(num)s item of the programme.", "You were at %(num)s items of the programme.", count),
          "good")
    return redirect(f"/e/{g.event.slug}/programme", 303)


@badge_bp.get("/badge")
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
        has_agreed=card is not None and card.agreed_at is not None, is_over=g.event.is_over(clock.now()),
        newer=[one for one in own if mine is not None and one.since > mine.since])


@badge_bp.get("/badge.png")
def picture(slug: str) -> Response:
    found = issuing.badge_of(g.event.id, signed_in().id)
    if found is None:
        raise NotFound
    address = links.badge_url(cookies.settings().base_url, found.token)
    return Response(symbols.symbol(address).png(PIXELS_A_MODULE), mimetype="image/png")


@badge_bp.post("/badge/new-code")
def make_new_code(slug: str) -> Response:
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


@badge_bp.post("/badge/policy")
def set_policy(slug: str) -> Response:
    event_id, attendee_id, policy = g.event.id, signed_in().id, request.form.get("swap_policy", "")
    if policy not in forms.POLICIES:
        raise Refusal(_("Choose one of the three on the page."), status=422, reason="swap_policy")
    with db.transaction():
        choosing.set_policy(event_id, attendee_id, policy)
    flash(_("When someone scans you now: %(policy)s.", policy=forms.policy_label(policy).lower()), "good")
    return redirect(f"/e/{g.event.slug}/badge", 303)


def _form(formdata: object, data: dict[str, object] | None = None) -> CardForm:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    policy = found.swap_policy if found else choosing.starting_policy(g.event, attendee)
    return CardForm(formdata, attendee=attendee, region=g.event.region, policy=policy, data=data)


def _card_page(form: CardForm, status: int = 200) -> Response:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    return make_response(render_template(
        "cards/card.html", form=form, attendee=attendee, chosen=fields.CHOSEN_FIELDS,
        has_agreed=found is not None and found.agreed_at is not None,
        has_programme=bool(attendance.items_begun(g.event.id))), status)
