"""Renders the templates of mails, outside of any request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from jinja2 import Environment, FileSystemLoader, select_autoescape

from eventnet import config, words


def _kept(macro: Callable[..., str], *values: object) -> str:
    """What `macro` makes of `values`, made once: for pieces that are the same in many mails, like a person's row.

    The macro must be a plain one: all it shows comes from `values` and the language.
    """
    return _made(words.language(), macro, *values)


@lru_cache(maxsize=5000)
def _made(_language: str, macro: Callable[..., str], *values: object) -> str:
    return macro(*values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(config.ROOT / "templates"), autoescape=select_autoescape(["html"]),
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    made.install_gettext_callables(words.gettext, words.plural_form, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(monogram=words.monogram)
    made.globals.update(words=words, kept=_kept)
    return made


def render(template: str, **values: object) -> str:
    """A template below templates/, escaped when it is HTML."""
    return _environment().get_template(template).render(**values)


def render_both(name: str, **values: object) -> tuple[str, str]:
    """(HTML, text) of a mail: `name`.html and `name`.txt."""
    return render(f"{name}.html", **values), render(f"{name}.txt", **values)
