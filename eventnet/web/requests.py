"""Around each request: the reading session, the reader's language, an id for the log."""

from __future__ import annotations

import secrets
from contextlib import ExitStack

from flask import Flask, g, request

from eventnet import db, words
from eventnet.errors import Refusal
from eventnet.words import gettext as _


def install(app: Flask, database: db.Database) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        if request.endpoint == "static":
            return
        held = g.held = ExitStack()
        held.enter_context(database.reading())
        held.enter_context(words.speaking(request.accept_languages.best_match(words.LANGUAGES)))
        if "\0" in request.path or any("\0" in text for text in request.values.values()):
            # No keyboard writes NUL, and PostgreSQL cannot keep it.
            raise Refusal(_("There is a character in it that nobody can type. Go back and write it anew."),
                          status=400, reason="nul")

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        held: ExitStack | None = g.pop("held", None)
        if held is not None:
            held.close()
