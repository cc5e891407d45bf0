"""Doctor: looks at everything that must be right before people arrive, and says what to do about the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from eventnet import clock, config, db, links, migrations
from eventnet.audit.models import AuditEntry
from eventnet.badges import codes, symbols
from eventnet.config import Settings
from eventnet.events import privacy
from eventnet.events.models import Event
from eventnet.outbox.dialogue import Dialogue
from eventnet.words import listed

State = Literal["good", "note", "broken"]

PATIENCE = 5.0
"""Seconds that a mail or database server has for every answer."""

SCRIPTS = ("zxing-reader.js", "zxing_reader.wasm")
SECRETS = ("EVENTNET_DATABASE_URL", "EVENTNET_SECRET_KEY", "EVENTNET_SMTP_URL", "EVENTNET_METRICS_KEY")
# WAL keeps its index in memory that all processes share; across a network nobody shares it (sqlite.org/wal.html).
NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.", "ceph", "gluster", "lustre", "afs", "vboxsf", "virtiofs")
SHORTEST_HOST = 4


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, in a sentence, and what to do about it."""

    check: str
    state: State
    sentence: str
    todo: str = ""


def examine(environ: Mapping[str, str] | None = None) -> list[Finding]:
    """Everything, in the order in which it would be put right. Changes nothing and sends nothing."""
    env = os.environ if environ is None else environ
    try:
        settings = config.load(env)
    except config.SettingsError as error:
        return [*presence(env), Finding("settings", "broken", str(error), "Put it right and ask again: the rest of the "
                                        "checks need the settings.")]
    if settings.demo:
        clock.follow(settings.var / "clock-shift")
    return [
        *presence(env), *choices(settings, env), base_address(settings), badge_address(settings), fonts(settings),
        scripts(config.ROOT / "static" / "lib"), mail_server(settings), *database(settings),
    ]


def presence(env: Mapping[str, str]) -> Iterator[Finding]:
    """Where each setting comes from; values only of those that are no secret."""
    for name, meaning in config.SETTINGS.items():
        if env.get(f"{name}_FILE"):
            sentence = f"{name} is read from {env[f'{name}_FILE']}."
        elif env.get(name):
            sentence = f"{name} is set." if name in SECRETS else f"{name} is {env[name]}"
        else:
            sentence = f"{name} is not set: {meaning}."
        yield Finding(name, "good", sentence)


def choices(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    """Defaults and shortcuts that are right at a desk and wrong where people come."""
    worse: State = "broken" if settings.is_https else "note"
    if not env.get("EVENTNET_MAIL_FROM") and not env.get("EVENTNET_MAIL_FROM_FILE"):
        yield Finding("sender", worse, f"Mails would come from {settings.mail_from}, which most servers refuse.",
                      "Set EVENTNET_MAIL_FROM to an address of a domain that may send through your relay.")
    if settings.argon2 == "cheap":
        yield Finding("passwords", worse, "Passwords are hashed the cheap way, which is for tests.",
                      "Remove EVENTNET_ARGON2.")
    if settings.demo:
        yield Finding("demo", "note", "The demo's inbox is open: whoever opens /inbox reads everybody's mail.",
                      "Remove EVENTNET_DEMO before real people are in the database.")


def base_address(settings: Settings) -> Finding:
    if settings.is_https:
        return Finding("address", "good", f"People open {settings.base_url}.")
    return Finding("address", "note", f"{settings.base_url} opens on this machine only.",
                   "Set EVENTNET_BASE_URL to the https address of this server: phones refuse the camera on http.")


def badge_address(settings: Settings) -> Finding:
    """How large the QR code on a badge gets, and whether a shorter host would make its modules larger."""
    token = codes.new_token()
    address = links.badge_url(settings.base_url, token)
    if not address.isascii():
        return Finding("badge", "broken", f"{settings.host} has letters that a QR code packs badly.",
                       "Write the host in its xn-- form.")
    drawn = symbols.symbol(address)
    sentence = (f"A badge address has {len(address)} characters and needs QR version {drawn.version}: "
                f"{drawn.size} × {drawn.size} modules.")
    scheme = urlsplit(settings.base_url).scheme
    for length in range(len(settings.host) - 1, SHORTEST_HOST - 1, -1):
        smaller = symbols.symbol(links.badge_url(f"{scheme}://{'x' * length}", token))
        if smaller.version < drawn.version:
            return Finding("badge", "note", sentence, f"A host of at most {length} characters (now "
                           f"{len(settings.host)}) would need version {smaller.version}: {smaller.size} × "
                           f"{smaller.size} modules, larger and read from further away. Decide before printing.")
    return Finding("badge", "good", f"{sentence} No host makes it smaller.")


def fonts(settings: Settings) -> Finding:
    """The families that package.json names, regular and bold."""
    wanted = json.loads((config.ROOT / "package.json").read_text("utf-8"))["dependencies"]
    families = [name.partition("/")[2].replace("-", "") for name in wanted if name.startswith("@expo-google-fonts/")]
    there = {path.stem.lower() for path in settings.fonts.glob("*.ttf")}
    missing = [name for name in families if not {f"{name}_400regular", f"{name}_700bold"} <= there]
    if missing:
        return Finding("fonts", "broken", f"{len(missing)} of {len(families)} font families are missing in "
                       f"{settings.fonts}: names in some scripts could not be printed.", "Run: make setup")
    return Finding("fonts", "good", f"{len(families)} font families are in {settings.fonts}.")


def scripts(folder: Path) -> Finding:
    missing = [name for name in SCRIPTS if not (folder / name).is_file()]
    if missing:
        return Finding("scripts", "broken", f"{', '.join(missing)} is missing in {folder}: the scanner page cannot "
                       "read badges.", "Run: make setup")
    return Finding("scripts", "good", f"The scanner's decoder is in {folder}.")


def mail_server(settings: Settings) -> Finding:
    """Connects, encrypts and signs in exactly as the worker would, and hangs up. No mail is sent."""
    url = urlsplit(settings.smtp_url)
    trouble = Dialogue(settings.smtp_url, patience=PATIENCE).greet()
    if trouble is None:
        return Finding("mail server", "good", f"The mail server {url.hostname} answers and takes our sign-in."
                       if url.username else f"The mail server {url.hostname} answers.")
    return Finding("mail server", "broken", f"The mail server {url.hostname} cannot be used: {trouble.reply}",
                   "Check EVENTNET_SMTP_URL, and that this machine may open that port.")


def database(settings: Settings) -> Iterator[Finding]:
    """Reachable, migrated, on a suitable disk, agreeing about the time; and events whose mails wait for an entry."""
    url = make_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": str(int(PATIENCE))})
    made = db.Database(url.render_as_string(hide_password=False))
    try:
        behind = migrations.difference(made)
        if behind:
            sentence, _dot, todo = behind.partition(". ")
            yield Finding("database", "broken", f"{shown}: {sentence}.", todo)
            return
        yield Finding("database", "good", f"{shown} is reachable and up to date.")
        if made.is_sqlite:
            yield sqlite_disk(Path(str(url.database)), Path("/proc/self/mounts"))
            yield sqlite_journal(made)
        else:
            yield postgresql_clock(made)
        with made.reading():
            yield newest_entry()
            yield privacy_entries()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield Finding("database", "broken", f"{shown} cannot be used: {reason}",
                      "Start the database server, or correct EVENTNET_DATABASE_URL.")
    finally:
        made.dispose()


def sqlite_disk(path: Path, mounts: Path) -> Finding:
    """Whether the file lies on a disk of this machine, by the kernel's list of mounts (Linux; else unknown)."""
    try:
        lines = [line.split() for line in mounts.read_text("utf-8").splitlines()]
    except OSError:
        return Finding("disk", "note", "Whether the SQLite file is on a local disk could not be found out.",
                       "Make sure that it is: over a network, SQLite loses data.")
    where = path.resolve()
    found = [(len(fields[1]), fields[2]) for fields in lines
             if where.is_relative_to(fields[1].replace("\\040", " "))]
    kind = max(found)[1] if found else "unknown"
    if kind.startswith(NETWORK_DISKS):
        return Finding("disk", "broken", f"{where} is on a network disk ({kind}), where SQLite loses data.",
                       "Move the file to a disk of this machine, or use PostgreSQL.")
    return Finding("disk", "good", f"The SQLite file is on a disk of this machine ({kind}).")


def sqlite_journal(made: db.Database) -> Finding:
    with made.reader.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if mode != "wal":
        return Finding("journal", "note", f"The journal mode is {mode}: readers and the writer wait for each other.",
                       "Run eventnet db upgrade, which sets WAL.")
    return Finding("journal", "good", "The journal mode is WAL: readers never wait for the writer.")


def postgresql_clock(made: db.Database) -> Finding:
    with made.reader.connect() as connection:
        before = clock.now()
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        here = before + (clock.now() - before) / 2
    return clocks_apart(there - here)


def clocks_apart(apart: timedelta) -> Finding:
    """The database's clock against ours: positive when the database is ahead."""
    seconds = abs(apart).total_seconds()
    if seconds > 2:
        return Finding("clock", "broken" if seconds > 30 else "note", f"The database's clock is {seconds:.0f} seconds "
                       f"{'ahead of' if apart > timedelta() else 'behind'} this machine's.",
                       "Let both follow the network time (timedatectl set-ntp true).")
    return Finding("clock", "good", "This machine's clock and the database's agree.")


def newest_entry() -> Finding:
    """A clock that was set back shows by rows from the future; scans would get wrong times."""
    newest = db.session.scalar(select(func.max(AuditEntry.at)))
    now = clock.now()
    if newest is not None and newest > now + timedelta(seconds=2):
        return Finding("time", "broken", f"It is {now:%Y-%m-%d %H:%M} UTC here, but the last entry of the audit log is "
                       f"from {newest:%Y-%m-%d %H:%M} UTC.", "Set this machine's clock (timedatectl set-ntp true).")
    return Finding("time", "good", f"It is {now:%Y-%m-%d %H:%M} UTC, later than everything in the database.")


def privacy_entries() -> Finding:
    """Events to come or still to be mailed about whose page on data lacks an entry: their mails wait."""
    lacking = [(event.slug, gaps) for event in db.session.scalars(
        select(Event).where(Event.forgotten_at.is_(None)).order_by(Event.slug)) if (gaps := privacy.missing(event))]
    if not lacking:
        return Finding("privacy", "good", "Every event says who answers for the data, what for, on which basis and "
                       "where.")
    named = "; ".join(f"{slug} ({listed([gap.label for gap in gaps])})" for slug, gaps in lacking[:5])
    more = f"; and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    return Finding("privacy", "note", f"No mail leaves for events that do not say everything about their data yet: "
                   f"{named}{more}.", "Fill it in under Settings, “The attendees’ data”.")
