"""The site map: who may use what, below which prefix. It is also the security review on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from eventnet.accounts.access import require_organizer
from eventnet.attendees.access import require_attendee
from eventnet.config import Settings
from eventnet.events.access import load_event, require_role
from eventnet.web.audiences import Area, Audience

# Everybody, signed in or not. What such a page shows depends on what its token proves, or on nothing.
ANYONE = Audience("anyone", None, None)
# Everybody, but only about an event that exists.
VISITOR = Audience("visitor", load_event, load_event)
# The attendee this browser is at the event of the address.
ATTENDEE = Audience("attendee", require_attendee, require_attendee)
# Any signed-in organizer; the page lists only their own events.
ORGANIZER = Audience("organizer", require_organizer, require_organizer)
# Organizers by their role at the event of the address; without a role the event does not exist for them.
VIEWER = Audience("viewer", require_role("viewer"), require_role("owner"))
DESK = Audience("desk", require_role("desk"), require_role("desk"))
MANAGER = Audience("manager", require_role("manager"), require_role("manager"))


def site(settings: Settings) -> Sequence[Area]:
    areas: list[Area] = [
    ]
    return areas
