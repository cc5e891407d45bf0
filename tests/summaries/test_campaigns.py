"""The sending of an event's summaries: once each, not before the end, paused, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from eventnet import clock, config, db
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from eventnet.outbox import planning, timetable
from eventnet.outbox.models import Mail
from eventnet.summaries import campaigns, commands
from eventnet.summaries.models import Summary
from tests.factories import make_attendee, make_event
from tests.summaries.evenings import meet


@pytest.fixture
def mixer(database: db.Database, evening: datetime) -> Event:
    """Ada and Grace met, Bob was checked in as Grace was, Gus never came."""
    with db.transaction():
        event = make_event()
        ada = make_attendee(event, "Ada Lovelace", shared=["email"])
        grace = make_attendee(event, "Grace Hopper", checked_in_at=clock.now())
        make_attendee(event, "Bob Kahn", checked_in_at=clock.now())
        make_attendee(event, "Gus Noshow")
        meet(ada, grace)
    return event


@pytest.fixture
def afterwards(mixer: Event) -> Iterator[datetime]:
    with clock.stopped(mixer.ends_at + timedelta(minutes=1)):
        yield clock.now()


def start(event: Event, *, now: bool = False) -> int:
    with db.reading():
        picks = campaigns.picks_for(event.id)
    with db.transaction():
        return campaigns.start(event.id, picks, "command line", now=now)


def mails() -> dict[str, tuple[str, datetime]]:
    with db.reading():
        return {mail.unique_key: (mail.state, mail.run_after) for mail in db.session.query(Mail).all()}


def test_start_plans_one_mail_each_and_a_second_press_none(mixer: Event, afterwards: datetime) -> None:
    assert start(mixer) == 3
    first = mails()
    assert {state for state, _ in first.values()} == {"planned"}
    assert start(mixer) == 0
    assert mails() == first
    with db.reading():
        assert db.session.query(Summary).count() == 3
        entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
        assert [(one.act, one.about) for one in entries] == [
            ("summaries.started", {"planned": 3}), ("summaries.started", {"planned": 0})]


def test_second_press_plans_only_who_is_new(mixer: Event, afterwards: datetime) -> None:
    start(mixer)
    with db.transaction():
        make_attendee(mixer, "Late Comer", checked_in_at=mixer.ends_at)
    assert start(mixer) == 1


def test_start_is_refused_before_the_end_and_plans_nothing(mixer: Event) -> None:
    with pytest.raises(Refusal, match=r"still is on|is still on\. The summaries can be sent from .*22:00\."):
        start(mixer)
    assert mails() == {}
    assert start(mixer, now=True) == 3


def test_start_is_refused_while_nobody_answers_for_the_data(mixer: Event, afterwards: datetime) -> None:
    with db.transaction():
        db.session.get_one(Event, mixer.id).controller = ""
    with pytest.raises(Refusal, match="who answers for the data"):
        start(mixer)
    assert mails() == {}


def test_refusal_leaves_neither_campaign_nor_mails(mixer: Event, afterwards: datetime) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():
        campaigns.start(mixer.id, {}, "command line")
        raise ZeroDivisionError
    with db.reading():
        assert campaigns.find_campaign(mixer.id) is None
    assert mails() == {}


def test_pause_holds_what_has_not_left_and_resume_lets_it_go(mixer: Event, afterwards: datetime) -> None:
    start(mixer)
    with db.transaction():
        campaigns.pause(mixer.id, "organizer:1")
    with db.reading():
        assert planning.due_planned("summary", 10) == []
    with db.transaction():
        make_attendee(mixer, "Late Comer", checked_in_at=mixer.ends_at)
    assert start(mixer) == 1
    with db.reading():
        assert planning.due_planned("summary", 10) == [], "what is planned while paused waits, too"
    with db.transaction():
        campaigns.resume(mixer.id, "organizer:1")
    with db.reading():
        assert len(planning.due_planned("summary", 10)) == 4


def test_cancel_takes_back_for_good(mixer: Event, afterwards: datetime) -> None:
    start(mixer)
    with db.transaction():
        assert campaigns.cancel(mixer.id, "organizer:1") == 3
    assert start(mixer) == 0
    with db.reading():
        assert campaigns.counts(mixer.id)["cancelled"] == 3


@pytest.mark.parametrize("verb", [campaigns.pause, campaigns.resume, campaigns.cancel])
def test_nothing_to_stop_before_anything_was_sent(mixer: Event, verb: object) -> None:
    with pytest.raises(Refusal, match="No summaries were sent"), db.transaction():
        verb(mixer.id, "organizer:1")  # type: ignore[operator]


def test_resolve_knows_only_summaries_of_this_event(mixer: Event, afterwards: datetime) -> None:
    start(mixer)
    with db.transaction():
        elsewhere = make_event("elsewhere")
        mail = db.session.query(Mail).first()
        assert mail is not None
        mail.state, mail.settled_at, mail.reply = "failed", clock.now(), "550 5.1.1 no such user"
        mail_id = mail.id
    with pytest.raises(NotFound), db.transaction():
        campaigns.resolve(elsewhere.id, mail_id, "again", "organizer:2")
    with db.reading():
        trouble, = campaigns.troubles(mixer.id)
    assert (trouble.mail_id, trouble.state) == (mail_id, "failed")
    with db.transaction():
        campaigns.resolve(mixer.id, mail_id, "again", "organizer:1")
    with db.reading():
        assert campaigns.counts(mixer.id)["planned"] == 3


@pytest.mark.parametrize(("state", "reply", "expected"), [
    ("failed", "550 5.1.1 <x@y>: Recipient address rejected: User unknown",
     "Their mail server says this address does not exist."),
    ("failed", "552 5.2.2 mailbox full", "Their mailbox is full."),
    ("failed", "554 5.7.1 blocked", "Their mail server refuses our mail."),
    ("failed", "", "It could not be delivered."),
    ("in_doubt", "", "It was handed over, and no answer came. Most such mails did arrive."),
])
def test_reasons_are_plain(state: str, reply: str, expected: str) -> None:
    assert campaigns.plain_reason(state, reply) == expected


def send(settings: config.Settings, *options: str) -> tuple[int, dict[str, object], str]:
    result = CliRunner().invoke(commands.group, ["send", "--event", "mixer", "--json", *options], obj=settings)
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


def test_send_prints_the_contract(mixer: Event, afterwards: datetime, settings: config.Settings) -> None:
    with db.reading():
        gus = campaigns.outlook(mixer).skipped[0].attendee_id
    nothing = dict.fromkeys(("planned", "ready", "sending", "dot", "sent", "failed", "suppressed", "cancelled",
                             "in_doubt"), 0)
    skipped = [{"attendee_id": gus, "reason": "not_here"}]
    assert send(settings, "--dry-run") == (0, {**nothing, "planned": 3, "skipped": skipped}, "")
    db.connect(settings.database_url)
    assert mails() == {}
    assert send(settings) == (0, {**nothing, "planned": 3, "skipped": skipped}, "")
    assert send(settings) == (0, {**nothing, "planned": 3, "skipped": skipped}, "")


def test_send_is_refused_before_the_end_with_exit_1(mixer: Event, settings: config.Settings) -> None:
    code, found, error = send(settings)
    assert (code, found) == (1, {})
    assert error.startswith("Spring mixer is still on.")
    assert send(settings, "--now")[0] == 0


def test_send_waits_until_all_have_settled_and_exits_1_with_failures(
        mixer: Event, afterwards: datetime, settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def settle(_seconds: float) -> None:
        with db.transaction():
            timetable.beat()
            for number, mail in enumerate(db.session.query(Mail).all()):
                mail.state, mail.settled_at = ("failed" if number == 0 else "sent"), clock.now()

    monkeypatch.setattr(commands.time, "sleep", settle)
    code, found, _ = send(settings, "--wait")
    assert (code, found["sent"], found["failed"]) == (1, 2, 1)


def test_send_that_waits_says_when_no_worker_runs(
        mixer: Event, afterwards: datetime, settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 5))
    rounds = iter([False, False, False, True])

    def sleep(_seconds: float) -> None:
        if next(rounds):
            with db.transaction():
                for mail in db.session.query(Mail).all():
                    mail.state, mail.settled_at = "sent", clock.now()

    monkeypatch.setattr(commands.time, "sleep", sleep)
    monkeypatch.setattr(commands.time, "monotonic", lambda: float(next(seconds)))
    code, found, error = send(settings, "--wait")
    assert (code, found["sent"]) == (0, 3)
    assert error.count("No worker gives a sign of life. Start one with: eventnet worker") == 1


@pytest.mark.parametrize(("unseen", "shown", "not_here"), [(0, 3, 1), (1, 3, 2), (4, 3, 5), (5, 8, 1)])
def test_few_who_only_met_somebody_are_in_no_number_and_get_their_mail(
    mixer: Event, afterwards: datetime, unseen: int, shown: int, not_here: int,
) -> None:
    """Who was checked in or active is known by name: the exact number of mails would be that plus who only met."""
    with db.transaction():
        bob = db.session.query(Attendee).filter_by(badge_name="Bob Kahn").one()
        for number in range(unseen):
            meet(bob, make_attendee(mixer, f"Guest {number}", email=f"g{number}@people.example"))
    with db.reading():
        outlook = campaigns.outlook(mixer)
        assert (len(outlook.eligible), outlook.shown) == (3 + unseen, shown)
        [(why, count)] = outlook.skip_counts()
        assert (count, "Fewer than five of them met somebody" in why) == (not_here, 0 < unseen < 5)
    assert start(mixer) == 3 + unseen
    with db.reading():
        assert (campaigns.counts(mixer.id)["planned"], campaigns.shown_counts(mixer)["planned"]) == (3 + unseen, shown)
        assert db.session.query(AuditEntry).one().about == {"planned": shown}
    with db.transaction():
        for mail in db.session.query(Mail):
            mail.state, mail.settled_at = "failed", clock.now()
    with db.reading():
        assert campaigns.shown_counts(mixer)["failed"] == 3 + unseen, "these are listed by name, so that none is lost"


def test_taking_back_tells_no_more_than_the_page_did(mixer: Event, afterwards: datetime) -> None:
    with db.transaction():
        bob = db.session.query(Attendee).filter_by(badge_name="Bob Kahn").one()
        meet(bob, make_attendee(mixer, "Guest"))
    start(mixer)
    with db.transaction():
        assert campaigns.cancel(mixer.id, "organizer:1") == 3
    with db.reading():
        assert campaigns.counts(mixer.id)["cancelled"] == 4
