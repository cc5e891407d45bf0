"""Seeds a bug: one function of the program with one piece of its source replaced, until the test is over."""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest

FLAGS = __future__.annotations.compiler_flag


def seed(patch: pytest.MonkeyPatch, function: Callable[..., Any], right: str, wrong: str, *,
         inside: Callable[..., Any] | None = None) -> None:
    """Run `function` with `right` replaced by `wrong` wherever it is called from.

    The code object is exchanged, so that names imported elsewhere, and guards already declared, have the bug too.
    For a function made by another one, `inside` is the maker and `function` what it made. A piece of source that is
    no longer there fails the test: the bug must be seeded anew where its guard stands now.
    """
    maker = inside or function
    source = textwrap.dedent(inspect.getsource(maker))
    if source.count(right) != 1:
        pytest.fail(f"{maker.__module__}.{maker.__qualname__} has {source.count(right)} times {right!r}: seed it anew")
    tree = ast.parse(source.replace(right, wrong))
    assert isinstance(tree.body[0], ast.FunctionDef)
    tree.body[0].decorator_list = []
    name = function.__name__
    found = [code for code in _codes(compile(tree, inspect.getfile(maker), "exec", FLAGS)) if code.co_name == name]
    assert found, f"no {name} in {maker.__qualname__}"
    assert found[0].co_freevars == function.__code__.co_freevars, "a closure must keep what it holds"
    patch.setattr(function, "__code__", found[0])


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)
