"""Whatever is ticked, swapped, taken back and given in whatever order: all ways out show what a short model says."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import vobject
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges.models import Badge
from eventnet.cards import choosing, fields, granting, late_ticks
from eventnet.cards.choosing import Choice
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast, make_attendee

BADGE, CHOSEN = set(fields.BADGE_FIELDS), set(fields.CHOSEN_FIELDS)
VALUES = {"title": "Analyst", "organization": "Analytical Engines", "phone": "+44 20 7946 0958",
          "linkedin": "https://www.linkedin.com/in/giver", "website": "https://giver.example"}
SOME = st.frozensets(st.sampled_from(sorted(CHOSEN)))
STEPS = st.lists(st.one_of(
    st.tuples(st.just("tick"), SOME), st.tuples(st.just("scan"), st.none()),
    st.tuples(st.just("be scanned"), st.none()),
    st.tuples(st.just("take back"), SOME), st.tuples(st.just("give"), SOME), st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("answer"), st.booleans()), st.tuples(st.just("take all"), st.booleans())),
    max_size=9)


@dataclass
class Model:
    """What one person has of a giver; `has` is None before they met, and empty once even the name was taken."""

    shared: set[str] = field(default_factory=set)
    has: set[str] | None = None
    undecided: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)

    def step(self, act: str, what: Any) -> None:
        if act in ("tick", "take all"):
            new = set() if act == "take all" else set(what)
            changed, self.shared = new ^ self.shared, new
            self.has = self.has and self.has - (changed if act == "tick" else CHOSEN)
            self.undecided = ((self.undecided | changed) & new - self.held) if self.has and act == "tick" else set()
            if act == "take all" and what:
                self.has = self.has and set()
        elif act == "scan" or (act == "be scanned" and self.has is None):
            self.has, self.held = BADGE | self.shared, set()
        elif act == "be scanned":
            self.has = self.has or set(BADGE)
        elif act == "take back" and self.has:
            self.held |= self.has & what
            self.has -= what
        elif act == "leave" and self.has:
            self.held, self.has = self.held | self.has, set()
        elif act == "give" and self.has is not None and what & self.shared:
            self.has |= BADGE | (what & self.shared)
            self.held -= self.has
        elif act == "answer":
            if what and self.has:
                self.has |= self.undecided - self.held
            self.undecided = set()

    @property
    def seen(self) -> set[str] | None:
        return self.has or None


def do(act: str, what: Any, giver: Attendee, reader: Attendee, app: Flask, tokens: dict[int, str]) -> None:
    event_id, ids = giver.event_id, (giver.id, reader.id)
    if act in ("scan", "be scanned"):
        scanner, scanned = (giver, reader) if act == "scan" else (reader, giver)
        client = app.test_client().become(scanner)  # type: ignore[attr-defined]
        scan(client, tokens[scanned.id], str(uuid.uuid4()))
        return
    with app.app_context(), db.transaction():
        if act == "tick":
            choosing.choose(event_id, giver.id, Choice(shared=tuple(what)))
        elif act == "take all":
            choosing.take_everything_back(event_id, giver.id, told=False, name_too=what)
        elif act in ("take back", "leave"):
            granting.take_back(event_id, *ids, what or (), told=False, name_too=act == "leave")
        elif act == "give":
            granting.give(event_id, giver.id, [reader.id], what)
        elif act == "answer":
            late_ticks.answer(event_id, giver.id, None if what else [])


def scan(client: Client, token: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.send(
        "/api/v1/encounters", {"scans": [{"id": id, "badge": token}]}).json["answers"][0]
    return found


def shown(text: str, values: dict[str, str]) -> set[str] | None:
    """The fields whose values stand in a text; None when not even the name does."""
    return {name for name, value in values.items() if value in text} or None


def ways_out(client: Client, giver: Attendee, values: dict[str, str], token: str, repeated: str) -> dict[str, Any]:
    """What of the giver the reader finds: on the page, in both files, in an answer of the API, in the summary."""
    plain = {**values, "linkedin": values["linkedin"].removeprefix("https://www."),
             "website": values["website"].removeprefix("https://")}
    page = client.get(f"/e/mixer/people/{giver.id}")
    found: dict[str, Any] = {"page": shown(page.text.split("<main")[1].split("receipts")[0], plain)
                             if page.status_code == 200 else None}
    rows = [row for row in csv.reader(io.StringIO(client.get("/e/mixer/people.csv").data.decode("utf-8-sig")))
            if row[0] == values["name"]]
    found["csv"] = {name for name, cell in zip(fields.FIELDS, rows[0], strict=False) if cell} if rows else None
    cards = [card for card in vobject.readComponents(client.get("/e/mixer/people.vcf").data.decode())
             if card.fn.value == values["name"]]
    found["vcard"] = shown(cards[0].serialize().replace("\r\n ", ""), values) if cards else None
    person = scan(client, token, repeated).get("person")
    found["api"] = set(person["got"]) if person else None
    # The summary names a person and leads to them by some of what they gave.
    found["summary"] = shown(client.get("/e/mixer/summary").text.split("<main")[1], plain)
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ticked=SOME, steps=STEPS)
def test_all_ways_out_show_what_was_agreed_to(
        ticked: frozenset[str], steps: list[tuple[str, Any]], app: Flask, cast: Cast) -> None:
    number = uuid.uuid4().hex[:6]
    values = {"name": f"Giver {number}", "email": f"giver-{number}@people.example", **VALUES}
    with app.app_context(), db.transaction():
        giver = make_attendee(cast.mixer, values["name"], shared=sorted(ticked), email=values["email"], **VALUES)
        met = make_attendee(cast.mixer, f"Reader {number}", shared=["email"])
        event = db.session.get_one(Event, cast.mixer.id)
        event.swaps_burst = event.swaps_daily = 100_000
    with app.app_context(), db.reading():
        tokens = {badge.attendee_id: badge.token for badge in db.session.query(Badge)}
    reader = app.test_client().become(met)  # type: ignore[attr-defined]
    model, first = Model(shared=set(ticked)), str(uuid.uuid4())
    scan(reader, tokens[giver.id], first)
    model.step("be scanned", None)
    moment = clock.now()
    for act, what in steps:
        moment += timedelta(minutes=1)
        with clock.stopped(moment):
            do(act, what, giver, met, app, tokens)
        model.step(act, what)
    with clock.stopped(moment + timedelta(minutes=1)):
        # The first scan is sent again: it is only repeated, with what the swap gives now.
        found = ways_out(reader, giver, values, tokens[giver.id], first)
    summary = found.pop("summary") or set()
    assert found == {"page": model.seen, "csv": model.seen, "vcard": model.seen, "api": model.seen}
    assert (summary <= (model.seen or set()), "name" in summary) == (True, bool(model.seen)), summary
