"""The command line of the outbox: listed for machines, settled with an audit entry, refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from eventnet import db
from eventnet.audit.models import AuditEntry
from eventnet.config import Settings
from eventnet.outbox import commands, planning
from tests.factories import make_event, make_organizer
from tests.outbox.letters import get_mail, make_ready_mails, plan_mail, states

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, database: db.Database) -> Run:
    @click.group()
    @click.pass_context
    def main(context: click.Context) -> None:
        context.obj = settings

    main.add_command(commands.outbox)

    def invoke(*words: str) -> Result:
        done = CliRunner().invoke(main, ["outbox", *words], catch_exceptions=False)
        db.connect(settings.database_url)
        return done

    return invoke


def test_list_tells_each_mail_of_an_event_and_state(run: Run, settings: Settings, evening: datetime) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer()).id
        make_event("elsewhere")
        plan_mail("attendee:1", event_id=event)
        plan_mail("attendee:2", event_id=event)
        planning.suppress(get_mail("attendee:2").id, "No address.")
        plan_mail("reset:1", kind="password_reset")
    listed = json.loads(run("list", "--event", "mixer", "--state", "suppressed", "--json").stdout)
    assert [(m["kind"], m["state"], m["event"], m["to_address"], m["reply"]) for m in listed] == [
        ("summary", "suppressed", "mixer", None, "No address.")]
    assert len(json.loads(run("list", "--json").stdout)) == 3
    assert run("list", "--event", "elsewhere").stdout == "No mails.\n"


def test_list_refuses_an_unknown_event_and_state(run: Run) -> None:
    unknown = run("list", "--event", "nowhere")
    assert (unknown.exit_code, unknown.stderr) == (1, "There is no event called nowhere.\n")
    assert run("list", "--state", "lost").exit_code == 2


def test_resolve_settles_a_doubt_and_says_who_did(run: Run, settings: Settings, evening: datetime) -> None:
    first, second = make_ready_mails(settings, 2)
    with db.transaction():
        for mail_id in (first, second):
            planning._move(mail_id, ("ready",), state="in_doubt", dot_at=evening, attempt="x")
    assert json.loads(run("resolve", first, "--sent", "--json").stdout) == {"id": first, "state": "sent"}
    assert run("resolve", second, "--again").stdout.endswith(" is ready now.\n")
    assert states() == ["sent", "ready"]
    with db.reading():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.act, e.actor, e.about) for e in entries] == [
        ("outbox.resolved", "command line", {"mail": first, "verdict": "sent"}),
        ("outbox.resolved", "command line", {"mail": second, "verdict": "again"})]


def test_resolve_refuses_what_is_not_in_doubt(run: Run, settings: Settings) -> None:
    mail_id, = make_ready_mails(settings, 1)
    refused = run("resolve", mail_id, "--sent")
    assert (refused.exit_code, refused.stderr) == (
        1, "This mail is ready; only a mail in doubt can be settled by hand.\n")
    assert (run("resolve", "nothing", "--sent").exit_code, run("resolve", mail_id).exit_code) == (1, 2)
    assert states() == ["ready"]
