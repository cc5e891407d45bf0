"""Sets badges as a PDF: names in any script, one QR code each, ready to print."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from pypdf import PdfReader, PdfWriter

from eventnet.badges.codes import grouped
from eventnet.badges.layouts import Layout
from eventnet.badges.symbols import symbol

CHUNK = 1000
"""Badges set in one go; more of them cost memory, fewer of them repeat the fonts."""

CATEGORY_WORDS: Mapping[str, str] = {
    "attendee": "Attendee",
    "speaker": "Speaker",
    "sponsor": "Sponsor",
    "staff": "Staff",
}
"""The word on the coloured band for each category, in English."""

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_LATIN = "Noto Sans"
_HAN_FONTS = {"sc": "Noto Sans SC", "jp": "Noto Sans JP", "kr": "Noto Sans KR"}
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_BREAKS_ANYWHERE = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_PILED_UP_MARKS = re.compile(r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
# Overrides and isolates reorder what follows them; shaping needs no more than the joiners.
_DIRECTION_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Face:
    """What one badge shows.

    `badge_name`, `organization` and `title` may be empty (an empty name leaves room to write one). `category` is one of
    the keys of `CATEGORY_WORDS` or a word of its own. `url` is what the QR code holds and `code` the badge code; both are
    None for somebody who does not take part, whose badge has neither.
    """

    badge_name: str
    organization: str
    title: str
    category: str
    url: str | None
    code: str | None


def render(
    faces: Sequence[Face],
    layout: Layout,
    *,
    event_name: str,
    short_host: str,
    font_dir: Path,
    progress: Callable[[int, int], None] | None = None,
    category_words: Mapping[str, str] = CATEGORY_WORDS,
) -> bytes:
    """Returns a PDF of one badge per face, in order, on the pages of `layout`.

    `short_host` is printed below the code, to say where to type it. Only fonts (TTF, OTF) lying in `font_dir` are used,
    never the machine's. `progress` is called with (badges done, badges in all) after every chunk; an exception that it
    raises stops the work. `category_words` gives the words of the categories in the event's language.

    Raises ValueError, with a sentence for a person, if there is no face or no font.
    """
    if not faces:
        raise ValueError("There is nobody to print a badge for.")
    fonts = _fonts(font_dir)
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), font_paths=fonts.book)
    places = _places(layout)
    chunk = max(layout.per_page, CHUNK // layout.per_page * layout.per_page)
    parts = []
    for start in range(0, len(faces), chunk):
        some = faces[start : start + chunk]
        sheet = {
            "title": _clean(event_name),
            "fonts": fonts.lists,
            "layout": {**asdict(layout), **places},
            "bands": [
                {"category": name, "word": _words(category_words.get(name, name)), "event": _words(event_name)}
                for name in dict.fromkeys(face.category for face in some)
            ],
            "host": _words(short_host),
            "faces": [_face(face, places, fonts) for face in some],
        }
        data = json.dumps(sheet, ensure_ascii=False)
        parts.append(compiler.compile(format="pdf", sys_inputs={"sheet": data}, pdf_tags=False))
        if progress:
            progress(min(start + chunk, len(faces)), len(faces))
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    joined = io.BytesIO()
    writer.write(joined)
    return joined.getvalue()


@dataclass(frozen=True, slots=True)
class _Fonts:
    """The fonts of a folder: the engine's own index, the order in which to try them, rulers for plain text."""

    book: Any
    lists: dict[str, list[str]]
    regular: Ruler | None
    bold: Ruler | None


def _fonts(directory: Path) -> _Fonts:
    files = sorted(path for path in directory.glob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc"))
    if not files:
        raise ValueError(f"There are no fonts in {directory}. Run “make setup”, which puts them there.")
    return _fonts_of(str(directory), tuple((path.name, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=2)
def _fonts_of(directory: str, _state: tuple[tuple[str, int], ...]) -> _Fonts:
    book = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])
    rulers = {
        font.weight: Ruler(Path(font.path))
        for font in book.fonts()
        if font.family == _LATIN and font.style == "normal" and font.path and font.weight in (400, 700)
    }
    return _Fonts(book, _font_lists(book.families()), rulers.get(400), rulers.get(700))


def _font_lists(families: Sequence[str]) -> dict[str, list[str]]:
    """For each region of Han characters the fonts in the order they are tried: Latin first, then the region's own."""
    others = [family for family in families if family != _LATIN and family not in _HAN_FONTS.values()]
    latin = [family for family in families if family == _LATIN]
    lists = {}
    for region, own in _HAN_FONTS.items():
        han = [own, *(family for family in _HAN_FONTS.values() if family != own)]
        lists[region] = latin + others + [family for family in han if family in families]
    return lists


def _places(layout: Layout) -> dict[str, Any]:
    """Where the parts of a badge go, in points from its top left corner; `who` also without QR code."""
    width, height, margin, qr_side = (
        length * POINTS_PER_MM for length in (*layout.badge, layout.margin, layout.qr_side)
    )
    mm = POINTS_PER_MM
    band = {"x": margin, "y": layout.safe_top * mm, "width": width - 2 * margin, "height": 7.5 * mm}
    below = band["y"] + band["height"]
    if layout.arrangement == "beside":
        x, y = width - margin - qr_side, below + 4.5 * mm
        under = {"x": x, "y": y + qr_side + 3 * mm, "width": qr_side}
        top, foot, aside = below + 3.5 * mm, margin, qr_side + 5 * mm
    else:
        x, y = (width - qr_side) / 2, height - qr_side - 18 * mm
        under = {"x": margin, "y": y + qr_side + 3.6 * mm, "width": width - 2 * margin}
        top, foot, aside = below + 3 * mm, qr_side + 22 * mm, 0.0
    box = {"x": margin, "y": top}
    return {
        "band": band,
        "qr": {"x": x, "y": y, "width": qr_side},
        "under": under,
        "who": {**box, "width": width - 2 * margin - aside, "height": height - top - foot},
        "who_alone": {**box, "width": width - 2 * margin, "height": height - top - margin},
        "code_size": round(qr_side * 0.136, 1),
        "line_sizes": (7, round(layout.name_sizes[1] * 0.42, 1)),
        "corners": [[length * mm for length in layout.corner(place)] for place in range(layout.per_page)],
    }


def _face(face: Face, places: Mapping[str, Any], fonts: _Fonts) -> dict[str, Any]:
    shown = face.badge_name + face.organization + face.title
    words = [_words(text) for text in (face.badge_name, face.title, face.organization)]
    return {
        "words": words,
        "fits": _fits([each["text"] for each in words], places, fonts, bool(face.url)),
        "category": face.category,
        "han": "jp" if _KANA.search(shown) else "kr" if _HANGUL.search(shown) else "sc",
        "qr": _svg(face.url) if face.url else None,
        "code": grouped(face.code) if face.url and face.code else "",
    }


def _svg(url: str) -> str:
    made = symbol(url)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {made.size} {made.size}"><path d="{made.path()}"/></svg>'


def _words(text: str) -> dict[str, Any]:
    clean = _clean(text)
    # Scripts that break anywhere stay on one line only as long as a name in them usually is.
    pieces = [word for word in clean.split(" ") if len(word) <= 8 or not _BREAKS_ANYWHERE.search(word)]
    return {"text": clean, "rtl": _is_right_to_left(clean), "pieces": [piece for piece in pieces if piece]}


def _clean(text: str) -> str:
    text = _DIRECTION_CONTROLS.sub("", unicodedata.normalize("NFC", text))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return _PILED_UP_MARKS.sub(r"\1", " ".join(text.split()))[:_LONGEST_LINE]


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction (Unicode UAX 9, rule P2) runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL", "L"):
            return direction != "L"
    return False
