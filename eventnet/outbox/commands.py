"""Command line of the outbox: list mails, settle one that is in doubt."""

from __future__ import annotations

import click

from eventnet import db, terminal
from eventnet.audit import log
from eventnet.outbox import listing, resolving


@click.group("outbox")
def outbox() -> None:
    """Mails that were planned, sent, or need a decision."""


@outbox.command("list")
@click.option("--state", type=click.Choice(listing.STATES), help="Only mails in this state.")
@click.option("--event", "slug", metavar="SLUG", help="Only mails of this event.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most so many.")
@terminal.json_option
@terminal.with_database
def list_(state: str | None, slug: str | None, limit: int, as_json: bool) -> None:
    """List mails, the newest first."""
    with db.reading():
        mails = listing.list_mails(state=state, slug=slug, limit=limit)
    lines = [
        f"{mail['id']}  {mail['state']:<10}  {mail['kind']:<14}  {mail['to_address'] or '-'}"
        + (f"  ({mail['reply']})" if mail["reply"] else "") for mail in mails]
    terminal.show(mails, as_json, "\n".join(lines) or "No mails.")


@outbox.command("resolve")
@click.argument("mail_id", metavar="ID")
@click.option("--sent", "verdict", flag_value="sent", help="Count it as sent.")
@click.option("--again", "verdict", flag_value="again", help="Send the identical message again.")
@terminal.json_option
@terminal.with_database
def resolve(mail_id: str, verdict: str | None, as_json: bool) -> None:
    """Decide about a mail in doubt (or send a failed one again)."""
    if verdict not in ("sent", "again"):
        raise click.UsageError("Say --sent or --again.")
    with db.transaction():
        mail = resolving.resolve(mail_id, "sent" if verdict == "sent" else "again")
        log.write("outbox.resolved", "command line", mail.event_id, mail=mail.id, verdict=verdict)
    terminal.show(
        {"id": mail.id, "state": mail.state}, as_json, f"The mail to {mail.to_address or '-'} is {mail.state} now.")
