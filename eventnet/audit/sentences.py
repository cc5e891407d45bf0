"""Each act of the audit log as a sentence for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventnet.words import gettext as _
from eventnet.words import listed, ngettext

About = Mapping[str, Any]


def _count(about: About, *names: str) -> int:
    """The first of these numbers that the entry has."""
    return next((int(about[name]) for name in names if isinstance(about.get(name), int)), 0)


def _fields(about: About) -> str:
    return listed([str(name).replace("_", " ") for name in about.get("fields", ())]) or _("details")


# The one place that knows all acts. A new act gets its line here; without one it is still shown, by name.
SENTENCES: dict[str, Callable[[str, About], str]] = {
    "organizer.added": lambda who, a: _("%(who)s added an organizer.", who=who),
    "organizer.recovered": lambda who, a: _("%(who)s made a link that sets an organizer's password.", who=who),
    "organizer.reset_asked": lambda who, a: _("Somebody asked for a mail that sets an organizer's password."),
    "organizer.password_set": lambda who, a: _("%(who)s set a new password and ended all other sign-ins.", who=who),
    "organizer.signed_in": lambda who, a: _("%(who)s signed in.", who=who),
    "organizer.signed_out": lambda who, a: _("%(who)s signed out.", who=who),
    "organizer.sign_in_failed": lambda who, a: _("A sign-in with a wrong password was refused."),
    "event.created": lambda who, a: _("%(who)s created the event.", who=who),
    "event.changed": lambda who, a: _("%(who)s changed %(fields)s of the event.", who=who, fields=_fields(a)),
    "event.forgotten": lambda who, a: ngettext(
        "%(who)s deleted everything about the event on the promised day: %(num)s row.",
        "%(who)s deleted everything about the event on the promised day: %(num)s rows.",
        sum(a.get("rows", {}).values()), who=who),
    "programme.uploaded": lambda who, a: _(
        "%(who)s uploaded the programme: %(new)s new, %(changed)s changed, %(same)s as before.",
        who=who, new=_count(a, "new"), changed=_count(a, "changed"), same=_count(a, "same")),
    "programme.removed": lambda who, a: _("%(who)s removed a programme item.", who=who),
    "attendees.imported": lambda who, a: _(
        "%(who)s imported attendees: %(new)s new, %(changed)s changed.",
        who=who, new=_count(a, "new"), changed=_count(a, "changed")),
    "attendees.exported": lambda who, a: _("%(who)s exported the attendee list.", who=who),
    "attendee.added": lambda who, a: _("%(who)s added an attendee.", who=who),
    "attendee.changed": lambda who, a: _("%(who)s changed %(fields)s of an attendee.", who=who, fields=_fields(a)),
    "attendee.removed": lambda who, a: _("%(who)s removed an attendee.", who=who),
    "attendee.restored": lambda who, a: _("%(who)s put a removed attendee back on the list.", who=who),
    "attendee.checked_in": lambda who, a: _("%(who)s checked an attendee in.", who=who),
    "attendee.check_in_undone": lambda who, a: _("%(who)s took a check-in back.", who=who),
    "attendee.not_taking_part": lambda who, a: _("An attendee said that they do not want to take part."),
    "attendee.activated": lambda who, a: _("An attendee became active on a browser."),
    "attendee.browser_revoked": lambda who, a: _("An attendee ended one of their browsers."),
    "attendee.taking_part_again": lambda who, a: _("An attendee takes part again."),
    "attendee.mail_stopped": lambda who, a: _("An attendee asked for no more mail."),
    "attendee.mail_started": lambda who, a: _("An attendee wants mail again."),
    "attendee.key_made": lambda who, a: _("An attendee made a key for a program."),
    "attendee.key_revoked": lambda who, a: _("An attendee ended a key of a program."),
    "activations.queued": lambda who, a: ngettext(
        "%(who)s planned %(num)s activation mail.", "%(who)s planned %(num)s activation mails.",
        _count(a, "planned", "count"), who=who),
    "outbox.resolved": lambda who, a: (
        _("%(who)s counted a mail in doubt as sent.", who=who) if a.get("verdict") == "sent"
        else _("%(who)s had the identical mail sent again.", who=who)),
    "badges.printed": lambda who, a: ngettext(
        "%(who)s printed %(num)s badge.", "%(who)s printed %(num)s badges.", _count(a, "badges", "count"), who=who),
    "badge.rotated": lambda who, a: _("%(who)s gave an attendee a new badge; the old one no longer works.", who=who),
    "badge.bound": lambda who, a: _("%(who)s gave an attendee a blank badge.", who=who),
    "summaries.started": lambda who, a: ngettext(
        "%(who)s started the summaries: %(num)s planned.", "%(who)s started the summaries: %(num)s planned.",
        _count(a, "planned", "count"), who=who),
    "summaries.cancelled": lambda who, a: ngettext(
        "%(who)s took %(num)s summary back.", "%(who)s took %(num)s summaries back.", _count(a, "cancelled"), who=who),
    "summaries.paused": lambda who, a: _("%(who)s paused the summaries.", who=who),
    "summaries.resumed": lambda who, a: _("%(who)s let the summaries go on.", who=who),
    "mail.resolved": lambda who, a: _("%(who)s decided about a mail in doubt.", who=who),
    "encounters.imported": lambda who, a: ngettext(
        "%(who)s imported %(num)s scan.", "%(who)s imported %(num)s scans.", _count(a, "scans", "count"), who=who),
}


def sentence(act: str, actor: str, about: About, actor_name: str = "") -> str:
    """The act as a sentence; an act without a line of its own is shown by its name."""
    who = actor_name or actor_words(actor)
    say = SENTENCES.get(act)
    if say is not None:
        return say(who, about)
    return _("%(who)s: %(act)s.", who=who, act=act.replace(".", " ").replace("_", " "))


def actor_words(actor: str) -> str:
    """Who acted, when the name is not known: an organizer, an attendee, the command line, the worker."""
    kind = actor.partition(":")[0]
    return {
        "organizer": _("An organizer"), "attendee": _("An attendee"), "command line": _("The command line"),
        "worker": _("The worker"), "visitor": _("Somebody"),
    }.get(kind, actor)
