"""Pages on which a browser becomes an attendee: activation link, sign-in by mail, codes, recovery."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db, links
from eventnet.accounts.access import browser_label, current_browser
from eventnet.accounts.models import Browser
from eventnet.attendees import access, activation, hand_over, printed_codes, recoveries, sign_in
from eventnet.attendees.models import Attendee
from eventnet.attendees.sign_in_forms import AskForm, CodeForm, HandOverForm, PrintedCodeForm
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar
from eventnet.events.access import current_event
from eventnet.web import cookies
from eventnet.web.destinations import safe_next
from eventnet.web.numbers import row_number
from eventnet.words import gettext as _

activation_bp = Blueprint("activation", __name__)
sign_in_bp = Blueprint("sign_in", __name__)
link_bp = Blueprint("sign_in_link", __name__)
NEED_A_TICK = {"activation.activate", "activation.recover", "sign_in.enter_printed_code"}


@activation_bp.get("/A/<token>")
def show(token: str) -> str:
    attendee = _invited(token)
    here = access.current_attendee()
    return render_template(
        "attendees/activation.html", attendee=attendee, here=here,
        state=_state(attendee, here), browsers=activation.browsers_of(attendee), swap=_swap_address(attendee))


@activation_bp.post("/A/<token>")
def activate(token: str) -> Response:
    attendee = _invited(token)
    browser, label, anchor = _this_browser()
    try:
        with db.transaction():
            kept, fresh = activation.activate(
                attendee.id, attendee.generation, browser, label, "activation_link", g.event.retention_at,
                anchor=anchor, instead_of=_instead_of())
    except NotFound:
        raise
    except Refusal:
        # The page at this address tells each of these, with the way on.
        return redirect(request.path, 303)
    cookies.keep_browser(fresh, kept.ends_at)
    return redirect(_home(), 303)


@activation_bp.get("/R/<token>")
def show_recovery(token: str) -> str:
    attendee = _owner(token)
    return render_template("attendees/recovery_link.html", attendee=attendee, here=access.current_attendee(),
                           swap=_swap_address(attendee))


@activation_bp.post("/R/<token>")
def recover(token: str) -> Response:
    _owner(token)
    browser, label, anchor = _this_browser()
    try:
        with db.transaction():
            kept, fresh = recoveries.use(token, browser, label, anchor, instead_of=_instead_of())
    except Refusal as refusal:
        if refusal.reason != "somebody_else":
            raise
        return redirect(request.path, 303)
    return _welcome(kept, fresh, None)


@sign_in_bp.get("/sign-in")
def ask(slug: str) -> Response:
    destination = _next(request.args.get("next"))
    if access.current_attendee() is not None and request.args.get("next"):
        return redirect(destination, 303)
    return _page(AskForm(data={"next": destination}), HandOverForm(data={"next": destination}))


@sign_in_bp.post("/sign-in")
def ask_by_mail(slug: str) -> Response:
    form = AskForm(request.form)
    destination = _next(form.next.data)
    if not form.validate():
        return _page(form, HandOverForm(data={"next": destination}), 422)
    with db.transaction():
        sign_in.ask(g.event.id, form.email.data or "", _anchor(), destination, browser_id=_this_browser()[0])
    return redirect(f"/e/{g.event.slug}/sign-in/code", 303)


@sign_in_bp.get("/sign-in/code")
def code(slug: str) -> Response:
    return _code_page(CodeForm(needs_address=_needs_address(), data={"next": safe_next(request.args.get("next"), "")}))


@sign_in_bp.post("/sign-in/code")
def enter_code(slug: str) -> Response:
    form = CodeForm(request.form, needs_address=_needs_address())
    if not form.validate():
        return _code_page(form, 422)
    browser, label, anchor = _this_browser()
    secret, typed, address = cookies.settings().secret_key, form.code.data or "", form.email.data or ""
    # What they wanted is in the mail's request: the code may be typed in another browser than the one that asked.
    destination = form.next.data or sign_in.next_of(secret, g.event.id, typed, address, anchor)
    with db.transaction():
        entered = sign_in.enter_code(secret, g.event.id, typed, address, browser, label, anchor,
                                     instead_of=_instead_of())
    if entered is None:
        form.code.errors = [_("That is not the code, or it is older than 20 minutes. Look at the newest mail.")]
        return _code_page(form, 422)
    if isinstance(entered, str):
        return _ask_who(destination)
    return _welcome(*entered, destination)


@sign_in_bp.get("/sign-in/who")
def who(slug: str) -> Response:
    """Names only for a browser that just proved the address they have in common."""
    found = sign_in.proven_in(g.event.id, _anchor())
    if found is None:
        return redirect(f"/e/{g.event.slug}/sign-in", 303)
    return make_response(render_template(
        "attendees/sign_in_who.html", people=sign_in.people_of(found), here=access.current_attendee(),
        next=_next(request.args.get("next") or found.next_path)))


@sign_in_bp.post("/sign-in/who")
def be(slug: str) -> Response:
    browser, label, anchor = _this_browser()
    with db.transaction():
        entered = sign_in.choose(g.event.id, row_number(request.form.get("attendee", "")) or 0, browser, label, anchor,
                                 instead_of=_instead_of())
    return _welcome(*entered, request.form.get("next"))


@sign_in_bp.get("/activate")
def printed_code(slug: str) -> Response:
    return _printed_code_page(PrintedCodeForm())


@sign_in_bp.post("/activate")
def enter_printed_code(slug: str) -> Response:
    form = PrintedCodeForm(request.form)
    if not form.validate():
        return _printed_code_page(form, 422)
    browser, label, anchor = _this_browser()
    typed, proof = form.code.data or "", form.proof.data or ""
    secret = cookies.settings().secret_key
    try:
        with db.transaction():
            entered = printed_codes.enter(secret, g.event, typed, proof, browser, label, anchor,
                                          instead_of=_instead_of())
    except Refusal as refusal:
        if refusal.reason != "somebody_else":
            raise
        return _printed_code_page(form, 409, printed_codes.find(secret, g.event, typed, proof))
    if entered is None:
        form.proof.errors = [_("That code and that answer do not belong together, or the code was used. Look at the "
                               "slip again, or ask at the desk.")]
        return _printed_code_page(form, 422)
    return _welcome(*entered, None)


@sign_in_bp.post("/hand-over/enter")
def enter_hand_over(slug: str) -> Response:
    form = HandOverForm(request.form)
    destination = _next(form.next.data)
    if not form.validate():
        return _page(AskForm(data={"next": destination}), form, 422)
    browser, label, anchor = _this_browser()
    with db.transaction():
        entered = hand_over.enter(cookies.settings().secret_key, g.event.id, form.code.data or "", browser, label,
                                  anchor, instead_of=_instead_of())
    if entered is None:
        form.code.errors = [_("No browser shows this code now. Each works for five minutes and once: make a new one.")]
        return _page(AskForm(data={"next": destination}), form, 422)
    return _welcome(*entered, destination)


@link_bp.get("/L/<token>")
def show_link(token: str) -> Response:
    found = _request_of(token)
    is_here = found.asker_hash == _anchor()
    attendee = access.current_attendee()
    people = sign_in.people_of(found)
    if attendee is not None and attendee.id in {one.id for one in people}:
        return redirect(safe_next(found.next_path, _home()), 303)
    if found.proven_by == _anchor() and found.used_at is None:
        return _ask_who(found.next_path)
    state = "other_browser" if not is_here else "open" if sign_in.is_open(found) else "over"
    return make_response(render_template(
        "attendees/sign_in_link.html", state=state, here=attendee,
        name=people[0].badge_name if is_here and len(people) == 1 else "",
        form=CodeForm(needs_address=True)), 410 if state == "over" else 200)


@link_bp.post("/L/<token>")
def use_link(token: str) -> Response:
    found = _request_of(token)
    browser, label, anchor = _this_browser()
    try:
        with db.transaction():
            entered = sign_in.use_link(found.id, browser, label, anchor, instead_of=_instead_of())
    except NotFound:
        raise
    except Refusal:
        return redirect(request.path, 303)
    return _ask_who(found.next_path) if isinstance(entered, str) else _welcome(*entered, found.next_path)


def _invited(token: str) -> Attendee:
    attendee = activation.find_by_token(cookies.settings().secret_key, token)
    if attendee is None:
        raise activation.no_such_link()
    g.event = calendar.get_event_by_id(attendee.event_id)
    return attendee


def _state(attendee: Attendee, here: Attendee | None) -> str:
    """What the activation page has to say: here, late, somebody_else, too_many or new."""
    if here is not None and here.id == attendee.id:
        return "here"
    if activation.is_late(g.event):
        return "late"
    if activation.is_full(attendee):
        return "too_many"
    return "new" if here is None else "somebody_else"


def _request_of(token: str) -> sign_in.SignInRequest:
    found = sign_in.find_by_link(cookies.settings().secret_key, token)
    if found is None:
        raise NotFound(_("This link does not open anything. Ask for a new mail at the event's sign-in page."),
                       reason="unknown_link")
    g.event = calendar.get_event_by_id(found.event_id)
    return found


def _owner(token: str) -> Attendee:
    attendee = recoveries.find_by_token(token)
    if attendee is None:
        raise recoveries.no_such_picture()
    g.event = calendar.get_event_by_id(attendee.event_id)
    return attendee


def _swap_address(attendee: Attendee) -> str:
    """For a browser that is somebody else here: to swap cards with this person instead of becoming them."""
    return f"/A/{activation.swap_token(cookies.settings().secret_key, attendee)}/badge"


def _this_browser() -> tuple[int | None, str, str]:
    """The browser's number if it has one, what people call it, and the fingerprint of its cookie."""
    browser = current_browser()
    return browser.id if browser is not None else None, browser_label(), _anchor()


def _anchor() -> str:
    return links.fingerprint(cookies.csrf_anchor())


def _instead_of() -> int | None:
    """The attendee that the page named as the one this browser stops being.

    Where a link or a slip of paper can belong to somebody else than the person who holds the phone, a tick says so in
    words: "this is my phone, I am Bob, stop being Grace here". The forms of those pages demand it, and so does this.
    """
    if request.endpoint in NEED_A_TICK and not request.form.get("sure"):
        return None
    return row_number(request.form.get("instead_of", ""))


def _home() -> str:
    return f"/e/{current_event().slug}/"


def _next(text: str | None) -> str:
    return safe_next(text, _home())


def _needs_address() -> bool:
    return not sign_in.has_asked(g.event.id, _anchor())


def _page(form: AskForm, hand_over_form: HandOverForm, status: int = 200) -> Response:
    return make_response(render_template(
        "attendees/sign_in.html", form=form, hand_over_form=hand_over_form, here=access.current_attendee()), status)


def _code_page(form: CodeForm, status: int = 200) -> Response:
    return make_response(render_template(
        "attendees/sign_in_code.html", form=form, here=access.current_attendee()), status)


def _printed_code_page(form: PrintedCodeForm, status: int = 200, owner: Attendee | None = None) -> Response:
    """`owner` is whose code it is, for a browser that is somebody else here and proved to hold it."""
    if not printed_codes.are_chosen(g.event):
        raise printed_codes.not_here()
    return make_response(render_template(
        "attendees/printed_code.html", form=form, here=access.current_attendee(), owner=owner,
        is_late=activation.is_late(g.event), swap=_swap_address(owner) if owner is not None else ""), status)


def _ask_who(destination: str | None) -> Response:
    return redirect(f"/e/{g.event.slug}/sign-in/who?" + urlencode({"next": _next(destination)}), 303)


def _welcome(browser: Browser, token: str, destination: str | None) -> Response:
    cookies.keep_browser(token, browser.ends_at)
    g.pop("browser", None)
    g.pop("attendee", None)
    attendee = access.current_attendee()
    if attendee is not None:
        flash(_("You are %(name)s in this browser now.", name=attendee.badge_name), "good")
    return redirect(_next(destination), 303)
