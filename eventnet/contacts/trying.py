"""The page with a test code: whether a phone's scanner, or its own camera, reads codes here. Nothing is swapped."""

from __future__ import annotations

import base64

from flask import Blueprint, render_template

from eventnet.badges import symbols
from eventnet.events.access import current_event
from eventnet.web import cookies

bp = Blueprint("scanner_test", __name__)
PIXELS_A_MODULE = 8


@bp.get("/scan/test")
def test_code(slug: str) -> str:
    address = f"{cookies.settings().base_url}/e/{current_event().slug}/scan/test"
    picture = base64.b64encode(symbols.symbol(address).png(PIXELS_A_MODULE)).decode()
    return render_template("contacts/scan_test.html", picture=picture, address=address)
