"""The site map: who may use what, below which prefix. It is also the security review on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from eventnet.accounts import admin as accounts_admin
from eventnet.accounts import public as accounts
from eventnet.accounts.access import require_organizer
from eventnet.attendees import admin as attendees_admin
from eventnet.attendees import desk as attendees_desk
from eventnet.attendees import mail_links
from eventnet.attendees import pages as own_ways
from eventnet.attendees import public as attendees
from eventnet.attendees.access import owner_needs_factor, require_attendee
from eventnet.badges import admin as badges_admin
from eventnet.badges import desk as badges_desk
from eventnet.badges import pages as recovery
from eventnet.badges import public as badge_instead
from eventnet.cards import pages as cards
from eventnet.config import Settings
from eventnet.contacts import admin as reports_admin
from eventnet.contacts import api as scans_api
from eventnet.contacts import boundaries
from eventnet.contacts import pages as people
from eventnet.contacts import public as badge_page
from eventnet.contacts import trying as scanner_test
from eventnet.demo import pages as demo
from eventnet.encounters import own_browsers as browsers
from eventnet.encounters import pages as waiting
from eventnet.encounters.access import require_person
from eventnet.events import admin as events_admin
from eventnet.events import desk as desk_device
from eventnet.events import mail_links as team_links
from eventnet.events import public as desk_links
from eventnet.events.access import load_event, require_desk, require_device, require_role
from eventnet.lifecycle import admin as lifecycle_admin
from eventnet.lifecycle import pages as my_data
from eventnet.lifecycle import public as privacy
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
# The attendee this browser is at the event of the address, once a person has acted in it: who comes by the mailed link
# alone may be a mail scanner, which presses buttons, too.
ATTENDEE = Audience("attendee", require_person, require_person)
# The same from the first tap on: card screen, sign-out, "it is me". No contact data is shown there until then.
ARRIVING = Audience("attendee", require_attendee, require_attendee)
# Shown from the first tap on, changed by a person.
SHOWN = Audience("attendee", require_attendee, require_person)
# Any signed-in organizer; the page lists only their own events.
ORGANIZER = Audience("organizer", require_organizer, require_organizer)
# Organizers by their role at the event of the address; without a role the event does not exist for them.
# Theirs is the only page that is left of a forgotten event.
VIEWER = Audience("viewer", require_role("viewer", forgotten_too=True), require_role("owner"))
# The desk: an organizer's, or a borrowed device that is a desk until tonight.
DESK = Audience("desk", require_desk, require_desk)
# A borrowed device that is a desk, locked or not.
DEVICE = Audience("device", require_device, require_device)
# An owner of a large event comes in with a second factor only, here and below.
MANAGER = Audience("manager", owner_needs_factor(require_role("manager")), owner_needs_factor(require_role("manager")))
# The desk looks people up in the list; changing, importing and exporting it is the manager's.
ROSTER = Audience("roster", owner_needs_factor(require_role("desk")), owner_needs_factor(require_role("manager")))
# What only an owner may do about somebody else's data, because it does not come back.
OWNER = Audience("owner", owner_needs_factor(require_role("owner")), owner_needs_factor(require_role("owner")))
# Everybody on the team sees who else is; owners decide about it; each may go.
TEAM = Audience("team", require_role("viewer"), owner_needs_factor(require_role("owner")))
MEMBER = Audience("member", require_role("viewer"), require_role("viewer"))

# Acts before which an organizer who signed in more than 15 minutes ago says again who they are: what leaves the house,
# who may do what (also as a desk), mail to everybody, and what does not come back. All of them are POSTs.
STEP_UP = frozenset({
    "accounts_admin.begin_factor", "accounts_admin.renew_codes", "accounts_admin.remove_factor",
    "desk_passes.make_pass",
    "event_team.change_role", "event_team.remove_member", "event_team.lift_factor", "event_team.invite",
    "attendees_admin.export", "attendees_invitations.plan_invitations", "summaries_admin.send",
    "erasure_admin.erase", "badges_admin.print_slips", "badges_admin.pdf", "overview_log.export_log",
    "overview_meetings.export_meetings",
})


def site(settings: Settings) -> Sequence[Area]:
    areas: list[Area] = [
        Area(ANYONE, "", [home.bp, health.bp]),
        Area(ANYONE, "/admin", [accounts.bp]),
        Area(ORGANIZER, "/admin", [accounts_admin.bp, events_admin.bp]),
        Area(VIEWER, "/admin/e/<slug>", [overview_admin.bp]),
        Area(MANAGER, "/admin/e/<slug>", [overview_admin.log_bp, overview_admin.meetings_bp]),
        Area(MANAGER, "/admin/e/<slug>", [events_admin.settings_bp]),
        Area(TEAM, "/admin/e/<slug>", [events_admin.team_bp]),
        Area(MEMBER, "/admin/e/<slug>", [events_admin.leaving_bp]),
        Area(ANYONE, "/admin", [team_links.bp]),
        Area(ANYONE, "", [desk_links.bp]),
        Area(MANAGER, "/admin/e/<slug>", [events_admin.passes_bp]),
        Area(DEVICE, "/admin/e/<slug>/desk", [desk_device.device_bp]),
        Area(ANYONE, "", [attendees.activation_bp, attendees.link_bp, mail_links.bp]),
        Area(VISITOR, "/e/<slug>", [attendees.sign_in_bp, privacy.bp]),
        Area(ANYONE, "", [badge_instead.bp]),
        Area(ARRIVING, "/e/<slug>", [own_ways.arriving_bp, browsers.browsers_bp, cards.first_bp]),
        Area(SHOWN, "/e/<slug>", [cards.badge_bp]),
        Area(ATTENDEE, "/e/<slug>", [own_ways.bp, browsers.keys_bp, recovery.bp, cards.bp]),
        Area(MANAGER, "/admin/e/<slug>", [attendees_admin.invitations_bp]),
        Area(ROSTER, "/admin/e/<slug>/attendees", [attendees_admin.bp]),
        Area(DESK, "/admin/e/<slug>/desk", [attendees_desk.bp]),
        Area(MANAGER, "/admin/e/<slug>", [badges_admin.bp]),
        Area(DESK, "/admin/e/<slug>/desk", [badges_desk.bp]),
        Area(ANYONE, "", [badge_page.bp, badge_page.offline_bp]),
        Area(VISITOR, "/e/<slug>", [scanner_test.bp]),
        Area(ATTENDEE, "/e/<slug>", [waiting.bp, boundaries.bp]),
        Area(MANAGER, "/admin/e/<slug>", [reports_admin.bp]),
        Area(ATTENDEE, "/e/<slug>", [people.bp]),
        # The scans API finds out itself who sends: a browser or a key; each badge's event decides who acts.
        Area(ANYONE, "/api/v1", [scans_api.bp]),
        Area(ANYONE, "", [summary_links.bp]),
        Area(ATTENDEE, "/e/<slug>", [summary_page.bp]),
        Area(MANAGER, "/admin/e/<slug>", [summaries_admin.bp]),
        Area(ATTENDEE, "/e/<slug>", [my_data.bp]),
        Area(OWNER, "/admin/e/<slug>", [lifecycle_admin.bp]),
    ]
    if settings.demo:
        areas.append(Area(ANYONE, "", [demo.bp]))
    return areas
