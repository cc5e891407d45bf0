"""Around each request: the reading session and the reader's language."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask, g, request

from eventnet import db, words
from eventnet.errors import Refusal
from eventnet.words import gettext as _

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def install(app: Flask, database: db.Database) -> None:
    @app.before_request
    def begin() -> None:
        if request.endpoint == "static":
            return
        held = g.held = ExitStack()
        held.enter_context(database.reading())
        held.enter_context(words.speaking(request.accept_languages.best_match(words.LANGUAGES)))
        typed = request.values if request.mimetype in FORMS else request.args
        if "\0" in request.path or any("\0" in text for text in typed.values()):
            # No keyboard writes NUL, and PostgreSQL cannot keep it.
            raise Refusal(_("There is a character in it that nobody can type. Go back and write it anew."),
                          status=400, reason="nul")

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        held: ExitStack | None = g.pop("held", None)
        if held is not None:
            held.close()
