"""Events: create, change and find them; every bad value gets a sentence that names its field."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import exists, select

from eventnet import clock, db, words
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events import privacy
from eventnet.events.models import NAMES_POLICIES, Event, EventRole
from eventnet.events.regions import is_region, region_of_zone
from eventnet.words import gettext as _

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
RESERVED = frozenset({
    "new", "admin", "api", "static", "event", "events", "sign-in", "sign-out", "reset", "inbox", "healthz", "readyz",
    "metrics", "privacy", "settings", "programme",
})
SWAP_POLICIES = ("at_once", "ask", "paused")
PARAGRAPHS = {"controller": 500, "protection_officer": 300, "purpose": 1000, "legal_basis_words": 1000, "hosting": 500}
OPENS_BEFORE, CLOSES_AFTER = timedelta(hours=24), timedelta(hours=72)
BURST_BOUNDS, DAILY_BOUNDS = (10, 600), (50, 3000)
LONGEST, FARTHEST_WINDOW = timedelta(days=31), timedelta(days=30)


@dataclass(frozen=True)
class Details:
    """Everything about an event that a person sets. Times are aware; empty text means not said."""

    slug: str
    name: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    swaps_open_at: datetime
    swaps_close_at: datetime
    venue: str = ""
    language: str = "en"
    swap_policy: str = "at_once"
    names_policy: str = "numbers"
    retention_months: int = 13
    retention_days: int | None = None
    controller: str = ""
    controller_email: str = ""
    protection_officer: str = ""
    purpose: str = ""
    legal_basis: str = ""
    legal_basis_words: str = ""
    hosting: str = ""
    sensitive_since: datetime | None = None
    region: str = ""
    swaps_burst: int = 60
    swaps_daily: int = 300


def create_event(
    slug: str, *, name: str, zone: str, starts_at: datetime, ends_at: datetime, organizer_id: int | None = None,
    swaps_open_at: datetime | None = None, swaps_close_at: datetime | None = None, by: str = "command line",
    **more: Any,
) -> Event:
    """Create an event and make `organizer_id` its owner. `more`: the other fields of Details.

    Swaps are open from 24 hours before the start to 72 hours after the end unless said otherwise. Without
    a region the country of the time zone is taken. Raises Refusal with `field` for a value that cannot be.
    """
    details = checked(Details(
        slug=slug, name=name, zone=zone, starts_at=starts_at, ends_at=ends_at,
        swaps_open_at=swaps_open_at or starts_at - OPENS_BEFORE,
        swaps_close_at=swaps_close_at or ends_at + CLOSES_AFTER, **more))
    _check_slug_is_free(details.slug, None)
    event = Event(**asdict(details), made_at=clock.now())
    db.session.add(event)
    db.session.flush()
    if organizer_id is not None:
        db.session.add(EventRole(event_id=event.id, organizer_id=organizer_id, role="owner", given_at=clock.now()))
    log.write("event.created", by, event.id)
    db.session.flush()
    return event


def change_event(event_id: int, values: dict[str, Any], by: str) -> Event:
    """Set the given fields of Details on an event; returns it. Raises Refusal with `field`, or NotFound.

    The address (slug) stays as it is once made: it is printed on badges and in mails.
    """
    event = db.session.get(Event, event_id, with_for_update=True)
    if event is None:
        raise NotFound
    before = details_of(event)
    if values.get("slug", event.slug) != event.slug:
        raise Refusal(_("The short name is part of addresses that were given out, so it stays %(slug)s.",
                        slug=event.slug), reason="slug_fixed", field="slug")
    after = checked(replace(before, **values))
    _check_is_ahead(event, after)
    _check_promise(event, after)
    changed = [name for name, value in asdict(after).items() if value != getattr(before, name)]
    for name in changed:
        setattr(event, name, getattr(after, name))
    if changed:
        log.write("event.changed", by, event.id, fields=changed)
    db.session.flush()
    return event


def details_of(event: Event) -> Details:
    """What a person set about this event."""
    return Details(**{name: getattr(event, name) for name in Details.__dataclass_fields__})


def find_event(slug: str) -> Event | None:
    """The event of that short name."""
    found: Event | None = db.session.scalar(select(Event).where(Event.slug == slug))
    return found


def get_event(slug: str) -> Event:
    """The event of that short name; raises NotFound, and Refusal once its data is forgotten."""
    event = find_event(slug)
    if event is None:
        raise NotFound(_("There is no event called %(slug)s.", slug=slug))
    check_is_kept(event)
    return event


def get_event_by_id(event_id: int) -> Event:
    """The event with that number, which came from a row of the database; raises Refusal once its data is forgotten."""
    event = db.session.get_one(Event, event_id)
    check_is_kept(event)
    return event


def check_is_kept(event: Event) -> None:
    """Raise a Refusal (410) from the day on which the event's data is forgotten, also while rows are still left."""
    if event.is_kept(clock.now()):
        return
    if event.forgotten_at is None:
        sentence = _("Everything about %(event)s was kept until %(day)s. It is being deleted now, as promised.",
                     event=event.name, day=words.full_day(event.retention_on))
    else:
        sentence = _("Everything about %(event)s was deleted on %(day)s, as promised.", event=event.name,
                     day=words.full_day(event.forgotten_at.astimezone(event.tz).date()))
    raise Refusal(sentence, status=410, reason="forgotten")


def forgotten(event_ids: Collection[int]) -> set[int]:
    """Those of these events whose promised day has come."""
    if not event_ids:
        return set()
    now = clock.now()
    return {event.id for event in db.session.scalars(select(Event).where(Event.id.in_(event_ids)))
            if not event.is_kept(now)}


def check_may_mail(event: Event) -> None:
    """Raise a Refusal, with the first field that is missing, unless the event says what privacy.missing asks for."""
    gaps = privacy.missing(event)
    if gaps:
        raise Refusal(privacy.sentence_about(gaps), reason="entries_missing", field=gaps[0].field)


def events_of(organizer_id: int) -> Sequence[tuple[Event, str]]:
    """The events an organizer has a role at, with that role; the latest one first."""
    found = db.session.execute(
        select(Event, EventRole.role).join(EventRole, EventRole.event_id == Event.id)
        .where(EventRole.organizer_id == organizer_id).order_by(Event.starts_at.desc(), Event.id.desc())
    ).all()
    return [(event, role) for event, role in found]


def is_slug_free(slug: str) -> bool:
    """Whether no event has this short name and none may not have it."""
    return slug not in RESERVED and not db.session.scalar(select(exists().where(Event.slug == slug)))


def checked(details: Details) -> Details:
    """The details with text trimmed and the region filled in; raises Refusal with a sentence and `field`."""
    tidy: dict[str, Any] = {
        name: " ".join(getattr(details, name).split()) for name in ("slug", "name", "zone", "venue")
    }
    details = replace(
        details, **tidy, **{name: getattr(details, name).strip() for name in PARAGRAPHS},
        controller_email=details.controller_email.strip(), region=details.region.strip().upper())
    if details.sensitive_since is not None:
        details = _sensitive(details)
    _check_words(details)
    _check_times(details)
    if details.controller_email:
        try:
            found = validate_email(details.controller_email, check_deliverability=False)
        except EmailNotValidError:
            raise Refusal(_("%(email)s is not an e-mail address. Check it for a typing mistake.",
                            email=details.controller_email), status=422, field="controller_email") from None
        details = replace(details, controller_email=found.normalized)
    return details if details.region else replace(details, region=region_of_zone(details.zone))


def _check_words(details: Details) -> None:
    def need(is_good: bool, field: str, sentence: str) -> None:
        if not is_good:
            raise Refusal(sentence, status=422, reason="invalid", field=field)

    need(SLUG.fullmatch(details.slug) is not None, "slug",
         _("The short name is part of addresses: 2 to 40 of a to z, 0 to 9 and dashes, such as spring-mixer-2026."))
    need(details.slug not in RESERVED, "slug",
         _("The short name %(slug)s is used by the program itself. Choose another.", slug=details.slug))
    need(1 <= len(details.name) <= 120, "name", _("Give the event a name of at most 120 characters."))
    for name, (least, most) in (("swaps_burst", BURST_BOUNDS), ("swaps_daily", DAILY_BOUNDS)):
        need(least <= getattr(details, name) <= most, name,
             _("Choose %(least)s to %(most)s swaps.", least=least, most=most))
    need(details.swaps_burst <= details.swaps_daily, "swaps_daily",
         _("In a day there are at least as many as in ten minutes. Choose more, or fewer in ten minutes."))
    need(len(details.venue) <= 200, "venue", _("The venue takes at most 200 characters."))
    try:
        clock.zone(details.zone)
    except ValueError:
        need(False, "zone", _("%(zone)s is not a time zone. Write for example Europe/Berlin.", zone=repr(details.zone)))
    need(details.language in words.LANGUAGES, "language", _("That language is not available yet."))
    need(details.swap_policy in SWAP_POLICIES, "swap_policy", _("Choose what attendees begin with."))
    need(details.names_policy in NAMES_POLICIES, "names_policy", _("Choose what organizers see by name."))
    need(1 <= details.retention_months <= 24, "retention_months", _("Choose 1 to 24 months."))
    need(details.retention_days is None or privacy.SHORTEST_DAYS <= details.retention_days <= privacy.LONGEST_DAYS,
         "retention_days", _("Choose %(least)s to %(most)s days, or leave it empty for months.",
                             least=privacy.SHORTEST_DAYS, most=privacy.LONGEST_DAYS))
    for name, most in PARAGRAPHS.items():
        need(len(getattr(details, name)) <= most, name, _("That takes at most %(most)s characters.", most=most))
    need(details.legal_basis in ("", *privacy.BASES), "legal_basis", _("Choose the legal basis."))
    need(details.legal_basis != "other" or bool(details.legal_basis_words), "legal_basis_words",
         _("Say which legal basis, in your own words."))
    need(details.region == "" or is_region(details.region), "region",
         _("%(region)s is not a country. Use two letters, such as DE.", region=repr(details.region)))


def _check_times(details: Details) -> None:
    def need(is_good: bool, field: str, sentence: str) -> None:
        if not is_good:
            raise Refusal(sentence, status=422, reason="invalid", field=field)

    need(details.ends_at > details.starts_at, "ends_at", _("The event ends before it starts. Check both times."))
    need(details.ends_at - details.starts_at <= LONGEST, "ends_at",
         _("An event lasts at most 31 days. Check the dates, or make two events."))
    need(details.swaps_close_at > details.swaps_open_at, "swaps_close_at",
         _("Swapping closes before it opens. Check both times."))
    need(details.swaps_open_at <= details.ends_at, "swaps_open_at",
         _("Swapping opens only after the event is over. Let it open earlier."))
    need(details.swaps_close_at >= details.starts_at, "swaps_close_at",
         _("Swapping closes before the event begins. Let it close later."))
    need(details.starts_at - details.swaps_open_at <= FARTHEST_WINDOW, "swaps_open_at",
         _("Swapping opens at most 30 days before the event."))
    need(details.swaps_close_at - details.ends_at <= FARTHEST_WINDOW, "swaps_close_at",
         _("Swapping closes at most 30 days after the event."))


def _sensitive(details: Details) -> Details:
    """What is fixed where being there already tells something: asked before each swap, kept for 30 days at most."""
    days = details.retention_days or privacy.SENSITIVE_DAYS
    return replace(details, retention_days=min(days, privacy.SENSITIVE_DAYS),
                   swap_policy="ask" if details.swap_policy == "at_once" else details.swap_policy,
                   names_policy="numbers")


def _check_promise(event: Event, after: Details) -> None:
    """What attendees were told may become stricter at any time, but not laxer."""
    changed = Event(made_at=event.made_at, **asdict(after))
    is_laxer = event.is_sensitive and not changed.is_sensitive
    if not (is_laxer or privacy.is_longer(event, changed)) or not privacy.is_promised(event):
        return
    if is_laxer:
        raise Refusal(_("People took part because this is a sensitive event, so it stays one. Before the first mail or "
                        "activation it could still be changed."), reason="promised", field="is_sensitive")
    raise Refusal(_("Attendees were told that everything is deleted on %(day)s, so it can only be deleted earlier. "
                    "Before the first mail or activation it could still be later.",
                    day=words.full_day(event.retention_on)), reason="promised",
                  field="retention_days" if after.retention_days is not None else "retention_months")


def _check_is_ahead(event: Event, after: Details) -> None:
    """A change of dates must not delete everything at once, by a slip."""
    day = Event(made_at=event.made_at, **asdict(after)).retention_on
    if day != event.retention_on and day <= clock.now().astimezone(clock.zone(after.zone)).date():
        raise Refusal(_("Everything would be deleted at once: with that it would have been kept until %(day)s. "
                        "Choose a longer time.", day=words.full_day(day)),
                      status=422, reason="invalid",
                      field="retention_days" if after.retention_days is not None else "retention_months")


def _check_slug_is_free(slug: str, event_id: int | None) -> None:
    taken = db.session.scalar(select(Event.id).where(Event.slug == slug))
    if taken is not None and taken != event_id:
        raise Refusal(_("There is already an event called %(slug)s. Choose another short name.", slug=slug),
                      reason="slug_taken", field="slug")
