"""Pages of a signed-in organizer's account: name, password, second factor, browsers, sign out."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db
from eventnet.accounts import access, browsers, budgets, factors, organizers, passwords, step_up, totp
from eventnet.accounts.forms import FactorForm, NameForm, PasswordForm
from eventnet.errors import Refusal
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("accounts_admin", __name__)
ACCOUNT, FACTOR = "/admin/account", "/admin/account/factor"


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    organizer, browser = access.current_organizer(), access.current_browser()
    if organizer is not None and browser is not None:
        with db.transaction():
            organizers.sign_out(organizer.id, browser.id)
    flash(_("You are signed out."), "good")
    return redirect("/admin/sign-in", 303)


@bp.get("/account")
def account() -> Response:
    return _account()


@bp.post("/account/name")
def rename() -> AnyResponse:
    form, me = NameForm(request.form), access.signed_in_organizer().id
    if not form.validate():
        return _account(422, name=form)
    with db.transaction():
        organizers.rename(me, form.name.data or "")
    flash(_("Saved."), "good")
    return redirect(ACCOUNT, 303)


@bp.post("/account/password")
def change_password() -> AnyResponse:
    form, me, here = PasswordForm(request.form), access.signed_in_organizer(), cookies.settings()
    browser = access.current_browser()
    assert browser is not None
    organizer_id, email, stored, browser_id = me.id, me.email, me.password_hash, browser.id
    if not form.validate():
        return _account(422, password=form)
    with db.transaction():
        may_try = step_up.may_try(organizer_id, browser_id)
    if not may_try:
        wait = budgets.seconds_left(step_up.TRIES_SPAN)
        form.old.errors = [_("Too many wrong answers. Wait %(minutes)s minutes.", minutes=-(-wait // 60))]
        answer = _account(429, password=form)
        answer.headers["Retry-After"] = str(wait)
        return answer
    try:
        passwords.check(form.password.data or "", email)
    except Refusal as refusal:
        form.password.errors = [refusal.sentence]
        return _account(422, password=form)
    if not passwords.is_right(stored, form.old.data or "", here.argon2):
        form.old.errors = [_("That is not your password. Try again, or set a new one by mail after signing out.")]
        return _account(422, password=form)
    made = passwords.make_hash(form.password.data or "", here.argon2)
    with db.transaction():
        token, until = organizers.change_password(organizer_id, made, browser_id, access.browser_label())
    cookies.keep_browser(token, until)
    flash(_("Your new password is set, and all other sign-ins ended."), "good")
    return redirect(ACCOUNT, 303)


@bp.post("/account/browsers/<int:browser_id>/removal")
def remove_browser(browser_id: int) -> AnyResponse:
    me, here = access.signed_in_organizer().id, access.current_browser()
    with db.transaction():
        organizers.disown(me, browser_id)
    if here is not None and here.id == browser_id:
        flash(_("You are signed out."), "good")
        return redirect("/admin/sign-in", 303)
    flash(_("That browser is signed out. If somebody else used it, set a new password now."), "good")
    return redirect(ACCOUNT, 303)


@bp.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> AnyResponse:
    me = access.signed_in_organizer().id
    with db.transaction():
        ended = organizers.sign_out_everywhere(me, f"organizer:{me}")
    flash(ngettext("%(num)s browser is signed out: this one.", "%(num)s browsers are signed out, this one as well.",
                   ended), "good")
    return redirect("/admin/sign-in", 303)


@bp.get("/account/factor")
def factor() -> Response:
    return _factor(FactorForm())


@bp.post("/account/factor")
def begin_factor() -> AnyResponse:
    me = access.signed_in_organizer().id
    with db.transaction():
        factors.begin(me, cookies.settings().secret_key)
    return redirect(request.full_path.rstrip("?"), 303)


@bp.post("/account/factor/code")
def confirm_factor() -> AnyResponse:
    form, me = FactorForm(request.form), access.signed_in_organizer().id
    browser = access.current_browser()
    if not form.validate():
        return _factor(form, 422)
    with db.transaction():
        may_try = factors.may_try(me, browser.id if browser else None)
    if not may_try:
        form.code.errors = [_("Too many wrong codes. Wait %(minutes)s minutes.",
                              minutes=-(-budgets.seconds_left(factors.TRIES_SPAN) // 60))]
        return _factor(form, 429)
    try:
        with db.transaction():
            codes = factors.confirm(me, cookies.settings().secret_key, form.code.data or "")
            factors.give_tries_back(me, browser.id if browser else None)
    except Refusal as refusal:
        if refusal.field != "code":
            flash(refusal.sentence, "warn")
            return redirect(FACTOR, 303)
        form.code.errors = [refusal.sentence]
        return _factor(form, refusal.status)
    return _codes(codes, is_new=True)


@bp.post("/account/factor/recovery-codes")
def renew_codes() -> Response:
    me = access.signed_in_organizer().id
    with db.transaction():
        codes = factors.renew_codes(me, cookies.settings().secret_key)
    return _codes(codes, is_new=False)


@bp.post("/account/factor/removal")
def remove_factor() -> AnyResponse:
    me = access.signed_in_organizer().id
    with db.transaction():
        factors.remove(me)
    flash(_("The second factor is gone: your password alone signs you in."), "warn")
    return redirect(ACCOUNT, 303)


def _account(status: int = 200, **typed: object) -> Response:
    me, browser = access.signed_in_organizer(), access.current_browser()
    forms = {"name": NameForm(data={"name": me.name}), "password": PasswordForm(), **typed}
    page = render_template(
        "accounts/account.html", me=me, here=browser.id if browser else None, forms=forms,
        browsers=browsers.of_organizer(me.id), has_factor=factors.is_on(me.id), codes_left=factors.codes_left(me.id))
    return make_response(page, status)


def _factor(form: FactorForm, status: int = 200) -> Response:
    me, here = access.signed_in_organizer(), cookies.settings()
    found = factors.find(me.id)
    secret = totp.opened(found.pending, here.secret_key, me.id) if found is not None and found.pending else None
    symbol = None
    if secret is not None:
        symbol = totp.drawing(totp.address(secret, me.email, f"eventnet {here.host}"))
    page = render_template(
        "accounts/factor.html", form=form, me=me, is_on=found is not None and found.sealed is not None,
        since=found.confirmed_at if found is not None else None, symbol=symbol,
        secret=totp.shown(secret) if secret is not None else "", codes_left=factors.codes_left(me.id),
        is_demanded=request.args.get("because") == "large", destination=_destination())
    return make_response(page, status)


def _codes(codes: list[str], *, is_new: bool) -> Response:
    # Answered at once, without a redirect: the codes are shown this one time and kept nowhere they could be read.
    page = render_template("accounts/codes.html", codes=codes, is_new=is_new, me=access.signed_in_organizer(),
                           host=cookies.settings().host, destination=_destination())
    return make_response(page)


def _destination() -> str:
    """Where they were led away from, to set up what that page asks for."""
    return safe_next(request.args.get("next"), "")
