"""What an organizer does next: from how an event stands to its five steps and the one to take now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eventnet import words
from eventnet.attendees import invitations
from eventnet.badges import printing
from eventnet.events.models import Event
from eventnet.overview.numbers import Numbers
from eventnet.words import gettext as _
from eventnet.words import ngettext

State = Literal["done", "next", "open"]


@dataclass(frozen=True)
class Work:
    """What is left to do before the doors open: badges to print, and activation links to mail."""

    unprinted: int
    unmailed: int


@dataclass(frozen=True)
class Step:
    """One of the five steps; `path` continues the address of the event's organizer pages."""

    label: str
    said: str
    path: str
    state: State


@dataclass(frozen=True)
class Next:
    """The one thing to do now. Without `action` there is nothing to do."""

    headline: str
    sentence: str
    action: str = ""
    path: str = ""
    step: int | None = None


def work(event: Event, now: datetime) -> Work:
    """Two statements until the event begins; from then on neither is worth counting, and it takes none."""
    if event.starts_at <= now:
        return Work(0, 0)
    return Work(printing.counts(event.id).new, invitations.waiting(event))


def next_step(event: Event, n: Numbers, todo: Work, now: datetime) -> Next:
    """The most urgent thing, which changes as the list, the badges, the mails and the evening go on."""
    if event.is_over(now):
        return _after(event, n)
    if not n.attendees:
        return Next(_("Bring in the attendees"),
                    _("Upload the list as your ticket shop exports it. You see what happens before anything does."),
                    _("Import a list"), "attendees/import", 0)
    if event.starts_at <= now:
        return Next(_("Welcome everybody"), _("The desk finds a person by the beginning of their name."),
                    _("Open the desk"), "desk", 3)
    if todo.unprinted:
        return Next(ngettext("Print %(num)s badge", "Print %(num)s badges", todo.unprinted),
                    _("Eight on a sheet of A4, or one by one on a badge printer."), _("Choose the paper"), "badges", 1)
    if not invitations.may_be_mailed(event):
        return Next(_("Say who answers for the data"), _("Every first mail names them, so none leaves before."),
                    _("Open the settings"), "settings#data", 2)
    if todo.unmailed:
        return Next(ngettext("Mail %(num)s activation link", "Mail %(num)s activation links", todo.unmailed),
                    _("Each person gets their badge on the phone, and reads where their data came from."),
                    _("See who gets one"), "invitations", 2)
    return Next(_("Everything is ready for %(day)s", day=words.day(event.starts_at, event.tz)),
                _("Next is the desk, from %(time)s on. People you add until then come up here.",
                  time=words.time(event.starts_at, event.tz)), _("Look at the desk"), "desk", 3)


def _after(event: Event, n: Numbers) -> Next:
    if not n.attendees:
        return Next(_("Nobody was on the list"), _("So there is nothing to send."))
    if not invitations.may_be_mailed(event):
        return Next(_("Say who answers for the data"), _("Every mail names them, so no summary leaves before."),
                    _("Open the settings"), "settings#data", 4)
    if not n.mails_total:
        return Next(_("Send the summaries"),
                    _("Everybody who came gets one mail: whom they met, and whom to write to first."),
                    _("See who gets one"), "summaries", 4)
    troubles, on_their_way = _troubles(n), _on_their_way(n)
    if troubles:
        return Next(ngettext("%(num)s summary needs you", "%(num)s summaries need you", troubles),
                    _("It failed, or nobody knows whether it arrived. Decide what happens with it.") if troubles == 1
                    else _("They failed, or nobody knows whether they arrived. Decide what happens with each."),
                    _("Look at them"), "summaries", 4)
    if on_their_way:
        return Next(ngettext("%(num)s summary is on its way", "%(num)s summaries are on their way", on_their_way),
                    _("They leave by themselves. You can pause them."), _("See how it goes"), "summaries", 4)
    forgotten = words.full_day(event.retention_on)
    return Next(ngettext("%(num)s summary is sent", "%(num)s summaries are sent", n.mails.get("sent", 0)),
                _("Nothing is left to do. Everything about this event is forgotten on %(day)s.", day=forgotten))


def steps(event: Event, n: Numbers, todo: Work, now: datetime, at: int | None) -> Sequence[Step]:
    """List, badges, links, desk and summaries with their states; `at` is the one to take now."""
    has_begun, is_over, some = event.starts_at <= now, event.is_over(now), n.attendees > 0
    sent, settled = n.mails.get("sent", 0), n.mails_total > 0 and not _on_their_way(n) and not _troubles(n)
    rows = [
        (_("Attendee list"), ngettext("%(num)s person", "%(num)s people", n.attendees) if some else _("nobody yet"),
         "attendees", some),
        (_("Badges"), _("%(num)s to print", num=todo.unprinted) if todo.unprinted else
         _("printed") if some and not has_begun else _("on paper"),
         "badges", some and not todo.unprinted),
        (_("Activation links"), _("%(num)s to mail", num=todo.unmailed) if todo.unmailed else
         ngettext("%(num)s active", "%(num)s active", n.activated) if some else _("by mail"),
         "invitations", some and not todo.unmailed),
        (_("Desk"), ngettext("%(num)s came", "%(num)s came", n.came) if is_over else _("open now") if has_begun else
         words.day(event.starts_at, event.tz), "desk", is_over),
        (_("Summaries"), _("%(sent)s of %(all)s sent", sent=sent, all=n.mails_total) if n.mails_total else
         _("not sent yet") if is_over else _("after the event"), "summaries", settled),
    ]
    return [Step(label, said, path, "next" if number == at else "done" if done else "open")
            for number, (label, said, path, done) in enumerate(rows)]


def _on_their_way(n: Numbers) -> int:
    return sum(n.mails.get(state, 0) for state in ("planned", "ready", "sending", "dot"))


def _troubles(n: Numbers) -> int:
    return n.mails.get("failed", 0) + n.mails.get("in_doubt", 0)
