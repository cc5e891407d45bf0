"""Two organizers with two events each, everybody who may stand at a door, and real acts between them."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask

from eventnet import clock, config, db
from eventnet.accounts import browsers, half_sign_ins
from eventnet.accounts.models import Organizer, PasswordReset
from eventnet.attendees import invitations, recoveries
from eventnet.attendees.models import ApiToken, Attendee, HandOver, SignedInBrowser, SignInRequest
from eventnet.badges.models import Badge
from eventnet.events import desk_passes
from eventnet.events import invitations as invitations_of_team
from eventnet.events.models import DeskPass, Event, EventRole, ProgrammeItem, TeamInvitation
from eventnet.outbox.models import Mail, Suppression
from eventnet.summaries import campaigns
from eventnet.web import cookies
from tests.clients import Client
from tests.factories import make_attendee, make_event, make_organizer

# The first two are Olga's, the others Oscar's.
SLUGS = ("mixer", "gala", "elsewhere", "outpost")
AGREED = ("ada", "grace", "cleo", "dan")
PEOPLE = (*AGREED, "bob", "nick", "rita")


@dataclass(frozen=True)
class Principal:
    """Somebody at the door: their name, and what they are to Olga's mixer."""

    name: str
    is_attendee: bool = False
    is_organizer: bool = False
    role: str | None = None
    desk: str = ""


PRINCIPALS = (
    Principal("nobody"),
    Principal("ada", is_attendee=True),
    Principal("bob", is_attendee=True),
    Principal("removed attendee"),
    Principal("not taking part"),
    Principal("revoked browser"),
    Principal("browser past its end"),
    Principal("mallory"),
    Principal("olga", is_organizer=True, role="owner"),
    Principal("manager", is_organizer=True, role="manager"),
    Principal("desk", is_organizer=True, role="desk"),
    Principal("viewer", is_organizer=True, role="viewer"),
    Principal("oscar", is_organizer=True),
    Principal("organizer without events", is_organizer=True),
    Principal("disabled organizer"),
    Principal("organizer past the end of the sign-in"),
    Principal("olga who attends as well", is_attendee=True, is_organizer=True, role="owner"),
    Principal("half signed in organizer"),
    Principal("desk device", desk="open"),
    Principal("locked desk device", desk="locked"),
    Principal("ended desk device"),
    Principal("desk device of another event"),
)


@dataclass
class World:
    """Everything a probe needs. `people` by slug and name, `cookies` by principal or "ada@gala"."""

    app: Flask
    organizers: dict[str, Organizer] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    people: dict[str, dict[str, Attendee]] = field(default_factory=dict)
    badges: dict[int, Badge] = field(default_factory=dict)
    requests: dict[int, SignInRequest] = field(default_factory=dict)
    resets: dict[str, PasswordReset] = field(default_factory=dict)
    cookies: dict[str, str | None] = field(default_factory=dict)
    visitors: dict[str, str] = field(default_factory=dict)
    desks: dict[str, DeskPass] = field(default_factory=dict)
    invitations: dict[str, TeamInvitation] = field(default_factory=dict)
    recoveries: dict[int, str] = field(default_factory=dict)

    @property
    def settings(self) -> config.Settings:
        found: config.Settings = self.app.extensions["settings"]
        return found

    def client(self, who: str = "nobody") -> Client:
        """A fresh browser with the cookie that `who` had when the world was made."""
        made: Client = self.app.test_client()  # type: ignore[assignment]
        token = self.cookies[who]
        if token:
            made._keep(token)
        if who in self.visitors:
            made.set_cookie(self.settings.cookie_name(cookies.VISITOR), self.visitors[who], domain="ev.example",
                            secure=True)
        return made

    def token(self, slug: str, name: str) -> str:
        """The living badge of somebody."""
        return self.badges[self.people[slug][name].id].token


def build(app: Flask) -> World:
    """Fill the empty database of `app`: rows by the factories, what people do to each other by requests."""
    world = World(app)
    with app.app_context(), db.database().writing() as session:
        _organizers(world)
        for at, slug in enumerate(SLUGS):
            _event(world, slug, world.organizers["olga" if at < 2 else "oscar"])
        for role in ("manager", "desk", "viewer"):
            session.add(EventRole(event_id=world.events["mixer"].id, organizer_id=world.organizers[role].id, role=role,
                                  given_at=clock.now()))
        session.flush()
        world.badges = {b.attendee_id: b for b in session.query(Badge).all() if b.attendee_id is not None}
    for slug in SLUGS:
        _meet(world, slug)
        _upload_list(world, slug)
    with app.app_context(), db.database().writing():
        for slug in SLUGS:
            _leave_traces(world, slug)
    _sign_in(world)
    _lend_desks(world)
    return world


def _organizers(world: World) -> None:
    world.organizers = {
        "olga": make_organizer(), "oscar": make_organizer("oscar@elsewhere.example", name="Oscar"),
        **{role: make_organizer(f"{role}@organizers.example", name=role.title())
           for role in ("manager", "desk", "viewer")},
        "organizer without events": make_organizer("new@organizers.example"),
        "disabled organizer": make_organizer("gone@organizers.example", disabled_at=clock.now()),
    }
    for name in ("olga", "oscar"):
        reset = PasswordReset(organizer_id=world.organizers[name].id, asked_at=clock.now(),
                              ends_at=clock.now() + timedelta(hours=1))
        db.session.add(reset)
        db.session.flush()
        world.resets[name] = reset


def _event(world: World, slug: str, owner: Organizer) -> None:
    event = world.events[slug] = make_event(slug, owner=owner, name=f"The {slug}")
    details: dict[str, Any] = {
        "organization": "Analytical Engines", "title": "Analyst", "phone": "+44 20 7946 0958",
        "linkedin": "https://www.linkedin.com/in/somebody", "website": "https://somebody.example/"}
    world.people[slug] = {
        "ada": make_attendee(event, "Ada Lovelace", shared=["email", "linkedin"], suggest=True, **details),
        "grace": make_attendee(event, "Grace Hopper", shared=["email"], suggest=True, **details),
        "cleo": make_attendee(event, "Cleo Suggested", shared=["phone"], suggest=True, **details),
        "dan": make_attendee(event, "Dan Unmet", shared=["email", "phone"], **details),
        "bob": make_attendee(event, "Bob Kahn", checked_in_at=clock.now(), **details),
        "nick": make_attendee(event, "Nick Notpart", shared=["email"], not_taking_part_at=clock.now(), **details),
        "rita": make_attendee(event, "Rita Removed", shared=["email"], removed_at=clock.now(), **details),
    }
    db.session.add(ProgrammeItem(event_id=event.id, external_key="opening", title="Opening", room="Hall",
                                 starts_at=event.starts_at, ends_at=event.starts_at + timedelta(hours=1)))
    db.session.flush()


def _meet(world: World, slug: str) -> None:
    """Ada and Grace swap, Ada scans Bob who has no card yet; Ada and Grace write about each other."""
    people = world.people[slug]
    for scanner, scanned in (("ada", "grace"), ("ada", "bob")):
        client: Client = world.app.test_client()  # type: ignore[assignment]
        said = client.become(people[scanner]).send("/api/v1/encounters", {"scans": [
            {"id": str(uuid.uuid4()), "badge": world.token(slug, scanned), "elapsed_ms": 0}]})
        assert said.json["answers"][0]["result"] == "recorded", said.json
    for owner, person in (("ada", "grace"), ("grace", "ada")):
        client = world.app.test_client()  # type: ignore[assignment]
        words = {"note": "We talked.", "promise": "Send it.", "tags": "one, two", "starred": "y"}
        kept = client.become(people[owner]).submit(f"/e/{slug}/people/{people[person].id}/note", words)
        assert kept.status_code == 303, kept.text


def _upload_list(world: World, slug: str) -> None:
    """A list that waits for the organizer's yes, of somebody who is on no other list."""
    owner: Client = world.app.test_client()  # type: ignore[assignment]
    owner.become_organizer(world.organizers["olga" if slug in SLUGS[:2] else "oscar"].id)
    data = f"Name,Email,Company\nDrafty {drafted(slug)},{drafted(slug)}@people.example,{drafted(slug)}\n".encode()
    kept = owner.submit(f"/admin/e/{slug}/attendees/import", {
        "file": (io.BytesIO(data), f"{slug}.csv"), "source": "auto"}, content_type="multipart/form-data")
    assert kept.status_code == 303, kept.text


def drafted(slug: str) -> str:
    """What everything is called in the list that was uploaded to an event and not imported yet."""
    return f"zqdraft{SLUGS.index(slug)}k"


def _leave_traces(world: World, slug: str) -> None:
    """Rows that come about by asking for a sign-in, showing a hand-over code and making a key."""
    event, now, mine = world.events[slug], clock.now(), world.people[slug]
    for name in ("ada", "grace"):
        person = {"event_id": event.id, "attendee_id": mine[name].id}
        request = SignInRequest(**person, asker_hash=f"asker of {name}", asked_at=now, ends_at=now + timedelta(hours=1))
        db.session.add_all([request, ApiToken(**person, token_hash=str(uuid.uuid4()), label="A program", made_at=now)])
        db.session.flush()
        world.requests[mine[name].id] = request
    browser_id = db.session.query(SignedInBrowser.browser_id).filter_by(attendee_id=mine["ada"].id).limit(1).scalar()
    db.session.add(HandOver(event_id=event.id, attendee_id=mine["ada"].id, browser_id=browser_id,
                            code_hash=str(uuid.uuid4()), made_at=now, ends_at=now + timedelta(minutes=5)))
    invitations.plan_all(event.id, "command line")
    campaigns.start(event.id, campaigns.picks_for(event.id), "command line", now=True)
    doubtful = Mail(id=str(uuid.uuid4()), kind="summary", unique_key=f"in doubt:{slug}", event_id=event.id,
                    attendee_id=mine["dan"].id, state="in_doubt", to_address="dan@people.example", planned_at=now,
                    run_after=now, reply="The line broke.")
    db.session.add(doubtful)
    db.session.add(Suppression(event_id=event.id, address="bounced@people.example", reason="bounced", made_at=now))


def _sign_in(world: World) -> None:
    """Every principal gets a browser; those who may no longer are signed in first and turned away afterwards."""
    mixer = world.people["mixer"]
    attendees = {"ada": "ada", "bob": "bob", "removed attendee": "rita", "not taking part": "nick",
                 "revoked browser": "dan", "browser past its end": "grace"}
    for principal, name in attendees.items():
        _keep(world, principal, world.app.test_client().become(mixer[name]))  # type: ignore[attr-defined]
    _keep(world, "mallory", world.app.test_client().become(world.people["elsewhere"]["ada"]))  # type: ignore[attr-defined]
    organizers = {**{name: name for name in world.organizers}, "organizer past the end of the sign-in": "olga"}
    for principal, name in organizers.items():
        browser = world.app.test_client().become_organizer(world.organizers[name].id)  # type: ignore[attr-defined]
        _keep(world, principal, browser)
    both: Client = world.app.test_client()  # type: ignore[assignment]
    _keep(world, "olga who attends as well", both.become_organizer(world.organizers["olga"].id).become(mixer["ada"]))
    for slug in SLUGS:
        for name in ("ada", "grace", "cleo", "bob"):
            browser = world.app.test_client().become(world.people[slug][name])  # type: ignore[attr-defined]
            _keep(world, f"{name}@{slug}", browser)
    world.cookies["nobody"] = None
    with world.app.app_context(), db.database().writing():
        for principal, column, table in (
            ("revoked browser", "revoked_at", "signed_in_browsers"), ("browser past its end", "ends_at", "browsers"),
            ("organizer past the end of the sign-in", "organizer_until", "browsers"),
        ):
            _turn_away(world, principal, column, table)


def _lend_desks(world: World) -> None:
    """Desk passes: one that waits at every event, and devices that are desks, open, locked, ended, of elsewhere."""
    secret = world.settings.secret_key
    with world.app.app_context(), db.database().writing():
        half_sign_ins.begin("nonce-of-a-half-signed-in-organizer", world.organizers["olga"].id)
        for slug in SLUGS:
            event, owner = world.events[slug], world.organizers["olga" if slug in SLUGS[:2] else "oscar"]
            world.desks[slug] = desk_passes.make(event.id, owner.id, event.ends_at, "", secret)
            world.invitations[slug] = invitations_of_team.invite(
                event.id, f"invited@{slug}.example", "viewer", owner.id)
            for name in ("ada", "grace"):
                world.recoveries[world.people[slug][name].id] = recoveries.make(
                    db.session.get_one(Attendee, world.people[slug][name].id))
        for principal, slug in (("desk device", "mixer"), ("locked desk device", "mixer"),
                                ("ended desk device", "mixer"), ("desk device of another event", "elsewhere")):
            owner = world.organizers["olga" if slug == "mixer" else "oscar"]
            made = desk_passes.make(world.events[slug].id, owner.id, world.events[slug].ends_at, "", secret)
            made, token = desk_passes.bind(desk_passes.token(secret, made), None, "Safari on iPad")
            if principal == "locked desk device":
                desk_passes.lock(made.id)
            elif principal == "ended desk device":
                desk_passes.revoke(world.events[slug].id, made.id, "organizer:1")
            world.cookies[principal] = token
    world.cookies["half signed in organizer"] = None
    world.visitors["half signed in organizer"] = "nonce-of-a-half-signed-in-organizer"


def _keep(world: World, principal: str, client: Client) -> None:
    world.cookies[principal] = client._cookie(cookies.BROWSER)


def _turn_away(world: World, principal: str, column: str, table: str) -> None:
    browser = browsers.find(world.cookies[principal])
    assert browser is not None
    if table == "browsers":
        setattr(browser, column, clock.now() - timedelta(minutes=1))
    else:
        db.session.query(SignedInBrowser).filter_by(browser_id=browser.id).update({column: clock.now()})
