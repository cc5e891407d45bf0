"""The timetable: how often which verb runs, who composes which mail, who may still object to one."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import click
from sqlalchemy import or_, select

from eventnet import clock, db, terminal
from eventnet.accounts import budgets, half_sign_ins
from eventnet.accounts import mails as account_mails
from eventnet.attendees import address_changes, drafts, erased, hand_over, sign_in
from eventnet.attendees import mails as attendee_mails
from eventnet.attendees.models import Attendee
from eventnet.badges import symbols
from eventnet.config import Settings
from eventnet.contacts import keeping_away, reminding
from eventnet.contacts import mails as contact_mails
from eventnet.events import calendar
from eventnet.events import mails as event_mails
from eventnet.lifecycle import farewell, forgetting, leftovers
from eventnet.outbox import forgetting as outbox_contents
from eventnet.outbox.claiming import Leaving
from eventnet.outbox.composing import Composer
from eventnet.outbox.timetable import Job
from eventnet.outbox.worker import Worker
from eventnet.summaries import composing as summary_mails
from eventnet.words import gettext as _

PIXELS_A_MODULE = 6  # of the QR code in a mail
LONGEST_FORGETTING = 20.0  # seconds, in which no mail leaves

log = logging.getLogger(__name__)


def in_a_transaction(verb: Callable[[], object]) -> Callable[[], object]:
    """A short verb as a job: one write transaction."""

    def run() -> object:
        with db.transaction():
            return verb()

    return run


def forget_due_events() -> int:
    """Delete what is due for as long as a turn of the worker may take; the next run goes on. Returns how many rows."""
    until = time.monotonic() + LONGEST_FORGETTING
    gone = 0
    while time.monotonic() < until:
        begun = time.monotonic()
        with db.transaction():
            bite = forgetting.forget_due(clock.now())
        if not bite:
            break
        gone += bite
        time.sleep(time.monotonic() - begun)  # who waited for the lock gets it
    with db.reading():
        since = clock.now() - timedelta(days=1)
        has_ended = forgetting.has_ended_since(since) or erased.any_since(since)
    if has_ended and not db.database().empty_log():
        log.info("Somebody reads for long; deleted rows leave the write-ahead log at the next run.")
    return gone


TIMETABLE = (
    Job("forget the bytes of sent mails", timedelta(minutes=10), in_a_transaction(outbox_contents.forget_contents)),
    Job("forget used budgets", timedelta(hours=1), in_a_transaction(budgets.purge)),
    Job("forget half sign-ins that are over", timedelta(hours=1), in_a_transaction(half_sign_ins.purge)),
    Job("forget browsers that nobody is any more", timedelta(hours=1), in_a_transaction(leftovers.purge_browsers)),
    Job("forget uploads that were not imported", timedelta(hours=1), in_a_transaction(drafts.purge_drafts)),
    Job("forget sign-in requests that are over", timedelta(hours=1), in_a_transaction(sign_in.purge)),
    Job("forget hand-over codes that are over", timedelta(hours=1), in_a_transaction(hand_over.purge)),
    Job("forget changes of addresses that are over", timedelta(hours=1), in_a_transaction(address_changes.purge)),
    Job("tell whose contacts are deleted soon", timedelta(hours=1),
        in_a_transaction(lambda: farewell.plan_due(clock.now()))),
    Job("block whom a wish in advance means", timedelta(minutes=1), in_a_transaction(keeping_away.match_wishes)),
    Job("tell by mail who waits for a yes", timedelta(minutes=5),
        in_a_transaction(lambda: reminding.plan_due(clock.now()))),
    Job("forget events on their promised day", timedelta(minutes=10), forget_due_events),
)


def composers(settings: Settings) -> dict[str, Composer]:
    """Who writes which kind of mail."""
    return {
        **account_mails.composers(settings),
        **event_mails.composers(settings),
        **attendee_mails.composers(settings, lambda address: symbols.symbol(address).png(PIXELS_A_MODULE)),
        **contact_mails.composers(settings),
        **summary_mails.composers(settings),
        farewell.KIND: farewell.composer(settings),
    }


def objections(mails: Sequence[Leaving]) -> Mapping[str, str]:
    """The last look before a mail leaves: not to whoever was removed or takes no part, not of a forgotten event."""
    over = calendar.forgotten({mail.event_id for mail in mails if mail.event_id is not None})
    ids = {mail.attendee_id for mail in mails if mail.attendee_id is not None}
    left = set(db.session.scalars(select(Attendee.id).where(
        Attendee.id.in_(ids), or_(Attendee.not_taking_part_at.is_not(None), Attendee.removed_at.is_not(None))))
    ) if ids else set()
    gone = _("The event's data is deleted, as promised.")
    absent = _("They are no longer on the list, or do not take part.")
    return {mail.id: gone if mail.event_id in over else absent for mail in mails
            if mail.event_id in over or mail.attendee_id in left}


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
