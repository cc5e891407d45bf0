"""Command line of the suggestions: list what is picked for everybody at an event."""

from __future__ import annotations

from typing import Any

import click

from eventnet import db, terminal
from eventnet.events import calendar
from eventnet.suggestions import ranking, reasons
from eventnet.suggestions.picks import Pick
from eventnet.suggestions.reasons import Told


@click.group("suggestions")
def group() -> None:
    """Whom to follow up with first, and whom to still meet."""


@group.command("list")
@terminal.event_option
@terminal.json_option
@terminal.with_database
def list_(slug: str, as_json: bool) -> None:
    """List suggestions for everybody who takes part. Reasons are told without anybody's words."""
    with db.reading():
        event = calendar.get_event(slug)
        found = ranking.for_event(event.id)
        titles = ranking.item_titles(event.id)
    told = Told(titles=titles)
    result = [
        {"attendee_id": attendee_id, "follow_up": [_pick(pick, told) for pick in picks.follow_up],
         "did_you_talk": list(picks.did_you_talk), "should_meet": [_pick(pick, told) for pick in picks.should_meet]}
        for attendee_id, picks in found.items()]
    shown = sum(len(picks.should_meet) for picks in found.values())
    terminal.show(result, as_json, f"{len(result)} people, {shown} suggestions whom to meet. See them with --json.")


def _pick(pick: Pick, told: Told) -> dict[str, Any]:
    words = [reasons.sentence(reason, told, in_mail=True) for reason in pick.reasons]
    return {"attendee_id": pick.attendee_id, "score": round(pick.score, 4),
            "reasons": [sentence for sentence in words if sentence]}
