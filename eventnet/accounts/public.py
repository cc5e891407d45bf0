"""Pages for organizers who are not signed in: password, then the second factor; a new password by mail."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db
from eventnet.accounts import access, budgets, factors, half_sign_ins, organizers, passwords, resets
from eventnet.accounts.forms import CodeForm, NewPasswordForm, ResetForm, SignInForm
from eventnet.errors import Refusal
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("accounts", __name__)
HOME = "/admin/"


@bp.get("/sign-in")
def sign_in() -> AnyResponse:
    destination = safe_next(request.args.get("next"), HOME)
    if access.current_organizer() is not None:
        return redirect(destination, 303)
    return _page("sign_in", SignInForm(data={"next": destination}))


@bp.post("/sign-in")
def sign_in_with_password() -> AnyResponse:
    form = SignInForm(request.form)
    if not form.validate():
        return _page("sign_in", form, 422)
    email, password, profile = form.email.data or "", form.password.data or "", cookies.settings().argon2
    organizer, browser = organizers.find(email), access.current_browser()
    known = organizers.known_browser(organizer, browser)
    with db.transaction():
        may_try = organizers.may_try(email, known)
    if not may_try:
        form.password.errors = [_(
            "Too many tries with this address. Wait %(minutes)s minutes, or set a new password by mail.",
            minutes=_minutes(organizers.TRIES_SPAN))]
        return _wait("sign_in", form, organizers.TRIES_SPAN)
    is_known = organizer is not None and organizer.disabled_at is None
    stored = organizer.password_hash if organizer is not None and is_known else None
    if not passwords.is_right(stored, password, profile):
        form.password.errors = [_("This address and this password do not belong together. Try again.")]
        return _page("sign_in", form, 422)
    assert organizer is not None
    assert stored is not None
    organizer_id = organizer.id
    new_hash = passwords.make_hash(password, profile) if passwords.is_outdated(stored, profile) else None
    destination = form.next.data or HOME
    if factors.is_on(organizer_id):
        with db.transaction():
            organizers.give_tries_back(organizer_id, known, new_hash)
            half_sign_ins.begin(cookies.csrf_anchor(), organizer_id)
        return redirect("/admin/sign-in/code?" + urlencode({"next": destination}), 303)
    with db.transaction():
        organizers.give_tries_back(organizer_id, known, new_hash)
        token, until = organizers.sign_in(organizer_id, browser.id if browser else None, access.browser_label())
    cookies.keep_browser(token, until)
    return redirect(destination, 303)


@bp.get("/sign-in/code")
def second_step() -> AnyResponse:
    found = half_sign_ins.find(cookies.csrf_anchor())
    destination = safe_next(request.args.get("next"), HOME)
    if found is None:
        return redirect("/admin/sign-in?" + urlencode({"next": destination}), 303)
    return _page("code", CodeForm(data={"next": destination}), email=found[1].email)


@bp.post("/sign-in/code")
def sign_in_with_code() -> AnyResponse:
    form, found = CodeForm(request.form), half_sign_ins.find(cookies.csrf_anchor())
    if found is None:
        flash(half_sign_ins.over().sentence, "warn")
        return redirect("/admin/sign-in?" + urlencode({"next": form.next.data or HOME}), 303)
    half, organizer = found
    email, half_id, organizer_id, browser = organizer.email, half.id, organizer.id, access.current_browser()
    browser_id, known = browser.id if browser else None, organizers.known_browser(organizer, browser)
    if not form.validate():
        return _page("code", form, 422, email=email)
    with db.transaction():
        may_try = factors.may_try(organizer_id, known)
    if not may_try:
        form.code.errors = [_("Too many wrong codes. Wait %(minutes)s minutes and sign in again.",
                              minutes=_minutes(factors.TRIES_SPAN))]
        return _wait("code", form, factors.TRIES_SPAN, email=email)
    with db.transaction():
        way = factors.take(organizer_id, cookies.settings().secret_key, form.code.data or "")
        if way is None:
            factors.refuse(organizer_id)
        else:
            half_sign_ins.finish(half_id)
            factors.give_tries_back(organizer_id, known)
            token, until = organizers.sign_in(organizer_id, browser_id, access.browser_label())
    if way is None:
        form.code.errors = [_("That code is not right, or was used already. Enter the one the app shows now.")]
        return _page("code", form, 422, email=email)
    cookies.keep_browser(token, until)
    if way == "recovery":
        flash(ngettext("That recovery code is used up. %(num)s is left; make new ones in your account.",
                       "That recovery code is used up. %(num)s are left; make new ones in your account.",
                       factors.codes_left(organizer_id)), "warn")
    return redirect(form.next.data or HOME, 303)


@bp.get("/reset")
def ask() -> AnyResponse:
    return _page("reset", ResetForm())


@bp.post("/reset")
def ask_by_mail() -> AnyResponse:
    form = ResetForm(request.form)
    if not form.validate():
        return _page("reset", form, 422)
    with db.transaction():
        resets.ask(form.email.data or "")
    flash(_("If an organizer has this address, a mail with a link is on its way. The link works for one hour."), "good")
    return redirect("/admin/reset", 303)


@bp.get("/reset/<token>")
def new_password(token: str) -> AnyResponse:
    _reset, organizer = resets.get(cookies.settings().secret_key, token)
    return _page("new_password", NewPasswordForm(), organizer=organizer)


@bp.post("/reset/<token>")
def set_new_password(token: str) -> AnyResponse:
    here = cookies.settings()
    reset, organizer = resets.get(here.secret_key, token)
    form = NewPasswordForm(request.form)
    if not form.validate():
        return _page("new_password", form, 422, organizer=organizer)
    password = form.password.data or ""
    try:
        passwords.check(password, organizer.email)
    except Refusal as refusal:
        form.password.errors = [refusal.sentence]
        return _page("new_password", form, 422, organizer=organizer)
    made = passwords.make_hash(password, here.argon2)
    reset_id, browser = reset.id, access.current_browser()
    browser_id = browser.id if browser else None
    with db.transaction():
        token, until = resets.use(reset_id, made, browser_id, access.browser_label())
    cookies.keep_browser(token, until)
    flash(_("Your new password is set, and all other sign-ins ended. Sign in with it now."), "good")
    return redirect("/admin/sign-in", 303)


def _minutes(span: timedelta) -> int:
    return -(-budgets.seconds_left(span) // 60)


def _wait(view: str, form: object, span: timedelta, **more: object) -> Response:
    answer = _page(view, form, 429, **more)
    answer.headers["Retry-After"] = str(budgets.seconds_left(span))
    return answer


def _page(view: str, form: object, status: int = 200, **more: object) -> Response:
    return make_response(render_template(f"accounts/{view}.html", form=form, **more), status)
