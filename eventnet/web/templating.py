"""Templates: gettext, versioned static files, names and times as people read them."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, g

from eventnet import words
from eventnet.web import assets, cookies, csrf


def install(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(words.gettext, words.plural_form, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=assets.install(app), csrf_field=csrf.field, csrf_token=csrf.token,
        words=words, settings=cookies.settings,
    )
    app.jinja_env.filters.update(monogram=words.monogram, clock=event_time, day=event_day)


def event_time(value: datetime | None) -> str:
    """14:03 on the clock of the event this page is about."""
    return words.time(value, g.event.tz) if value else ""


def event_day(value: datetime | None) -> str:
    return words.day(value, g.event.tz) if value else ""
