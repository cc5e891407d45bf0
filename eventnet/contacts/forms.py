"""What the pages of an address book send: a swap, words about a person, an answer to who waits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.validators import Length, Optional

from eventnet.contacts import notes
from eventnet.contacts.address_book import PersonMet
from eventnet.contacts.notes import Words
from eventnet.encounters.times import Said
from eventnet.web.next_field import NextField
from eventnet.words import gettext as _


class NoteForm(Form):
    """Note, promise, tags and star of one person."""

    note = TextAreaField(validators=[Optional(), Length(max=notes.LONGEST_NOTE)])
    promise = StringField(validators=[Optional(), Length(max=notes.LONGEST_PROMISE)])
    tags = StringField(validators=[Optional(), Length(max=notes.MOST_TAGS * (notes.LONGEST_TAG + 2))])
    starred = BooleanField()
    next = NextField()

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.note.label.text = _("What did you talk about?")
        self.promise.label.text = _("I promised…")
        self.tags.label.text = _("Tags, with commas between them")
        self.starred.label.text = _("Good talk")

    @property
    def words(self) -> Words:
        """The checked words; raises Refusal 422 for what is too long."""
        return notes.checked(self.note.data or "", self.promise.data or "", (self.tags.data or "").split(","),
                             bool(self.starred.data))


def note_form(person: PersonMet, destination: str) -> NoteForm:
    """The form with what is written already."""
    return NoteForm(data={"note": person.note, "promise": person.promise, "tags": ", ".join(person.tags),
                          "starred": person.starred_at is not None, "next": destination})


def scan_id(form: Mapping[str, str]) -> str:
    """The number of the scan that the page made, so that a double tap counts once; a new one if it is spoilt."""
    try:
        return str(uuid.UUID(form.get("scan_id", "")))
    except ValueError:
        return str(uuid.uuid4())


def said(form: Mapping[str, str]) -> Said:
    """The meeting is when the page opened, by our own clock, not when the button was found."""
    try:
        opened = datetime.fromisoformat(form.get("opened_at", ""))
    except ValueError:
        return Said()
    return Said(scanned_at=opened) if opened.tzinfo is not None and 1970 <= opened.year <= 2200 else Said()
