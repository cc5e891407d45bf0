"""What one summary says, to one person, as values: for the mail, its text, the page and the limited view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventnet.suggestions.matching import mentions_work
from eventnet.summaries.openers import Moment, mailto, opener
from eventnet.words import gettext as _
from eventnet.words import ngettext

TODAY, WEEK, LINES = 3, 5, 30
IN_FULL = TODAY + WEEK
NO_MOMENT = Moment()


@dataclass(frozen=True)
class Met:
    """A person one met, as far as they gave themselves. `why` are sentences; `their_offer` and `my_offer` are
    the phrases that fit and may be quoted in a message. `first_name` is how a message begins."""

    id: int
    name: str
    first_name: str
    detail: str = ""
    moment: Moment = NO_MOMENT
    email: str = ""
    phone: str = ""
    linkedin: str = ""
    website: str = ""
    note: str = ""
    promise: str = ""
    starred: bool = False
    why: tuple[str, ...] = ()
    their_offer: str = ""
    my_offer: str = ""


@dataclass(frozen=True)
class Suggested:
    """A person one did not meet and should, with at least one reason."""

    id: int
    name: str
    detail: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """Whose summary it is. `detail`: full, names or link. `waiting`: people whose swap waits for their yes."""

    name: str
    first_name: str
    detail: str = "full"
    profile_is_empty: bool = False
    activated: bool = True
    waiting: int = 0


@dataclass(frozen=True)
class Place:
    """The event as people read it, and the addresses that a summary links to.

    `people` is the list of contacts, `summary` where the whole summary is (the page, or the limited view of a
    mail), `card` the own card, `enter` the way in for somebody who never activated, `enter_until` how long it
    opens ("" without an end).
    """

    event: str
    day: str
    kept_until: str
    summary: str
    people: str
    card: str
    privacy: str
    enter: str
    enter_until: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True)
class Entry:
    """One person in the summary. `reach`: (kind, words, address) of the ways to them, best first; `action` is
    the one to offer: (words, address)."""

    id: int
    name: str
    detail: str
    moment: str
    why: tuple[str, ...]
    note: str
    promise: str
    opener: str
    reach: tuple[tuple[str, str, str], ...]
    action: tuple[str, str] | None


@dataclass(frozen=True)
class Digest:
    """The whole summary. `kind`: met, alone (met nobody), asked (scanned, never activated) or link.

    `first`, `today` (the next two), `week` are in full, `lines` in one line each, `more` are only counted.
    """

    kind: str
    detail: str
    reader: str
    place: Place
    subject: str
    headlines: tuple[str, ...]
    preheader: str
    now: tuple[str, ...]
    first: Entry | None = None
    today: tuple[Entry, ...] = ()
    week: tuple[Entry, ...] = ()
    lines: tuple[Entry, ...] = ()
    more: int = 0
    should_meet: tuple[Suggested, ...] = ()
    numbers: tuple[tuple[int, str], ...] = ()
    question: bool = False
    cards: int = 0

    @property
    def headline(self) -> str:
        """The headline in one line."""
        return " ".join(self.headlines)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everybody who is named, best first."""
        return (*((self.first,) if self.first else ()), *self.today, *self.week, *self.lines)


def make(reader: Reader, place: Place, people: Sequence[Met], suggested: Sequence[Suggested], *, in_mail: bool,
         lines: int = LINES, is_brief: bool = False, cards: int = 0) -> Digest:
    """The summary of `reader`, who met `people` (best first). `in_mail`: it leaves the signed-in page, so text
    that speaks of work stays out. `is_brief`: lines say who it is and how to reach them, and no more. `cards`: how
    many are attached."""
    if not reader.activated:
        return _asked(reader, place)
    if reader.detail == "link" and in_mail:
        return _link(reader, place, len(people))
    if not people:
        return _alone(reader, place, suggested, in_mail)
    bare = reader.detail == "names" and in_mail
    full = len(people) if bare or not is_brief else IN_FULL
    entries = [_entry(place, reader, person, in_mail=in_mail, bare=bare) for person in people[:IN_FULL + lines][:full]]
    entries += [_line(person) for person in people[full:IN_FULL + lines]]
    first, best = entries[0], people[0]
    met = ngettext("You met one person.", "You met %(num)s people.", len(people))
    start = _("Start with %(name)s.", name=best.first_name)
    return Digest(
        kind="met", detail=reader.detail, reader=reader.name, place=place, headlines=(met, start),
        subject=f"{place.event}: {met} {start}", preheader=_now(best, first, bare)[0], now=_now(best, first, bare),
        first=first, today=tuple(entries[1:TODAY]), week=tuple(entries[TODAY:IN_FULL]),
        lines=tuple(entries[IN_FULL:]), more=len(people) - len(entries), should_meet=_told(suggested, bare),
        numbers=_numbers(people), question=reader.profile_is_empty and not bare, cards=0 if bare else cards,
    )


def _entry(place: Place, reader: Reader, person: Met, *, in_mail: bool, bare: bool) -> Entry:
    if bare:
        return Entry(person.id, person.name, person.detail, "", (), "", "", "", (), None)
    words = opener(name=person.first_name, my_name=reader.first_name, event=place.event, moment=person.moment,
                   promised=bool(person.promise), their_offer=_fit(person.their_offer, in_mail),
                   my_offer=_fit(person.my_offer, in_mail))
    reach = _reach(person, subject=_("After %(event)s", event=place.event), body=words)
    return Entry(
        person.id, person.name, person.detail, person.moment.sentence(), person.why,
        _fit(person.note, in_mail), _fit(person.promise, in_mail), words, reach, _action(reach))


def _line(person: Met) -> Entry:
    """Somebody only a line is about."""
    reach = _reach(person)
    return Entry(person.id, person.name, person.detail, "", (), "", "", "", reach, _action(reach))


def _reach(person: Met, subject: str = "", body: str = "") -> tuple[tuple[str, str, str], ...]:
    reach = []
    if person.email:
        reach.append(("email", person.email, mailto(person.email, subject, body)))
    if person.linkedin:
        reach.append(("linkedin", _("LinkedIn"), person.linkedin))
    if person.phone:
        reach.append(("phone", person.phone, "tel:" + "".join(c for c in person.phone if c.isdigit() or c == "+")))
    if person.website:
        reach.append(("website", _("Website"), person.website))
    return tuple(reach)


def _action(reach: Sequence[tuple[str, str, str]]) -> tuple[str, str] | None:
    """The best way to somebody, with the word for its button."""
    if not reach:
        return None
    kind, label, address = reach[0]
    if kind == "email":
        return _("Write"), address
    return _("Call") if kind == "phone" else label, address


def _fit(text: str, in_mail: bool) -> str:
    """The text as it may be shown here: what speaks of work never enters a mail."""
    return "" if in_mail and mentions_work(text) else text


def _now(best: Met, first: Entry, bare: bool) -> tuple[str, ...]:
    """The one thing to do now, then why it is easier than it feels."""
    if bare:
        return (_("What you noted about each of them, and how to reach them, is on your page."),)
    glad = _("People are glad to hear from you, more than you would guess.")
    if first.promise:
        return (_("You promised %(name)s: %(promise)s", name=best.first_name, promise=first.promise), glad)
    if best.promise:
        return (_("You promised %(name)s something; your page says what.", name=best.first_name), glad)
    if best.starred:
        return (_("You marked your talk with %(name)s as a good one. Two lines today keep it going.",
                  name=best.first_name), glad)
    if first.action is None:
        return (_("%(name)s gave you no address. You have their name and where they work; that is enough to "
                  "find them.", name=best.first_name), glad)
    return (_("Write %(name)s two lines today, while they remember you.", name=best.first_name), glad)


def _numbers(people: Sequence[Met]) -> tuple[tuple[int, str], ...]:
    reachable = sum(1 for person in people if person.email or person.phone or person.linkedin or person.website)
    promises = sum(1 for person in people if person.promise)
    return (
        (len(people), ngettext("person met", "people met", len(people))),
        (reachable, ngettext("you can reach", "you can reach", reachable)),
        (promises, ngettext("promise to keep", "promises to keep", promises)),
    )


def _told(suggested: Sequence[Suggested], bare: bool) -> tuple[Suggested, ...]:
    if bare:
        return tuple(Suggested(person.id, person.name, person.detail, ()) for person in suggested)
    return tuple(suggested)


def _alone(reader: Reader, place: Place, suggested: Sequence[Suggested], in_mail: bool) -> Digest:
    """For somebody who met nobody: no blame, people to look for, what to do with the page."""
    bare = reader.detail == "names" and in_mail
    waiting = _waiting(reader)
    if suggested:
        headline = _("Whom you could still meet: start with %(name)s.", name=suggested[0].name)
        now = _("No cards were swapped with you this time. These people were at %(event)s too.", event=place.event)
    else:
        headline = _("Thank you for coming to %(event)s.", event=place.event)
        now = _("No cards were swapped with you. If you talked to somebody, write to them today: the event, what "
                "you talked about and one question are enough.")
    return Digest(
        kind="alone", detail=reader.detail, reader=reader.name, place=place, headlines=(headline,),
        subject=f"{place.event}: {headline}" if suggested else headline, preheader=now,
        now=tuple(sentence for sentence in (now, waiting) if sentence), should_meet=_told(suggested, bare),
        question=reader.profile_is_empty and not bare)


def _asked(reader: Reader, place: Place) -> Digest:
    """For somebody who was scanned but never activated: nobody is named before they agree to anything."""
    if reader.waiting:
        headline = ngettext("One person would like to swap cards with you.",
                            "%(num)s people would like to swap cards with you.", reader.waiting)
    else:
        headline = _("Thank you for coming to %(event)s.", event=place.event)
    now = _("You were at %(event)s and have not opened your card yet. Open it, choose what you share, and their cards "
            "are yours. Until then they see only what your badge showed.", event=place.event)
    until = _("The link opens until %(time)s.", time=place.enter_until) if place.enter_until else ""
    return Digest(
        kind="asked", detail=reader.detail, reader=reader.name, place=place, headlines=(headline,),
        subject=f"{place.event}: {headline}" if reader.waiting else headline, preheader=now,
        now=tuple(sentence for sentence in (now, until) if sentence))


def _link(reader: Reader, place: Place, met: int) -> Digest:
    """Chosen on the card: the mail says nothing but where to read."""
    headline = _("Your summary of %(event)s is ready.", event=place.event)
    return Digest(
        kind="link", detail="link", reader=reader.name, place=place, headlines=(headline,), subject=headline,
        preheader=_("Sign in to read it."),
        now=(_("You asked for a link only, so this mail holds nothing else. Sign in on the page to read it."),))


def _waiting(reader: Reader) -> str:
    if not reader.waiting:
        return ""
    return ngettext("One swap waits for your yes on your page.", "%(num)s swaps wait for your yes on your page.",
                    reader.waiting)


def described(title: str, organization: str) -> str:
    """Rear Admiral, Navy: what stands below a name."""
    return ", ".join(part for part in (title, organization) if part)
