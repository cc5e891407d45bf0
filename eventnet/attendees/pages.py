"""Pages of a signed-in attendee about being themselves: "it is me", the hand-over code, the address for signing in."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import current_browser
from eventnet.attendees import activation, address_changes, hand_over, participation
from eventnet.attendees.access import signed_in
from eventnet.attendees.sign_in_forms import AddressCodeForm, AddressForm
from eventnet.errors import NotFound, Refusal
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.words import gettext as _

# Open to a browser that so far only opened the mailed link: a mail program's own browser hands over to the phone's real
# one, where the digits are typed by a person.
arriving_bp = Blueprint("arriving", __name__)
bp = Blueprint("own_ways", __name__)


@arriving_bp.get("/it-is-me")
def ask(slug: str) -> Response:
    return _ask()


@arriving_bp.post("/it-is-me")
def say(slug: str) -> Response:
    if not request.form.get("me"):
        # Some mail scanners submit every form they see; none ticks a box.
        return _ask(is_unsure=True)
    attendee, browser_id = signed_in(), _browser_id()
    with db.transaction():
        activation.lift(attendee.event_id, attendee.id, browser_id)
    return redirect(_next(), 303)


@arriving_bp.get("/participation")
def participate(slug: str) -> Response:
    """Not taking part any more: the same page as in every mail, which also is the way back when signed out."""
    token = participation.participation_token(cookies.settings().secret_key, signed_in())
    return redirect(url_for("mail_links.unsubscribe", token=token), 303)


@arriving_bp.get("/hand-over")
def show_hand_over(slug: str) -> str:
    signed_in()
    shown = hand_over.shown(cookies.settings().secret_key, g.event.id, _browser_id())
    seconds = int((shown.ends_at - clock.now()).total_seconds()) if shown else 0
    return render_template("attendees/hand_over.html", shown=shown, seconds=seconds,
                           address=f"{cookies.settings().host}{url_for('sign_in.ask', slug=g.event.slug)}")


@arriving_bp.post("/hand-over")
def make_hand_over(slug: str) -> Response:
    attendee, browser_id = signed_in(), _browser_id()
    with db.transaction():
        hand_over.make(cookies.settings().secret_key, attendee, browser_id)
    return redirect(f"/e/{g.event.slug}/hand-over", 303)


@bp.get("/address")
def address(slug: str) -> Response:
    return _address_page(AddressForm())


@bp.post("/address")
def ask_for_address(slug: str) -> Response:
    attendee, browser_id, form = signed_in(), _browser_id(), AddressForm(request.form)
    if not form.validate():
        return _address_page(form, 422)
    try:
        with db.transaction():
            address_changes.ask(attendee, form.email.data or "", browser_id)
    except Refusal as refusal:
        form.email.errors = [refusal.sentence]
        return _address_page(form, refusal.status)
    return redirect(f"/e/{g.event.slug}/address/code", 303)


@bp.get("/address/code")
def address_code(slug: str) -> Response:
    return _address_code_page(AddressCodeForm())


@bp.post("/address/code")
def enter_address_code(slug: str) -> Response:
    attendee, browser_id, form = signed_in(), _browser_id(), AddressCodeForm(request.form)
    if not form.validate():
        return _address_code_page(form, 422)
    with db.transaction():
        confirmed = address_changes.confirm(cookies.settings().secret_key, attendee, browser_id, form.code.data or "")
    if confirmed is None:
        form.code.errors = [_("That is not the code, or it is older than 20 minutes. Look at the newest mail.")]
        return _address_code_page(form, 422)
    flash(_("%(address)s is your address now: for mail, and to sign in.", address=confirmed), "good")
    return redirect(f"/e/{g.event.slug}/browsers", 303)


def _ask(*, is_unsure: bool = False) -> Response:
    return make_response(render_template(
        "attendees/it_is_me.html", attendee=signed_in(), next=_next(), is_unsure=is_unsure), 422 if is_unsure else 200)


def _next() -> str:
    return safe_next(request.values.get("next"), f"/e/{g.event.slug}/")


def _browser_id() -> int:
    browser = current_browser()
    if browser is None:
        raise NotFound
    return browser.id


def _address_page(form: AddressForm, status: int = 200) -> Response:
    return make_response(render_template("attendees/address.html", form=form, attendee=signed_in()), status)


def _address_code_page(form: AddressCodeForm, status: int = 200) -> Response:
    waiting = address_changes.waiting_of(signed_in(), _browser_id())
    if waiting is None and status == 200:
        return redirect(f"/e/{g.event.slug}/address", 303)
    return make_response(render_template("attendees/address_code.html", form=form, waiting=waiting), status)
