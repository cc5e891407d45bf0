"""Where a person goes after signing in: only to an address of ours."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

LONGEST = 2000


def safe_next(text: str | None, default: str) -> str:
    """`text` when it is a path on this host ("/admin/?q=1"), else `default`.

    Refused: schemes, other hosts ("//host", "/\\host": browsers read a backslash as a slash), and control
    or invisible characters, which browsers drop before they read an address (CWE-601).
    """
    if not text or len(text) > LONGEST or not text.startswith("/"):
        return default
    if text.startswith("//") or "\\" in text or any(unicodedata.category(c)[0] in "CZ" for c in text):
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else text
