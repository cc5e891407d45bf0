"""The command line as a process of its own: what is imported when it is called is enough, faults are sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventnet import config


def run(settings: config.Settings, *words: str, given: str = "",
        database_url: str | None = None) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `eventnet …` in a fresh process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EVENTNET_")}
    done = subprocess.run(
        [sys.executable, "-m", "eventnet.cli", *words], input=given, capture_output=True, text=True, check=False,
        env={**environ, "EVENTNET_DATABASE_URL": database_url or settings.database_url,
             "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": "a key for tests, 32 characters or more",
             "EVENTNET_ARGON2": "cheap", "EVENTNET_VAR": str(settings.var)})
    return done.returncode, done.stdout, done.stderr


def test_first_command_after_installing_works_in_a_process_of_its_own(settings: config.Settings) -> None:
    assert run(settings, "organizer", "add", "nora@organizers.example", "--password-stdin",
               given="nine blue bottles\n") == (
        0, "nora@organizers.example can sign in at https://ev.example/admin/sign-in\n", "")


def test_database_that_was_never_made_is_a_sentence(settings: config.Settings, tmp_path: Path) -> None:
    assert run(settings, "outbox", "list", "--json", database_url=f"sqlite:///{tmp_path}/new.sqlite3") == (
        1, "", "The database is empty. Run: eventnet db upgrade\n")


@pytest.mark.parametrize("words", [("db", "upgrade"), ("outbox", "list")])
def test_database_that_cannot_be_reached_is_a_sentence(settings: config.Settings, words: tuple[str, ...]) -> None:
    code, said, refused = run(settings, *words, database_url="postgresql://nobody@127.0.0.1:1/none")
    assert (code, said) == (1, "")
    assert refused.startswith("The database cannot be used: ")
    assert "Traceback" not in refused


@pytest.mark.parametrize("bind", ["nope", "127.0.0.1", "http://127.0.0.1:80", "127.0.0.1:port"])
def test_serve_at_no_address_is_wrong_usage(settings: config.Settings, bind: str) -> None:
    code, said, refused = run(settings, "serve", "--bind", bind)
    assert (code, said) == (2, "")
    assert "Invalid value for '--bind': write it as 127.0.0.1:8000" in refused
