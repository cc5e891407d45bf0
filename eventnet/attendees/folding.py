"""Text of people: cleaned for keeping, folded for search and for order, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

NAME_GRAPHEMES = 80
FIELD_GRAPHEMES = 200
# UAX #15 allows 30 marks on one letter; more than ten is no living script, only text that climbs over its line.
MARKS_PER_LETTER = 10

ZWNJ, ZWJ = "\u200c", "\u200d"
_SPACES = re.compile(r"[\s\u2028\u2029\u0085\u180e\u2800]+")
_LETTERS = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŋ": "n", "ŧ": "t", "ı": "i",
    "ĸ": "k", "ə": "e", "ɛ": "e", "ɔ": "o", "ŀ": "l",
    # Persian and Urdu keyboards write other letters for the same sounds than Arabic ones.
    "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه",
    "\u0640": "", ZWJ: "", ZWNJ: "", "\u00b7": "", "\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u00b4": "'",
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
})
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_PARTICLES = frozenset({
    "al", "af", "av", "ben", "bin", "bint", "d", "da", "dal", "de", "degli", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "mac", "san", "st", "ten", "ter", "van", "vande",
    "vander", "vom", "von", "y", "zu", "zum", "zur",
})
_PLAIN = re.compile(r"[\x20-\x7e]*")


def _is_kept(char: str) -> bool:
    """Controls, direction overrides, invisible formatting, halves of surrogates and non-characters are not kept."""
    if char in (ZWJ, ZWNJ):
        return True
    kind = unicodedata.category(char)
    return kind not in ("Cc", "Cf", "Cs") and (ord(char) & 0xFFFE) != 0xFFFE and not 0xFDD0 <= ord(char) <= 0xFDEF


def graphemes(text: str) -> Iterator[str]:
    """What a reader counts as one letter (UAX #29, the rules that names and emoji need)."""
    cluster, flags = "", 0
    for char in text:
        if cluster and _joins(cluster, char, flags):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster, flags = char, 0
        if _is_flag_letter(char):
            flags += 1
    if cluster:
        yield cluster


def _joins(cluster: str, char: str, flags: int) -> bool:
    before = cluster[-1]
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or char in (ZWJ, ZWNJ) or 0x1F3FB <= ord(char) <= 0x1F3FF:
        return True
    if before == ZWJ:
        # An emoji sequence, or an Indic conjunct; both draw as one.
        return unicodedata.category(char) == "So" or unicodedata.category(cluster[-2:-1] or " ") in ("Mn", "Mc")
    if unicodedata.combining(before) == 9 and unicodedata.category(char) == "Lo":
        return True
    if _is_flag_letter(char):
        return _is_flag_letter(before) and flags % 2 == 1
    return _hangul_joins(before, char)


def _is_flag_letter(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _hangul_joins(before: str, char: str) -> bool:
    if not (0x1100 <= ord(char) <= 0x11FF):
        return False
    lead = 0x1100 <= ord(before) <= 0x115F
    vowel = 0x1160 <= ord(before) <= 0x11A7 or (0xAC00 <= ord(before) <= 0xD7A3 and (ord(before) - 0xAC00) % 28 == 0)
    return lead or (vowel and ord(char) >= 0x1160) or (0x11A8 <= ord(before) <= 0x11FF and ord(char) >= 0x11A8) or (
        0xAC00 <= ord(before) <= 0xD7A3 and ord(char) >= 0x11A8)


def clean(text: str, longest: int = FIELD_GRAPHEMES) -> str:
    """One line of text as it is kept: NFC, no controls, no direction overrides, single spaces, `longest` graphemes."""
    text = _SPACES.sub(" ", text).strip()
    if len(text) <= longest and _PLAIN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", "".join(filter(_is_kept, text)))
    text = _SPACES.sub(" ", text).strip(f" {ZWJ}{ZWNJ}")
    kept: list[str] = []
    for cluster in graphemes(text):
        if len(kept) == longest:
            break
        marks = 0
        letters = []
        for char in cluster:
            marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
            if marks <= MARKS_PER_LETTER:
                letters.append(char)
        kept.append("".join(letters))
    # Leaving out marks can put two together that compose.
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def clean_name(text: str) -> str:
    """A name as it is kept: `clean`, at most 80 graphemes, never cut inside one."""
    return clean(text, NAME_GRAPHEMES)


def has_letters(text: str) -> bool:
    """Whether anything in it can be seen and read: a name needs at least one such character."""
    return any(unicodedata.category(char)[0] in "LNSP" for char in text)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Text for comparing: compatibility forms, case and accents gone; vowel signs of Indic and Thai names stay."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    text = "".join(char for char in text if not _is_accent(char) and _is_kept(char))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _is_accent(char: str) -> bool:
    # Accents (200 and up), Hebrew points and Arabic vowels (10 to 36) are left out by many who type a name;
    # nukta, viramas, kana voicing and Thai vowels (7 to 9, 84 to 132) make another name.
    return 10 <= (order := unicodedata.combining(char)) <= 36 or order >= 200 or order == 1


def search_text(*parts: str) -> str:
    """What a search looks through: every part folded, and again with ä as ae and the like, one part a line."""
    lines = []
    for part in filter(None, parts):
        lines.append(fold(part))
        spelled = unicodedata.normalize("NFC", part).casefold().translate(_SPELLED_OUT)
        if not part.isascii() and (other := fold(spelled)) != lines[-1]:
            lines.append(other)
    return "\n".join(dict.fromkeys(lines))


def sort_key(family_name: str, given_name: str) -> str:
    """Order of lists: by family name (or the only name), then given name, folded, without punctuation."""
    names = [part for part in map(_letters_only, (family_name, given_name)) if part]
    # Two spaces sort before one space and a letter: all of "Van" come before "Van Gogh".
    return "  ".join(names)


def _letters_only(name: str) -> str:
    return " ".join("".join(char for char in fold(name) if unicodedata.category(char)[0] != "P").split())


def email_key(email: str) -> str:
    """The form in which two spellings of one address are equal; addresses are kept as they were given."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def full_name(given: str, family: str) -> str:
    """A whole name from its parts, as its people write it: "Ada Lovelace", but "王小明" with the family first."""
    parts = [part for part in (given, family) if part]
    if len(parts) == 2 and all(_is_east_asian(char) for char in given + family):
        return family + given
    return " ".join(parts)


def split_name(full: str) -> tuple[str, str]:
    """(given, family) of a whole name, for sorting only: "Vincent van Gogh", "Lovelace, Ada", "王 小明", "Cher".

    A guess by design: names in Han or Hangul put the family first; elsewhere it is the last word with its particles.
    """
    full = full.strip()
    if full.count(",") == 1:
        family, given = (part.strip() for part in full.split(","))
        if family and given and fold(given) not in _TITLES_AFTER:
            return given, family
        full = family or given
    words = full.split()
    if len(words) < 2:
        return full, ""
    if all(_is_east_asian(char) for char in "".join(words)):
        return " ".join(words[1:]), words[0]
    start = len(words) - 1
    while start > 1 and fold(words[start - 1]).strip("'.") in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


_TITLES_AFTER = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "md", "m.d.", "mba", "esq."})


def _is_east_asian(char: str) -> bool:
    return 0x3400 <= ord(char) <= 0x9FFF or 0xAC00 <= ord(char) <= 0xD7A3 or 0x20000 <= ord(char) <= 0x3FFFF


def masked_email(email: str) -> str:
    """Enough of an address to tell two people apart, not enough to write to them: a…e@people.example."""
    name, at, host = email.rpartition("@")
    if not at:
        return ""
    shown = list(graphemes(name))
    return f"{shown[0] if shown else ''}…{shown[-1] if len(shown) > 2 else ''}@{host}"


def words_of(query: str) -> list[str]:
    """The folded words of a search; each has to occur. At most eight count."""
    return list(dict.fromkeys(fold(clean(query)).split()))[:8]
