"""Command line of accounts: add an organizer, let one back in, keep one out."""

from __future__ import annotations

import sys

import click

from eventnet import db, terminal
from eventnet.accounts import organizers, passwords, resets


@click.group("organizer")
def organizer() -> None:
    """Add organizers, let one back in who forgot the password, keep one out."""


@organizer.command("add")
@click.argument("email")
@click.option("--name", default="", help="What to call them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input (one line).")
@terminal.json_option
@terminal.with_database
def add(email: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Add an organizer. Without --password-stdin prints a link that sets the password once, within 24 hours."""
    here = terminal.settings()
    made = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        passwords.check(password, organizers.folded(email))
        made = passwords.make_hash(password, here.argon2)
    with db.transaction():
        person = organizers.add(email, name=name, password_hash=made, by="command line")
        reset = None if made else resets.make(person.id, resets.PRINTED_LASTS)
    result = {"organizer_id": person.id, "email": person.email}
    if reset is None:
        terminal.show(result, as_json, f"{person.email} can sign in at {here.base_url}/admin/sign-in")
        return
    link = resets.address(here.base_url, here.secret_key, reset, person)
    terminal.show({**result, "link": link}, as_json,
                  f"{person.email} sets a password here, once, within 24 hours:\n{link}")


@organizer.command("recover")
@click.argument("email")
@terminal.json_option
@terminal.with_database
def recover(email: str, as_json: bool) -> None:
    """Let an organizer back in: lift a lost second factor, print a link that sets a new password.

    The link works once, within 24 hours; using it ends all sign-ins of that organizer. The second factor and its
    recovery codes are gone at once, the person is told by mail, and both acts are in the audit log.
    """
    here = terminal.settings()
    with db.transaction():
        reset, was_lifted = resets.recover(email, "command line")
        person = organizers.get(email)
    link = resets.address(here.base_url, here.secret_key, reset, person)
    lines = [f"{person.email} sets a new password here, once, within 24 hours:", link]
    if was_lifted:
        lines.append("Their second factor is lifted, and a mail tells them. They set up a new one in their account.")
    terminal.show({"organizer_id": person.id, "email": person.email, "link": link, "factor_lifted": was_lifted},
                  as_json, "\n".join(lines))


@organizer.command("disable")
@click.argument("email")
@terminal.json_option
@terminal.with_database
def disable(email: str, as_json: bool) -> None:
    """Keep an organizer out, at once: every browser is signed out, and neither password nor mail lets them in.

    Their roles stay where they are; an owner takes them off a team. `enable` lets them in again.
    """
    with db.transaction():
        ended = organizers.disable(email, "command line")
        person = organizers.get(email)
    terminal.show({"organizer_id": person.id, "email": person.email, "browsers_signed_out": ended}, as_json,
                  f"{person.email} is disabled; {ended} browser{'' if ended == 1 else 's'} signed out.")


@organizer.command("enable")
@click.argument("email")
@terminal.json_option
@terminal.with_database
def enable(email: str, as_json: bool) -> None:
    """Let a disabled organizer in again, with the password they had."""
    with db.transaction():
        person = organizers.enable(email, "command line")
    terminal.show({"organizer_id": person.id, "email": person.email}, as_json,
                  f"{person.email} can sign in again at {terminal.settings().base_url}/admin/sign-in")


group = organizer
