"""Every act that is written has its sentence and its kind, and every sentence is of an act that is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from eventnet.audit import reading, sentences

PACKAGE = Path(sentences.__file__).resolve().parent.parent
# Written by older versions: their entries are still in the logs of running installations.
OF_OLD = {"organizer.sign_in_failed"}


def written() -> Iterator[str]:
    """The names given to log.write, and to functions that pass theirs on to it."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and (
                    ast.unparse(node.func).endswith("log.write") or ast.unparse(node.func) in ("_note", "_log")):
                yield from (one.value for one in ast.walk(node.args[0])
                            if isinstance(one, ast.Constant) and isinstance(one.value, str) and "." in one.value)


def test_every_act_that_is_written_has_its_sentence() -> None:
    assert sorted(set(written()) - sentences.SENTENCES.keys()) == []


def test_every_sentence_is_of_an_act_that_is_written() -> None:
    assert sorted(sentences.SENTENCES.keys() - set(written()) - OF_OLD) == []


def test_every_act_has_a_kind_of_its_own() -> None:
    first_words = {act.partition(".")[0] for act in sentences.SENTENCES}
    assert sorted(first_words - reading._KIND_OF.keys() - {"log"}) == []
    assert {reading.kind_of(act) for act in sentences.SENTENCES} == set(reading.KINDS)
    assert reading.kind_of("attendees.exported") == reading.kind_of("log.exported") == "exports"
