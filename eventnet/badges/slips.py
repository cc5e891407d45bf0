"""Prints the slips of paper with activation codes, eight on a sheet of A4, to be folded or torn off behind a badge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typst

from eventnet.attendees.printed_codes import Slip
from eventnet.badges import lettering, sheets
from eventnet.badges.joining import joined
from eventnet.errors import Refusal
from eventnet.words import gettext as _
from eventnet.words import speaking

_TEMPLATE = Path(__file__).with_name("slips.typ")
PER_PAGE = 8
CHUNK = 50 * PER_PAGE


def print_slips(slips: Sequence[Slip], *, event_name: str, address: str, language: str, fonts: Path) -> bytes:
    """A PDF with one slip each: name, code, where it is typed and what is asked for beside it.

    Uses no database. Raises Refusal when there is no slip, and when the fonts are missing.
    """
    if not slips:
        raise Refusal(_("There is no activation code to print."), reason="nothing")
    try:
        book, families = sheets.book(fonts)
    except ValueError as error:
        raise Refusal(str(error), status=503, reason="fonts") from error
    with speaking(language):
        asked = {
            "email": _("and the e-mail address you registered with"),
            "phone": _("and the last four digits of your phone"),
            "family_name": _("and your family name, as you registered"),
        }
        frame = {
            "title": lettering.cleaned(event_name), "event": lettering.words(event_name), "address": address,
            "fonts": families, "asked": asked, "where": _("Your start code. Type it at"),
            "advice": _("Works once. Not the code on your badge. Keep it folded."),
        }
    compiler = typst.Compiler(str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=book, ignore_system_fonts=True)
    parts: list[tuple[bytes, list[bytes]]] = []
    for start in range(0, len(slips), CHUNK):
        some = [{"name": lettering.words(slip.name), "code": slip.code, "proof": slip.proof,
                 "han": lettering.han_region(slip.name)} for slip in slips[start:start + CHUNK]]
        part = compiler.compile(format="pdf", pdf_tags=False,
                                sys_inputs={"slips": json.dumps({**frame, "slips": some}, ensure_ascii=False)})
        assert isinstance(part, bytes)
        parts.append((part, [b""] * -(-len(some) // PER_PAGE)))
    return joined(parts)
