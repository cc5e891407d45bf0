"""docs/security.md and docs/privacy.md tell what is there: every table, every test they name, every address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from eventnet import tables
from eventnet.lifecycle import forgetting
from eventnet.web import cookies

ROOT = Path(__file__).resolve().parent.parent.parent
SECURITY, PRIVACY = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("security", "privacy"))


def data_map() -> dict[str, str]:
    """Table by how long it is kept, as the document says."""
    part = PRIVACY.partition("## Data map")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in part.splitlines() if line.startswith("| `")]
    assert all(len(row) == 4 and all(row) for row in rows)
    return {row[0].strip("`"): row[3] for row in rows}


def test_every_table_is_in_the_data_map() -> None:
    assert list(data_map()) == sorted(tables.metadata.tables)


def test_data_map_says_what_forgetting_does() -> None:
    """What is emptied on the promised day is not said to stay, and what stays is."""
    kept = data_map()
    emptied = {table.name for table in forgetting.tables_of_an_event()}
    assert {name for name in emptied if kept[name].startswith("stays")} == set()
    assert {name: kept[name].startswith("stays") for name in forgetting.KEPT} == dict.fromkeys(forgetting.KEPT, True)


@pytest.mark.parametrize("document", [SECURITY, PRIVACY])
def test_every_test_that_is_named_exists(document: str) -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", document))
    assert {name for name in named if f"def {name}(" not in source} == set()
    assert [path for path in re.findall(r"`(tests/[\w/]+\.py)`", document) if not (ROOT / path).is_file()] == []


def test_security_document_names_a_test_for_each_promise() -> None:
    part = SECURITY.partition("## What is promised")[2].partition("\n## ")[0]
    promises = re.split(r"\n(?=\d+\. )", part.strip())
    assert [promise[:40] for promise in promises if "`test_" not in promise] == []
    assert len(promises) == 7


def test_addresses_in_the_privacy_document_exist(app: Flask) -> None:
    rules = {re.sub(r"<[^>]+>", "<event>", rule.rule) for rule in app.url_map.iter_rules()}
    assert set(re.findall(r"`(/e/<event>/[\w-]+)`", PRIVACY + SECURITY)) - rules == set()


@pytest.mark.parametrize("document", [SECURITY, PRIVACY])
def test_cookies_are_those_of_the_program(app: Flask, document: str) -> None:
    named = set(re.findall(r"`(eventnet(?:-\w+)?)`", document))
    assert named == {cookies.BROWSER, cookies.VISITOR, app.config["SESSION_COOKIE_NAME"].removeprefix("__Host-")}


def test_there_are_twenty_questions() -> None:
    part = PRIVACY.partition("## Twenty questions")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d+)\. \*\*", part, re.MULTILINE) == [str(number) for number in range(1, 21)]
