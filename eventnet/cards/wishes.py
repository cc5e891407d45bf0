"""What people look for and offer: a few phrases to tap, and their own words, kept as one text."""

from __future__ import annotations

from collections.abc import Iterable

from eventnet.words import gettext as _

LOOKING = ("a mentor", "a job", "people to hire", "collaborators", "20-minute chats")
OFFERING = ("a mentor", "a job", "collaborators", "20-minute chats", "introductions")
QUIET = frozenset({"a job"})
"""Used for suggestions on pages, but not shown on the card of somebody who looks for it."""
LONGEST_OWN = 200


def looking_label(phrase: str) -> str:
    """A phrase of LOOKING as it stands on the card screen."""
    return {
        "a mentor": _("A mentor"), "a job": _("A job, quietly"), "people to hire": _("People to hire"),
        "collaborators": _("Collaborators"), "20-minute chats": _("20-minute chats"),
    }[phrase]


def offering_label(phrase: str) -> str:
    """A phrase of OFFERING as it stands on the card screen."""
    return {
        "a mentor": _("To be a mentor"), "a job": _("A job"), "collaborators": _("To collaborate"),
        "20-minute chats": _("20-minute chats"), "introductions": _("Introductions"),
    }[phrase]


def joined(ticked: Iterable[str], own: str) -> str:
    """The tapped phrases and the own words as one text: "a mentor, compilers"."""
    return ", ".join([*ticked, *([own.strip(" ,")] if own.strip(" ,") else [])])


def split(text: str, phrases: tuple[str, ...]) -> tuple[list[str], str]:
    """(tapped phrases, own words) of a text that `joined` made."""
    parts = [part.strip() for part in text.split(",")]
    ticked = [phrase for phrase in phrases if phrase in parts]
    return ticked, ", ".join(part for part in parts if part and part not in ticked)


def shown(looking_for: str) -> str:
    """What others read of "looking for": without the quiet phrases."""
    ticked, own = split(looking_for, LOOKING)
    return joined([phrase for phrase in ticked if phrase not in QUIET], own)
