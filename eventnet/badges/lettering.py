"""Prepares the words on a badge for setting: cleaned, with their direction and the pieces that stay whole."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_LONGEST_TEXT = 400

_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_BREAKS_ANYWHERE = re.compile(
    "[\u0e00-\u0eff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PLAIN_LATIN = re.compile("[!-~\u00a1-\u00ac\u00ae-\u017f]+(?: [!-~\u00a1-\u00ac\u00ae-\u017f]+)*")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILED_UP_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
# They turn round what follows them, also beyond the name; shaping needs only the joiners.
_DIRECTION_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


def words(text: str) -> dict[str, Any]:
    """Returns what the template needs to set a text: the text, whether it runs to the left, its whole pieces."""
    clean = cleaned(text)
    # Scripts that break anywhere stay on one line only as long as a name in them usually is.
    pieces = [word for word in clean.split() if len(word) <= 8 or not _BREAKS_ANYWHERE.search(word)]
    return {"text": clean, "rtl": _is_right_to_left(clean), "pieces": pieces}


def cleaned(text: str) -> str:
    """Returns a text on one line without controls or piled-up marks, cut at 400 characters."""
    if len(text) <= _LONGEST_TEXT and _PLAIN_LATIN.fullmatch(text):
        return text
    text = _DIRECTION_CONTROLS.sub("", unicodedata.normalize("NFC", text))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return _PILED_UP_MARKS.sub(r"\1", " ".join(text.split()))[:_LONGEST_TEXT]


def han_region(text: str) -> str:
    """Returns whose shapes of Han characters a text asks for: "jp" or "kr" if it shows their letters, else "sc"."""
    return "jp" if _KANA.search(text) else "kr" if _HANGUL.search(text) else "sc"


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction (Unicode UAX 9, rule P2) runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL", "L"):
            return direction != "L"
    return False
