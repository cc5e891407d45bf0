"""Reads printed badges back: the QR codes and the words of every page of a PDF."""

from __future__ import annotations

import pypdfium2
import zxingcpp


def qr_codes(pdf: bytes) -> list[str]:
    """What a scanner reads from the picture of each page, sorted."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=200 / 72, grayscale=True).to_numpy().squeeze()
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return sorted(found)


def words(pdf: bytes) -> str:
    """The words of all pages, in the order in which they were set."""
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))


def pages(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))
