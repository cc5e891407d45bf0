"""Which event is this page about, and what may the organizer do there?"""

from __future__ import annotations

from flask import g, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar
from eventnet.events.models import ROLES, Event, EventRole
from eventnet.web.audiences import Guard
from eventnet.words import gettext as _


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


def role_at(event_id: int, organizer_id: int) -> str | None:
    found: str | None = db.session.scalar(
        select(EventRole.role).where(EventRole.event_id == event_id, EventRole.organizer_id == organizer_id)
    )
    return found


def require_role(least: str, *, forgotten_too: bool = False) -> Guard:
    """Guard: a signed-in organizer whose role here is `least` or more.

    No role at all looks like no such event; too small a role is told so. `forgotten_too` lets pages answer that can
    say what became of an event whose data is gone.
    """

    def guard() -> Response | None:
        answer = access.require_organizer()
        if answer is not None:
            return answer
        organizer = access.current_organizer()
        assert organizer is not None
        event = _find_event()
        role = role_at(event.id, organizer.id)
        if role is None:
            raise NotFound
        if not forgotten_too:
            calendar.check_is_kept(event)
        g.event = event
        g.role = role
        if ROLES.index(role) < ROLES.index(least):
            raise Refusal(
                _("Your role at this event does not include that. Ask an owner of the event."),
                status=403, reason="role",
            )
        return None

    return guard
