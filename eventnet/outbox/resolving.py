"""Resolving: what a person decides about mails that are in doubt or failed."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import update

from eventnet import clock, db
from eventnet.errors import NotFound, Refusal
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import changed
from eventnet.words import gettext as _


def resolve(mail_id: str, verdict: Literal["sent", "again"]) -> Mail:
    """Settle a mail in doubt: count it as sent, or send the identical message again.

    "again" also revives a failed mail; one that was never written goes back to planned. The caller writes
    the audit entry. Raises NotFound, or Refusal (409) when the mail is in another state.
    """
    mail: Mail | None = db.session.get(Mail, mail_id)
    if mail is None:
        raise NotFound(_("There is no mail with this number."))
    now = clock.now()
    if verdict == "sent":
        done = changed(update(Mail).where(Mail.id == mail_id, Mail.state == "in_doubt").values(
            state="sent", settled_at=now, attempt=None))
    else:
        fresh = {"run_after": now, "settled_at": None, "attempt": None, "lease_until": None, "attempts": 0,
                 "first_tried_at": None, "compose_tries": 0}
        done = changed(update(Mail).where(
            Mail.id == mail_id, Mail.state.in_(("in_doubt", "failed")), Mail.content.is_not(None),
        ).values(state="ready", **fresh)) or changed(update(Mail).where(
            Mail.id == mail_id, Mail.state == "failed", Mail.content.is_(None),
        ).values(state="planned", **fresh))
    if not done:
        raise Refusal(
            _("This mail is %(state)s; only a mail in doubt can be settled by hand.", state=mail.state)
            if verdict == "sent" else
            _("This mail is %(state)s; only one in doubt or failed can be sent again.", state=mail.state),
            reason="wrong_state")
    db.session.refresh(mail)
    return mail
