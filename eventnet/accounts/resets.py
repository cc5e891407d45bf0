"""Setting a new password by a link: asked for by mail or made at the command line, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from eventnet import clock, db, links
from eventnet.accounts import browsers, budgets, factors, organizers
from eventnet.accounts.models import Organizer, PasswordReset
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

PURPOSE, KIND = "password-reset", "password_reset"
MAILED_LASTS, PRINTED_LASTS = timedelta(hours=1), timedelta(hours=24)
MOST_MAILS, MAILS_SPAN = 5, timedelta(hours=1)


def ask(email: str) -> None:
    """Plan a mail with a link, if the address is an organizer's. Returns nothing, so that no page can tell."""
    is_within = budgets.spend(f"reset:{organizers.folded(email)}", MOST_MAILS, MAILS_SPAN)
    organizer = organizers.find(email)
    if not is_within or organizer is None or organizer.disabled_at is not None:
        return
    reset = make(organizer.id, MAILED_LASTS)
    planning.plan(KIND, f"reset:{reset.id}", subject_id=reset.id, urgency=1)
    log.write("organizer.reset_asked", "visitor", organizer_id=organizer.id)


def make(organizer_id: int, lasting: timedelta) -> PasswordReset:
    """A chance to set a new password."""
    now = clock.now()
    reset = PasswordReset(organizer_id=organizer_id, asked_at=now, ends_at=now + lasting)
    db.session.add(reset)
    db.session.flush()
    return reset


def recover(email: str, by: str) -> tuple[PasswordReset, bool]:
    """A chance for the organizer of this address, asked for by whoever runs the host, and a lost factor lifted.

    Returns the chance and whether a second factor was lifted. Raises NotFound, and a Refusal for a disabled one.
    """
    organizer = organizers.get(email)
    if organizer.disabled_at is not None:
        raise Refusal(_("%(email)s is disabled. Let them in first: eventnet organizer enable %(email)s",
                        email=organizer.email), reason="disabled")
    log.write("organizer.recovered", by, organizer_id=organizer.id)
    return make(organizer.id, PRINTED_LASTS), factors.lift(organizer.id, by)


def token(secret: bytes, reset: PasswordReset, organizer: Organizer) -> str:
    """The link's token: derived from the present password, so that it dies with it."""
    return links.signed_id(secret, PURPOSE, reset.id, organizer.id, organizer.password_hash or "")


def address(base_url: str, secret: bytes, reset: PasswordReset, organizer: Organizer) -> str:
    """Where the link leads."""
    return f"{base_url}/admin/reset/{token(secret, reset, organizer)}"


def find(secret: bytes, text: str) -> tuple[PasswordReset, Organizer] | None:
    """The unused, unexpired chance that a token proves, and whose it is."""
    number = links.number_in(text)
    reset = db.session.get(PasswordReset, number) if number is not None else None
    organizer = db.session.get(Organizer, reset.organizer_id) if reset is not None else None
    if reset is None or organizer is None or organizer.disabled_at is not None or not is_open(reset):
        return None
    if not links.is_signed(secret, text, PURPOSE, reset.id, organizer.id, organizer.password_hash or ""):
        return None
    return reset, organizer


def is_open(reset: PasswordReset) -> bool:
    """Whether the chance is neither used nor over."""
    return reset.used_at is None and reset.ends_at > clock.now()


def get(secret: bytes, text: str) -> tuple[PasswordReset, Organizer]:
    """As find; raises NotFound with a sentence that says what to do."""
    found = find(secret, text)
    if found is None:
        raise NotFound(_("This link was used already or is too old. Ask for a new one at “Forgot your password?”."),
                       reason="reset_over")
    return found


def use(reset_id: int, password_hash: str, browser_id: int | None, label: str) -> tuple[str, datetime]:
    """Set the password once; returns the browser's new token and until when its cookie is kept.

    The browser is not signed in, but known from now on: whoever opened the mail is no stranger, and signs in also
    while others use up the tries of the address. Raises Refusal when somebody was faster or the time is over.
    """
    now = clock.now()
    organizer_id = db.session.scalar(
        update(PasswordReset)
        .where(PasswordReset.id == reset_id, PasswordReset.used_at.is_(None), PasswordReset.ends_at > now)
        .values(used_at=now).returning(PasswordReset.organizer_id))
    if organizer_id is None:
        raise Refusal(_("This link was used already or is too old. Ask for a new one at “Forgot your password?”."),
                      status=410, reason="reset_over")
    organizers.set_password(organizer_id, password_hash, f"organizer:{organizer_id}")
    browser, token = browsers.introduce(browser_id, label, organizer_id)
    return token, browser.ends_at
