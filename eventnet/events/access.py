"""Which event is this page about, and what may this browser do there: as an organizer, or as a desk?"""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import dataclass

from flask import after_this_request, g, redirect, request
from sqlalchemy import and_, select
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts import access
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar, desk_passes
from eventnet.events.models import ROLES, DeskPass, Event, EventRole
from eventnet.web.audiences import SAFE_METHODS, Guard
from eventnet.words import gettext as _

# Who looked at whose page: one JSON object a line, numbers only, never a name, never an address with a token.
views = logging.getLogger("eventnet.views")
REQUEST_NUMBER = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Standing:
    """What this browser is at an event on the organizers' side: its organizer's role, and the desk it is."""

    role: str | None
    desk: DeskPass | None


def current_event() -> Event:
    """The event named by the address; raises NotFound, and a Refusal (410) once its data is forgotten."""
    if g.get("event") is None:
        event = _find_event()
        calendar.check_is_kept(event)
        g.event = event
    found: Event = g.event
    return found


def _find_event() -> Event:
    event = calendar.find_event((request.view_args or {}).get("slug", ""))
    if event is None:
        raise NotFound
    return event


def load_event() -> Response | None:
    """Guard of public pages about one event: it exists."""
    current_event()
    return None


def standing_at(event: Event, organizer_id: int | None, browser_id: int | None) -> Standing:
    """Role and desk in one statement; a desk whose time is over is none."""
    found = db.session.execute(
        select(EventRole.role, DeskPass).select_from(Event)
        .outerjoin(EventRole, and_(EventRole.event_id == Event.id, EventRole.organizer_id == (organizer_id or 0)))
        .outerjoin(DeskPass, and_(DeskPass.event_id == Event.id, DeskPass.browser_id == (browser_id or 0),
                                  DeskPass.revoked_at.is_(None)))
        .where(Event.id == event.id).order_by(DeskPass.id.desc()).limit(1)).one()
    role, desk = found
    return Standing(role, desk if desk is not None and desk.is_living(event, clock.now()) else None)


def current_desk() -> DeskPass | None:
    """The desk this browser is at the event of this page, where it acts as one: on the desk's pages."""
    found: DeskPass | None = g.get("desk_pass")
    return found


def this_desk() -> DeskPass:
    """The desk behind a page that only desks have."""
    desk = current_desk()
    if desk is None:
        raise NotFound
    return desk


def check_no_desk_pass(sentence: str) -> None:
    """Raise a Refusal (403) on a borrowed device, for what the desk's pages offer to organizers alone."""
    if current_desk() is not None:
        raise Refusal(sentence, status=403, reason="desk_pass")


def require_role(least: str, *, forgotten_too: bool = False) -> Guard:
    """Guard: a signed-in organizer whose role here is `least` or more.

    No role at all looks like no such event; too small a role is told so. `forgotten_too` lets pages answer that can
    say what became of an event whose data is gone. A browser that is a desk as well and is locked shows nothing of
    the event to anybody.
    """

    def guard() -> Response | None:
        answer = access.require_organizer()
        if answer is not None:
            return answer
        event = _find_event()
        standing = _standing(event)
        _check_role(event, standing.role, least, forgotten_too=forgotten_too)
        if standing.desk is not None and standing.desk.is_locked(clock.now()):
            return _locked(event)
        _note_view()
        return None

    return guard


def require_desk() -> Response | None:
    """Guard of the desk's pages: a browser that is a desk of the event, unlocked; else an organizer of that role.

    Where it is both, it acts as the desk: whoever stands at it is not the organizer. Every act is noted, since ten
    minutes without one lock it.
    """
    event = calendar.find_event((request.view_args or {}).get("slug", ""))
    desk = _standing(event).desk if event is not None and access.current_browser() is not None else None
    if event is None or desk is None:
        return require_role("desk")()
    calendar.check_is_kept(event)
    if desk.is_locked(clock.now()):
        return _locked(event)
    if request.method not in SAFE_METHODS:
        with db.transaction():
            is_open = desk_passes.note_use(desk.id)
        if not is_open:
            return _locked(event)
    g.event, g.role, g.desk_pass, g.acts_as = event, "desk", desk, f"desk_pass:{desk.id}"
    # A page that is left open goes to the lock screen by itself.
    g.locks_in = desk.seconds_to_lock(clock.now())
    _note_view()
    return None


def require_device() -> Response | None:
    """Guard of a desk's lock screen: a browser that is a desk of the event, locked or not."""
    event = calendar.find_event((request.view_args or {}).get("slug", ""))
    desk = _standing(event).desk if event is not None and access.current_browser() is not None else None
    if event is None or desk is None:
        # For everybody else there is no such page: they are told what they would be told about the desk.
        answer = require_role("desk")()
        if answer is not None:
            return answer
        raise NotFound
    calendar.check_is_kept(event)
    g.event, g.role, g.desk_pass, g.acts_as = event, "desk", desk, f"desk_pass:{desk.id}"
    return None


def _standing(event: Event) -> Standing:
    if "standing" not in g:
        organizer, browser = access.current_organizer(), access.current_browser()
        g.standing = standing_at(event, organizer.id if organizer else None, browser.id if browser else None)
    found: Standing = g.standing
    return found


def _check_role(event: Event, role: str | None, least: str, *, forgotten_too: bool) -> None:
    if role is None:
        raise NotFound
    if not forgotten_too:
        calendar.check_is_kept(event)
    # Of an event whose day has come only the overview is left, also while its rows are still being deleted.
    g.event, g.role, g.is_gone = event, role, not event.is_kept(clock.now())
    if ROLES.index(role) < ROLES.index(least):
        raise Refusal(
            _("Your role at this event does not include that. Ask an owner of the event."), status=403, reason="role")


def _locked(event: Event) -> Response:
    """To the lock screen; what was sent by a locked desk is not done."""
    if request.method in SAFE_METHODS:
        return redirect(f"/admin/e/{event.slug}/desk/lock", 303)
    g.event, g.role = event, "desk"
    raise Refusal(_("This device is locked, so nothing was done. Enter its PIN, then go back and send it again."),
                  status=403, reason="locked")


def _request_number() -> str:
    """The number that the proxy gave this request, else one of our own."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if REQUEST_NUMBER.fullmatch(given) else secrets.token_hex(8)
    found: str = g.request_id
    return found


def _note_view() -> None:
    """Once a page about one person is shown, write who saw whose."""
    attendee_id = (request.view_args or {}).get("attendee_id")
    if attendee_id is None or request.method not in SAFE_METHODS:
        return

    @after_this_request
    def note(response: Response) -> Response:
        if response.status_code == 200:
            desk, organizer = current_desk(), access.current_organizer()
            views.info(json.dumps({
                "organizer": organizer.id if organizer and not desk else None, "desk_pass": desk.id if desk else None,
                "event": g.event.id, "attendee": attendee_id, "endpoint": request.endpoint,
                "request": _request_number(), "at": clock.now().isoformat(timespec="milliseconds"),
            }, separators=(",", ":")))
        return response
