"""Badge sheets: every QR code read back from the printed picture, every name inside its box, in any script."""

import ctypes
import io
import itertools
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from eventnet.badges import sheets
from eventnet.badges.codes import grouped, new_code, new_token
from eventnet.badges.fitting import LINE_HEIGHT, Ruler
from eventnet.badges.joining import joined
from eventnet.badges.layouts import LAYOUTS, get_layout
from eventnet.badges.sheets import POINTS_PER_MM, Face, render

FONTS = Path(__file__).parents[2] / "var" / "fonts"
HOST = "event.example.org"
EVENT = "Spring mixer 2027"

NAMES = {
    "plain": "Ada Lovelace",
    "accents": "Nguyễn Thị Ánh Nguyệt",
    "hyphens": "Anne-Marie Konstantinopoulou-Papadimitriou",
    "one long word": "Wolfeschlegelsteinhausenbergerdorff",
    "arabic": "سميرة النجار",
    "hebrew": "יעל כהן",
    "devanagari": "दिव्या चतुर्वेदी",
    "bengali": "রবীন্দ্রনাথ ঠাকুর",
    "tamil": "தமிழ்ச்செல்வி முருகன்",
    "thai": "ศักดิ์สิทธิ์ วงศ์ประเสริฐ",
    "japanese": "やまだ 太郎",
    "chinese": "王小明",
    "korean": "김민수",
    "georgian": "დავით გიორგაძე",
    "armenian": "Նարե Հակոբյան",
    "ethiopic": "አበበ ቢቂላ",
    "greek with breathings": "Ὀδυσσεύς Παπαδόπουλος",
    "two directions": "أحمد Smith",
    "markup": '#eval("x") $x^2$ @ref',
    "more markup": '*b* _i_ `r` \\ [x] // /* <a> " = - + #{',
    "300 letters": "Maria " * 50,
    "300 letters without a space": "X" * 300,
    "300 characters": "漢" * 300,
    "300 arabic letters": "عبد" * 100,
    "piled up marks": "Z" + "\u0334\u0315\u0348" * 40 + "algo",
    "controls": "Ad\x00a\r\nLove\x1blace\u202e\u2028!",
    "lone surrogate": "Ada \ud800",
    "none": "",
}


@pytest.fixture(scope="session")
def font_dir():
    if not list(FONTS.glob("NotoSans*.ttf")):
        pytest.fail(f"There are no fonts in {FONTS}: run “make setup” first.")
    return FONTS


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return get_layout(request.param)


def face(name="Ada Lovelace", organization="Analytical Engines", title="Analyst", category="attendee"):
    return Face(name, organization, title, category, f"https://EVENT.EXAMPLE.ORG/B/{new_token()}", new_code())


def printed(faces, layout, font_dir, **more):
    return render(faces, layout, event_name=EVENT, short_host=HOST, font_dir=font_dir, **more)


def codes_by_badge(pdf, layout, dpi=200):
    """The text of every QR code in the picture of the pages, by (page, place) of the badge where its middle lies."""
    found = {}
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        picture = page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze()
        for code in zxingcpp.read_barcodes(picture):
            corners = (code.position.top_left, code.position.bottom_right)
            x, y = (sum(getattr(corner, axis) for corner in corners) / 2 / dpi * 25.4 for axis in "xy")
            place = place_of(x, y, layout)
            assert (number, place) not in found
            found[number, place] = code.text
    return found


def place_of(x, y, layout):
    column = int((x - layout.origin[0]) // layout.pitch[0])
    row = int((y - layout.origin[1]) // layout.pitch[1])
    return row * layout.columns + column


def ink(pdf):
    """Per page the (character, left, top, right, bottom) of every drawn character, in millimetres from the top left."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        height, text, marks = page.get_height(), page.get_textpage(), []
        for index in range(text.count_chars()):
            if pdfium.FPDFText_IsGenerated(text, index):
                continue
            left, bottom, right, top = text.get_charbox(index)
            code = pdfium.FPDFText_GetUnicode(text, index)
            if not chr(code).isspace() and right > left and top > bottom:
                size = pdfium.FPDFText_GetFontSize(text, index)
                box = (left, height - top, right, height - bottom)
                marks.append((chr(code), size, *(length / POINTS_PER_MM for length in box)))
        pages.append(marks)
    return pages


def texts(pdf):
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def test_every_qr_code_is_read_back_from_the_picture_at_its_badge(layout, font_dir):
    faces = [face(name) for name in NAMES.values()]
    read = codes_by_badge(printed(faces, layout, font_dir), layout)
    assert read == {divmod(number, layout.per_page): each.url for number, each in enumerate(faces)}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("lines", ["short", "long"])
def test_no_text_leaves_its_box(name, lines, layout, font_dir):
    organization, title = ("Acme", "CTO") if lines == "short" else (name or "Org " * 80, name or "T" * 200)
    badge = face(name, organization, title)
    (marks,) = ink(printed([badge], layout, font_dir))
    boxes = {
        key: [n / POINTS_PER_MM for n in (b.x, b.y, b.width, b.height)] for key, b in sheets._places(layout).items()
    }
    x, y, width, height = boxes["who"]
    # Characters of the band above and of the code and host are not part of the name's box.
    band_end = boxes["band"][1] + boxes["band"][3]
    below, beside = boxes["under"][1], boxes["under"][0]
    column, row = layout.corner(0)
    inside = 0
    for character, _, left, top, right, bottom in marks:
        left, right, top, bottom = left - column, right - column, top - row, bottom - row
        if bottom <= band_end or (top >= below - 0.5 and left >= beside - 0.5 and layout.arrangement == "beside"):
            continue
        if layout.arrangement == "below" and top >= below - 0.5:
            continue
        inside += 1
        # Swashes and accents may stand out of the em box by a little, never into what lies next to it.
        assert left >= x - 0.6, character
        assert right <= x + width + 0.6, character
        assert top >= y - 3, character
        assert bottom <= y + height + 1.5, character
    assert inside or not (name or organization or title)


def test_names_are_shown_as_they_are_whatever_they_hold(layout, font_dir):
    for name in (NAMES["markup"], NAMES["more markup"]):
        (text,) = texts(printed([face(name, title="")], layout, font_dir))
        assert "".join(name.split()) in "".join(text.split())


@pytest.mark.parametrize(("name", "start"), [("سميرة", "right"), ("Ada", "left"), ("أحمد Smith", "right")])
def test_right_to_left_names_start_at_the_right(name, start, font_dir):
    layout = get_layout("a4-sheet")
    (marks,) = ink(printed([face(name, "", "")], layout, font_dir))
    box = sheets._places(layout)["who"]
    name_marks = [mark for mark in marks if mark[1] > 15]
    left = min(mark[2] for mark in name_marks) - box.x / POINTS_PER_MM
    right = (box.x + box.width) / POINTS_PER_MM - max(mark[4] for mark in name_marks)
    assert (left < right) == (start == "left")


def test_short_names_are_large_and_long_ones_not_below_the_floor(layout, font_dir):
    floor, ceiling = layout.name_sizes

    def largest(name):
        return max(mark[1] for mark in ink(printed([face(name, "", "")], layout, font_dir))[0] if mark[0] in name)

    assert largest("Ada Bo") == pytest.approx(ceiling, abs=0.1)
    assert largest("王小明") == pytest.approx(ceiling, abs=0.1)
    assert floor - 0.1 <= largest("WXYZ" * 75) < ceiling / 2


def test_long_names_are_cut_with_an_ellipsis_only_if_they_must(layout, font_dir):
    assert "…" in texts(printed([face("漢" * 399, "", "")], get_layout("single"), font_dir))[0]
    assert "…" not in texts(printed([face("Ada Lovelace")], layout, font_dir))[0]


def test_somebody_not_taking_part_has_neither_qr_nor_code(layout, font_dir):
    silent = Face("Bob Builder", "Acme", "Mason", "attendee", None, "K7M29QXP")
    pdf = printed([silent, face()], layout, font_dir)
    assert list(codes_by_badge(pdf, layout)) == [divmod(1, layout.per_page)]
    (alone,) = texts(printed([silent], layout, font_dir))
    assert "Builder" in alone
    assert "K7M2" not in alone
    assert HOST not in alone


def test_code_host_event_and_category_are_in_words(layout, font_dir):
    badge = face(category="speaker")
    (text,) = texts(printed([badge], layout, font_dir))
    assert grouped(badge.code) in text
    assert HOST in text
    assert EVENT in text
    assert "Speaker" in text


def test_category_words_follow_the_language_of_the_event(layout, font_dir):
    (text,) = texts(printed([face(category="staff")], layout, font_dir, category_words={"staff": "Équipe"}))
    assert "Équipe" in text
    (text,) = texts(printed([face(category="Volunteer")], layout, font_dir))
    assert "Volunteer" in text


def test_qr_code_is_large_enough_and_has_its_quiet_zone(layout):
    module = layout.qr_side / 29
    boxes = sheets._places(layout)
    qr, mm = boxes["qr"], POINTS_PER_MM
    assert layout.qr_side >= 28
    gaps = {
        "left": qr.x - (boxes["who"].x + boxes["who"].width if layout.arrangement == "beside" else 0),
        "right": layout.badge[0] * mm - qr.x - qr.width,
        "above": qr.y - (boxes["band"].y + boxes["band"].height),
    }
    assert {side for side, gap in gaps.items() if gap < 4 * module * mm * 0.9} == set()


def test_a_full_page_is_followed_by_the_next(layout, font_dir):
    faces = [face(f"Number {number}") for number in range(layout.per_page + 1)]
    assert len(pypdfium2.PdfDocument(printed(faces, layout, font_dir))) == 2
    assert len(pypdfium2.PdfDocument(printed(faces[:-1], layout, font_dir))) == 1


def test_page_has_the_size_of_the_paper(layout, font_dir):
    page = pypdfium2.PdfDocument(printed([face()], layout, font_dir))[0]
    assert [length / POINTS_PER_MM for length in page.get_size()] == pytest.approx(layout.page, abs=0.01)


def test_many_badges_are_set_in_chunks_and_joined_in_order(layout, font_dir, monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 16)
    faces = [face(f"{names} {number}") for number, names in enumerate(["Ada", "سميرة", "山田"] * 13)]
    seen = []
    pdf = printed(faces, layout, font_dir, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(16, 39), (32, 39), (39, 39)]
    assert codes_by_badge(pdf, layout) == {divmod(number, layout.per_page): f.url for number, f in enumerate(faces)}
    read = PdfReader(io.BytesIO(pdf), strict=True)
    assert len(read.pages) == -(-39 // layout.per_page)
    assert read.metadata.title == EVENT
    assert str(38) in read.pages[-1].extract_text()


@pytest.mark.parametrize(
    "event", ["", "(Spring) 12 0 R /Pages 1 0 R <</Kids[1 0 R]>> endobj", "Frühjahr \\) مؤتمر 春", "E" * 900]
)
def test_any_event_name_leaves_the_file_whole(event, layout, font_dir, monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 8)
    faces = [face() for _ in range(17)]
    pdf = render(faces, layout, event_name=event, short_host=HOST, font_dir=font_dir)
    assert codes_by_badge(pdf, layout) == {divmod(number, layout.per_page): f.url for number, f in enumerate(faces)}
    assert (PdfReader(io.BytesIO(pdf), strict=True).metadata.title or "") == event[:400]


def test_an_exception_in_progress_stops_the_work(font_dir, monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 8)
    calls = []

    def cancel(done, total):
        calls.append(done)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        printed([face()] * 24, get_layout("a4-sheet"), font_dir, progress=cancel)
    assert calls == [8]


@pytest.mark.parametrize("part", [b"", b"%PDF-1.7\n", b"%PDF-1.7\ntrailer\n<</Size 1>>\nstartxref\n0\n%%EOF"])
def test_joining_refuses_what_the_engine_did_not_write(part):
    with pytest.raises(ValueError, match="no plain cross-reference table"):
        joined([(part, []), (part, [])])


def test_joining_refuses_content_for_pages_there_are_not(font_dir):
    pdf = printed([face()], get_layout("single"), font_dir)
    with pytest.raises(ValueError, match="A part has 1 pages and content for 2"):
        joined([(pdf, [b"", b""])])


def test_only_fonts_of_the_folder_are_embedded(layout, font_dir):
    pdf = printed([face(name) for name in NAMES.values()], layout, font_dir)
    document, fonts = pypdfium2.PdfDocument(pdf), set()
    for page in document:
        for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            font = pdfium.FPDFTextObj_GetFont(item)
            buffer = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 200)
            fonts.add(buffer.value.decode().split("+")[-1])
            assert pdfium.FPDFFont_GetIsEmbedded(font)
    assert {font for font in fonts if not font.startswith("NotoSans")} == set()
    assert {"NotoSans-Bold", "NotoSansArabic-Bold", "NotoSansThai-Bold", "NotoSansBengali-Bold"} <= fonts


def test_nobody_to_print_is_a_sentence(layout, font_dir):
    with pytest.raises(ValueError, match="nobody to print a badge for"):
        printed([], layout, font_dir)


def test_missing_fonts_are_a_sentence(layout, tmp_path):
    with pytest.raises(ValueError, match=r"There are no fonts in .*make setup"):
        printed([face()], layout, tmp_path)


def test_unknown_layout_names_those_there_are():
    with pytest.raises(ValueError, match=r"no badge layout “a5”. Choose one of: a4-sheet, single"):
        get_layout("a5")


def test_badges_lie_on_their_paper_and_not_on_each_other(layout):
    corners = [layout.corner(place) for place in range(layout.per_page)]
    for x, y in corners:
        assert x >= 0
        assert y >= 0
        assert x + layout.badge[0] <= layout.page[0]
        assert y + layout.badge[1] <= layout.page[1]
    for (ax, ay), (bx, by) in itertools.combinations(corners, 2):
        assert abs(ax - bx) >= layout.badge[0] or abs(ay - by) >= layout.badge[1]


words = st.text(st.sampled_from("abcdefgßéñWMÅЖΩ.'-"), min_size=1, max_size=14)


@settings(max_examples=200, deadline=None)
@given(st.lists(words, min_size=1, max_size=8), st.floats(60, 300), st.floats(20, 200))
def test_fitted_lines_fit_and_keep_every_letter(parts, room, limit):
    ruler = Ruler(FONTS / "NotoSans_700Bold.ttf")
    text = " ".join(parts)
    fit = ruler.fit(text, room, limit, 40, 6)
    if fit is None:
        return
    assert "".join(fit.lines).replace(" ", "") == text.replace(" ", "")
    assert 6 <= fit.size <= 40
    assert max(ruler.width(line) for line in fit.lines) * fit.size <= room
    assert len(fit.lines) * LINE_HEIGHT * fit.size <= limit + 1e-6


@pytest.mark.parametrize("text", ["", "سميرة", "ศักดิ์", "王", "e\u0301", "x" * 200, "a " * 20])
def test_fitting_leaves_the_rest_to_the_engine(text, font_dir):
    assert Ruler(font_dir / "NotoSans_700Bold.ttf").fit(text, 150, 100, 30, 9) is None
