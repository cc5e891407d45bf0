"""The timetable: how often which verb runs, who composes which mail, who may still object to one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import click
from sqlalchemy import or_, select

from eventnet import db, terminal
from eventnet.accounts import budgets, resets
from eventnet.accounts import mails as account_mails
from eventnet.attendees import drafts
from eventnet.attendees import mails as attendee_mails
from eventnet.attendees.models import Attendee
from eventnet.config import Settings
from eventnet.outbox import forgetting
from eventnet.outbox.composing import Composer
from eventnet.outbox.models import Mail
from eventnet.outbox.timetable import Job
from eventnet.outbox.worker import Worker
from eventnet.summaries import composing as summary_mails
from eventnet.words import gettext as _


def in_a_transaction(verb: Callable[[], object]) -> Callable[[], object]:
    """A short verb as a job: one write transaction."""

    def run() -> object:
        with db.transaction():
            return verb()

    return run


TIMETABLE = (
    Job("forget the bytes of sent mails", timedelta(minutes=10), in_a_transaction(forgetting.forget_contents)),
    Job("forget used budgets", timedelta(hours=1), in_a_transaction(budgets.purge)),
    Job("forget uploads that were not imported", timedelta(hours=1), in_a_transaction(drafts.purge_drafts)),
)


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail."""
    return {
        resets.KIND: account_mails.reset_composer(settings),
        **attendee_mails.composers(settings),
        **summary_mails.composers(settings),
    }


def objections(mails: Sequence[Mail]) -> Mapping[str, str]:
    """The last look before a mail leaves: who was removed or no longer takes part gets none."""
    ids = {mail.attendee_id for mail in mails if mail.attendee_id is not None}
    if not ids:
        return {}
    left = set(db.session.scalars(select(Attendee.id).where(
        Attendee.id.in_(ids), or_(Attendee.not_taking_part_at.is_not(None), Attendee.removed_at.is_not(None)))))
    reason = _("They are no longer on the list, or do not take part.")
    return {mail.id: reason for mail in mails if mail.attendee_id in left}


def new_worker(settings: Settings) -> Worker:
    """A worker with everything there is to do."""
    return Worker(settings, jobs=TIMETABLE, composers=composers(settings), objections=objections)


@click.command("worker")
@terminal.with_database
def worker() -> None:
    """Deliver mail and run the timetable until a signal comes; then finish the mail in hand and end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    new_worker(terminal.settings()).run(stop)
