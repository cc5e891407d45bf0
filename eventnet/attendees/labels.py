"""What the fields of an attendee are called on pages and in exported files."""

from __future__ import annotations

from collections.abc import Iterable

from eventnet.words import gettext as _
from eventnet.words import listed


def label(field: str) -> str:
    """The name of a field for people."""
    return {
        "registered_name": _("registered name"), "badge_name": _("badge name"), "given_name": _("given name"),
        "family_name": _("family name"), "category": _("category"), "title": _("title"),
        "organization": _("organization"), "email": _("e-mail"), "phone": _("phone"), "linkedin": _("LinkedIn"),
        "website": _("website"), "school": _("school"), "programme": _("programme"), "class_year": _("class year"),
        "language": _("language"), "ticket": _("ticket type"), "status": _("whether they come"),
        "void": _("whether they come"), "id": _("number of the ticket"), "external_key": _("key"),
        "order": _("order"), "position": _("number in the order"), "takes_part": _("takes part: no means not"),
        "not_taking_part": _("does not take part: yes means not"),
        "consent": _("agrees to take part: no, or empty, means not"),
    }.get(field, field.replace("_", " "))


def labels(fields: Iterable[str]) -> str:
    """Names of several fields: "title, e-mail and phone"."""
    return listed([label(name) for name in fields])


def category(name: str) -> str:
    return {"attendee": _("Attendee"), "speaker": _("Speaker"), "sponsor": _("Sponsor"), "staff": _("Staff")}[name]


def setter(by: str) -> str:
    """Who set a field, as the subject of a sentence."""
    return {"attendee": _("the attendee"), "desk": _("the desk")}.get(by, _("an import"))


def outcome(name: str, count: int | None = None) -> str:
    """What a row of an import does, or how many rows do so."""
    word = {"new": _("new"), "changed": _("changed"), "same": _("as before"), "skipped": _("skipped"),
            "refused": _("refused")}[name]
    return word if count is None else f"{count} {word}"
