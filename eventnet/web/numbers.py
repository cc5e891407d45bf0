"""Numbers of rows and pages as addresses and forms say them: in the range of the database, or none at all."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1
LAST_PAGE = 1_000_000


def row_number(text: str | None) -> int | None:
    """The number of a row that `text` names; None for what cannot be one."""
    if not text or len(text) > 19 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= LARGEST else None


def page_number(text: str | None) -> int:
    """?page=3, counted from 1; anything that is no page is the first one."""
    number = row_number(text) or 1
    return number if number <= LAST_PAGE else 1


class RowNumber(IntegerConverter):
    """`<int:…>` in addresses: a number that no row can have is an address that leads nowhere (404)."""

    regex = r"[0-9]{1,19}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)
