"""Forms of accounts: sign in, second factor, ask for a new password, set it, name."""

from __future__ import annotations

from wtforms import EmailField, Form, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from eventnet.web.next_field import NextField
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
    next = NextField()


CODE = (DataRequired(_("Enter the code.")), Length(max=40, message=_("That is too long for a code.")))


class CodeForm(Form):
    """The second step of signing in: a code of the app, or a recovery code; and where to go afterwards."""

    code = StringField(_("Code"), CODE)
    next = NextField()


class FactorForm(Form):
    """The first code of an app that was just set up."""

    code = StringField(_("Code the app shows now"), CODE)


class NameForm(Form):
    """What to call an organizer."""

    name = StringField(_("Name"), (Length(max=120, message=_("Use at most 120 characters.")),))


class JoinForm(Form):
    """A new organizer, who came by an invitation: the address is the invitation's."""

    name = StringField(_("Your name"), (
        DataRequired(_("Enter your name.")), Length(max=120, message=_("Use at most 120 characters."))))
    password = PasswordField(_("New password"), (DataRequired(_("Enter a new password.")),))


class PasswordForm(Form):
    """A new password, and the old one first: the browser may have been left open."""

    old = PasswordField(_("Password until now"), (
        DataRequired(_("Enter the password you have now.")),
        Length(max=1000, message=_("That is too long for a password."))))
    password = PasswordField(_("New password"), (DataRequired(_("Enter a new password.")),))


class ResetForm(Form):
    """The address that gets the mail."""

    email = EmailField(_("E-mail"), ADDRESS)


class NewPasswordForm(Form):
    """The new password, once: a typing mistake is mended by another mail."""

    password = PasswordField(_("New password"), (DataRequired(_("Enter a new password.")),))
