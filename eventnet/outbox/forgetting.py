"""Forgetting: the bytes of a mail go seven days after it was sent; its digest and Message-ID stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from eventnet import clock
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import changed

KEEP_SENT = timedelta(days=7)


def forget_contents(limit: int = 500) -> int:
    """Delete the bytes of mails sent more than a week ago, at most `limit` of them; returns how many."""
    old = select(Mail.id).where(
        Mail.state == "sent", Mail.settled_at < clock.now() - KEEP_SENT, Mail.content.is_not(None)).limit(limit)
    return changed(update(Mail).where(Mail.id.in_(old)).values(content=None))
