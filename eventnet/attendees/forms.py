"""Forms of the organizer's side of attendees: one person, a correction at the desk, an upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, FileField, Form, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import Optional

from eventnet.attendees import addresses, folding, labels, sources
from eventnet.attendees.models import CATEGORIES, Attendee
from eventnet.errors import Refusal
from eventnet.words import gettext
from eventnet.words import later as _

NO_NAME = _("Enter the name that should stand on the badge.")


def _address(check: Callable[[str], str | None], sentence: Any) -> Callable[[Form, StringField], None]:
    def validate(_form: Form, field: StringField) -> None:
        text = (field.data or "").strip()
        if text and check(text) is None:
            raise ValidationError(str(sentence))
        field.data = check(text) or ""

    return validate


def _name(_form: Form, field: StringField) -> None:
    if not folding.has_letters(folding.clean_name(field.data or "")):
        raise ValidationError(str(NO_NAME))


_EMAIL = _address(addresses.email_address, _("That is no e-mail address. Correct it, or leave it empty."))


class PersonForm(Form):
    """The few fields the desk needs for somebody who stands in front of it."""

    registered_name = StringField(_("Name"), (_name,))
    organization = StringField(_("Organization"), (Optional(),))
    title = StringField(_("Title"), (Optional(),))
    email = StringField(_("E-mail"), (Optional(), _EMAIL))

    def values(self) -> dict[str, str]:
        """What was entered, by field."""
        return {name: field.data or "" for name, field in self._fields.items()}

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal beside the field that it is about."""
        field = self[refusal.field if refusal.field in self else "registered_name"]
        field.errors = [*field.errors, refusal.sentence]


class CorrectionForm(PersonForm):
    """A spelling put right at the desk: same person, same badge."""

    badge_name = StringField(_("Name on the badge"), (_name,))


class SomeoneElseForm(PersonForm):
    """The person who comes instead of another one: nothing is filled in from the list."""

    is_here = BooleanField(_("They are here: check them in"))

    def values(self) -> dict[str, str]:
        return {name: value for name, value in super().values().items() if name != "is_here"}


class AttendeeForm(CorrectionForm):
    """Everything about one attendee. Whether they take part is a decision of its own, see participation."""

    given_name = StringField(_("Given name"), (Optional(),))
    family_name = StringField(_("Family name"), (Optional(),))
    category = RadioField(_("Category"), default="attendee")
    phone = StringField(_("Phone"), (Optional(),))
    linkedin = StringField(_("LinkedIn"), (Optional(), _address(
        addresses.linkedin_address, _("That is no LinkedIn profile. Write linkedin.com/in/… or the profile's name.")),))
    website = StringField(_("Website"), (Optional(), _address(
        addresses.web_address, _("That is no web address. Write it as example.org.")),))
    school = StringField(_("School"), (Optional(),))
    programme = StringField(_("Programme"), (Optional(),))
    class_year = StringField(_("Class year"), (Optional(),))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category.choices = [(name, labels.category(name)) for name in CATEGORIES]

    @classmethod
    def of(cls, attendee: Attendee) -> AttendeeForm:
        """The form as it stands for an attendee."""
        return cls(obj=attendee)


class NewAttendeeForm(AttendeeForm):
    """As AttendeeForm, with a badge name only where it differs from the registered name."""

    badge_name = StringField(_("Name on the badge"), (Optional(),))
    takes_part = BooleanField(_("Takes part"), default=True)

    def values(self) -> dict[str, str]:
        return {name: value for name, value in super().values().items() if name != "takes_part"}


class UploadForm(Form):
    """An attendee list as a file."""

    file = FileField(_("Attendee list (CSV)"))
    source = SelectField(_("Exported from"), default="auto")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source.choices = [("auto", gettext("Find out by itself")),
                               *((source.name, source.label) for source in sources.SOURCES),
                               ("unknown", gettext("Another programme, or a list of my own"))]
