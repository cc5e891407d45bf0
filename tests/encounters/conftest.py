"""What tests of scans say often: this person scans that one."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference
from eventnet.encounters.recording import Answer, Claim, record_scan
from eventnet.encounters.times import Said
from tests.factories import Cast

Scan = Callable[..., Answer]


@pytest.fixture
def scan(app: Flask, cast: Cast) -> Scan:
    """scan(scanner, scanned, id=…, said=…, token=…, typed=True): one scan in a transaction of its own."""

    def act(scanner: Attendee, scanned: Attendee, *, id: str | None = None, said: Said | None = None,
            token: str | None = None, typed: bool = False) -> Answer:
        badge = (BadgeReference("code", cast.code(scanned)) if typed
                 else BadgeReference("token", token or cast.token(scanned)))
        claim = Claim(id or str(uuid.uuid4()), badge, "mixer" if typed else None, said or Said())
        with app.app_context(), db.transaction():
            return record_scan(claim, attendee_id=scanner.id, way="bearer")

    return act
