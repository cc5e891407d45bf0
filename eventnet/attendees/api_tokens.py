"""Keys that an attendee makes for programs of theirs, so that these may send scans."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select

from eventnet import clock, db, links
from eventnet.attendees import folding
from eventnet.attendees.models import ApiToken, Attendee
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

PREFIX = "eventnet_"
MOST = 10


def make(attendee: Attendee, label: str) -> str:
    """A new key; only now can it be read. Raises Refusal for the eleventh and for a key without a name."""
    label = folding.clean_name(label)
    if not label:
        raise Refusal(_("Name the program, so that you know later which key is its."), status=422, reason="label",
                      field="label")
    living = db.session.scalar(select(func.count()).select_from(ApiToken).where(
        ApiToken.event_id == attendee.event_id, ApiToken.attendee_id == attendee.id, ApiToken.revoked_at.is_(None)))
    if (living or 0) >= MOST:
        raise Refusal(_("You have %(num)s keys, which is the most. Remove one first.", num=MOST), reason="too_many")
    token = PREFIX + secrets.token_urlsafe(32)
    db.session.add(ApiToken(event_id=attendee.event_id, attendee_id=attendee.id, label=label,
                            token_hash=links.fingerprint(token), made_at=clock.now()))
    log.write("attendee.key_made", f"attendee:{attendee.id}", attendee.event_id)
    return token


def tokens_of(attendee: Attendee) -> Sequence[ApiToken]:
    """The living keys, the newest first."""
    return db.session.scalars(
        select(ApiToken).where(ApiToken.event_id == attendee.event_id, ApiToken.attendee_id == attendee.id,
                               ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())).all()


def revoke(attendee: Attendee, token_id: int) -> None:
    """End a key; again is fine. Raises NotFound for one of somebody else."""
    row = db.session.get(ApiToken, token_id)
    if row is None or (row.event_id, row.attendee_id) != (attendee.event_id, attendee.id):
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        log.write("attendee.key_revoked", f"attendee:{attendee.id}", attendee.event_id)


def find_bearer(token: str) -> tuple[int, int] | None:
    """(event_id, attendee_id) of a living key of somebody who takes part."""
    row = db.session.execute(
        select(ApiToken.event_id, ApiToken.attendee_id)
        .join(Attendee, (Attendee.event_id == ApiToken.event_id) & (Attendee.id == ApiToken.attendee_id))
        .where(ApiToken.token_hash == links.fingerprint(token), ApiToken.revoked_at.is_(None),
               Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None))).one_or_none()
    return (row.event_id, row.attendee_id) if row is not None else None
