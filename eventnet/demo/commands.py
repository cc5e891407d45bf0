"""The command `eventnet demo`: play one whole evening, send every summary, keep serving."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eventnet import clock, config, db, links, migrations, serving, terminal
from eventnet.accounts import organizers, passwords
from eventnet.badges import issuing, symbols
from eventnet.demo import authority, evening, mailbox, people, play
from eventnet.demo.phone import Phone, Trouble
from eventnet.events import calendar
from eventnet.outbox import planning

SEED = 7


@dataclass(frozen=True)
class Place:
    """Where the demo lives: addresses, certificates, folders."""

    base_url: str
    bind: str
    cert: Path
    key: Path
    trust: Path
    var: Path
    smtp_port: int


@click.command("demo")
@click.option("--guests", default=140, show_default=True, type=click.IntRange(120, 2000), help="How many are invited.")
@click.option("--port", default=8443, show_default=True, help="Where to serve; the next free one if it is taken.")
@click.option("--local", is_flag=True, help="Use localhost even where this machine has an address on the network.")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="A real certificate (PEM, with its chain).")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="Its private key (PEM).")
@click.option("--host", help="The name in that certificate; default: this machine's address.")
@click.option("--folder", default=config.ROOT / "var", type=click.Path(path_type=Path, file_okay=False),
              help="Where demo.json and everything else goes; default: var/ of the project.")
@click.option("--once", is_flag=True, help="Play the evening, write demo.json and end instead of serving.")
def command(guests: int, port: int, local: bool, cert: Path | None, key: Path | None, host: str | None,
            folder: Path, once: bool) -> None:
    """Play one whole evening: attendee list, badges, scans, notes, and a summary mail for everybody."""
    if bool(cert) != bool(key):
        raise click.UsageError("--cert and --key belong together.")
    began = time.monotonic()
    place = _prepare(folder.resolve(), port, local, cert, key, host)
    settings = config.load({name: value for name, value in os.environ.items() if name.startswith("EVENTNET_")})
    clock.follow(place.var / "clock-shift")
    # Ended while the evening plays, the demo still takes its processes with it.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    smtp = mailbox.serve(place.var / "inbox", place.smtp_port)
    processes = serving.start(settings, place.bind, cert=place.cert, key=place.key)
    try:
        facts = _play(settings, place, guests)
        _tell(facts, place, time.monotonic() - began)
        if not once:
            click.echo("\nServing. Ctrl-C ends it.")
            serving.wait(processes, serving.stop_on_signal())
    except Trouble as trouble:
        terminal.stop(f"The evening stopped: {trouble}")
    finally:
        serving.end(processes)
        smtp.stop()


def _prepare(root: Path, port: int, local: bool, cert: Path | None, key: Path | None, host: str | None) -> Place:
    """A fresh folder and database, a certificate, free ports, and the settings in the environment."""
    var = root / "demo"
    shutil.rmtree(var, ignore_errors=True)
    (root / "demo.json").unlink(missing_ok=True)
    var.mkdir(parents=True)
    lan = None if local else authority.lan_address()
    name = host or lan or "localhost"
    if cert and key:
        trust, leaf, leaf_key = cert, cert, key
    else:
        trust, leaf, leaf_key = authority.leaf_for(
            root / "authority", ["localhost", "127.0.0.1", "::1", *([lan] if lan else [])])
    port = _free_port(port, "0.0.0.0" if lan else "127.0.0.1")  # noqa: S104 - phones on the LAN are the point
    smtp_port = _free_port(0, "127.0.0.1")
    base_url = f"https://{name}:{port}" if port != 443 else f"https://{name}"
    for setting in [name for name in os.environ if name.startswith("EVENTNET_")]:
        del os.environ[setting]
    clock.set_shift(var / "clock-shift", 0)
    os.environ |= {
        "EVENTNET_VAR": str(var), "EVENTNET_BASE_URL": base_url, "EVENTNET_DEMO": "1",
        "EVENTNET_DATABASE_URL": f"sqlite:///{var}/eventnet.sqlite3",
        "EVENTNET_SECRET_KEY": links.base32(os.urandom(32)),
        "EVENTNET_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "EVENTNET_MAIL_FROM": f"{play.NAME} <{play.SLUG}@eventnet.example>",
    }
    database = db.Database(os.environ["EVENTNET_DATABASE_URL"])
    migrations.upgrade(database)
    database.dispose()
    bind = f"{'0.0.0.0' if lan else '127.0.0.1'}:{port}"  # noqa: S104
    return Place(base_url, bind, leaf, leaf_key, trust, var, smtp_port)


def _free_port(wanted: int, host: str) -> int:
    for port in (*range(wanted, wanted + 50), 0) if wanted else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("No free port was found.")


def _play(settings: config.Settings, place: Place, guests: int) -> dict[str, Any]:
    context = ssl.create_default_context(cafile=str(place.trust)) if "authority" in place.trust.name else (
        ssl.create_default_context())
    invited = people.invite(guests, SEED)
    database = db.connect(settings.database_url)
    hashed = passwords.make_hash(play.PASSWORD, settings.argon2)
    with db.transaction():
        organizers.add(play.OLGA, name="Olga", password_hash=hashed, by="command line")
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  console=console) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        stage = play.Stage(
            place.base_url, context, place.var / "inbox", place.var / "clock-shift", invited,
            evening.write(invited, SEED), play.start_of_the_evening(datetime.now(UTC)), show)
        _wait_for_the_program(place, context)
        pdf = play.before(stage)
        (place.var / "badges.pdf").write_bytes(pdf)
        play.read_links(stage)
        play.during(stage, _badges(invited))
        play.after(stage)
        counts = _wait_for_summaries(show)
    database.dispose()
    return _facts(stage, place, counts)


def _wait_for_the_program(place: Place, context: ssl.SSLContext) -> None:
    for _ in range(150):
        try:
            Phone(place.base_url, context).open("/healthz")
            return
        except OSError:
            time.sleep(0.2)
    raise Trouble(f"the program does not answer at {place.base_url}")


def _badges(invited: list[people.Person]) -> dict[str, tuple[str, str]]:
    with db.reading():
        event = calendar.get_event(play.SLUG)
        return {badge.email: (badge.token, badge.code) for badge in issuing.listed(event.id)}


def _wait_for_summaries(show: play.Progress, patience: float = 120) -> dict[str, int]:
    deadline = time.monotonic() + patience
    while True:
        with db.reading():
            event = calendar.get_event(play.SLUG)
            counts = planning.counts(event.id, "summary")
        total = sum(counts.values())
        settled = total - sum(counts.get(state, 0) for state in ("planned", "ready", "sending", "dot"))
        show("Summaries go out", settled, total)
        if total and settled == total:
            return counts
        if time.monotonic() > deadline:
            raise Trouble(f"{total - settled} of {total} summaries are still waiting")
        time.sleep(0.2)


def _facts(stage: play.Stage, place: Place, counts: dict[str, int]) -> dict[str, Any]:
    first = stage.guests[0]
    return {
        "base_url": place.base_url,
        "organizer": {"url": f"{place.base_url}/admin/sign-in", "email": play.OLGA, "password": play.PASSWORD,
                      "dashboard": f"{place.base_url}/admin/e/{play.SLUG}/"},
        "attendee": {"name": first.name, "email": first.email, "url": stage.activation[0]},
        "inbox": f"{place.base_url}/inbox",
        "badges_pdf": {"url": f"{place.base_url}/badges.pdf",
                       "file": str(place.var / "badges.pdf")},
        "event": {"slug": play.SLUG, "name": play.NAME, "guests": len(stage.guests),
                  "scans": len(stage.script.meetings)},
        "summaries": counts,
        "authority": str(place.trust),
        "database": f"sqlite:///{place.var}/eventnet.sqlite3",
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith("EVENTNET_")},
    }


def _tell(facts: dict[str, Any], place: Place, seconds: float) -> None:
    (place.var.parent / "demo.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    out = Console(highlight=False, soft_wrap=True)
    event, sent = facts["event"], facts["summaries"].get("sent", 0)
    out.print(f"\n[bold]{event['guests']} invited, {event['scans']} scans, {sent} summaries sent[/bold]"
              f" in {seconds:.0f} seconds.\n")
    out.print(f"  Organizer      {facts['organizer']['url']}\n"
              f"                 {facts['organizer']['email']}   {facts['organizer']['password']}")
    out.print(f"  {facts['attendee']['name']:<14} {facts['attendee']['url']}")
    out.print(f"  Inbox          {facts['inbox']}")
    out.print(f"  Badge PDF      {facts['badges_pdf']['file']}\n                 {facts['badges_pdf']['url']}")
    out.print(f"  All of it      {place.var.parent / 'demo.json'}\n")
    if sys.stdout.isatty():
        click.echo(symbols.symbol(facts["attendee"]["url"]).terminal())
    if "authority" in place.trust.name:
        out.print(f"The certificate comes from a local authority: {facts['authority']}\n"
                  "  Computer: import it into the browser's authorities.\n"
                  "  iPhone:   send it to yourself, install the profile, then Settings › General › About ›"
                  " Certificate Trust.\n"
                  "  Android:  Settings › Security › Install a certificate › CA.\n"
                  "  Without it the browser warns once, and everything but offline use works.")
