"""Which browsers of an attendee sent scans, and when last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from eventnet import db
from eventnet.encounters.models import Scan


def last_sent(event_id: int, attendee_id: int) -> dict[int, datetime]:
    """When each browser of this attendee last sent a scan, by the browser's number; without those that never did."""
    rows = db.session.execute(
        select(Scan.browser_id, func.max(Scan.received_at))
        .where(Scan.event_id == event_id, Scan.scanner_id == attendee_id, Scan.browser_id.is_not(None))
        .group_by(Scan.browser_id)).all()
    return {browser_id: at for browser_id, at in rows if browser_id is not None}


def has_sent(event_id: int, attendee_id: int, browser_id: int) -> bool:
    """Whether this browser sent a scan of this attendee: somebody stood before a badge with it."""
    return db.session.scalar(
        select(Scan.id).where(Scan.event_id == event_id, Scan.scanner_id == attendee_id,
                              Scan.browser_id == browser_id).limit(1)) is not None


def pages_without_scanner(event_id: int, attendee_id: int, since: datetime) -> int:
    """How many scans this attendee made on badge pages since then; none when the scanner was used as well."""
    ways = db.session.scalars(
        select(Scan.way).where(Scan.event_id == event_id, Scan.scanner_id == attendee_id,
                               Scan.received_at >= since).limit(50)).all()
    return 0 if "scanner" in ways else sum(way == "page" for way in ways)
