"""Contact values as people type them: written out, or refused with a sentence."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import phonenumbers

from eventnet.attendees import addresses
from eventnet.words import gettext as _


class Unusable(ValueError):
    """This value cannot stand on a card; the message is for the person."""


def clean_phone(text: str, region: str) -> tuple[str, bool]:
    """(the number, whether it is one). Valid numbers are written internationally; others are kept as typed.

    `region` is the ISO 3166 country of numbers without +; numbers by libphonenumber.
    """
    text = " ".join(text.split())
    if not text:
        return "", True
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return text, False
    if not phonenumbers.is_valid_number(number):
        return text, False
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL), True


def clean_linkedin(text: str) -> str:
    """https://www.linkedin.com/in/ada, from an address, "in/ada" or "ada". Raises Unusable."""
    text = text.strip()
    if not text:
        return ""
    found = addresses.linkedin_address(text.removeprefix("/").removeprefix("in/"))
    if found is None:
        raise Unusable(_("That is no LinkedIn profile. It looks like linkedin.com/in/ada."))
    parts = urlsplit(found)
    path = parts.path.rstrip("/")
    if path in ("", "/in"):
        raise Unusable(_("That is LinkedIn, but not a profile. It looks like linkedin.com/in/ada."))
    host = (parts.hostname or "").lower()
    return urlunsplit(("https", "www.linkedin.com" if host.endswith("linkedin.com") else host, path, "", ""))


def clean_website(text: str) -> str:
    """An https address. Raises Unusable for anything else, http included: a card opens on other people's phones."""
    text = text.strip()
    if not text:
        return ""
    found = addresses.web_address(text)
    if found is None:
        raise Unusable(_("That is no web address. It looks like https://engines.example."))
    if not found.lower().startswith("https://"):
        raise Unusable(_("Only https addresses stand on a card. Write https:// if your site has it."))
    return found


def clean_email(text: str) -> str:
    """An e-mail address in its own spelling. Raises Unusable."""
    text = text.strip()
    if not text:
        return ""
    found = addresses.email_address(text)
    if found is None:
        raise Unusable(_("That is no e-mail address. It looks like ada@engines.example."))
    return found
