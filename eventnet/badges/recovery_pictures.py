"""Draws the recovery picture: a QR code and the words that say what it is, as PNG for the photos of a phone."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from eventnet.badges import lettering, sheets, symbols
from eventnet.words import gettext as _

_TEMPLATE = Path(__file__).with_name("recovery.typ")
PIXELS_PER_INCH = 216
PIXELS_A_MODULE = 14


def picture(address: str, *, name: str, event_name: str, until: str, fonts: Path) -> bytes:
    """A PNG of 900 × 1320 pixels with the QR code of `address`, whose it is and until when it works.

    Without fonts on the machine it is the QR code alone, which is what counts. Takes a tenth of a second.
    """
    symbol = symbols.symbol(address)
    try:
        book, families = sheets.book(fonts)
    except ValueError:
        return symbol.png(PIXELS_A_MODULE)
    data = {
        "fonts": families[lettering.han_region(f"{name} {event_name}")],
        "name": lettering.words(name), "event": lettering.words(event_name),
        "title": _("Recovery picture"), "path": symbol.path(), "size": symbol.size,
        "advice": _("Phone lost? Point the camera of another one at this code and you are signed in again."),
        "until": _("Works until %(day)s. Whoever has this picture can be you there: show it to nobody.", day=until),
    }
    compiler = typst.Compiler(str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=book, ignore_system_fonts=True)
    made = compiler.compile(format="png", ppi=PIXELS_PER_INCH,
                            sys_inputs={"picture": json.dumps(data, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made
