"""E-mail and web addresses as people type them, checked and written out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_%+'-]+(\.[A-Za-z0-9_%+'-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_BRACKETED = re.compile(r"[^<>]*<([^<>\s]+)>")
_LINKEDIN_NAME = re.compile(r"(?:/?in/)?@?([\w-]{3,100})/?")
_HOST = re.compile(r"([^\W_]([\w-]*[^\W_])?\.)+[^\W\d_]{2,}", re.ASCII)


def email_address(text: str) -> str | None:
    """The one address in `text` ("Ana <ana@x.example>", "mailto:…"), kept in its own spelling; None if there is none.

    Addresses with letters outside ASCII are legal (RFC 6531).
    """
    text = text.strip().removeprefix("mailto:")
    if bracketed := _BRACKETED.fullmatch(text):
        text = bracketed.group(1)
    if len(text) > 254 or len(text.partition("@")[0]) > 64:
        return None
    if _PLAIN_EMAIL.fullmatch(text):
        return text
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def web_address(text: str) -> str | None:
    """An http(s) address with a scheme; None for anything else, such as javascript: or an address with a password."""
    text = text.strip()
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) or re.match(r"[\w.-]+:\d", text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or re.search(r"[\s<>\"\\^`{|}]", text):
        return None
    host = parts.hostname or ""
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        return None
    return text if _HOST.fullmatch(ascii_host) and len(text) <= 500 else None


def linkedin_address(text: str) -> str | None:
    """The address of a LinkedIn profile, from an address or a bare profile name; None for another site."""
    text = text.strip()
    if named := _LINKEDIN_NAME.fullmatch(text):
        return f"https://www.linkedin.com/in/{named.group(1)}"
    address = web_address(text.removeprefix("/"))
    if address is None:
        return None
    host = (urlsplit(address).hostname or "").lower()
    return address if host == "linkedin.com" or host.endswith(".linkedin.com") or host == "lnkd.in" else None
