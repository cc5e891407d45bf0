"""The cards that go with a summary: everybody's vCard in one file, each card written once and reused."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from eventnet import words
from eventnet.config import Settings
from eventnet.contacts import vcards
from eventnet.contacts.vcards import CardText
from eventnet.events.models import Event
from eventnet.outbox.mime import Attachment
from eventnet.summaries.reading import Reading
from eventnet.words import gettext as _

FOLD = 75
END = "END:VCARD\r\n"


def cards(event: Event, settings: Settings, found: Reading) -> Attachment:
    """One .vcf of everybody this attendee met, with the day they met; never a private note, tag or promise."""
    parts: list[str] = []
    zone, language = event.tz, words.language()
    for person in found.people:
        day = (person.first_at or person.given_at).astimezone(zone).date()
        parts += (_opened(vcards.uid(settings.host, event.id, person.id), tuple(person.values.items()),
                          person.card_changed_at, person.given_name, person.family_name),
                  _met_line(language, event.name, day), END)
    return f"{vcards.file_name(event.name)}.vcf", vcards.MEDIA_TYPE, "".join(parts).encode()


def note_line(text: str) -> str:
    """NOTE of a vCard 3.0, escaped and folded at 75 octets between characters (RFC 2426 §2.6, §4)."""
    text = vcards.clean(text)
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    lines, line = [], "NOTE:"
    for letter in text:
        if len((line + letter).encode()) > FOLD:
            lines.append(line)
            line = " "
        line += letter
    return "\r\n".join([*lines, line]) + "\r\n"


@lru_cache(maxsize=1000)
def _met_line(_language: str, event: str, day: date) -> str:
    return note_line(_("Met at %(event)s, %(day)s", event=event, day=words.full_day(day)))


@lru_cache(maxsize=20_000)
def _opened(uid: str, values: tuple[tuple[str, str], ...], changed_at: datetime, given_name: str,
            family_name: str) -> str:
    """A card up to its end, where a line can still be added."""
    return vcards.vcard(CardText(uid, dict(values), changed_at, given_name, family_name)).removesuffix(END)
