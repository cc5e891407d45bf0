"""Forms of accounts: sign in, ask for a new password, set it."""

from __future__ import annotations

from wtforms import EmailField, Form, HiddenField, PasswordField
from wtforms.validators import DataRequired, Length

from eventnet.words import later as _

ADDRESS = (
    DataRequired(_("Enter your e-mail address.")),
    Length(max=254, message=_("That is too long for an e-mail address.")),
)


class SignInForm(Form):
    """E-mail and password, and where to go afterwards."""

    email = EmailField(_("E-mail"), ADDRESS)
    password = PasswordField(_("Password"), (
        DataRequired(_("Enter your password.")), Length(max=1000, message=_("That is too long for a password."))))
    next = HiddenField()


class ResetForm(Form):
    """The address that gets the mail."""

    email = EmailField(_("E-mail"), ADDRESS)


class NewPasswordForm(Form):
    """The new password, once: a typing mistake is mended by another mail."""

    password = PasswordField(_("New password"), (DataRequired(_("Enter a new password.")),))
