"""The page behind a badge's QR code, and what a phone keeps of us for places without network.

Opening a badge changes nothing; one tap on a button with a name swaps cards.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask import Response as AnyResponse
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import current_browser
from eventnet.attendees.sign_in_forms import AskForm, HandOverForm
from eventnet.badges.codes import BadgeReference, normalize_token
from eventnet.contacts import forms, looking, openings, swapping
from eventnet.contacts.looking import Look
from eventnet.contacts.openings import Opening
from eventnet.contacts.swapping import Swap
from eventnet.encounters import news, senders
from eventnet.encounters.recording import Claim
from eventnet.errors import Refusal
from eventnet.events import calendar
from eventnet.web import cookies
from eventnet.web import errors as error_pages
from eventnet.web.pace import Pace
from eventnet.words import gettext as _

bp = Blueprint("badge_page", __name__)
offline_bp = Blueprint("offline", __name__)
# Loaded by themselves: the worker as /worker.js, the decoder when the scanner opens.
APART = {"worker.js", "decoder.js"}
DECODER = ("contacts/decoder.js", "lib/zxing-reader.js", "lib/zxing_reader.wasm")
_STATIC = re.compile(r'(?:src|href)="(/static/[^"]+)"')
DAY_SECONDS, HOUR_SECONDS, WRONG_AN_HOUR = 86_400, 3_600, 60
LATELY, OFTEN = timedelta(hours=3), 2


@bp.record_once
def count_looks(state: BlueprintSetupState) -> None:
    state.app.extensions["badge looks"] = Pace(1, DAY_SECONDS), Pace(0, DAY_SECONDS), Pace(WRONG_AN_HOUR, HOUR_SECONDS)


@bp.get("/B/<token>")
@bp.get("/b/<token>", endpoint="show_lower")
def show(token: str) -> tuple[str, int]:
    return show_badge(_reference(token), None, request.path)


@bp.post("/B/<token>")
@bp.post("/b/<token>", endpoint="swap_lower")
def swap(token: str) -> tuple[str, int] | Response:
    return swap_badge(_reference(token), None, request.path, "page")


@bp.errorhandler(Refusal)
def ask_again(refusal: Refusal) -> Response | tuple[str, int]:
    badge, address = _reference((request.view_args or {}).get("token", "")), request.path
    opening = renewed(refusal)
    if opening is None or badge is None:
        return error_pages.refused(refusal)
    if is_fragment():
        return told_again(refusal, kept_address(address, badge, opening))
    flash_again()
    return show_badge(badge, None, address, opening)[0], refusal.status


def show_badge(badge: BadgeReference | None, slug: str | None, address: str,
               opening: Opening | None = None) -> tuple[str, int]:
    """The page of a badge at `address`, as far as this browser may see it, with its status.

    `opening` is when it was opened; else the address says so, or it is now.
    """
    browser = current_browser()
    found = looking.look(badge, browser.id if browser is not None else None, slug)
    if found.event is not None and found.state != "unknown":
        calendar.check_is_kept(found.event)
    g.event = found.event
    if browser is not None and badge is not None:
        _pace(found, f"{browser.id}", badge.value)
    opening = opening or _opening(badge)
    kept = openings.write(cookies.settings().secret_key, badge, opening) if badge is not None else ""
    form = forms.note_form(found.met, address) if found.met is not None else None
    now = clock.now()
    page = render_template(
        f"contacts/{_TEMPLATES[found.state]}.html", look=found, person=found.met, form=form, address=address,
        opening=opening, age=now - opening.opened_at, on_badge_page=True, is_just_now=found.is_just_now,
        undo_until=found.undo_until, badge=badge, is_faster=_is_faster_by_scanner(found),
        state=news.state(found.me.event_id, found.me.id) if found.state == "pending" and found.me else "",
        **_ways_in(found, _kept_address(address, kept), kept, opening))
    return page, 404 if found.state == "unknown" else 200


def swap_badge(badge: BadgeReference | None, slug: str | None, address: str,
               way: str) -> tuple[str, int] | Response:
    """Swap cards with the person of a badge, then show the same address, where the receipt is.

    The page's own script is told the result instead: it goes there itself, or keeps the scan until there is network.
    """
    browser = current_browser()
    if browser is None:
        raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
    claim = Claim(forms.scan_id(request.form), badge, slug, forms.said(request.form))
    with db.transaction():
        answer = swapping.swap([Swap(claim)], browser_id=browser.id, way=way)[0]
    if is_fragment():
        return jsonify({"result": answer.result, "sentence": answer.sentence, "address": address})
    if answer.reason in ("unknown", "invalid"):
        return show_badge(badge, slug, address)
    if answer.reason in ("budget", "busy", "id_reused"):
        flash(answer.sentence if answer.result == "refused" else
              _("You swapped with very many people just now. Wait a few minutes and tap again."), "warn")
    return redirect(address, 303)


def renewed(refusal: Refusal) -> Opening | None:
    """For a tap on a page that was open too long, or signed out meanwhile: its opening, to be asked once more."""
    if request.method != "POST" or refusal.reason not in ("csrf", "signed_out"):
        return None
    return openings.claimed(forms.scan_id(request.form), forms.said(request.form).scanned_at, clock.now())


def flash_again() -> None:
    flash(_("This page was open for long, so it asks once more. The time you met is kept."), "info")


def told_again(refusal: Refusal, address: str) -> Response:
    """The same for the page's script, which goes to `address`, or sends the tap with a fresh token."""
    answer = jsonify({"result": "again", "sentence": refusal.sentence, "address": address})
    # A token is also too old where the session is gone: then its tap waits for somebody to sign in.
    answer.status_code = 401 if current_browser() is None else refusal.status
    return answer


def kept_address(address: str, badge: BadgeReference, opening: Opening) -> str:
    """A badge's address that carries when it was opened."""
    return _kept_address(address, openings.write(cookies.settings().secret_key, badge, opening))


def is_fragment() -> bool:
    """Whether a script of ours asks, and not the browser itself."""
    return request.headers.get("X-Fragment") == "1"


_TEMPLATES = {
    "signed_out": "badge_signed_out", "unknown": "badge_unknown", "own": "badge_own", "met": "person",
    "pending": "badge_pending", "paused": "badge_closed", "not_yet": "badge_closed", "closed": "badge_closed",
    "not_taking_part": "badge_closed", "swap": "badge_swap", "blocked": "badge_blocked",
}


def _pace(found: Look, whose: str, badge: str) -> None:
    """Stop a browser that opens badge after badge without meeting anybody: each shows a name, or is a guess.

    Reading writes nothing, so this is counted in the process, by browser, never by address; strangers are shown
    nothing on any badge. A badge counts once a day, however often its page is opened or refreshes itself.
    """
    seen, names, wrong = current_app.extensions["badge looks"]
    wait = 0
    if found.state in ("unknown", "swap") and found.event is not None and not seen.spend(f"{whose}:{badge}"):
        wait = wrong.spend(whose) if found.state == "unknown" else names.spend(whose, found.event.swaps_daily)
    if wait:
        raise Refusal(_("You opened more badges than one person meets. Wait a while; whom you met is in your list."),
                      status=429, reason="budget", retry_after=wait)


def _reference(token: str) -> BadgeReference | None:
    normal = normalize_token(token)
    return BadgeReference("token", normal) if normal is not None else None


def _opening(badge: BadgeReference | None) -> Opening:
    """The opening this address carries, or one that begins now."""
    now, kept = clock.now(), request.args.get("kept", "")
    found = openings.read(cookies.settings().secret_key, badge, kept, now) if badge is not None and kept else None
    return found or Opening.at(now)


def _kept_address(address: str, kept: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}kept={kept}"


def _ways_in(found: Look, address: str, kept: str, opening: Opening) -> dict[str, object]:
    """What a signed-out page offers: each way leads back here, with the time the badge was opened."""
    if found.state != "signed_out" or found.event is None:
        return {}
    ends_at = found.event.late_scans_until
    return {
        "is_over": ends_at < clock.now(), "kept": kept, "kept_until": min(opening.opened_at + openings.LASTS, ends_at),
        "sign_in": AskForm(data={"next": address}), "hand_over": HandOverForm(data={"next": address}),
        "all_ways": f"/e/{found.event.slug}/sign-in?" + urlencode({"next": address})}


def _is_faster_by_scanner(found: Look) -> bool:
    """Whether to say so: two people in a row by the phone's own camera, none by the scanner."""
    if (not found.is_just_now and found.state != "pending") or found.me is None:
        return False
    return senders.pages_without_scanner(found.me.event_id, found.me.id, clock.now() - LATELY) >= OFTEN


@offline_bp.get("/offline")
def offline() -> str:
    """The page the service worker keeps; the same for everybody."""
    return render_template("contacts/offline.html")


@offline_bp.get("/worker.js")
def worker() -> AnyResponse:
    """The service worker, with the list of what it keeps. A change of any of it is a new worker."""
    page = offline()
    static = Path(current_app.static_folder or "")
    asset = current_app.jinja_env.globals["asset"]
    modules = sorted(path.name for path in (static / "contacts").glob("*.js") if path.name not in APART)
    shell = [url_for("offline.offline"), *dict.fromkeys((
        *_STATIC.findall(page), *(asset(f"contacts/{name}") for name in modules), asset("lib/idb.js")))]  # type: ignore[operator]
    version = hashlib.sha256("\0".join([page, *shell]).encode()).hexdigest()[:12]
    script = (static / "contacts" / "worker.js").read_text("utf-8")
    scanner = [asset(path) for path in DECODER]  # type: ignore[operator]
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in (
        ("VERSION", version), ("SHELL", shell), ("SCANNER", scanner)))
    return AnyResponse(head + script, mimetype="text/javascript", headers={"Service-Worker-Allowed": "/"})
