"""The sending of an event's summaries: one mail per eligible attendee, planned once, paused, resumed, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select, update

from eventnet import clock, db, words
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.encounters.withholding import LEAST
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar
from eventnet.events.models import Event
from eventnet.outbox import planning, resolving
from eventnet.outbox.models import STATES, Mail
from eventnet.suggestions import ranking
from eventnet.suggestions.picks import Picks
from eventnet.summaries import eligibility
from eventnet.summaries.eligibility import SKIPS, Standing
from eventnet.summaries.models import Campaign, Summary
from eventnet.words import gettext as _

KIND = "summary"
NAMED = ("failed", "in_doubt")
CHUNK = 500
Verdict = Literal["sent", "again"]
VERDICTS: tuple[Verdict, ...] = ("sent", "again")


@dataclass(frozen=True)
class Outlook:
    """Who would get a summary now: `standings` of everybody."""

    event_id: int
    standings: tuple[Standing, ...]

    @property
    def eligible(self) -> tuple[int, ...]:
        return tuple(standing.attendee_id for standing in self.standings if standing.is_eligible)

    @property
    def skipped(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if not standing.is_eligible)

    @property
    def met(self) -> int:
        """How many of the eligible met somebody."""
        return sum(1 for standing in self.standings if standing.is_eligible and standing.met)

    @property
    def unseen(self) -> frozenset[int]:
        """Those who get one only because they met somebody, when they are 1 to 4; else nobody.

        Organizers know by name who was checked in or active, so the exact number of mails would tell how many these
        are. No page counts them (PRODUCT: no cell below five).
        """
        few = frozenset(one.attendee_id for one in self.standings if one.is_eligible and not one.was_seen)
        return few if len(few) < LEAST else frozenset()

    @property
    def shown(self) -> int:
        """How many get one, as organizers see it."""
        return len(self.eligible) - len(self.unseen)

    def skip_counts(self) -> list[tuple[str, int]]:
        """(sentence why, how many) for the reasons that occur."""
        found, unseen = Counter(standing.skipped for standing in self.skipped), len(self.unseen)
        found["not_here"] += unseen
        return [(eligibility.sentence_of_unseen() if reason == "not_here" and unseen else eligibility.sentence(reason),
                 found[reason]) for reason in SKIPS if found[reason]]


@dataclass(frozen=True)
class Trouble:
    """A mail that did not arrive or may not have, in plain words. `name` is the badge name."""

    mail_id: str
    attendee_id: int
    name: str
    address: str
    state: str
    reply: str
    at: datetime | None


def outlook(event: Event) -> Outlook:
    """Who would get a summary now and who not."""
    return Outlook(event.id, tuple(eligibility.standings(event)))


def picks_for(event_id: int) -> dict[int, Picks]:
    """What the summaries will say about whom to write to and whom to meet: minutes at 50,000 people, so it is
    worked out on the reading session, before `start`."""
    return ranking.for_event(event_id)


def check_start(event: Event, *, now: bool = False) -> None:
    """Raises Refusal before the event's end (unless `now`), and while nobody answers for the data."""
    calendar.check_may_mail(event)
    if not now and not event.is_over(clock.now()):
        raise Refusal(_("%(event)s is still on. The summaries can be sent from %(day)s, %(time)s.", event=event.name,
                        day=words.day(event.ends_at, event.tz), time=words.time(event.ends_at, event.tz)),
                      reason="not_over")


def start(event_id: int, picks: Mapping[int, Picks], by: str, *, now: bool = False) -> int:
    """Plan one summary for every eligible attendee and settle what it says; returns how many are new.

    In one transaction with the campaign: a second press plans nothing more for anybody. Raises Refusal as
    check_start.
    """
    event = db.session.get(Event, event_id)
    if event is None:
        raise NotFound
    check_start(event, now=now)
    at = clock.now()
    db.session.execute(db.insert(Campaign).values(
        event_id=event_id, started_at=at, started_by=by, send_at=at).on_conflict_do_nothing())
    campaign = db.session.get_one(Campaign, event_id, with_for_update=True)
    found = outlook(event)
    eligible, unseen = found.eligible, found.unseen
    rows = [{"attendee_id": i, "event_id": event_id, "made_at": at, "picks": (picks.get(i) or Picks()).as_json()}
            for i in eligible]
    for begin in range(0, len(rows), CHUNK):
        db.session.execute(db.insert(Summary).values(rows[begin:begin + CHUNK]).on_conflict_do_nothing())
    leave = event.retention_at if campaign.paused_at is not None else at
    plans = [planning.Plan(KIND, f"attendee:{i}", event_id, i, run_after=leave) for i in eligible]
    shown = planning.plan_many(plan for plan in plans if plan.attendee_id not in unseen)
    hidden = planning.plan_many(plan for plan in plans if plan.attendee_id in unseen)
    log.write("summaries.started", by, event_id, planned=shown)
    return shown + hidden


def find_campaign(event_id: int) -> Campaign | None:
    return db.session.get(Campaign, event_id)


def counts(event_id: int) -> dict[str, int]:
    """How many summaries are in which state."""
    return planning.counts(event_id, KIND)


def shown_counts(event: Event) -> dict[str, int]:
    """As counts, but for organizers' pages: 1 to 4 mails to people who only met somebody are not counted.

    Those that failed or are in doubt always are, since they are listed by name. One statement.
    """
    was_seen = eligibility.seen(event).label("was_seen")
    rows = db.session.execute(
        select(Mail.state, was_seen, func.count().label("number"))
        .join(Attendee, (Attendee.event_id == Mail.event_id) & (Attendee.id == Mail.attendee_id))
        .where(Mail.event_id == event.id, Mail.kind == KIND).group_by(Mail.state, was_seen)).all()
    unseen = sum(row.number for row in rows if not row.was_seen)
    found = dict.fromkeys(STATES, 0)
    for row in rows:
        if row.was_seen or unseen >= LEAST or row.state in NAMED:
            found[row.state] += row.number
    return found


def pause(event_id: int, by: str) -> None:
    """Hold what has not left; what is being handed over at this moment still goes out."""
    campaign = _campaign(event_id)
    if campaign.paused_at is not None:
        return
    event = db.session.get_one(Event, event_id)
    campaign.paused_at = clock.now()
    _postpone(event_id, event.retention_at)
    log.write("summaries.paused", by, event_id)


def resume(event_id: int, by: str) -> None:
    """Go on sending."""
    campaign = _campaign(event_id)
    if campaign.paused_at is None:
        return
    campaign.paused_at = None
    _postpone(event_id, clock.now())
    log.write("summaries.resumed", by, event_id)


def cancel(event_id: int, by: str) -> int:
    """Take back every summary that nobody began to send, for good; the pages stay. Returns how many, as shown."""
    _campaign(event_id)
    before = shown_counts(db.session.get_one(Event, event_id))
    gone = planning.cancel(KIND, event_id=event_id, reason=_("Taken back by the organizer."))
    shown = min(gone, before["planned"] + before["ready"])
    log.write("summaries.cancelled", by, event_id, cancelled=shown)
    return shown


def troubles(event_id: int, limit: int = 200) -> list[Trouble]:
    """Mails that failed, or of which nobody knows whether they arrived, the doubtful first."""
    rows = db.session.execute(
        select(Mail.id, Mail.attendee_id, Attendee.badge_name, Mail.to_address, Mail.state, Mail.reply, Mail.dot_at,
               Mail.settled_at)
        .join(Attendee, (Attendee.event_id == Mail.event_id) & (Attendee.id == Mail.attendee_id))
        .where(Mail.event_id == event_id, Mail.kind == KIND, Mail.state.in_(NAMED))
        .order_by(Mail.state.desc(), Attendee.sort_key, Mail.id).limit(limit))
    return [Trouble(row.id, row.attendee_id, row.badge_name, row.to_address or "", row.state, row.reply or "",
                    row.dot_at or row.settled_at) for row in rows]


def resolve(event_id: int, mail_id: str, verdict: Verdict, by: str) -> None:
    """What the organizer decided about a mail of this event; raises NotFound for any other mail."""
    mail = db.session.get(Mail, mail_id)
    if mail is None or (mail.event_id, mail.kind) != (event_id, KIND):
        raise NotFound
    resolving.resolve(mail_id, verdict)
    log.write("mail.resolved", by, event_id, mail=mail_id, verdict=verdict)


def plain_reason(state: str, reply: str) -> str:
    """A mail server's answer (RFC 5321, RFC 3463) as the organizer would put it."""
    if state == "in_doubt":
        return _("It was handed over, and no answer came. Most such mails did arrive.")
    text = reply.lower()
    if reply.startswith(("550", "551", "553")) and any(
            word in text for word in ("5.1.1", "5.1.2", "unknown", "no such", "not exist", "user", "mailbox")):
        return _("Their mail server says this address does not exist.")
    if reply.startswith("552") or "5.2.2" in text or "quota" in text or "full" in text:
        return _("Their mailbox is full.")
    if reply.startswith(("550", "554")) and any(word in text for word in ("spam", "policy", "blocked", "5.7")):
        return _("Their mail server refuses our mail.")
    if reply.startswith(("535", "530")):
        return _("Our mail server did not accept our sign-in.")
    return _("It could not be delivered.")


def _campaign(event_id: int) -> Campaign:
    campaign = db.session.get(Campaign, event_id, with_for_update=True)
    if campaign is None:
        raise Refusal(_("No summaries were sent for this event yet."), reason="no_campaign")
    return campaign


def _postpone(event_id: int, until: datetime) -> None:
    db.session.execute(
        update(Mail).where(Mail.event_id == event_id, Mail.kind == KIND, Mail.state.in_(("planned", "ready")))
        .values(run_after=until))
