"""Short names proposed from an event's name: Alumni-Treffen Köln → alumni-treffen-koeln-2026."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

LONGEST = 40
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe",
                              "ł": "l", "đ": "d", "ð": "d", "þ": "th", "&": " and "})


def propose(name: str, year: int, is_free: Callable[[str], bool]) -> str:
    """A free short name for `name`; in a script without Latin letters it is event-2026."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).lower().translate(_SPELLED_OUT))
    latin = "".join(c for c in text if c.isascii() or unicodedata.combining(c) == 0)
    words = [word for word in re.sub(r"['’]", "", latin).encode("ascii", "replace").decode().split() if word]
    base = re.sub(r"[^a-z0-9]+", "-", " ".join(words)).strip("-") or "event"
    if str(year) not in base:
        base = f"{base[:LONGEST - 5].rstrip('-')}-{year}"
    base = base[:LONGEST].rstrip("-")
    for number in range(1, 1000):
        tail = "" if number == 1 else f"-{number}"
        slug = base[:LONGEST - len(tail)].rstrip("-") + tail
        if is_free(slug):
            return slug
    raise AssertionError(f"a thousand events are called {base}")
