"""The command line's manners: exit codes, sentences on stderr, JSON for machines, a ready database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, TypeVar

import click

from eventnet import clock, config, db
from eventnet.errors import Refusal

F = TypeVar("F", bound=Callable[..., Any])


def settings() -> config.Settings:
    """The settings of this run; a wrong one ends it with its sentence (exit 1)."""
    context = click.get_current_context().find_root()
    if not isinstance(context.obj, config.Settings):
        try:
            context.obj = config.load()
        except config.SettingsError as error:
            stop(str(error))
    found: config.Settings = context.obj
    return found


def stop(sentence: str) -> NoReturn:
    """Refused: say why and end with exit code 1."""
    click.echo(sentence, err=True)
    raise SystemExit(1)


@contextmanager
def connected() -> Iterator[config.Settings]:
    """The database of the settings, connected, for the length of a command."""
    here = settings()
    if here.demo:
        clock.follow(here.var / "clock-shift")
    database = db.connect(here.database_url)
    try:
        yield here
    finally:
        database.dispose()


def with_database(function: F) -> F:
    """Decorator of a command that uses the database: connects it, turns a Refusal into exit code 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with connected():
            try:
                return function(*args, **kwargs)
            except Refusal as refusal:
                stop(refusal.sentence or "There is no such thing here. Check the name and try again.")

    return run  # type: ignore[return-value]


def show(result: Any, as_json: bool, sentence: str) -> None:
    """The result: one JSON value for machines, else a sentence."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else sentence)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of sentences.")
event_option = click.option("--event", "slug", required=True, metavar="SLUG", help="Which event, by its short name.")
