"""Which event is this page about, and what may the organizer do there?"""

from __future__ import annotations

from flask import g, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import ROLES, Event, EventRole
from eventnet.web.audiences import Guard
from eventnet.words import gettext as _


def current_event() -> Event:
    """The event named by the address; raises NotFound."""
    if g.get("event") is None:
        slug = (request.view_args or {}).get("slug", "")
        g.event = db.session.scalar(select(Event).where(Event.slug == slug))
        if g.event is None:
            raise NotFound
    found: Event = g.event
    return found


def load_event() -> Response | None:
    """Guard of public pages about one event: it exists."""
    current_event()
    return None


def role_at(event_id: int, organizer_id: int) -> str | None:
    found: str | None = db.session.scalar(
        select(EventRole.role).where(EventRole.event_id == event_id, EventRole.organizer_id == organizer_id)
    )
    return found


def require_role(least: str) -> Guard:
    """Guard: a signed-in organizer whose role here is `least` or more.

    No role at all looks like no such event; too small a role is told so.
    """

    def guard() -> Response | None:
        answer = access.require_organizer()
        if answer is not None:
            return answer
        organizer = access.current_organizer()
        assert organizer is not None
        event = current_event()
        role = role_at(event.id, organizer.id)
        if role is None:
            raise NotFound
        g.role = role
        if ROLES.index(role) < ROLES.index(least):
            raise Refusal(
                _("Your role at this event does not include that. Ask an owner of the event."),
                status=403, reason="role",
            )
        return None

    return guard
