"""E-mail and web addresses: what people type is written out, what is none is none."""

from __future__ import annotations

import pytest

from eventnet.attendees import addresses


@pytest.mark.parametrize(("typed", "kept"), [
    (" ANA@Example.com ", "ANA@Example.com"), ("mailto:a@b.example", "a@b.example"),
    ("Ana <a@b.example>", "a@b.example"),
    ("jürgen@müller.example", "jürgen@müller.example"), ("o'brien+x@a-b.co.example", "o'brien+x@a-b.co.example"),
    ("a@b", None), ("a b@c.example", None), ("a@b.example;c@d.example", None), ("a@@b.example", None), ("", None),
    ("a..b@c.example", None), ("a@-b.example", None), ("x" * 65 + "@b.example", None),
    ("a@b.example\r\nBcc: c@d.example", None),
])
def test_email_address(typed: str, kept: str | None) -> None:
    assert addresses.email_address(typed) == kept


@pytest.mark.parametrize(("typed", "kept"), [
    ("example.org", "https://example.org"), ("http://example.org/a?b=c", "http://example.org/a?b=c"),
    ("example.org:8080/x", "https://example.org:8080/x"), ("https://müller.example", "https://müller.example"),
    ("javascript:alert(1)", None), ("data:text/html,x", None), ("https://user@evil.example", None),
    ("ftp://x.example", None),
    ("localhost", None), ("https://x.example/\"><script>", None), ("two words", None), ("", None),
])
def test_web_address(typed: str, kept: str | None) -> None:
    assert addresses.web_address(typed) == kept


@pytest.mark.parametrize(("typed", "kept"), [
    ("https://www.linkedin.com/in/ada", "https://www.linkedin.com/in/ada"),
    ("de.linkedin.com/in/ada", "https://de.linkedin.com/in/ada"),
    ("@ada-lovelace", "https://www.linkedin.com/in/ada-lovelace"),
    ("in/ada", "https://www.linkedin.com/in/ada"), ("https://linkedin.com.evil.example/in/ada", None),
    ("https://evil.example/linkedin.com", None), ("javascript:linkedin.com", None),
])
def test_linkedin_address(typed: str, kept: str | None) -> None:
    assert addresses.linkedin_address(typed) == kept
