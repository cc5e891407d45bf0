"""Command line of the summaries: send one to every eligible attendee."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import click

from eventnet import clock, db, terminal
from eventnet.events import calendar
from eventnet.outbox import timetable
from eventnet.outbox.models import OPEN_STATES
from eventnet.summaries import campaigns

POLL = 1.0
PATIENCE = 10.0
RECENT = timedelta(seconds=60)


@click.group("summaries")
def group() -> None:
    """The one mail after the event."""


@group.command("send")
@terminal.event_option
@click.option("--dry-run", is_flag=True, help="Only say who would get one and who not.")
@click.option("--now", is_flag=True, help="Also before the event's end.")
@click.option("--wait", is_flag=True, help="Wait until the worker has delivered; exit 1 with failed or in doubt.")
@terminal.json_option
@terminal.with_database
def send(slug: str, dry_run: bool, now: bool, wait: bool, as_json: bool) -> None:
    """Plan one summary per eligible attendee; the worker delivers them. A second run plans nothing more."""
    with db.reading():
        event = calendar.get_event(slug)
        campaigns.check_start(event, now=now or dry_run)
        outlook = campaigns.outlook(event)
        picks = {} if dry_run else campaigns.picks_for(event.id)
    if not dry_run:
        with db.transaction():
            campaigns.start(event.id, picks, "command line", now=now)
        if wait:
            _wait(event.id, as_json)
    with db.reading():
        counts = campaigns.counts(event.id)
    if dry_run:
        counts["planned"] = len(outlook.eligible)
    skipped = [{"attendee_id": one.attendee_id, "reason": one.skipped} for one in outlook.skipped]
    result: dict[str, Any] = {**counts, "skipped": skipped}
    terminal.show(result, as_json, _sentence(counts, len(skipped), dry_run))
    if wait and not dry_run and (counts["failed"] or counts["in_doubt"]):
        raise SystemExit(1)


def _wait(event_id: int, as_json: bool) -> None:
    """Until nothing of this event is open. Says so when no worker gives a sign of life, and goes on waiting."""
    begun, has_told, told = time.monotonic(), False, -1
    while True:
        with db.reading():
            counts = campaigns.counts(event_id)
            beat = timetable.find_beat()
            campaign = campaigns.find_campaign(event_id)
        left = sum(counts[state] for state in OPEN_STATES)
        if not left:
            return
        if campaign is not None and campaign.paused_at is not None:
            terminal.stop("The summaries are paused. Let them go on on the organizer's page, then wait again.")
        is_quiet = beat is None or clock.now() - beat > RECENT
        if is_quiet and not has_told and time.monotonic() - begun > PATIENCE:
            has_told = True
            click.echo("No worker gives a sign of life. Start one with: eventnet worker", err=True)
        if left != told and not as_json:
            click.echo(f"{left} to go", err=True)
            told = left
        time.sleep(POLL)


def _sentence(counts: dict[str, int], skipped: int, dry_run: bool) -> str:
    if dry_run:
        return f"{counts['planned']} people would get a summary, {skipped} would not. Nothing was planned."
    said = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items() if count)
    return f"Summaries: {said or 'none'}. {skipped} people get none."
