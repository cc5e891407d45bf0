"""Settings: a right value is taken, a wrong one stops the start with a sentence that names the variable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventnet import config
from eventnet.config import SETTINGS, Settings, SettingsError

KEY = "thirty-two characters or more of it"
BASE = {"EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": KEY}

# One line a setting: a right value and what becomes of it, a wrong value and a piece of the sentence it gets.
EVERY: dict[str, tuple[str, Callable[[Settings], Any], Any, str, str]] = {
    "EVENTNET_DATABASE_URL": ("postgres://u:p@db/x", lambda s: s.database_url, "postgresql://u:p@db/x",
                              "mysql://db/x", "must begin with sqlite:/// or postgresql://"),
    "EVENTNET_BASE_URL": ("https://EV.Example/", lambda s: s.base_url, "https://ev.example",
                          "https://ev.example/events", "must have no path"),
    "EVENTNET_SECRET_KEY": (KEY, lambda s: s.secret_key, KEY.encode(), "short", "at least 32 characters"),
    "EVENTNET_SMTP_URL": ("smtps://u:p@mail.example:465", lambda s: s.smtp_url, "smtps://u:p@mail.example:465",
                          "mail.example:25", "must look like smtp://"),
    "EVENTNET_MAIL_FROM": ("Mixer <mixer@ev.example>", lambda s: s.mail_domain, "ev.example", "Mixer", "an address"),
    "EVENTNET_MAIL_DOMAIN": ("Mail.Example", lambda s: s.mail_domain, "mail.example", "two words",
                             "must be a domain such as"),
    "EVENTNET_VAR": ("/srv/eventnet", lambda s: s.var, Path("/srv/eventnet"), "", ""),
    "EVENTNET_TRUSTED_PROXIES": ("2", lambda s: s.trusted_proxies, 2, "6", "a whole number from 0 to 5, not '6'"),
    "EVENTNET_MAIL_PER_HOUR": ("400", lambda s: s.mail_per_hour, 400, "-1", "a whole number from 0 to 1000000"),
    "EVENTNET_DEMO": ("0", lambda s: s.demo, False, "yes", "must be 0 or 1, not 'yes'"),
    "EVENTNET_ARGON2": ("cheap", lambda s: s.argon2, "cheap", "none", "must be standard or cheap"),
    "EVENTNET_FLOOD_STOP": ("500", lambda s: s.flood_stop, 500, "-1", "a whole number from 0 to 1000000"),
    "EVENTNET_HOSTING": ("In Cologne, by us.", lambda s: s.hosting, "In Cologne, by us.", "", ""),
    "EVENTNET_METRICS_KEY": ("a key", lambda s: s.metrics_key, "a key", "", ""),
}


def load(**values: str) -> Settings:
    return config.load({**BASE, **values})


def test_every_setting_is_tried_here() -> None:
    assert EVERY.keys() == SETTINGS.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_takes_a_right_value(name: str) -> None:
    text, read, value, _wrong, _sentence = EVERY[name]
    assert read(load(**{name: text})) == value


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_is_read_from_a_file(name: str, tmp_path: Path) -> None:
    text, read, value, _wrong, _sentence = EVERY[name]
    file = tmp_path / "value"
    file.write_text(f"{text}\n")
    assert read(config.load({**{k: v for k, v in BASE.items() if k != name}, f"{name}_FILE": str(file)})) == value


@pytest.mark.parametrize("name", [name for name in SETTINGS if EVERY[name][3]])
def test_setting_with_a_wrong_value_stops_the_start(name: str) -> None:
    _text, _read, _value, wrong, sentence = EVERY[name]
    with pytest.raises(SettingsError) as refused:
        load(**{name: wrong})
    assert str(refused.value).startswith(name)
    assert sentence in str(refused.value)


def test_setting_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^Set EVENTNET_ARGON2 or EVENTNET_ARGON2_FILE, not both\.$"):
        load(EVENTNET_ARGON2="cheap", EVENTNET_ARGON2_FILE=str(tmp_path / "x"))


def test_setting_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^EVENTNET_ARGON2_FILE: .*/x cannot be read \(No such file"):
        load(EVENTNET_ARGON2_FILE=str(tmp_path / "x"))


@pytest.mark.parametrize("name", ["EVENTNET_BASEURL", "EVENTNET_BASEURL_FILE", "EVENTNET_BASE_URLS"])
def test_misspelt_setting_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not a setting. Did you mean EVENTNET_BASE_URL[?]$"):
        load(**{name: "x"})


def test_other_names_with_our_prefix_are_left_alone() -> None:
    assert load(EVENTNET_TESTS="x", EVENTNET_TEST_PG_URL="x", EVENTNET_STAGE="x") == load()


def test_names_of_the_tests_are_let_through() -> None:
    assert load(EVENTNET_TEST_DATA="/somewhere") == load()


@pytest.mark.parametrize("url", [
    "http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://ev.localhost"])
def test_http_is_for_loopback(url: str) -> None:
    settings = load(EVENTNET_BASE_URL=url)
    assert (settings.base_url, settings.is_https, settings.cookie_name("a")) == (url, False, "a")


@pytest.mark.parametrize("url", ["http://ev.example", "http://192.168.1.5", "http://localhost.ev.example"])
def test_http_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="must be https: phones refuse the camera on http"):
        load(EVENTNET_BASE_URL=url)


@pytest.mark.parametrize("url", [
    "ev.example", "ftp://ev.example", "https://", "https://a@ev.example", "https://ev.example/?a", "https://ev.example#a"])
def test_base_url_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^EVENTNET_BASE_URL must "):
        load(EVENTNET_BASE_URL=url)


def test_https_binds_cookies_to_the_host() -> None:
    assert load().cookie_name("eventnet") == "__Host-eventnet"


@pytest.mark.parametrize("url", ["https://localhost", "https://192.168.1.5:8443", "https://laptop.local"])
def test_demo_is_for_near_addresses(url: str) -> None:
    assert load(EVENTNET_BASE_URL=url, EVENTNET_DEMO="1").demo is True


@pytest.mark.parametrize("url", ["https://ev.example", "https://8.8.8.8"])
def test_demo_is_refused_on_a_public_address(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^EVENTNET_DEMO=1 shows everybody's mail\. It is refused on a public"):
        load(EVENTNET_BASE_URL=url, EVENTNET_DEMO="1")


def test_secret_key_is_demanded_of_a_public_address() -> None:
    with pytest.raises(SettingsError, match=r"^EVENTNET_SECRET_KEY is missing\. Make one: python3 -c "):
        config.load({"EVENTNET_BASE_URL": "https://ev.example"})


def test_secret_key_is_made_once_for_loopback(tmp_path: Path) -> None:
    first, second = (config.load({"EVENTNET_VAR": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second == (tmp_path / "secret-key").read_bytes()
    assert len(first) == 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_defaults_run_on_this_machine(tmp_path: Path) -> None:
    settings = config.load({"EVENTNET_VAR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/eventnet.sqlite3"
    assert settings.base_url == "http://localhost:8000"
    assert settings.smtp_url == "smtp://localhost:25"


def test_sender_with_a_line_break_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^EVENTNET_MAIL_FROM must be an address"):
        load(EVENTNET_MAIL_FROM="Mixer <a@b.example>\nBcc: x@y.example")


@pytest.mark.parametrize(("name", "wrong", "sentence"), [
    ("EVENTNET_BASE_URL", "https://ev.example:99999", "must be an address such as"),
    ("EVENTNET_BASE_URL", "https://two words", "must be an address such as"),
    ("EVENTNET_TRUSTED_PROXIES", "²", "a whole number from 0 to 5"),
    ("EVENTNET_MAIL_PER_HOUR", "9" * 5000, "a whole number from 0 to 1000000"),
    ("EVENTNET_DATABASE_URL", "sqlite:///", "must look like"),
    ("EVENTNET_DATABASE_URL", "sqlite:///:memory:", "must look like"),
    ("EVENTNET_DATABASE_URL", "postgresql://user:pass:port/x", "must look like"),
    ("EVENTNET_VAR", "/dev/null", "must be a folder"),
])
def test_setting_that_looks_right_but_is_not_stops_the_start(name: str, wrong: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load(**{name: wrong})


def test_setting_in_a_file_that_is_not_text_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe" * 40)
    with pytest.raises(SettingsError, match=r"EVENTNET_SECRET_KEY_FILE: .* is not text in UTF-8"):
        config.load({"EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY_FILE": str(file)})
