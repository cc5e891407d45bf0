"""The mails to organizers: the link that sets a new password, and word of a lifted second factor."""

from __future__ import annotations

from collections.abc import Callable

from eventnet import db
from eventnet.accounts import factors, resets
from eventnet.accounts.models import Organizer, PasswordReset
from eventnet.config import Settings
from eventnet.outbox import stationery
from eventnet.outbox.composing import Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _


def composers(settings: Settings) -> dict[str, Callable[[Mail], Letter | Skip]]:
    """Who writes which kind of mail, for the timetable."""
    return {
        resets.KIND: lambda mail: compose_reset(mail, settings),
        factors.LIFTED: lambda mail: compose_lifted(mail, settings),
    }


def compose_lifted(mail: Mail, settings: Settings) -> Letter | Skip:
    """Tells an organizer that somebody took their second factor off."""
    organizer = db.session.get(Organizer, mail.subject_id)
    if organizer is None:
        return Skip(_("The organizer is gone."))
    html, text = stationery.render_both(
        "accounts/mail/factor_lifted", email=organizer.email, host=settings.host,
        link=f"{settings.base_url}/admin/account/factor")
    return Letter(
        to_address=organizer.email, to_name=organizer.name, subject=_("Your second factor was lifted"), html=html,
        text=text, auto_submitted="auto-generated")


def compose_reset(mail: Mail, settings: Settings) -> Letter | Skip:
    """The letter of one reset, or Skip when it was used, is over, or the organizer is gone."""
    reset = db.session.get(PasswordReset, mail.subject_id)
    organizer = db.session.get(Organizer, reset.organizer_id) if reset is not None else None
    if reset is None or organizer is None or organizer.disabled_at is not None or not resets.is_open(reset):
        return Skip(_("The link was used already or is too old."))
    values = {
        "email": organizer.email, "host": settings.host, "time": f"{reset.ends_at:%H:%M}",
        "link": resets.address(settings.base_url, settings.secret_key, reset, organizer),
    }
    html, text = stationery.render_both("accounts/mail/reset", **values)
    return Letter(
        to_address=organizer.email, to_name=organizer.name, subject=_("Set a new password"), html=html, text=text,
        auto_submitted="auto-generated")
