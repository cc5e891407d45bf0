"""Which browser is this, is it a signed-in organizer, and did they say so lately?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask, g, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts import browsers, budgets, factors, passwords, step_up
from eventnet.accounts.models import Browser, Organizer
from eventnet.errors import Refusal
from eventnet.web import cookies, csrf
from eventnet.web.audiences import SAFE_METHODS
from eventnet.words import gettext as _

ANSWER = "step_up_answer"


def current_browser() -> Browser | None:
    """The browser of this request, read once."""
    if "browser" not in g:
        g.browser = browsers.find(cookies.browser_token())
    found: Browser | None = g.browser
    return found


def browser_label() -> str:
    return browsers.label_of(request.headers.get("User-Agent", ""))


def current_organizer() -> Organizer | None:
    """The organizer this browser is signed in as; role and state are read anew on every request."""
    if "organizer" not in g:
        browser = current_browser()
        g.organizer = None
        if browser is not None and browser.organizer_id and browser.organizer_until > clock.now():  # type: ignore[operator]
            organizer = db.session.get(Organizer, browser.organizer_id)
            if organizer is not None and organizer.disabled_at is None:
                g.organizer = organizer
    found: Organizer | None = g.organizer
    return found


def signed_in_organizer() -> Organizer:
    """The organizer behind a guarded page."""
    organizer = current_organizer()
    if organizer is None:
        raise Refusal(_("You are signed out. Sign in and do it again."), status=401, reason="signed_out")
    return organizer


def actor() -> str:
    """Who acts on a guarded page, as the audit log names them: the organizer, or whom the guard let in instead."""
    let_in: str | None = g.get("acts_as")
    return let_in or f"organizer:{signed_in_organizer().id}"


def require_organizer() -> Response | None:
    """Guard: a signed-in organizer; others are sent to sign in (GET) or told so (everything else)."""
    if current_organizer() is not None:
        return None
    if request.method in SAFE_METHODS:
        return redirect("/admin/sign-in?" + urlencode({"next": request.full_path.rstrip("?")}), 303)
    raise Refusal(_("You are signed out. Sign in and do it again."), status=401, reason="signed_out")


def demand_step_up(app: Flask, endpoints: Collection[str]) -> None:
    """Have these acts ask who is there, unless this browser said so lately; raises RuntimeError for an unknown one.

    The page that asks keeps what was posted and posts it again, to the same address, together with the answer: so
    the act goes on as if nothing had been between, and what was typed is not lost.
    """
    unknown = sorted(set(endpoints) - app.view_functions.keys())
    if unknown:
        raise RuntimeError(f"STEP_UP names {unknown}, which are no endpoints")

    @app.before_request
    def ask() -> Response | None:
        if request.endpoint not in endpoints or request.method in SAFE_METHODS:
            return None
        organizer, browser = current_organizer(), current_browser()
        if organizer is None or browser is None:
            return None  # the guard decides about everybody else
        answer = request.form.get(ANSWER)
        if not step_up.is_fresh(browser):
            if answer is None:
                return _ask_back() if _is_program() else _is_it_you(organizer, 403)
            refused = _confirm(organizer, browser.id, answer)
            if refused is not None:
                return refused
        if answer is not None:
            # No view needs the password, and none may write it somewhere by mistake.
            request.form = ImmutableMultiDict(
                [(name, value) for name, value in request.form.items(multi=True) if name != ANSWER])
        return None


def _confirm(organizer: Organizer, browser_id: int, answer: str) -> Response | None:
    """Check the answer; the page once more when it was wrong, or was wrong too often."""
    here, organizer_id, stored = cookies.settings(), organizer.id, organizer.password_hash
    with db.transaction():
        may_try = step_up.may_try(organizer_id, browser_id)
    if not may_try:
        wait = budgets.seconds_left(step_up.TRIES_SPAN)
        page = _is_it_you(organizer, 429, _("Too many wrong answers. Wait %(minutes)s minutes, or sign out and in "
                                            "again.", minutes=-(-wait // 60)))
        page.headers["Retry-After"] = str(wait)
        return page
    knows_password = passwords.is_right(stored, answer[:1000], here.argon2)
    with db.transaction():
        is_right = step_up.confirm(organizer_id, browser_id, knows_password=knows_password, answer=answer,
                                   secret_key=here.secret_key)
    if is_right:
        return None
    return _is_it_you(organizer, 422, _("That is not right. Try once more."))


def _is_it_you(organizer: Organizer, status: int, error: str = "") -> Response:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in (csrf.FIELD, ANSWER)]
    has_files = any(file.filename for file in request.files.values())
    return make_response(render_template(
        "accounts/step_up.html", email=organizer.email, error=error, kept=kept, answer_name=ANSWER,
        address=request.full_path.rstrip("?"), back=_way_back(), has_files=has_files,
        has_factor=factors.is_on(organizer.id), minutes=step_up.FRESH // timedelta(minutes=1)), status)


def _way_back() -> str:
    parts = request.path.split("/")
    if parts[:3] == ["", "admin", "e"]:
        return "/".join(parts[:4]) + "/"
    return "/admin/account" if parts[:3] == ["", "admin", "account"] else "/admin/"


def _is_program() -> bool:
    """Whether a script of ours waits for the answer, rather than a person in front of a page."""
    return csrf.HEADER in request.headers or request.is_json or request.headers.get("Sec-Fetch-Mode") == "cors"


def _ask_back() -> Response:
    answer = jsonify({"status": 403, "reason": "step_up",
                      "detail": _("Say once more who you are: open the page and do it there.")})
    answer.status_code = 403
    answer.headers["Content-Type"] = "application/problem+json"
    return answer
