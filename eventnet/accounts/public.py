"""Pages for organizers who are not signed in: sign in, ask for a new password, set it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db
from eventnet.accounts import access, budgets, organizers, passwords, resets
from eventnet.accounts.forms import NewPasswordForm, ResetForm, SignInForm
from eventnet.errors import Refusal
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.words import gettext as _

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
    with db.transaction():
        may_try = organizers.may_try(email)
    if not may_try:
        wait = budgets.seconds_left(organizers.TRIES_SPAN)
        minutes = -(-wait // 60)
        form.password.errors = [_(
            "Too many tries with this address. Wait %(minutes)s minutes, or set a new password by mail.",
            minutes=minutes)]
        answer = _page("sign_in", form, 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    is_known = organizer is not None and organizer.disabled_at is None
    stored = organizer.password_hash if organizer is not None and is_known else None
    if not passwords.is_right(stored, password, profile):
        form.password.errors = [_("This address and this password do not belong together. Try again.")]
        return _page("sign_in", form, 422)
    assert organizer is not None
    assert stored is not None
    new_hash = passwords.make_hash(password, profile) if passwords.is_outdated(stored, profile) else None
    with db.transaction():
        token, until = organizers.sign_in(
            organizer.id, browser.id if browser else None, access.browser_label(), new_hash)
    cookies.keep_browser(token, until)
    return redirect(safe_next(form.next.data, HOME), 303)


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
    with db.transaction():
        resets.use(reset.id, made)
    flash(_("Your new password is set, and all other sign-ins ended. Sign in with it now."), "good")
    return redirect("/admin/sign-in", 303)


def _page(view: str, form: object, status: int = 200, **more: object) -> Response:
    return make_response(render_template(f"accounts/{view}.html", form=form, **more), status)
