"""Sets badges as a PDF: names in any script, one QR code each, ready to print."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from eventnet.badges import lettering
from eventnet.badges.codes import grouped
from eventnet.badges.fitting import LINE_HEIGHT, Ruler
from eventnet.badges.joining import joined
from eventnet.badges.layouts import Layout
from eventnet.badges.symbols import symbol

CHUNK = 200
"""The most badges set in one go. Each chunk carries its fonts, and the engine remembers ten of them in memory."""

CATEGORY_WORDS: Mapping[str, str] = {
    "attendee": "Attendee",
    "speaker": "Speaker",
    "sponsor": "Sponsor",
    "staff": "Staff",
}
"""The word on the coloured band for each category, in English."""

POINTS_PER_MM = 72 / 25.4

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_LATIN = "Noto Sans"
_HAN_FONTS = {"sc": "Noto Sans SC", "jp": "Noto Sans JP", "kr": "Noto Sans KR"}
_CODE_TRACKING = 0.06


@dataclass(frozen=True, slots=True)
class Face:
    """What one badge shows.

    `badge_name`, `organization` and `title` may be empty (an empty name leaves room to write one). `category` is a key
    of the words of categories or a word itself. `url` is what the QR code holds and `code` the badge code; for somebody
    who does not take part `url` is None, and the badge shows neither.
    """

    badge_name: str
    organization: str
    title: str
    category: str
    url: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class _Fonts:
    """The fonts of a folder: the engine's index of them, the order in which to try them, rulers for plain text."""

    book: Any
    lists: dict[str, list[str]]
    regular: Ruler | None
    bold: Ruler | None


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle on a badge, in points from the badge's top left corner."""

    x: float
    y: float
    width: float
    height: float


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
    """Returns a PDF with one badge per face, in order, on pages of `layout`.

    `short_host` is printed below the badge code and says where to type it. Only fonts (TTF, OTF) lying in `font_dir`
    are used, never the machine's. `progress` is called with (badges done, badges in all) after every chunk; an
    exception that it raises stops the work. `category_words` are the words on the bands in the event's language.

    Raises ValueError, with a sentence for a person, if there is no face or no font.
    """
    if not faces:
        raise ValueError("There is nobody to print a badge for.")
    setting = _Setting.of(layout, event_name, short_host, font_dir, category_words)
    chunk = max(1, CHUNK // layout.per_page) * layout.per_page
    parts: list[tuple[bytes, list[bytes]]] = []
    for start in range(0, len(faces), chunk):
        some = faces[start : start + chunk]
        parts.append((setting.set(some, "pdf"), _qr_codes(some, layout, setting.places["qr"])))
        if progress:
            progress(start + len(some), len(faces))
    return joined(parts)


def picture(
    faces: Sequence[Face],
    layout: Layout,
    *,
    event_name: str,
    short_host: str,
    font_dir: Path,
    category_words: Mapping[str, str] = CATEGORY_WORDS,
) -> bytes:
    """Returns the page that `render` would make of at most one page of faces, as an SVG image without any font."""
    if not 0 < len(faces) <= layout.per_page:
        raise ValueError("A picture shows one page of badges.")
    setting = _Setting.of(layout, event_name, short_host, font_dir, category_words)
    box, codes = setting.places["qr"], []
    for place, face in enumerate(faces):
        if not face.url:
            continue
        made = symbol(face.url)
        x, y = (length * POINTS_PER_MM for length in layout.corner(place))
        where = f"translate({x + box.x:.3f} {y + box.y:.3f}) scale({box.width / made.size:.5f})"
        codes.append(f'<path transform="{where}" d="{made.path()}"/>')
    return setting.set(faces, "svg").removesuffix(b"</svg>") + "".join(codes).encode() + b"</svg>"


def book(directory: Path) -> tuple[Any, dict[str, list[str]]]:
    """The engine's index of the fonts in a folder, and the order in which to try them for each region of Han
    characters. Raises ValueError, with a sentence for a person, if there are none."""
    fonts = _fonts(directory)
    return fonts.book, fonts.lists


@dataclass(frozen=True, slots=True)
class _Setting:
    """The engine with all that the pages of one job have in common."""

    layout: Layout
    places: dict[str, _Box]
    fonts: _Fonts
    frame: dict[str, Any]
    category_words: Mapping[str, str]
    compiler: typst.Compiler

    @classmethod
    def of(
        cls, layout: Layout, event_name: str, short_host: str, font_dir: Path, category_words: Mapping[str, str]
    ) -> _Setting:
        fonts, places = _fonts(font_dir), _places(layout)
        corners = [[length * POINTS_PER_MM for length in layout.corner(place)] for place in range(layout.per_page)]
        frame = {
            "title": lettering.cleaned(event_name),
            "event": lettering.words(event_name),
            "host": lettering.words(short_host),
            "fonts": fonts.lists,
            "layout": asdict(layout),
            "corners": corners,
            "boxes": {name: asdict(box) for name, box in places.items()},
            "sizes": _sizes(layout),
        }
        compiler = typst.Compiler(
            str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=fonts.book, ignore_system_fonts=True
        )
        return cls(layout, places, fonts, frame, category_words, compiler)

    def set(self, faces: Sequence[Face], kind: Literal["pdf", "svg"]) -> bytes:
        """The pages of these faces, still without their QR codes; as SVG one page only."""
        words = self.category_words
        categories = {face.category: lettering.words(words.get(face.category, face.category)) for face in faces}
        set_faces = [_face(face, self.layout, self.places, self.fonts) for face in faces]
        sheet = json.dumps({**self.frame, "categories": categories, "faces": set_faces}, ensure_ascii=False)
        more: dict[str, Any] = {"pdf_tags": False} if kind == "pdf" else {}
        part = self.compiler.compile(format=kind, sys_inputs={"sheet": sheet}, **more)
        assert isinstance(part, bytes)
        return part


def _fonts(directory: Path) -> _Fonts:
    files = sorted(path for path in directory.glob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc"))
    if not files:
        raise ValueError(f"There are no fonts in {directory}. Run “make setup”, which puts them there.")
    return _indexed(str(directory), tuple((path.name, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=2)
def _indexed(directory: str, _state: tuple[tuple[str, int], ...]) -> _Fonts:
    book = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])
    rulers = {
        font.weight: Ruler(Path(font.path))
        for font in book.fonts()
        if font.family == _LATIN and font.style == "normal" and font.path and font.weight in (400, 700)
    }
    return _Fonts(book, _font_lists(book.families()), rulers.get(400), rulers.get(700))


def _font_lists(families: Sequence[str]) -> dict[str, list[str]]:
    """For each region of Han characters the fonts in the order they are tried: Latin first, the region's own before
    the other regions', whose glyphs look foreign to its readers."""
    latin = [family for family in families if family == _LATIN]
    others = sorted(family for family in families if family != _LATIN and family not in _HAN_FONTS.values())
    lists = {}
    for region, own in _HAN_FONTS.items():
        han = sorted((family for family in families if family in _HAN_FONTS.values()), key=lambda name: name != own)
        lists[region] = latin + others + han
    return lists


def _places(layout: Layout) -> dict[str, _Box]:
    """The boxes of a badge: band, QR code, the lines under it, and who it is, with (`who`) and without QR code."""
    mm = POINTS_PER_MM
    width, height = layout.badge[0] * mm, layout.badge[1] * mm
    margin, side = layout.margin * mm, layout.qr_side * mm
    room = width - 2 * margin
    band = _Box(margin, layout.safe_top * mm, room, 7.5 * mm)
    below = band.y + band.height
    if layout.arrangement == "beside":
        qr = _Box(width - margin - side, below + 4.5 * mm, side, side)
        under = _Box(qr.x, qr.y + side + 3 * mm, side, 10 * mm)
        who = _Box(margin, below + 3.5 * mm, room - side - 5 * mm, height - margin - below - 3.5 * mm)
    else:
        qr = _Box((width - side) / 2, height - side - 18 * mm, side, side)
        under = _Box(margin, qr.y + side + 3.6 * mm, room, 10 * mm)
        who = _Box(margin, below + 4 * mm, room, qr.y - below - 9 * mm)
    alone = _Box(margin, who.y, room, height - margin - who.y)
    return {"band": band, "qr": qr, "under": under, "who": who, "alone": alone}


def _sizes(layout: Layout) -> dict[str, float]:
    """Type sizes in points and shares of the height of the box, for the template and for `_set_plainly` alike."""
    floor, ceiling = layout.name_sizes
    return {
        "name": ceiling,
        "name_floor": floor,
        "line": round(ceiling * 0.42, 1),
        "line_floor": 7,
        "line_share": 0.2,
        "gap_share": 0.03,
        "code": round(layout.qr_side * 0.39, 1),
        "host": round(layout.qr_side * 0.23, 1),
        "tracking": _CODE_TRACKING,
    }


def _face(face: Face, layout: Layout, places: Mapping[str, _Box], fonts: _Fonts) -> dict[str, Any]:
    shown = {"name": face.badge_name, "title": face.title, "organization": face.organization}
    texts = {line: lettering.cleaned(text) for line, text in shown.items()}
    data: dict[str, Any] = {"category": face.category, "alone": not face.url}
    if face.url and face.code:
        data["code"] = _centred_code(grouped(face.code), places["under"], layout, fonts)
    plain = _set_plainly(texts, places["who" if face.url else "alone"], layout, fonts)
    if plain is not None:
        data["plain"] = plain
    else:
        data["han"] = lettering.han_region(" ".join(texts.values()))
        data["words"] = {line: lettering.words(text) for line, text in texts.items()}
    return data


def _qr_codes(faces: Sequence[Face], layout: Layout, box: _Box) -> list[bytes]:
    """The PDF operators that draw the QR codes of each page, black as ink (not as a mixture of colours).

    They are not left to the engine, which would take as long for a QR code as for all the text of a badge.
    """
    height = layout.page[1] * POINTS_PER_MM
    pages = []
    for start in range(0, len(faces), layout.per_page):
        drawn = []
        for place, face in enumerate(faces[start : start + layout.per_page]):
            if not face.url:
                continue
            made = symbol(face.url)
            x, y = (length * POINTS_PER_MM for length in layout.corner(place))
            module = box.width / made.size
            # One module is one unit, and y grows downwards from the symbol's upper left corner.
            matrix = f"{module:.5f} 0 0 {-module:.5f} {x + box.x:.3f} {height - y - box.y:.3f}"
            drawn.append(f"q 0 g {matrix} cm\n{made.pdf_path()}f\nQ\n")
        pages.append("".join(drawn).encode())
    return pages


def _centred_code(code: str, box: _Box, layout: Layout, fonts: _Fonts) -> dict[str, Any]:
    size = _sizes(layout)["code"]
    width = fonts.bold.width(code) + (len(code) - 1) * _CODE_TRACKING if fonts.bold else None
    return {"text": code, "x": None if width is None else round(box.x + (box.width - width * size) / 2, 2)}


def _set_plainly(texts: Mapping[str, str], box: _Box, layout: Layout, fonts: _Fonts) -> list[dict[str, Any]] | None:
    """Lines of text with their places and sizes in points, or None if it takes the engine to fit them.

    Measuring in the engine costs three times as much as all the rest of a badge, and most names do not need it.
    """
    if fonts.regular is None or fonts.bold is None:
        return None
    sizes = _sizes(layout)
    gap = sizes["gap_share"] * box.height
    fits, left = {}, box.height
    rulers = {"title": fonts.regular, "organization": fonts.bold, "name": fonts.bold}
    for line, ruler in rulers.items():
        if not texts[line]:
            continue
        kind = "name" if line == "name" else "line"
        limit = left if line == "name" else sizes["line_share"] * box.height
        fit = ruler.fit(texts[line], box.width, limit, sizes[kind], sizes[f"{kind}_floor"])
        if fit is None:
            return None
        fits[line] = fit
        left -= fit.height + gap
    y = box.y + ((left + gap) / 2 if layout.arrangement == "below" else 0)
    placed = []
    for line in ("name", "title", "organization"):
        if line not in fits:
            continue
        fit, ruler = fits[line], rulers[line]
        for text in fit.lines:
            shift = (box.width - ruler.width(text) * fit.size) / 2 if layout.arrangement == "below" else 0
            placed.append(
                {"style": line, "text": text, "size": fit.size, "x": round(box.x + shift, 2), "y": round(y, 2)}
            )
            y += fit.size * LINE_HEIGHT
        y += gap
    return placed
