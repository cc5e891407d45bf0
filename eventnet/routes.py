"""The site map: who may use what, below which prefix. It is also the security review on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from eventnet.accounts import admin as accounts_admin
from eventnet.accounts import public as accounts
from eventnet.accounts.access import require_organizer
from eventnet.attendees import admin as attendees_admin
from eventnet.attendees import desk as attendees_desk
from eventnet.attendees import mail_links
from eventnet.attendees import pages as browsers
from eventnet.attendees import public as attendees
from eventnet.attendees.access import require_attendee
from eventnet.badges import admin as badges_admin
from eventnet.badges import desk as badges_desk
from eventnet.cards import pages as cards
from eventnet.config import Settings
from eventnet.contacts import api as scans_api
from eventnet.contacts import pages as people
from eventnet.contacts import public as badge_page
from eventnet.demo import pages as demo
from eventnet.events import admin as events_admin
from eventnet.events.access import load_event, require_role
from eventnet.overview import admin as overview_admin
from eventnet.overview import public as home
from eventnet.summaries import admin as summaries_admin
from eventnet.summaries import pages as summary_page
from eventnet.summaries import public as summary_links
from eventnet.web import health
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
# Theirs is the only page that is left of a forgotten event.
VIEWER = Audience("viewer", require_role("viewer", forgotten_too=True), require_role("owner"))
DESK = Audience("desk", require_role("desk"), require_role("desk"))
MANAGER = Audience("manager", require_role("manager"), require_role("manager"))
# The desk looks people up in the list; changing, importing and exporting it is the manager's.
ROSTER = Audience("roster", require_role("desk"), require_role("manager"))


def site(settings: Settings) -> Sequence[Area]:
    areas: list[Area] = [
        Area(ANYONE, "", [home.bp, health.bp]),
        Area(ANYONE, "/admin", [accounts.bp]),
        Area(ORGANIZER, "/admin", [accounts_admin.bp, events_admin.bp]),
        Area(VIEWER, "/admin/e/<slug>", [overview_admin.bp]),
        Area(MANAGER, "/admin/e/<slug>", [events_admin.settings_bp]),
        Area(ANYONE, "", [attendees.activation_bp, attendees.link_bp, mail_links.bp]),
        Area(VISITOR, "/e/<slug>", [attendees.sign_in_bp, attendees.privacy_bp]),
        Area(ATTENDEE, "/e/<slug>", [browsers.bp, cards.bp, cards.badge_bp]),
        Area(MANAGER, "/admin/e/<slug>", [attendees_admin.invitations_bp]),
        Area(ROSTER, "/admin/e/<slug>/attendees", [attendees_admin.bp]),
        Area(DESK, "/admin/e/<slug>/desk", [attendees_desk.bp]),
        Area(MANAGER, "/admin/e/<slug>", [badges_admin.bp]),
        Area(DESK, "/admin/e/<slug>/desk", [badges_desk.bp]),
        Area(ANYONE, "", [badge_page.bp]),
        Area(ATTENDEE, "/e/<slug>", [people.bp]),
        # The scans API finds out itself who sends: a browser or a key; each badge's event decides who acts.
        Area(ANYONE, "/api/v1", [scans_api.bp]),
        Area(ANYONE, "", [summary_links.bp]),
        Area(ATTENDEE, "/e/<slug>", [summary_page.bp]),
        Area(MANAGER, "/admin/e/<slug>", [summaries_admin.bp]),
    ]
    if settings.demo:
        areas.append(Area(ANYONE, "", [demo.bp]))
    return areas
