"""Settings: read once from the environment, checked, and frozen."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
# A host name in ASCII (other scripts as punycode), or an IPv6 address; it becomes part of links and Message-IDs.
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|[0-9a-f:.]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which one and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """Everything the program takes from its environment. `SETTINGS` names each variable."""

    database_url: str
    base_url: str
    secret_key: bytes
    smtp_url: str
    mail_from: str
    mail_domain: str
    var: Path
    fonts: Path
    demo: bool = False
    trusted_proxies: int = 0
    mail_per_hour: int = 0
    argon2: str = "standard"
    metrics_key: str = ""
    hosting: str = ""
    flood_stop: int = 2000

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of the base address, lower case, as it appears in a Host header."""
        return urlsplit(self.base_url).netloc.lower()

    def cookie_name(self, name: str) -> str:
        """`__Host-` names bind a cookie to one https host; plain names are for http on loopback."""
        return f"__Host-{name}" if self.is_https else name


SETTINGS: dict[str, str] = {
    "EVENTNET_DATABASE_URL": "SQLAlchemy address of the database; default: SQLite at var/eventnet.sqlite3",
    "EVENTNET_BASE_URL": "the address people open, without a path: https://events.example.org (http only for loopback)",
    "EVENTNET_SECRET_KEY": "at least 32 characters; activation links are derived from it, so keep it with the backup",
    "EVENTNET_SMTP_URL": "smtp://user:password@host:587 (STARTTLS), smtps://… (TLS from the start)",
    "EVENTNET_MAIL_FROM": "sender of every mail: Name <address@domain>",
    "EVENTNET_MAIL_DOMAIN": "domain in Message-IDs; default: the domain of EVENTNET_MAIL_FROM",
    "EVENTNET_VAR": "folder for the SQLite file and fonts; default: var/ beside wsgi.py",
    "EVENTNET_TRUSTED_PROXIES": "how many reverse proxies stand in front (0 to 5)",
    "EVENTNET_MAIL_PER_HOUR": "most mails handed over per hour; 0 = no limit",
    "EVENTNET_DEMO": "1 shows the built-in inbox; only for loopback and private addresses",
    "EVENTNET_ARGON2": "standard, or cheap for tests",
    "EVENTNET_FLOOD_STOP": "most requests a minute from one network address; 2000 unless said otherwise, 0 = no limit",
    "EVENTNET_HOSTING": "where the server stands and who runs it, for the privacy page of new events",
    "EVENTNET_METRICS_KEY": "key that /metrics asks for; empty: /metrics is off",
}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings; raises SettingsError with a sentence that names the variable."""
    env = os.environ if environ is None else environ
    for name in sorted(env):
        known = name.removesuffix("_FILE")
        if name.startswith("EVENTNET_") and known not in SETTINGS:
            # A misspelt setting would be silently without effect; other programs may use the prefix as they like.
            words = [setting.removeprefix("EVENTNET_") for setting in SETTINGS]
            meant = get_close_matches(known.removeprefix("EVENTNET_"), words, 1, cutoff=0.8)
            if meant:
                raise SettingsError(f"{name} is not a setting. Did you mean EVENTNET_{meant[0]}?")

    def read(name: str, default: str = "") -> str:
        plain, path = env.get(name), env.get(f"{name}_FILE")
        if plain and path:
            raise SettingsError(f"Set {name} or {name}_FILE, not both.")
        if path:
            try:
                return Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
                raise SettingsError(f"{name}_FILE: {path} cannot be read ({why}).") from error
        return plain or default

    def whole(name: str, low: int, high: int, default: int | None = None) -> int:
        text = read(name, str(low if default is None else default))
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
        return int(text)

    var = Path(read("EVENTNET_VAR", str(ROOT / "var"))).resolve()
    if var.exists() and not var.is_dir():
        raise SettingsError(f"EVENTNET_VAR must be a folder; {var} is none.")
    demo = read("EVENTNET_DEMO", "0")
    if demo not in ("0", "1"):
        raise SettingsError(f"EVENTNET_DEMO must be 0 or 1, not {demo!r}.")
    base_url = _checked_base_url(read("EVENTNET_BASE_URL", "http://localhost:8000"), demo == "1")
    mail_from = read("EVENTNET_MAIL_FROM", "eventnet <eventnet@localhost>")
    address = parseaddr(mail_from)[1]
    if "@" not in address or any(c in mail_from for c in "\r\n"):
        raise SettingsError("EVENTNET_MAIL_FROM must be an address such as: Spring mixer <events@example.org>")
    argon2 = read("EVENTNET_ARGON2", "standard")
    if argon2 not in ("standard", "cheap"):
        raise SettingsError("EVENTNET_ARGON2 must be standard or cheap.")
    mail_domain = read("EVENTNET_MAIL_DOMAIN", address.rpartition("@")[2]).lower()
    if not HOST.fullmatch(mail_domain):
        raise SettingsError(f"EVENTNET_MAIL_DOMAIN must be a domain such as events.example.org, not {mail_domain!r}.")
    return Settings(
        database_url=_checked_database_url(read("EVENTNET_DATABASE_URL", f"sqlite:///{var}/eventnet.sqlite3")),
        base_url=base_url,
        secret_key=_checked_secret(read("EVENTNET_SECRET_KEY"), base_url, var),
        smtp_url=_checked_smtp_url(read("EVENTNET_SMTP_URL", "smtp://localhost:25")),
        mail_from=mail_from,
        mail_domain=mail_domain,
        var=var,
        fonts=var / "fonts" if (var / "fonts").is_dir() else ROOT / "var" / "fonts",
        demo=demo == "1",
        trusted_proxies=whole("EVENTNET_TRUSTED_PROXIES", 0, 5),
        mail_per_hour=whole("EVENTNET_MAIL_PER_HOUR", 0, 1_000_000),
        argon2=argon2,
        flood_stop=whole("EVENTNET_FLOOD_STOP", 0, 1_000_000, default=2000),
        metrics_key=read("EVENTNET_METRICS_KEY"),
        hosting=read("EVENTNET_HOSTING"),
    )


def _checked_database_url(url: str) -> str:
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise SettingsError("EVENTNET_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        parts = None
    if parts is None or (parts.get_backend_name() == "sqlite" and parts.database in (None, "", ":memory:")):
        raise SettingsError("EVENTNET_DATABASE_URL must look like postgresql://user:password@host/name or "
                            "sqlite:////srv/eventnet/eventnet.sqlite3.")
    return url


def _checked_base_url(url: str, demo: bool) -> str:
    parts = urlsplit(url.rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host) or _port(parts) == -1:
        raise SettingsError("EVENTNET_BASE_URL must be an address such as https://events.example.org.")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise SettingsError("EVENTNET_BASE_URL must have no path: https://events.example.org, not …/events.")
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError("EVENTNET_BASE_URL must be https: phones refuse the camera on http (localhost excepted).")
    if demo and not _is_near(host):
        raise SettingsError("EVENTNET_DEMO=1 shows everybody's mail. It is refused on a public address.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_loopback(host: str) -> bool:
    """Whether this name or address always means the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_near(host: str) -> bool:
    """Loopback, a private address of a LAN, or a .local name."""
    if is_loopback(host) or host.endswith(".local"):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _checked_secret(text: str, base_url: str, var: Path) -> bytes:
    if text:
        if len(text) < 32:
            raise SettingsError("EVENTNET_SECRET_KEY must have at least 32 characters.")
        return text.encode()
    if not is_loopback(urlsplit(base_url).hostname or ""):
        raise SettingsError(
            "EVENTNET_SECRET_KEY is missing. Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return _development_secret(var / "secret-key")


def _development_secret(path: Path) -> bytes:
    """On loopback a key is made once and kept, so that `make run` works without any setting."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(48)))
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"EVENTNET_SECRET_KEY is missing; {path} cannot be written: {error.strerror}.") from error
    return path.read_bytes()


def _checked_smtp_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or _port(parts) == -1:
        raise SettingsError("EVENTNET_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465.")
    return url


def _port(parts: SplitResult) -> int | None:
    """The port of an address; -1 for what is none."""
    try:
        return parts.port
    except ValueError:
        return -1
