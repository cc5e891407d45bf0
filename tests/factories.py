"""Rows for tests, made with as few words as possible, and the fixed cast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from eventnet import clock, db
from eventnet.accounts.models import Organizer
from eventnet.attendees import folding
from eventnet.attendees.models import Attendee
from eventnet.badges import codes
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.events.models import Event, EventRole

EVENING = datetime(2026, 10, 15, 17, 30, tzinfo=UTC)  # 19:30 in Cologne, one and a half hours into the mixer


def make_organizer(email: str = "olga@organizers.example", **values: Any) -> Organizer:
    row = Organizer(email=email, name=values.pop("name", "Olga"), made_at=clock.now(), **values)
    db.session.add(row)
    db.session.flush()
    return row


def make_event(slug: str = "mixer", *, owner: Organizer | None = None, **values: Any) -> Event:
    """The spring mixer: Thursday 15 October 2026, 18:00 to 22:00 in Cologne."""
    starts = values.pop("starts_at", datetime(2026, 10, 15, 16, 0, tzinfo=UTC))
    ends = values.pop("ends_at", starts + timedelta(hours=4))
    defaults: dict[str, Any] = {
        "name": "Spring mixer", "zone": "Europe/Berlin", "venue": "Old Town Hall",
        "swaps_open_at": starts - timedelta(hours=24), "swaps_close_at": ends + timedelta(hours=72),
        "controller": "Alumni Office, Cologne", "controller_email": "data@organizers.example", "region": "DE",
        "purpose": "So that people who meet can find each other again.", "legal_basis": "interests",
        "hosting": "In Cologne, by the Alumni Office itself.",
    }
    row = Event(slug=slug, starts_at=starts, ends_at=ends, made_at=clock.now(), **{**defaults, **values})
    db.session.add(row)
    db.session.flush()
    if owner is not None:
        db.session.add(EventRole(event_id=row.id, organizer_id=owner.id, role="owner", given_at=clock.now()))
        db.session.flush()
    return row


def make_attendee(event: Event, name: str, *, shared: list[str] | None = None, suggest: bool = False,
                  swap_policy: str = "at_once", card: dict[str, Any] | None = None, **values: Any) -> Attendee:
    """An attendee with a badge. `shared` given: activated, with these fields ticked on the card."""
    now = clock.now()
    email = values.pop("email", f"{name.split()[0].lower()}@people.example")
    row = Attendee(
        event_id=event.id, registered_name=name, badge_name=name, given_name=name.split()[0],
        family_name=name.split()[-1], email=email, email_key=email.lower(),
        sort_key=folding.sort_key(name.split()[-1], name.split()[0]),
        search_text=folding.search_text(name, email, values.get("organization", "")), made_at=now, changed_at=now,
        activated_at=now if shared is not None else None, **values)
    db.session.add(row)
    db.session.flush()
    db.session.add(Badge(event_id=event.id, attendee_id=row.id, token=codes.new_token(), code=codes.new_code(),
                         made_at=now))
    if shared is not None:
        db.session.add(Card(
            attendee_id=row.id, event_id=event.id, shared=shared, swap_policy=swap_policy, wording="2026-11",
            suggest_me_at=now if suggest else None, agreed_at=now, changed_at=now, **(card or {})))
    db.session.flush()
    return row


@dataclass
class Cast:
    """Everybody knows them. `badges` gives the badge of an attendee by id."""

    olga: Organizer
    oscar: Organizer
    mixer: Event
    elsewhere: Event
    ada: Attendee
    grace: Attendee
    bob: Attendee
    mallory: Attendee
    badges: dict[int, Badge]

    def token(self, attendee: Attendee) -> str:
        return self.badges[attendee.id].token

    def code(self, attendee: Attendee) -> str:
        return self.badges[attendee.id].code


def make_cast(app: Flask) -> Cast:
    """Olga's mixer with Ada, Grace (both agreed) and Bob (came, agreed to nothing); Oscar's event with Mallory."""
    with app.app_context(), db.database().writing() as session:
        olga, oscar = make_organizer(), make_organizer("oscar@elsewhere.example", name="Oscar")
        mixer = make_event(owner=olga)
        elsewhere = make_event("elsewhere", owner=oscar, name="Another event")
        ada = make_attendee(mixer, "Ada Lovelace", shared=["email", "linkedin"], suggest=True,
                            organization="Analytical Engines", title="Analyst",
                            linkedin="https://www.linkedin.com/in/ada", phone="+44 20 7946 0958")
        grace = make_attendee(mixer, "Grace Hopper", shared=["email"], suggest=True, organization="Navy",
                              title="Rear Admiral")
        bob = make_attendee(mixer, "Bob Kahn", organization="ARPA", phone="+1 202 555 0100")
        mallory = make_attendee(elsewhere, "Mallory Gray", shared=["email", "phone"], phone="+49 221 5555")
        session.flush()
        badges = {b.attendee_id: b for b in session.query(Badge).all() if b.attendee_id is not None}
        session.flush()
    return Cast(olga, oscar, mixer, elsewhere, ada, grace, bob, mallory, badges)
