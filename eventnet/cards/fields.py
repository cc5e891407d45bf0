"""The fields of a card: their names for people, and what of them is shown to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Protocol

from eventnet.words import gettext as _
from eventnet.words import language, listed

WORDING = "2026-11"
"""Version of the words on the card screen that people agree to; a change of their meaning gets a new one."""

BADGE_FIELDS = ("name", "title", "organization")
CHOSEN_FIELDS = ("email", "phone", "linkedin", "website")
FIELDS = BADGE_FIELDS + CHOSEN_FIELDS


_VALUE: dict[str, Callable[[Any], str]] = {
    "name": attrgetter("badge_name"), **{field: attrgetter(field) for field in FIELDS if field != "name"}}


class Shown(Protocol):
    """Whoever has the values of a card: an attendee."""

    @property
    def badge_name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def organization(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def linkedin(self) -> str: ...
    @property
    def website(self) -> str: ...


class Ticked(Protocol):
    """What was chosen to be shared: a card."""

    @property
    def shared(self) -> list[str]: ...
    @property
    def agreed_at(self) -> datetime | None: ...


def label(field: str) -> str:
    """The field as a word in the reader's language."""
    return {
        "name": _("Name"), "title": _("Title"), "organization": _("Organization"), "email": _("E-mail"),
        "phone": _("Phone"), "linkedin": _("LinkedIn"), "website": _("Website"),
    }[field]


def in_words(fields: Iterable[str]) -> str:
    """name, e-mail and LinkedIn: for the middle of a sentence. Title and organization belong to the name."""
    return _said(language(), frozenset(fields).difference(("title", "organization")))


@cache
def _said(_language: str, given: frozenset[str]) -> str:
    inside = {
        "name": _("name"), "email": _("e-mail"), "phone": _("phone"), "linkedin": _("LinkedIn"),
        "website": _("website"),
    }
    return listed([word for field, word in inside.items() if field in given])


def shared_now(card: Ticked | None) -> tuple[str, ...]:
    """What a swap gives now: the badge's fields, and the ticked ones of a card that was agreed to."""
    if card is None or card.agreed_at is None:
        return BADGE_FIELDS
    return with_badge(card.shared)


def with_badge(ticks: Sequence[str]) -> tuple[str, ...]:
    """What a card that was agreed to gives, from what is ticked on it."""
    return BADGE_FIELDS + tuple(field for field in CHOSEN_FIELDS if field in ticks)


def granted(card: Ticked | None, fields: Sequence[str]) -> tuple[str, ...]:
    """Of the fields of a grant those that are still shared: taking a tick back hides it at once."""
    return still_given(shared_now(card), fields)


def still_given(living: Sequence[str], fields: Sequence[str]) -> tuple[str, ...]:
    """As granted, from what the card gives now."""
    return tuple(field for field in FIELDS if field in living and field in fields)


def value(person: Shown, field: str) -> str:
    """What stands in one field now; empty text when nothing is known."""
    return _VALUE[field](person)


def visible(person: Shown, fields: Iterable[str]) -> dict[str, str]:
    """The values of these fields, in the card's order, without the empty ones."""
    wanted = set(fields)
    return {field: shown for field in FIELDS if field in wanted and (shown := value(person, field))}
