"""Forms of signing in: ask by e-mail, type the mailed code, type the hand-over code."""

from __future__ import annotations

from wtforms import EmailField, Form, StringField, ValidationError
from wtforms.validators import DataRequired

from eventnet.attendees import addresses, printed_codes
from eventnet.attendees.hand_over import DIGITS
from eventnet.attendees.sign_in import CODE_DIGITS, digits_of
from eventnet.web.next_field import NextField
from eventnet.words import gettext as _


class AskForm(Form):
    """The address that gets a link and a code."""

    email = EmailField()
    next = NextField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = _("E-mail")
        self.email.validators = [DataRequired(_("Enter the e-mail address you registered with."))]

    def validate_email(self, field: EmailField) -> None:
        if addresses.email_address(field.data or "") is None:
            raise ValidationError(_("That is no e-mail address. It looks like ada@engines.example."))


class CodeForm(Form):
    """The eight digits from the mail; elsewhere than in the browser that asked, the address as well."""

    code = StringField()
    email = EmailField()
    next = NextField()

    def __init__(self, *args: object, needs_address: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.code.label.text, self.email.label.text = _("Code from the mail"), _("E-mail")
        self.needs_address = needs_address

    def validate_code(self, field: StringField) -> None:
        if len(digits_of(field.data or "")) != CODE_DIGITS:
            raise ValidationError(_("The code in the mail has eight digits."))

    def validate_email(self, field: EmailField) -> None:
        if self.needs_address and addresses.email_address(field.data or "") is None:
            raise ValidationError(_("Enter the address the mail went to: this browser did not ask for it."))


class HandOverForm(Form):
    """The six digits that the other browser shows."""

    code = StringField()
    next = NextField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, prefix="hand-over-", **kwargs)
        self.code.label.text = _("Code from your other browser")

    def validate_code(self, field: StringField) -> None:
        if len(digits_of(field.data or "")) != DIGITS:
            raise ValidationError(_("The code there has six digits."))


class PrintedCodeForm(Form):
    """The ten letters from a slip of paper, and what does not stand on the badge."""

    code = StringField()
    proof = StringField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.code.label.text, self.proof.label.text = _("Code from your slip"), _("What your slip asks for")
        self.proof.validators = [DataRequired(_("Enter what the slip asks for: without it the code opens nothing."))]

    def validate_code(self, field: StringField) -> None:
        if not printed_codes.normal(field.data or ""):
            raise ValidationError(_("The code on the slip has ten letters. The code on your badge is another one."))


class AddressForm(Form):
    """The new address for mail and sign-in."""

    email = EmailField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = _("E-mail")

    def validate_email(self, field: EmailField) -> None:
        checked = addresses.email_address(field.data or "")
        if checked is None:
            raise ValidationError(_("That is no e-mail address. It looks like ada@engines.example."))
        field.data = checked


class AddressCodeForm(Form):
    """The eight digits from the mail to the new address."""

    code = StringField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.code.label.text = _("Code from the mail")

    def validate_code(self, field: StringField) -> None:
        if len(digits_of(field.data or "")) != CODE_DIGITS:
            raise ValidationError(_("The code in the mail has eight digits."))
