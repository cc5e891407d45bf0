"""Serving on one machine: gunicorn with good defaults and the worker beside it, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from eventnet.config import ROOT, Settings

GRACE_SECONDS = 30


def gunicorn_command(settings: Settings, bind: str, cert: Path | None = None, key: Path | None = None) -> list[str]:
    """The gunicorn command line that fits the database.

    SQLite is written by one process at a time: one process with threads queues its writers in order, several
    would sleep in SQLite's busy handler. PostgreSQL likes a process per core.
    """
    sqlite = settings.database_url.startswith("sqlite")
    workers = 1 if sqlite else max(2, os.cpu_count() or 2)
    command = [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--pythonpath", str(ROOT), "--bind", bind,
        "--worker-class", "gthread", "--workers", str(workers), "--threads", "16", "--timeout", "60",
        "--graceful-timeout", str(GRACE_SECONDS), "--keep-alive", "30", "--no-control-socket", "--log-level", "warning",
        "--limit-request-line", "4094", "--limit-request-field_size", "8190",
    ]
    if settings.trusted_proxies == 0:
        command += ["--forwarded-allow-ips", ""]
    if cert and key:
        command += ["--certfile", str(cert), "--keyfile", str(key)]
    return command


def serve(settings: Settings, bind: str, *, cert: Path | None = None, key: Path | None = None,
          ready: Callable[[], None] | None = None) -> int:
    """Run web and worker until one of them ends or a signal comes; returns an exit code.

    On SIGTERM and SIGINT both are asked to end in order: requests in hand are answered, the mail in hand is sent.
    """
    stop = stop_on_signal()
    processes = start(settings, bind, cert=cert, key=key)
    if ready:
        ready()
    wait(processes, stop)
    end(processes)
    return 0 if stop.is_set() else 1


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set, from now on, instead of ending this process."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def wait(processes: list[subprocess.Popen[bytes]], stop: threading.Event) -> None:
    """Until `stop` is set or one of the processes has ended."""
    while not stop.wait(0.2) and all(process.poll() is None for process in processes):
        pass


def start(settings: Settings, bind: str, *, cert: Path | None = None, key: Path | None = None,
          environ: dict[str, str] | None = None) -> list[subprocess.Popen[bytes]]:
    """Web and worker as two processes in a group of their own, so that Ctrl-C reaches only the parent."""
    env = {**os.environ, **(environ or {})}
    # Our own interpreter with our own words: nothing a person typed reaches a command line here.
    web = subprocess.Popen(gunicorn_command(settings, bind, cert, key), env=env, start_new_session=True)  # noqa: S603
    worker = subprocess.Popen(
        [sys.executable, "-m", "eventnet.cli", "worker"], env=env, start_new_session=True)
    return [web, worker]


def become_web(settings: Settings, bind: str, *, cert: Path | None = None, key: Path | None = None) -> NoReturn:
    """Turn this process into gunicorn, for a supervisor that starts the worker itself (systemd, compose)."""
    command = gunicorn_command(settings, bind, cert, key)
    os.execv(command[0], command)  # noqa: S606


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, wait for them, and kill what does not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
