"""Where a sign-in may lead: only to a path of ours."""

from __future__ import annotations

import pytest

from eventnet.web.destinations import safe_next


@pytest.mark.parametrize("text", [
    "/", "/admin/", "/admin/e/mixer/?q=ada&page=2", "/e/mixer/people#7", "/B/0123456789ABCDEFGHJKMNPQRS",
    "/e/köln/badge", "/?next=https://evil.example", "/a//b", "/a/../b", "/%2F%2Fevil.example", "/@evil.example", "/:80",
])
def test_path_of_ours_is_kept(text: str) -> None:
    assert safe_next(text, "/default") == text


@pytest.mark.parametrize("text", [
    None, "", " ", "admin", "admin/", "?q=1", "#top", "https://evil.example", "HTTPS://evil.example",
    "http:evil.example",
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/\\/evil.example", "/a\\b", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "mailto:a@b.example",
    "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\nLocation: //evil.example", " //evil.example",
    "/ /evil.example", "/\x00/evil.example", "\x00/admin/", "/\u2028/evil.example", "\ufeff/admin/",
    "/\u200b/evil.example",
    "／／evil.example", "https:/evil.example", "https:///evil.example", "ev.example/admin", "//ev.example@evil.example",
    "//[::1", "/\x7f", "/" + "a" * 2000,
])
def test_anything_else_is_replaced(text: str | None) -> None:
    assert safe_next(text, "/default") == "/default"
