"""Templates: gettext, versioned static files, names and times as people read them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for

from eventnet import words
from eventnet.web import cookies, csrf


def install(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_asset(Path(app.static_folder or "")), csrf_field=csrf.field, csrf_token=csrf.token,
        words=words, settings=cookies.settings,
    )
    app.jinja_env.filters.update(monogram=monogram, clock=event_time, day=event_day)


def monogram(name: str) -> str:
    """One or two letters for a face without a picture, cut between letters of the name's own script."""
    first = [part[0] for part in name.split() if unicodedata.category(part[0])[0] in "LN"]
    letters = [first[0], first[-1]] if len(first) > 1 else first
    # Two Arabic or Devanagari letters side by side would join into something that is nobody's initial.
    if (letters and unicodedata.bidirectional(letters[0]) == "AL") or any(ord(c) > 0x2E80 for c in letters):
        letters = letters[:1]
    return "".join(letters).upper() or "·"


def event_time(value: datetime | None) -> str:
    """14:03 on the clock of the event this page is about."""
    return words.time(value, g.event.tz) if value else ""


def event_day(value: datetime | None) -> str:
    return words.day(value, g.event.tz) if value else ""


def _asset(folder: Path) -> Callable[[str], str]:
    @lru_cache(maxsize=512)
    def version(path: str, changed: float) -> str:
        return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]

    def asset(path: str) -> str:
        """The address of a static file with its version, so that it may be kept forever."""
        file = folder / path
        values: dict[str, Any] = {"v": version(path, file.stat().st_mtime)} if file.is_file() else {}
        return url_for("static", filename=path, **values)

    return asset
