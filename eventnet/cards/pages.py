"""An attendee's card and badge: choose, preview, check with the own camera, the QR on the phone, talks they were at."""

from __future__ import annotations

import math

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db, links
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation
from eventnet.attendees.access import is_held, signed_in
from eventnet.attendees.models import Attendee
from eventnet.badges import codes, issuing, symbols
from eventnet.cards import attendance, choosing, fields, forms, granting, late_ticks, names, wishes, wordings
from eventnet.cards.forms import CardForm
from eventnet.errors import NotFound, Refusal
from eventnet.web import cookies
from eventnet.web.numbers import page_number, row_number
from eventnet.words import gettext as _
from eventnet.words import ngettext

# Open to a browser that so far only opened the mailed link, too: it shows what the mail shows, and no more.
first_bp = Blueprint("cards", __name__)
bp = Blueprint("card_details", __name__)
badge_bp = Blueprint("phone_badge", __name__)
PIXELS_A_MODULE = 10


@first_bp.get("/")
def start(slug: str) -> Response:
    card = choosing.card_of(signed_in().id)
    return redirect(f"/e/{g.event.slug}/{'badge' if card is not None and card.agreed_at else 'card'}", 303)


@first_bp.get("/card")
def card(slug: str) -> Response:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    form = _form(None, forms.filled(attendee, found, choosing.starting_policy(g.event, attendee)))
    return _card_page(form)


@first_bp.post("/card")
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
    browser = current_browser()
    if is_held() and not _is_person(form):
        # A mail scanner that submits the form must neither take anything back nor agree for the person.
        return _card_page(form, 422, is_unsure=True)
    with db.transaction():
        choosing.choose(event_id, attendee_id, form.choice(), form.details())
        if browser is not None:
            activation.lift(event_id, attendee_id, browser.id)
        if is_first:
            names.agree(event_id, attendee_id, request.form.get("names_policy", ""))
    if form.doubtful_phone:
        flash(_("“%(phone)s” does not look like a phone number here. It stays as you wrote it.", phone=form.phone.data),
              "warn")
    if not is_first:
        flash(_("Your card is changed. Pages and later downloads show it at once."), "good")
    # Who waits, and who was met before, is asked about there.
    return redirect(f"/e/{g.event.slug}/card/saved{'?first=1' if is_first else ''}", 303)


@first_bp.get("/card/preview")
def preview(slug: str) -> str:
    attendee = signed_in()
    found = choosing.card_of(attendee.id)
    shown = _veiled(fields.visible(attendee, fields.shared_now(found)), is_veiled=is_held())
    return render_template(
        "cards/preview.html", attendee=attendee, shown=shown, labels=fields.label, typed=[],
        looking_for=wishes.shown(found.looking_for) if found else "", offering=found.offering if found else "",
        interests=found.interests if found else "", suggest_me=bool(found and found.suggest_me_at),
        policy=found.swap_policy if found else choosing.starting_policy(g.event, attendee), is_saved=True)


@first_bp.post("/card/preview")
def preview_of_typed(slug: str) -> Response:
    """What others would see; writes nothing and carries everything typed on to the next tap."""
    form = _form(request.form)
    if not form.validate():
        return _card_page(form, 422)
    attendee, choice = signed_in(), form.choice()
    shown = _seen(form, attendee)
    return make_response(render_template(
        "cards/preview.html", attendee=attendee, shown=shown, labels=fields.label,
        typed=[(name, value) for name, value in request.form.items(multi=True)
               if name in form or name == "names_policy"],
        looking_for=wishes.shown(choice.looking_for), offering=choice.offering, interests=choice.interests,
        suggest_me=choice.suggest_me, policy=choice.swap_policy, is_saved=False))


@bp.get("/card/consents")
def consents(slug: str) -> str:
    """Every yes with its time, and the very words it was given in."""
    attendee = signed_in()
    return render_template("cards/consents.html", card=choosing.card_of(attendee.id), said=[
        (one, wordings.agreed(one.field, one.wording, one.language))
        for one in choosing.consents_of(g.event.id, attendee.id)])


@bp.get("/card/given")
def given(slug: str) -> str:
    """Who has what of me."""
    page = page_number(request.args.get("page"))
    people, total = granting.givens(g.event.id, signed_in().id, page)
    return render_template("cards/given.html", people=people, total=total, page=page,
                           pages=max(1, math.ceil(total / granting.PAGE_SIZE)))


@bp.get("/card/take-back")
def take_back(slug: str) -> str:
    attendee = signed_in()
    return render_template("cards/take_back.html", count=granting.count(g.event.id, attendee.id))


@bp.post("/card/take-back")
def take_everything_back(slug: str) -> Response:
    event_id, attendee_id = g.event.id, signed_in().id
    with db.transaction():
        count = choosing.take_everything_back(
            event_id, attendee_id, told=request.form.get("tell") == "1", name_too=request.form.get("name") == "1")
        names.take_back(event_id, attendee_id)
    flash(ngettext("Taken back from %(num)s person. From now on you give only what is on your badge.",
                   "Taken back from %(num)s people. From now on you give only what is on your badge.", count), "good")
    return redirect(f"/e/{g.event.slug}/card", 303)


@bp.get("/card/later")
def later(slug: str) -> Response:
    found = late_ticks.find_question(g.event.id, signed_in().id)
    if found is None:
        return redirect(f"/e/{g.event.slug}/card", 303)
    return make_response(render_template("cards/later.html", question=found))


@bp.post("/card/later")
def answer_later(slug: str) -> Response:
    event_id, attendee_id, said = g.event.id, signed_in().id, request.form.get("answer")
    if said not in ("all", "none", "chosen"):
        raise Refusal(_("Choose one of the answers on the page."), status=422, reason="answer")
    chosen = [] if said == "none" else [
        number for number in map(row_number, request.form.getlist("person_id")) if number is not None]
    found = late_ticks.find_question(event_id, attendee_id)
    if found is None:
        flash(_("That is answered already."), "info")
        return redirect(f"/e/{g.event.slug}/card", 303)
    with db.transaction():
        count = late_ticks.answer(event_id, attendee_id, None if said == "all" else chosen)
    what = fields.in_words(found.fields)
    flash(ngettext("%(num)s person got your %(what)s.", "%(num)s people got your %(what)s.", count, what=what) if count
          else _("Nobody you met before got your %(what)s. You can give it on a person’s page at any time.", what=what),
          "good")
    return redirect(f"/e/{g.event.slug}/card/saved", 303)


@bp.post("/names")
def say_names(slug: str) -> Response:
    """The answer to whether organizers may see by name whom they met."""
    event_id, attendee_id, shown = g.event.id, signed_in().id, request.form.get("shown", "")
    is_yes = request.form.get("answer") == "yes"
    with db.transaction():
        names.say(event_id, attendee_id, shown, is_yes=is_yes)
    flash(_("The organizers may see your name there.") if is_yes else
          _("The organizers do not see your name there. Numbers still count you."), "good")
    return redirect(f"/e/{g.event.slug}/{'people' if request.form.get('back') == 'people' else 'card'}", 303)


@first_bp.get("/check")
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
    return CardForm(formdata, attendee=attendee, region=g.event.region, policy=policy, data=data,
                    summary_email_before=found.summary_email if found else "")


def _card_page(form: CardForm, status: int = 200, *, is_unsure: bool = False) -> Response:
    attendee = signed_in()
    is_veiled, seen = _is_veiled(form), _seen(form, attendee)
    if is_veiled:
        form.veil()
    found = choosing.card_of(attendee.id)
    return make_response(render_template(
        "cards/card.html", form=form, attendee=attendee, chosen=fields.CHOSEN_FIELDS,
        has_agreed=found is not None and found.agreed_at is not None, names=names.on_card(g.event, attendee.id),
        has_programme=bool(attendance.items_begun(g.event.id)), words_agreed=wordings.now(),
        receivers=granting.count(g.event.id, attendee.id), question=late_ticks.find_question(g.event.id, attendee.id),
        shared_before=found.shared if found is not None else [], seen=seen, is_veiled=is_veiled,
        is_unsure=is_unsure), status)


def _is_person(form: CardForm) -> bool:
    """Whether a person filled this form in: something is ticked that was not, or that it is them."""
    return form.has_new_tick(choosing.card_of(signed_in().id)) or "me" in request.form


def _is_veiled(form: CardForm) -> bool:
    """Whether contact details stay hidden: a browser that only opened the mailed link sees none before a tick."""
    return is_held() and not _is_person(form)


def _seen(form: CardForm, attendee: Attendee) -> dict[str, str]:
    """The card of this form as others would see it."""
    values = {"name": attendee.badge_name, "email": attendee.email, **form.details()}
    known = [field for field in fields.CHOSEN_FIELDS if values[field] and not form.typed(field)]
    values |= _veiled({field: values[field] for field in known}, is_veiled=_is_veiled(form))
    return {field: values[field] for field in (*fields.BADGE_FIELDS, *form.ticked()) if values.get(field)}


def _veiled(shown: dict[str, str], *, is_veiled: bool) -> dict[str, str]:
    """What is known but not shown to a browser that only opened the mailed link, which mail scanners do as well."""
    if not is_veiled:
        return shown
    return {field: _("as you registered it") if field in fields.CHOSEN_FIELDS else value
            for field, value in shown.items()}
