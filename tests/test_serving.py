"""Serving for real: gunicorn and the worker start together, answer, and end together."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventnet import config, db, migrations, serving
from eventnet.cli import main
from tests.smtp_server import free_port

EVENTNET = [sys.executable, "-m", "eventnet.cli"]


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("EVENTNET_")}
    return {**own, "EVENTNET_DATABASE_URL": database_url, "EVENTNET_VAR": str(tmp_path / "var")}


@pytest.fixture
def served(environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`eventnet serve` on a free port, answering."""
    port = free_port()
    process = subprocess.Popen([*EVENTNET, "serve", "--bind", f"127.0.0.1:{port}"], env=environ, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(40)


def ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "localhost:8000"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ask(port, "/healthz")
            return
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(f"no answer; it said: {process.communicate()[0]}")


def children(pid: int) -> dict[int, str]:
    """Processes that this one started, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_serve_answers_and_ends_in_order(served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    assert ask(port, "/healthz")[0] == 200
    started = children(process.pid)
    assert sorted("gunicorn" in line for line in started.values()) == [False, True], started
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert time.monotonic() - asked < 10
    assert [pid for pid in started if is_running(pid)] == []
    with pytest.raises(OSError):  # refused, whatever the system calls it
        ask(port, "/healthz")
    assert "Serving on 127.0.0.1" in process.communicate()[0]


def test_serve_ends_with_1_when_the_web_part_dies(served: tuple[subprocess.Popen[str], int]) -> None:
    process, _port = served
    started = children(process.pid)
    os.kill(next(pid for pid, line in started.items() if "gunicorn" in line), signal.SIGKILL)
    assert process.wait(20) == 1
    assert [pid for pid in started if is_running(pid)] == []


def test_serve_refuses_a_database_that_is_not_migrated(environ: dict[str, str], tmp_path: Path) -> None:
    environ["EVENTNET_DATABASE_URL"] = f"sqlite:///{tmp_path}/none.sqlite3"
    said = CliRunner().invoke(main, ["serve"], env=environ)
    assert (said.exit_code, said.stdout, said.stderr) == (
        1, "", "There is no database yet. Run: eventnet db upgrade\n")
    assert not (tmp_path / "none.sqlite3").exists()


def test_serve_refuses_a_database_that_is_away(environ: dict[str, str]) -> None:
    environ["EVENTNET_DATABASE_URL"] = f"postgresql://127.0.0.1:{free_port()}/events"
    said = CliRunner().invoke(main, ["serve"], env=environ)
    assert said.exit_code == 1
    assert said.stderr.startswith("The database cannot be used: connection failed: ")


def test_serve_refuses_a_certificate_without_its_key(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    said = CliRunner().invoke(main, ["serve", "--cert", str(tmp_path / "cert.pem")], env=environ)
    assert said.exit_code == 2
    assert "--cert and --key belong together." in said.stderr


def test_serve_without_worker_is_gunicorn_alone(environ: dict[str, str]) -> None:
    port = free_port()
    process = subprocess.Popen([*EVENTNET, "serve", "--no-worker", "--bind", f"127.0.0.1:{port}"], env=environ,
                               text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process)
        assert "gunicorn" in (Path("/proc") / str(process.pid) / "cmdline").read_text()
        assert not any("worker" in line.split() for line in children(process.pid).values())
    finally:
        process.terminate()
    assert process.wait(20) == 0
    process.communicate()


def test_gunicorn_fits_the_database() -> None:
    def workers(url: str) -> int:
        here = config.load({"EVENTNET_DATABASE_URL": url})
        command = serving.gunicorn_command(here, "127.0.0.1:1")
        return int(command[command.index("--workers") + 1])

    assert workers("sqlite:///x.sqlite3") == 1
    assert workers("postgresql://db/x") >= 2


def test_difference_is_silent_about_a_database_of_this_version(database: db.Database) -> None:
    assert migrations.difference(database) == ""
