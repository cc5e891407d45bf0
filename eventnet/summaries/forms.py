"""The form that starts the sending: the number to send, typed or confirmed."""

from __future__ import annotations

from wtforms import Form, IntegerField, ValidationError
from wtforms.validators import InputRequired

from eventnet.words import gettext as _
from eventnet.words import later


class SendForm(Form):
    """`expected` is how many would be sent now; the number has to agree with it."""

    number = IntegerField(later("How many summaries"))
    expected = 0

    def validate_number(self, field: IntegerField) -> None:
        InputRequired(_("Write the number, so that nothing is sent by accident."))(self, field)
        if field.data != self.expected:
            raise ValidationError(_("Right now it would be %(count)s. Write that number to send them.",
                                    count=self.expected))
