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


def _whom(about: About) -> str:
    return str(about.get("whom") or _("somebody on the team"))


def _desk(about: About) -> str:
    return _("Desk %(number)s", number=about["desk"]) if "desk" in about else _("a desk")


def _fields(about: About) -> str:
    return listed([str(name).replace("_", " ") for name in about.get("fields", ())]) or _("details")


def _role(about: About, name: str = "role") -> str:
    words = {"owner": _("owner"), "manager": _("manager"), "desk": _("desk"), "viewer": _("viewer")}
    return words.get(str(about.get(name)), _("somebody"))


# The one place that knows all acts. A new act gets its line here; without one it is still shown, by name.
SENTENCES: dict[str, Callable[[str, About], str]] = {
    "organizer.added": lambda who, a: _("%(who)s added an organizer.", who=who),
    "organizer.recovered": lambda who, a: _("%(who)s made a link that sets an organizer's password.", who=who),
    "organizer.reset_asked": lambda who, a: _("Somebody asked for a mail that sets an organizer's password."),
    "organizer.password_set": lambda who, a: _("%(who)s set a new password and ended all other sign-ins.", who=who),
    "organizer.signed_in": lambda who, a: _("%(who)s signed in.", who=who),
    "organizer.signed_out": lambda who, a: _("%(who)s signed out.", who=who),
    "organizer.signed_out_everywhere": lambda who, a: _("%(who)s signed out everywhere.", who=who),
    "organizer.browser_removed": lambda who, a: _("%(who)s ended one of their browsers.", who=who),
    "organizer.disabled": lambda who, a: _("%(who)s disabled an organizer.", who=who),
    "organizer.enabled": lambda who, a: _("%(who)s let a disabled organizer in again.", who=who),
    "organizer.factor_set": lambda who, a: _("%(who)s turned a second factor on.", who=who),
    "organizer.factor_removed": lambda who, a: _("%(who)s turned their second factor off.", who=who),
    "organizer.factor_lifted": lambda who, a: _("%(who)s lifted the second factor of an organizer.", who=who),
    "organizer.codes_renewed": lambda who, a: _("%(who)s made new recovery codes.", who=who),
    "organizer.recovery_code_used": lambda who, a: _("%(who)s signed in with a recovery code.", who=who),
    "organizer.code_refused": lambda who, a: _("A wrong code was refused after an organizer's right password."),
    "team.invited": lambda who, a: _("%(who)s invited somebody to the team as %(role)s.", who=who, role=_role(a)),
    "team.invited_again": lambda who, a: _("%(who)s sent an invitation to the team again.", who=who),
    "team.invitation_revoked": lambda who, a: _("%(who)s took an invitation to the team back.", who=who),
    "team.joined": lambda who, a: _("%(who)s joined the team as %(role)s.", who=who, role=_role(a)),
    "team.role_changed": lambda who, a: _(
        "%(who)s changed the role of %(whom)s from %(old)s to %(role)s.",
        who=who, whom=_whom(a), old=_role(a, "old"), role=_role(a)),
    "team.removed": lambda who, a: _(
        "%(who)s took %(whom)s off the team, who was %(role)s.", who=who, whom=_whom(a), role=_role(a)),
    "team.left": lambda who, a: _("%(who)s left the team.", who=who),
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
    "attendee.erased": lambda who, a: ngettext(
        "%(who)s had everything about an attendee deleted at their wish: %(num)s row.",
        "%(who)s had everything about an attendee deleted at their wish: %(num)s rows.", _count(a, "rows"), who=who),
    "attendee.data_exported": lambda who, a: _("An attendee downloaded everything that is kept about them."),
    "attendee.restored": lambda who, a: _("%(who)s put a removed attendee back on the list.", who=who),
    "attendee.checked_in": lambda who, a: _("%(who)s checked an attendee in.", who=who),
    "attendee.check_in_undone": lambda who, a: _("%(who)s took a check-in back.", who=who),
    "attendee.not_taking_part": lambda who, a: _("An attendee said that they do not want to take part."),
    "attendee.activated": lambda who, a: _("An attendee became active on a browser."),
    "attendee.browsers_revoked": lambda who, a: ngettext(
        "An attendee ended %(num)s of their browsers.", "An attendee ended %(num)s of their browsers.",
        _count(a, "count")),
    "attendee.recovery_made": lambda who, a: _("An attendee made a recovery picture."),
    "attendee.recovery_ended": lambda who, a: _("An attendee ended their recovery picture."),
    "attendee.address_changed": lambda who, a: _("An attendee changed their e-mail address."),
    "activation_codes.chosen": lambda who, a: _("%(who)s switched printed activation codes on.", who=who),
    "activation_codes.ended": lambda who, a: _("%(who)s switched printed activation codes off.", who=who),
    "activation_codes.made": lambda who, a: ngettext(
        "%(who)s made %(num)s activation code.", "%(who)s made %(num)s activation codes.", _count(a, "count"), who=who),
    "activation_codes.printed": lambda who, a: ngettext(
        "%(who)s printed %(num)s slip with an activation code.", "%(who)s printed %(num)s slips with activation codes.",
        _count(a, "count"), who=who),
    "attendee.browser_revoked": lambda who, a: _("An attendee ended one of their browsers."),
    "attendee.taking_part_again": lambda who, a: _("An attendee takes part again."),
    "attendee.replaced": lambda who, a: _("%(who)s noted that somebody else comes instead of an attendee.", who=who),
    "attendee.replacement_undone": lambda who, a: _("%(who)s took it back that somebody else comes.", who=who),
    "attendee.taken_out": lambda who, a: _("%(who)s noted that an attendee does not take part.", who=who),
    "attendee.brought_back": lambda who, a: _("%(who)s noted that an attendee takes part again.", who=who),
    "attendee.over_budget": lambda who, a: _("An attendee ran into a limit of swaps or codes."),
    "attendee.mail_stopped": lambda who, a: _("An attendee asked for no more mail."),
    "attendee.mail_started": lambda who, a: _("An attendee wants mail again."),
    "attendee.key_made": lambda who, a: _("An attendee made a key for a program."),
    "attendee.key_revoked": lambda who, a: _("An attendee ended a key of a program."),
    "report.made": lambda who, a: _("An attendee reported somebody."),
    "report.settled": lambda who, a: _("%(who)s settled a report.", who=who),
    "report.reopened": lambda who, a: _("%(who)s opened a report again.", who=who),
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
    "desk_pass.made": lambda who, a: _("%(who)s made a pass for %(desk)s.", who=who, desk=_desk(a)),
    "desk_pass.bound": lambda who, a: _("A device became %(desk)s.", desk=_desk(a)),
    "desk_pass.held": lambda who, a: _("%(desk)s was held after five wrong PINs.", desk=_desk(a)),
    "desk_pass.released": lambda who, a: _("%(who)s let %(desk)s try its PIN again.", who=who, desk=_desk(a)),
    "desk_pass.revoked": lambda who, a: _("%(who)s ended the pass of %(desk)s.", who=who, desk=_desk(a)),
    "badges.exported": lambda who, a: ngettext(
        "%(who)s downloaded the PDF of %(num)s badge.", "%(who)s downloaded the PDF of %(num)s badges.",
        _count(a, "badges"), who=who),
    "log.exported": lambda who, a: _("%(who)s exported this log.", who=who),
    "encounters.exported": lambda who, a: (
        _("%(who)s exported who met whom by name, of those who agreed.", who=who) if a.get("names")
        else _("%(who)s exported who met whom in numbers.", who=who)),
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
        "worker": _("The worker"), "visitor": _("Somebody"), "desk_pass": _("A desk"),
    }.get(kind, actor)
