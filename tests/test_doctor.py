"""The doctor: each thing that can be wrong is found and named, and looking changes nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventnet import clock, config, db, doctor, migrations
from eventnet.audit import log
from eventnet.cli import main
from eventnet.doctor import Finding
from tests.factories import make_event
from tests.smtp_server import SmtpServer, free_port

KEY = "a key for tests only, at least 32 characters"


@pytest.fixture
def healthy(database_url: str, tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing but the mail server is wrong."""
    return {
        "EVENTNET_DATABASE_URL": database_url, "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_SECRET_KEY": KEY,
        "EVENTNET_MAIL_FROM": "Spring mixer <events@ev.example>", "EVENTNET_VAR": str(tmp_path / "var"),
        "EVENTNET_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
    }


def found(findings: list[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


def states(findings: list[Finding]) -> dict[str, str]:
    return {f.check: f.state for f in findings if not f.check.startswith("EVENTNET_")}


def test_doctor_finds_a_healthy_installation_good(
    healthy: dict[str, str], smtp: SmtpServer, engine_name: str,
) -> None:
    findings = doctor.examine({**healthy, "EVENTNET_SMTP_URL": smtp.url})
    engine = {"disk": "good", "journal": "good"} if engine_name == "sqlite" else {"clock": "good"}
    assert states(findings) == {
        "address": "good", "badge": "good", "fonts": "good", "scripts": "good", "mail server": "good",
        "database": "good", **engine, "time": "good", "privacy": "good",
    }
    assert (smtp.connections, smtp.dots, smtp.accepted) == (1, 0, [])


def test_doctor_lists_every_setting_and_no_secret(healthy: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    env = {**healthy, "EVENTNET_SECRET_KEY_FILE": str(tmp_path / "key"),
           "EVENTNET_SMTP_URL": f"smtp://events:pass-word@127.0.0.1:{free_port()}"}
    del env["EVENTNET_SECRET_KEY"]
    findings = doctor.examine(env)
    listed = [finding.check for finding in findings if finding.check.startswith("EVENTNET_")]
    assert listed == list(config.SETTINGS)
    assert found(findings, "EVENTNET_SECRET_KEY").sentence == f"EVENTNET_SECRET_KEY is read from {tmp_path / 'key'}."
    assert found(findings, "EVENTNET_SMTP_URL").sentence == "EVENTNET_SMTP_URL is set."
    assert found(findings, "EVENTNET_BASE_URL").sentence == "EVENTNET_BASE_URL is https://ev.example"
    said = " ".join(finding.sentence + finding.todo for finding in findings)
    assert "pass-word" not in said
    assert KEY not in said


def test_doctor_says_which_setting_is_wrong(healthy: dict[str, str]) -> None:
    findings = doctor.examine({**healthy, "EVENTNET_BASE_URL": "http://ev.example"})
    assert states(findings) == {"settings": "broken"}
    assert found(findings, "settings").sentence.startswith("EVENTNET_BASE_URL must be https")


def test_doctor_warns_of_defaults_and_shortcuts(healthy: dict[str, str]) -> None:
    env = {**healthy, "EVENTNET_ARGON2": "cheap"}
    del env["EVENTNET_MAIL_FROM"]
    warned = ("sender", "passwords", "address", "demo")
    said = states(doctor.examine(env))
    assert [said.get(check) for check in warned] == ["broken", "broken", "good", None]
    env |= {"EVENTNET_BASE_URL": "http://localhost:8000", "EVENTNET_DEMO": "1"}
    said = states(doctor.examine(env))
    assert [said.get(check) for check in warned] == ["note", "note", "note", "note"]


def test_doctor_finds_a_mail_server_that_is_away(healthy: dict[str, str]) -> None:
    finding = found(doctor.examine(healthy), "mail server")
    assert finding.state == "broken"
    assert finding.sentence == "The mail server 127.0.0.1 cannot be used: The mail server could not be reached."


def test_doctor_finds_a_mail_server_that_refuses_the_sign_in(healthy: dict[str, str], smtp: SmtpServer) -> None:
    url = smtp.url.replace("smtp://", "smtp://events:wrong@")
    finding = found(doctor.examine({**healthy, "EVENTNET_SMTP_URL": url}), "mail server")
    assert finding.state == "broken"
    assert finding.sentence == ("The mail server 127.0.0.1 cannot be used: 127.0.0.1 offers no STARTTLS; the password "
                                "was not sent.")


def test_doctor_leaves_a_missing_sqlite_file_missing(healthy: dict[str, str], tmp_path: Path) -> None:
    where = tmp_path / "not-yet.sqlite3"
    finding = found(doctor.examine({**healthy, "EVENTNET_DATABASE_URL": f"sqlite:///{where}"}), "database")
    assert (finding.state, finding.todo) == ("broken", "Run: eventnet db upgrade")
    assert finding.sentence == f"sqlite:///{where}: There is no database yet."
    assert not where.exists()


def test_doctor_finds_a_database_that_is_not_migrated(healthy: dict[str, str]) -> None:
    made = db.Database(healthy["EVENTNET_DATABASE_URL"])
    migrations.downgrade(made, "base")
    finding = found(doctor.examine(healthy), "database")
    assert (finding.state, finding.todo) == ("broken", "Run: eventnet db upgrade")
    assert finding.sentence.endswith(": The database is empty.")
    migrations.upgrade(made)
    with made.writer.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from_the_future'")
        connection.commit()
    made.dispose()
    finding = found(doctor.examine(healthy), "database")
    assert (finding.state, finding.todo) == ("broken", "Install that version again.")
    assert finding.sentence.endswith(": The database belongs to a newer version of this program.")


def test_doctor_finds_a_database_that_is_away_and_hides_its_password(healthy: dict[str, str]) -> None:
    url = f"postgresql://events:pass-word@127.0.0.1:{free_port()}/events"
    finding = found(doctor.examine({**healthy, "EVENTNET_DATABASE_URL": url}), "database")
    assert finding.state == "broken"
    assert finding.sentence.startswith(f"{url.replace('pass-word', '***')} cannot be used: connection")


def test_doctor_finds_a_file_that_is_no_database(healthy: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada, " * 200)
    url = f"sqlite:///{tmp_path}/letter.txt"
    finding = found(doctor.examine({**healthy, "EVENTNET_DATABASE_URL": url}), "database")
    assert finding.sentence == f"{url} cannot be used: file is not a database"


@pytest.mark.parametrize(("mounts", "state"), [
    ("/dev/sda1 / ext4 rw 0 0\n", "good"),
    ("/dev/sda1 / ext4 rw 0 0\nserver:/x /data nfs4 rw 0 0\n", "broken"),
    ("server:/x / nfs4 rw 0 0\n/dev/sdb1 /data xfs rw 0 0\n", "good"),
    ("/dev/sda1 / ext4 rw 0 0\nx /dat nfs4 rw 0 0\nhost /data fuse.sshfs rw 0 0\n", "broken"),
    ("/dev/sda1 / ext4 rw 0 0\nserver:/x /dat nfs4 rw 0 0\n", "good"),
])
def test_doctor_knows_network_disks(tmp_path: Path, mounts: str, state: str) -> None:
    listed = tmp_path / "mounts"
    listed.write_text(mounts)
    assert doctor.sqlite_disk(Path("/data/eventnet.sqlite3"), listed).state == state


def test_doctor_without_a_list_of_mounts_says_so(tmp_path: Path) -> None:
    assert doctor.sqlite_disk(Path("/data/x"), tmp_path / "nothing").state == "note"


def test_doctor_notes_a_journal_without_wal(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.sqlite3") as plain:
        plain.execute("CREATE TABLE a (b)")
    plain.close()
    made = db.Database(f"sqlite:///{tmp_path}/old.sqlite3")
    finding = doctor.sqlite_journal(made)
    made.dispose()
    assert finding.sentence == "The journal mode is delete: readers and the writer wait for each other."


@pytest.mark.parametrize(("seconds", "state", "words"), [
    (1.9, "good", "agree"), (-1.9, "good", "agree"), (3, "note", "3 seconds ahead of"),
    (-40, "broken", "40 seconds behind"), (86400, "broken", "86400 seconds ahead of"),
])
def test_doctor_compares_clocks(seconds: float, state: str, words: str) -> None:
    finding = doctor.clocks_apart(timedelta(seconds=seconds))
    assert finding.state == state
    assert words in finding.sentence


def test_doctor_finds_a_clock_that_was_set_back(database: db.Database) -> None:
    with db.transaction():
        log.write("event.created", "command line")
    with clock.stopped(clock.now() - timedelta(days=2)), db.reading():
        assert doctor.newest_entry().state == "broken"
    with db.reading():
        assert doctor.newest_entry().state == "good"


def test_doctor_names_events_whose_privacy_entries_are_missing(database: db.Database) -> None:
    with db.transaction():
        make_event("mixer")
        make_event("gone", controller="", forgotten_at=clock.now())
        make_event("basis", legal_basis="")
        for number in range(5):
            make_event(f"nobody-{number}", controller="", controller_email="" if number else "data@alumni.example")
    with db.reading():
        assert doctor.privacy_entries() == Finding(
            "privacy", "note", "No mail leaves for events that do not say everything about their data yet: basis (the "
            "legal basis); nobody-0 (who answers for the data); nobody-1 (who answers for the data and their e-mail "
            "address); nobody-2 (who answers for the data and their e-mail address); nobody-3 (who answers for the "
            "data and their e-mail address); and 1 more.", "Fill it in under Settings, “The attendees’ data”.")


@pytest.mark.parametrize(("host", "state", "sentence", "todo"), [
    ("ev.example", "good", "A badge address has 47 characters and needs QR version 3: 29 × 29 modules. "
     "No host makes it smaller.", ""),
    ("twenty-characters.io", "good", "A badge address has 57 characters and needs QR version 3: 29 × 29 modules. "
     "No host makes it smaller.", ""),
    ("spring-mixer.example.org", "note", "A badge address has 61 characters and needs QR version 4: 33 × 33 modules.",
     "A host of at most 20 characters (now 24) would need version 3: 29 × 29 modules,"),
])
def test_doctor_measures_the_badge_address(
    settings: config.Settings, host: str, state: str, sentence: str, todo: str,
) -> None:
    finding = doctor.badge_address(config.load({"EVENTNET_BASE_URL": f"https://{host}", "EVENTNET_SECRET_KEY": KEY}))
    assert (finding.state, finding.sentence) == (state, sentence)
    assert finding.todo.startswith(todo)


def test_doctor_misses_fonts_and_scripts(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "NotoSans_400Regular.ttf").touch()
    settings = config.load({"EVENTNET_VAR": str(tmp_path)})
    assert doctor.fonts(settings).sentence == (
        f"13 of 13 font families are missing in {tmp_path}/fonts: names in some scripts could not be printed.")
    (tmp_path / "fonts" / "NotoSans_700Bold.ttf").touch()
    assert doctor.fonts(settings).sentence.startswith("12 of 13 ")
    assert doctor.scripts(tmp_path).sentence.startswith("zxing-reader.js, zxing_reader.wasm is missing in ")


def test_doctor_looks_for_scripts_that_setup_brings() -> None:
    setup = (config.ROOT / "deploy" / "setup" / "assets.py").read_text("utf-8")
    assert [name for name in doctor.SCRIPTS if f'"{name}"' not in setup] == []


def test_doctor_command_ends_with_1_when_something_is_broken(healthy: dict[str, str], smtp: SmtpServer) -> None:
    good = CliRunner().invoke(main, ["doctor"], env={**healthy, "EVENTNET_SMTP_URL": smtp.url})
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "Nothing is broken.")
    broken = CliRunner().invoke(main, ["doctor"], env=healthy)
    assert broken.exit_code == 1
    assert broken.output.splitlines()[-1].endswith(" checks found something broken.")


def test_doctor_command_speaks_json(healthy: dict[str, str]) -> None:
    said = CliRunner().invoke(main, ["doctor", "--json"], env=healthy)
    told = json.loads(said.stdout)
    assert (said.exit_code, told["ok"]) == (1, False)
    assert [check["check"] for check in told["checks"] if check["state"] == "broken"] == ["mail server"]
