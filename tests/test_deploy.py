"""Papers and files for running it for real say what the program does."""

from __future__ import annotations

import re

import click
import pytest

from eventnet import config
from eventnet.cli import main
from tests.clients import Client

DEPLOY = config.ROOT / "deploy"
NAME = re.compile(r"EVENTNET_[A-Z0-9_]+")


def commands(group: click.Group, before: str = "") -> set[str]:
    """Every command that does something: {"db upgrade", "serve", …}."""
    found: set[str] = set()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        whole = f"{before}{name}"
        found |= commands(command, f"{whole} ") if isinstance(command, click.Group) else {whole}
    return found


def test_env_example_lists_every_setting_with_a_sentence() -> None:
    listed, said = [], False
    for line in (DEPLOY / "eventnet.env.example").read_text("utf-8").splitlines():
        setting = re.match(r"#?(EVENTNET_\w+)=", line)
        if setting:
            assert said, f"{setting[1]} has no sentence"
            listed.append(setting[1])
        said = line.startswith("# ") and line != "#"
    assert sorted(listed) == sorted(config.SETTINGS)


def test_env_example_is_right_once_the_secret_is_filled_in() -> None:
    lines = (DEPLOY / "eventnet.env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if NAME.match(line))
    assert given["EVENTNET_SECRET_KEY"] == ""
    settings = config.load({name: value.strip("'") for name, value in given.items()}
                           | {"EVENTNET_SECRET_KEY": "x" * 32})
    assert (settings.base_url, settings.trusted_proxies, settings.mail_domain) == (
        "https://events.example.org", 1, "example.org")


def test_readme_lists_every_setting() -> None:
    listed = re.findall(r"^\| `(EVENTNET_\w+)` \|", (config.ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(config.SETTINGS)


def test_readme_lists_every_command() -> None:
    listed: set[str] = set()
    for row in re.findall(r"^\| (`eventnet [^|]*) \|", (config.ROOT / "README.md").read_text("utf-8"), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        words = [word for word in first.split()[1:3] if re.fullmatch("[a-z]+", word)]
        listed |= {" ".join(words)} | {f"{words[0]} {other.split()[0]}" for other in others}
    assert listed == commands(main)


@pytest.mark.parametrize("paper", ["README.md", "deploy/README.md", "deploy/compose.yaml", "deploy/Dockerfile"])
def test_papers_name_only_settings_that_exist(paper: str) -> None:
    named = set(NAME.findall((config.ROOT / paper).read_text("utf-8")))
    assert {name for name in named if not name.startswith("EVENTNET_TEST_")} - config.SETTINGS.keys() == set()


@pytest.mark.parametrize("unit", ["web", "worker"])
def test_units_start_commands_that_exist(unit: str) -> None:
    text = (DEPLOY / f"eventnet-{unit}.service").read_text("utf-8")
    words = re.findall(r"^ExecStart=\S+/eventnet (.+)$", text, re.MULTILINE)[0].split()
    command = main.get_command(click.Context(main), words[0])
    assert command is not None
    context = command.make_context(words[0], words[1:])
    assert context.params == ({"bind": "127.0.0.1:8000", "cert": None, "key": None, "no_worker": True}
                              if unit == "web" else {})


def test_nginx_takes_uploads_as_large_as_the_program_does(client: Client) -> None:
    limit = re.findall(r"client_max_body_size\s+(\d+)m;", (DEPLOY / "nginx.conf").read_text("utf-8"))
    assert [int(size) * 2**20 for size in limit] == [client.application.config["MAX_CONTENT_LENGTH"]]


def test_nginx_stands_for_one_proxy_in_front_of_the_unit() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    unit = (DEPLOY / "eventnet-web.service").read_text("utf-8")
    assert re.findall(r"^\s+server (\S+);", nginx, re.MULTILINE) == re.findall(r"--bind (\S+)", unit)
    assert re.findall(r"X-Forwarded-For\s+(\S+);", nginx) == ["$remote_addr"]
