"""Cards of people one met as vCard 3.0, by vobject, so that any phone takes them (RFC 2426)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import vobject

MEDIA_TYPE = "text/vcard; charset=utf-8"


@dataclass(frozen=True, slots=True)
class CardText:
    """Everything one vCard says. `values` by field of the card; empty ones are left out."""

    uid: str
    values: dict[str, str]
    changed_at: datetime
    given_name: str = ""
    family_name: str = ""
    notes: tuple[str, ...] = field(default=())
    categories: tuple[str, ...] = field(default=())


def uid(host: str, event_id: int, person_id: int) -> str:
    """The same person of the same event has the same UID in every export, so that a phone updates its entry."""
    return f"{event_id}-{person_id}@{host}"


def vcard(card: CardText) -> str:
    """One vCard with CRLF line ends, folded at 75 bytes. Always with FN and N, which iOS and Outlook want."""
    made = vobject.vCard()
    name = clean(card.values.get("name", "")) or "?"
    made.add("fn").value = name
    given, family = clean(card.given_name), clean(card.family_name)
    if not (given or family) or _letters(f"{given} {family}") != _letters(name) != _letters(f"{family} {given}"):
        # The badge name is what the person chose to show; a registered name that differs stays at the desk.
        given, family = name, ""
    made.add("n").value = vobject.vcard.Name(family=family, given=given)
    if organization := clean(card.values.get("organization", "")):
        made.add("org").value = [organization]
    _add(made, "title", card.values.get("title", ""))
    _add(made, "tel", card.values.get("phone", ""), CELL=True)
    _add(made, "email", card.values.get("email", ""), INTERNET=True)
    _add(made, "url", _address(card.values.get("website", "")))
    _add_profile(made, _address(card.values.get("linkedin", "")))
    if card.notes:
        _add(made, "note", "\n".join(filter(None, map(clean, card.notes))))
    if categories := [text for text in (clean(one).replace(",", " ") for one in card.categories) if text]:
        made.add("categories").value = categories
    made.add("uid").value = clean(card.uid)
    made.add("rev").value = card.changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text: str = made.serialize(lineLength=75)
    return text


def bundle(cards: Iterable[CardText]) -> str:
    """Many vCards in one file."""
    return "".join(map(vcard, cards))


def clean(text: str) -> str:
    """Without control characters (vobject passes them through); a line end stays one, a tab becomes a space."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (c for c in text.replace("\t", " ") if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def file_name(name: str) -> str:
    """A name for the download in plain letters; the browser shows the real one from filename*."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()[:60] or "card"


def headers(name: str, suffix: str = "vcf", media_type: str = MEDIA_TYPE) -> dict[str, str]:
    """What a download needs so that phones open it as a contact and keep its name (RFC 6266, RFC 8187)."""
    full = quote("".join(c for c in clean(name).replace("\n", " ") if c not in '/\\:*?"<>|')[:120] or "card", safe="")
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"attachment; filename=\"{file_name(name)}.{suffix}\"; filename*=UTF-8''{full}.{suffix}",
    }


def _add(made: Any, kind: str, text: str, **types: bool) -> None:
    value = clean(text)
    if kind != "note":
        value = " ".join(value.split())
    if value:
        line = made.add(kind)
        line.value = value
        if types:
            line.type_param = list(types)


def _add_profile(made: Any, address: str) -> None:
    if address:
        line = made.add("x-socialprofile")
        line.value = address
        line.type_param = "linkedin"
        # Android reads no X-SOCIALPROFILE; a second URL is shown everywhere.
        made.add("url").value = address


def _address(text: str) -> str:
    """An http address without the characters that vobject would escape inside it; anything else is left out."""
    address = "".join(clean(text).split())
    if not re.match(r"(?i)https?://[^/]", address):
        return ""
    return address.replace(",", "%2C").replace(";", "%3B").replace("\\", "%5C")


def _letters(text: str) -> str:
    return " ".join(clean(text).casefold().split())
