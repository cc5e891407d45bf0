"""Templates: gettext, versioned static files, names and times as people read them."""

from __future__ import annotations

import hashlib
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
    app.jinja_env.install_gettext_callables(words.gettext, words.plural_form, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_asset(Path(app.static_folder or "")), csrf_field=csrf.field, csrf_token=csrf.token,
        words=words, settings=cookies.settings,
    )
    app.jinja_env.filters.update(monogram=words.monogram, clock=event_time, day=event_day)


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
