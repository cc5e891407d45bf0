"""Forms of badges: what to print, and the code of a blank badge."""

from __future__ import annotations

from typing import Any

from wtforms import Form, IntegerField, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, NumberRange, Optional

from eventnet.badges.layouts import LAYOUTS
from eventnet.badges.printing import MOST_BLANKS
from eventnet.words import gettext
from eventnet.words import later as _


def layout_label(name: str) -> str:
    """A layout for people; one without words of its own is described by its data."""
    return {
        "a4-sheet": gettext("Sheets of A4, eight badges each, to be cut (105 × 74 mm)"),
        "single": gettext("One badge a page (105 × 148 mm), for a badge printer or A6 cards"),
    }.get(name, LAYOUTS[name].description)


class PrintForm(Form):
    """Which badges, on which paper."""

    layout = RadioField(_("Paper"), default="a4-sheet", validate_choice=False)
    only = RadioField(_("Badges"), choices=["new", "all"], default="new", validate_choice=False)
    blank = IntegerField(
        _("Blank badges, for people who come without being on the list"), default=0,
        invalid_value_message=_("That is not a whole number."),
        validators=[Optional(), NumberRange(0, MOST_BLANKS, _("Choose a number from %(min)s to %(max)s."))])

    def validate_layout(self, field: RadioField) -> None:
        if field.data not in LAYOUTS:
            raise ValidationError(gettext("Choose one of the papers."))

    def validate_only(self, field: RadioField) -> None:
        if field.data not in ("new", "all"):
            raise ValidationError(gettext("Choose the new badges or all of them."))


class BlankForm(Form):
    """The badge in the volunteer's hand: typed code, or what a hand scanner types."""

    code: Any = StringField(
        _("Code on the blank badge"), validators=[DataRequired(_("Type or scan the code on the blank badge."))])
