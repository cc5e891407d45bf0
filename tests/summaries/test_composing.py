"""The summary mail as a mail program gets it: headers, text, HTML, attached cards; what must never be in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import vobject
from sqlalchemy import event as sqlalchemy_event

from eventnet import clock, config, db
from eventnet.attendees import activation, participation
from eventnet.attendees.models import Attendee
from eventnet.events.models import Event
from eventnet.outbox import mime
from eventnet.outbox.composing import Skip
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from eventnet.summaries import campaigns, composing, enclosing, reading
from tests.factories import make_attendee, make_event
from tests.summaries.evenings import attend, make_item, meet, write

AT = datetime(2026, 10, 15, 17, 40, tzinfo=UTC)  # 19:40 in Cologne


@pytest.fixture
def mixer(database: db.Database) -> Iterator[Event]:
    """The spring mixer, a few minutes after its end."""
    with clock.stopped(datetime(2026, 10, 15, 20, 5, tzinfo=UTC)):
        with db.transaction():
            event = make_event()
        yield event


def composed(settings: config.Settings, event: Event, attendee: Attendee) -> Letter:
    """Plan, settle and compose the summary of one attendee."""
    with db.reading():
        picks = campaigns.picks_for(event.id)
    with db.transaction():
        campaigns.start(event.id, picks, "command line")
    return again(settings, attendee)


def again(settings: config.Settings, attendee: Attendee) -> Letter:
    with db.reading():
        mail = db.session.query(Mail).filter_by(unique_key=f"attendee:{attendee.id}").one()
        letter = composing.compose(mail, settings)
    assert isinstance(letter, Letter), letter
    return letter


def parsed(settings: config.Settings, letter: Letter) -> tuple[Any, str, str]:
    """The message as email.parser reads it, its text and its HTML."""
    _, content = mime.build(letter, settings=settings, kind="summary", mail_id="1" * 32, dated_at=clock.now())
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return message, text.get_content().replace("\r\n", "\n"), html.get_content()


def words_of(html: str) -> str:
    """The words of an HTML mail without its tags and styles."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


@pytest.fixture
def persona(mixer: Event) -> dict[str, Attendee]:
    """Ada met Grace (promised, after the keynote) and Нина; سميرة fits and was not met. Bob met nobody."""
    with db.transaction():
        ada = make_attendee(mixer, "Ada Lovelace", shared=["email"], suggest=True, card={
            "looking_for": "grid planning, a new job", "offering": "analytical engines"})
        grace = make_attendee(mixer, "Grace Hopper", shared=["email", "phone"], title="Rear Admiral",
                              organization="Navy", phone="+1 202 555 0142")
        nina = make_attendee(mixer, "Нина Иванова", shared=["linkedin"], email="nina@people.example",
                             linkedin="https://www.linkedin.com/in/nina", organization="Сети")
        samira = make_attendee(mixer, "سميرة النجار", shared=["email"], suggest=True, email="samira@people.example",
                               organization="Grid Lab", card={"offering": "talks about grid planning"})
        bob = make_attendee(mixer, "Bob Kahn", shared=[], email="bob@people.example", card={"summary_detail": "full"})
        carol = make_attendee(mixer, "Carol Späth", email="carol@people.example")
        keynote = make_item(mixer, "Keynote", AT - timedelta(minutes=60), 50)
        attend(keynote, ada, grace)
        meet(ada, grace, AT)
        meet(ada, nina, AT + timedelta(minutes=20))
        meet(grace, carol, AT)
        write(ada, grace, note="COBOL, nanoseconds", promise="the paper on compilers")
        for attendee in (ada, grace, nina, samira, bob):
            attendee.activated_at = AT
    return {"ada": ada, "grace": grace, "nina": nina, "samira": samira, "bob": bob, "carol": carol}


def test_summary_of_somebody_who_met_people_in_whole(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    ada = persona["ada"]
    _, text, _ = parsed(settings, composed(settings, mixer, ada))
    token = reading.summary_token(settings.secret_key, ada)
    leave = participation.unsubscribe_url(settings, ada)
    assert text == f"""You met 2 people. Start with Grace.
Spring mixer, Thursday 15 October

You promised Grace: the paper on compilers
People are glad to hear from you, more than you would guess.

Grace Hopper, Rear Admiral, Navy
  Thursday, 19:40, after “Keynote”
  Your note: COBOL, nanoseconds
  You promised: the paper on compilers
  grace@people.example
  +1 202 555 0142

Ready to send:
Hi Grace, good to talk after “Keynote” at Spring mixer. Here is what I promised. Tell me if anything is missing.

Ada


* Also today *

Нина Иванова, Сети
  Thursday, 20:00
  https://www.linkedin.com/in/nina

Ready to send:
Hi Нина, good to meet you at Spring mixer on Thursday. Would 20 minutes next week suit you, to continue where we \
stopped?

Ada


2 people met · 2 you can reach · 1 promise to keep

* You did not meet, and should *
Nobody is told that you see this.

سميرة النجار, Grid Lab
  They offer: talks about grid planning.

2 cards are attached; open the file to save them to your address book.

--
Your list: https://ev.example/M/{token}
Your card: https://ev.example/e/mixer/card
Your data: https://ev.example/e/mixer/privacy
No more mail: {leave}
You get this one mail because you were there. Alumni Office, Cologne answers for the data; everything is deleted after \
15 November 2027.
"""


def test_summary_of_somebody_who_met_nobody_in_whole(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    bob = persona["bob"]
    letter = composed(settings, mixer, bob)
    token = reading.summary_token(settings.secret_key, bob)
    assert letter.attachments == ()
    assert letter.text.startswith("""Whom you could still meet: start with """)
    assert letter.text.split("\n", 1)[1].split("\n--\n")[0] == """Spring mixer, Thursday 15 October

No cards were swapped with you this time. These people were at Spring mixer too.

* Worth a hello next time *
Nobody is told that you see this.

Ada Lovelace
  They asked to be suggested to people here.

سميرة النجار, Grid Lab
  They asked to be suggested to people here.

* Talked to somebody all the same? *
Write to them today: the event, what you talked about, one question. \
People are glad to hear from you, more than you would guess.

One question: what are you looking for? One line on your card is enough, and we can say who fits:
https://ev.example/e/mixer/card
"""
    assert f"https://ev.example/M/{token}" in letter.text


def test_summary_of_somebody_who_never_activated_in_whole(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    carol = persona["carol"]
    letter = composed(settings, mixer, carol)
    link = f"https://ev.example/A/{activation.activation_token(settings.secret_key, carol)}"
    assert (letter.subject, letter.attachments) == ("Spring mixer: One person would like to swap cards with you.", ())
    assert letter.text.split("\n--\n")[0] == f"""One person would like to swap cards with you.
Spring mixer, Thursday 15 October

You were at Spring mixer and have not opened your card yet. Open it, choose what you share, and their cards are yours. \
Until then they see only what your badge showed.
The link opens until Friday 16 October, 22:00.

Open my card: {link}

Nobody gets your address from us. Each thing you share is a tick of its own.
"""
    assert "Grace" not in letter.text + letter.html


def test_activation_link_is_not_mailed_when_it_no_longer_opens(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    with clock.stopped(mixer.ends_at + timedelta(hours=23)):
        text = composed(settings, mixer, persona["carol"]).text
    assert "Open my card: https://ev.example/e/mixer/sign-in\n" in text
    assert "/A/" not in text


def test_headers_are_what_mail_programs_want(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    message, _, html = parsed(settings, composed(settings, mixer, persona["ada"]))
    leave = participation.unsubscribe_url(settings, persona["ada"])
    assert {name: str(message[name]) for name in (
        "From", "To", "Subject", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language")} == {
        "From": "Spring mixer <events@ev.example>", "To": "Ada Lovelace <ada@people.example>",
        "Subject": "Spring mixer: You met 2 people. Start with Grace.", "Reply-To": "data@organizers.example",
        "List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Language": "en"}
    assert len(html.encode()) < 100_000
    assert re.findall(r"<(?:img|script|link|iframe|video)\b|url\(", html) == []
    assert set(re.findall(r'href="(https?://[^/"]+)', html)) <= {"https://ev.example", "https://www.linkedin.com"}


def cards_of(letter: Letter) -> list[Any]:
    (name, kind, content), = letter.attachments
    assert (name, kind) == ("spring-mixer.vcf", "text/vcard; charset=utf-8")
    return list(vobject.readComponents(content.decode()))


def test_attached_cards_say_who_gave_what_and_where_they_met(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    message, _, _ = parsed(settings, letter := composed(settings, mixer, persona["ada"]))
    assert [part.get_filename() for part in message.iter_attachments()] == ["spring-mixer.vcf"]
    grace, nina = cards_of(letter)
    assert (grace.fn.value, grace.email.value, grace.tel.value, grace.org.value) == (
        "Grace Hopper", "grace@people.example", "+1 202 555 0142", ["Navy"])
    assert grace.note.value == "Met at Spring mixer, 15 October 2026"
    assert (nina.fn.value, hasattr(nina, "email"), hasattr(nina, "tel")) == ("Нина Иванова", False, False)


def test_private_words_are_in_neither_cards_nor_messages(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    letter = composed(settings, mixer, persona["ada"])
    card_file = letter.attachments[0][2].decode()
    openers = re.findall(r"Ready to send:\n(.*?)\n\nAda", letter.text, re.DOTALL)
    links = " ".join(re.findall(r"mailto:[^\"]+", letter.html))
    assert len(openers) == 2
    for secret in ("COBOL", "nanoseconds", "compilers"):
        assert secret in letter.text, "the reader sees their own words"
        assert all(secret not in place for place in (card_file, *openers, links))


def test_words_about_work_never_enter_a_mail(mixer: Event, settings: config.Settings) -> None:
    canary = "hiring-canary"
    with db.transaction():
        ada = make_attendee(mixer, "Ada Lovelace", shared=["email"], suggest=True, card={
            "looking_for": f"job {canary} kernels", "offering": f"{canary} grids", "interests": f"{canary} sailing"})
        grace = make_attendee(mixer, "Grace Hopper", shared=["email"], suggest=True, card={
            "looking_for": f"{canary} grids", "offering": f"{canary} kernels", "interests": f"{canary} sailing"})
        other = make_attendee(mixer, "Oda Other", shared=["email"], suggest=True, card={
            "looking_for": f"{canary} grids", "offering": f"{canary} kernels", "interests": f"{canary} sailing"})
        meet(ada, grace)
        write(ada, grace, note=f"note {canary}", promise=f"send CV {canary}")
    letter = composed(settings, mixer, ada)
    assert other.badge_name in letter.text
    content = letter.subject + letter.text + letter.html + letter.attachments[0][2].decode()
    assert [word for word in (canary, "job", "hiring", "CV") if word in words_of(content)] == []
    with db.reading():
        page = reading.read(settings, mixer, ada.id, in_mail=False).digest
    assert page.first is not None
    assert (canary in page.first.note, canary in page.first.promise) == (True, True), "the page is theirs alone"


def test_what_one_looks_for_is_not_in_the_mail_even_without_work(mixer: Event, settings: config.Settings) -> None:
    with db.transaction():
        ada = make_attendee(mixer, "Ada Lovelace", shared=["email"], card={"looking_for": "marmalade recipes"})
        grace = make_attendee(mixer, "Grace Hopper", shared=["email"], suggest=True, card={
            "looking_for": "tangerine recipes", "offering": "citrus recipes"})
        meet(ada, grace)
    letter = composed(settings, mixer, ada)
    assert "They offer: citrus recipes." in letter.text
    assert [word for word in ("marmalade", "tangerine") if word in letter.text + letter.html] == []


def test_names_only_says_no_more_than_names(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    ada = persona["ada"]
    _detail(ada, "names")
    letter = composed(settings, mixer, ada)
    assert letter.attachments == ()
    assert "- Grace Hopper, Rear Admiral, Navy\n- Нина Иванова, Сети\n" in letter.text
    for hidden in ("grace@people.example", "202 555", "COBOL", "compilers", "linkedin.com/in", "Hi Grace"):
        assert hidden not in letter.text + letter.html


def test_link_only_says_nothing_but_where_to_read(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    ada = persona["ada"]
    _detail(ada, "link")
    letter = composed(settings, mixer, ada)
    assert letter.subject == "Your summary of Spring mixer is ready."
    assert "https://ev.example/e/mixer/summary" in letter.text
    for hidden in ("Grace", "Нина", "سميرة", "2 people", "/M/"):
        assert hidden not in letter.text + letter.html + letter.subject


def _detail(attendee: Attendee, detail: str) -> None:
    from eventnet.cards.models import Card

    with db.transaction():
        db.session.get_one(Card, attendee.id).summary_detail = detail


def test_withdrawn_field_is_gone_from_mail_and_card(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    from eventnet.cards.models import Card

    assert "202 555" in (first := composed(settings, mixer, persona["ada"])).text
    assert cards_of(first)[0].tel.value == "+1 202 555 0142"
    with db.transaction():
        db.session.get_one(Card, persona["grace"].id).shared = ["email"]
    letter = again(settings, persona["ada"])
    assert "202 555" not in letter.text + letter.html
    assert hasattr(cards_of(letter)[0], "tel") is False


def test_tick_taken_back_since_takes_the_suggestion_back(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    from eventnet.cards.models import Card

    assert "سميرة" in composed(settings, mixer, persona["ada"]).text
    with db.transaction():
        db.session.get_one(Card, persona["samira"].id).suggest_me_at = None
    assert "سميرة" not in again(settings, persona["ada"]).text


@pytest.mark.parametrize(("change", "expected"), [
    ({"not_taking_part_at": AT}, "They are no longer on the list, or do not take part."),
    ({"email": "", "email_key": ""}, "There is no address to write to."),
])
def test_summary_is_skipped_when_its_cause_is_gone(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings, change: dict[str, Any],
        expected: str) -> None:
    ada = persona["ada"]
    composed(settings, mixer, ada)
    with db.transaction():
        for name, value in change.items():
            setattr(db.session.get_one(Attendee, ada.id), name, value)
    with db.reading():
        mail = db.session.query(Mail).filter_by(unique_key=f"attendee:{ada.id}").one()
        assert composing.compose(mail, settings) == Skip(expected)


def test_mails_are_composed_in_the_same_number_of_statements_whatever_their_length_and_number(
        mixer: Event, settings: config.Settings, database: db.Database) -> None:
    with db.transaction():
        people = [make_attendee(mixer, f"Person{i} Example", shared=["email"], suggest=True) for i in range(42)]
        meet(people[0], people[1], AT)
        for other in people[3:]:
            meet(people[2], other, AT)
    composed(settings, mixer, people[0])
    seen: list[str] = []
    sqlalchemy_event.listen(database.reader, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counts = []
    for some in (people[:1], people[2:3], people):
        with db.reading():
            mails = [mail for mail in db.session.query(Mail) if mail.attendee_id in {person.id for person in some}]
            seen.clear()
            write = composing.prepared(mails, settings)
            assert all(isinstance(write(mail), Letter) for mail in mails)
        counts.append((len(mails), len([one for one in seen if one.startswith("SELECT")])))
    assert counts == [(1, 8), (1, 8), (42, 8)]


def test_mail_says_the_same_alone_and_among_others(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    """Sessions, notes, picks and waiting people of one reader never enter what another one reads."""
    with db.transaction():
        elsewhere = make_event("elsewhere", name="Another event")
        dan = make_attendee(elsewhere, "Dan Bricklin", shared=["email"], checked_in_at=AT)
        talk = make_item(mixer, "Late talk", AT + timedelta(minutes=15), 30)
        attend(talk, persona["nina"], persona["grace"])
        meet(persona["nina"], persona["grace"], AT + timedelta(minutes=20))
        write(persona["grace"], persona["ada"], note="engines")
    composed(settings, mixer, persona["ada"])
    composed(settings, elsewhere, dan)
    with db.reading():
        mails = list(db.session.query(Mail).order_by(Mail.id))
        together = composing.prepared(mails, settings)
        assert len(mails) == 7
        assert [together(mail) for mail in mails] == [composing.compose(mail, settings) for mail in mails]


def test_two_hundred_people_are_eight_in_full_thirty_lines_and_the_rest_counted(
        mixer: Event, settings: config.Settings) -> None:
    with db.transaction():
        ada = make_attendee(mixer, "Ada Lovelace", shared=["email"])
        for i in range(208):
            meet(ada, make_attendee(mixer, f"Person{i} Example", shared=["email"]), AT)
    letter = composed(settings, mixer, ada)
    assert letter.text.startswith("You met 208 people. Start with Person")
    assert letter.text.count("\n- ") == 30
    assert "And 170 more on your page: https://ev.example/e/mixer/people\n" in letter.text
    assert len(cards_of(letter)) == 208
    assert len(letter.html.encode()) < 100_000


def test_names_stand_in_their_own_direction(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    html = composed(settings, mixer, persona["ada"]).html
    assert re.findall(r"<bdi[^>]*>سميرة النجار</bdi>", html) != []


@pytest.mark.parametrize("text", ["Met at Spring mixer, 15; \\ October", "語" * 60, "a" * 74 + "é" * 10, "x\ny"])
def test_note_line_is_read_back_by_vobject(text: str) -> None:
    line = enclosing.note_line(text)
    assert max(len(part.encode()) for part in line.split("\r\n")) <= 75
    card = vobject.readOne(f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:X\r\nN:X;;;;\r\n{line}END:VCARD\r\n")
    assert card.note.value == text


def test_card_is_serialized_once_for_everybody_who_got_the_same(
        mixer: Event, persona: dict[str, Attendee], settings: config.Settings) -> None:
    with db.transaction():
        meet(persona["bob"], persona["grace"], AT)
    enclosing._opened.cache_clear()
    composed(settings, mixer, persona["ada"])
    before = enclosing._opened.cache_info().misses
    again(settings, persona["bob"])
    assert enclosing._opened.cache_info().misses == before, "Grace gave both the same fields"
