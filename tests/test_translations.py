"""Translations: everything people read reaches the translators, exactly as the program will ask for it."""

from __future__ import annotations

import ast
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask

from eventnet import config

ROOT = config.ROOT
COMMITTED = ROOT / "eventnet" / "translations" / "messages.pot"
MARKS = {"_": 1, "gettext": 1, "later": 1, "ngettext": 2}


def messages(path: Path) -> set[tuple[str, ...]]:
    """Each message with its plural, if it has one."""
    with path.open("rb") as file:
        catalogue: Catalog = read_po(file)
    return {tuple(m.id) if isinstance(m.id, tuple | list) else (m.id,) for m in catalogue if m.id}


def test_words_for_translators_are_up_to_date(tmp_path: Path) -> None:
    fresh = tmp_path / "messages.pot"
    subprocess.run(["make", "-s", "-o", "setup", "words", f"POT={fresh}"], cwd=ROOT, check=True)
    extracted, committed = messages(fresh), messages(COMMITTED)
    assert (sorted(extracted - committed), sorted(committed - extracted)) == ([], []), "run make words"
    assert len(extracted) > 500


def test_words_in_code_can_be_extracted() -> None:
    """A message is a plain string: f-strings, variables and sums reach no translator."""
    wrong = []
    for path in sorted((ROOT / "eventnet").rglob("*.py")):
        if path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                said = node.args[:MARKS[node.func.id]]
                if not all(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in said):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_words_in_templates_are_extracted_as_they_are_shown(app: Flask) -> None:
    known = messages(COMMITTED)
    wrong = []
    for path in sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file()):
        for _line, _function, said in app.jinja_env.extract_translations(path.read_text("utf-8")):  # type: ignore[attr-defined]
            parts = said if isinstance(said, tuple) else (said,)
            message = tuple(part for part in parts if isinstance(part, str))
            if message not in known:
                wrong.append(f"{path.relative_to(ROOT)}: {message}")
    assert wrong == []


def test_words_with_places_can_be_filled() -> None:
    """A stray percent sign beside %(name)s would be a fault in the moment somebody reads the sentence."""
    wrong = []
    for message in messages(COMMITTED):
        for part in message:
            try:
                assert "%(" not in part or part % defaultdict(int)
            except (ValueError, TypeError) as error:
                wrong.append(f"{part!r}: {error}")
    assert wrong == []


@pytest.mark.parametrize("path", ["eventnet/accounts/access.py", "templates/layouts/base.html"])
def test_words_of_code_and_templates_are_both_there(path: str) -> None:
    assert f"#: {path}" in COMMITTED.read_text("utf-8")
