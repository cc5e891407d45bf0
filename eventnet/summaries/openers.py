"""A ready first message to somebody one met: the shared moment, something useful, one small ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from eventnet.words import gettext as _

LONGEST = 400
LONGEST_MAILTO = 1800


@dataclass(frozen=True)
class Moment:
    """When and at what two people met: only what is certain.

    `day` and `time` on the event's clock; `during` and `after` are titles of a programme item where both said
    they were there, and are empty otherwise.
    """

    day: str = ""
    time: str = ""
    during: str = ""
    after: str = ""

    def sentence(self) -> str:
        """Thursday 19:40, after “Keynote”: as it stands below a name."""
        when = _("%(day)s, %(time)s", day=self.day, time=self.time) if self.day else self.time
        if self.during:
            return _("%(when)s, during “%(title)s”", when=when, title=self.during)
        if self.after:
            return _("%(when)s, after “%(title)s”", when=when, title=self.after)
        return when


def first_name(badge_name: str, given_name: str) -> str:
    """How to begin a message: the given name where the badge begins with it, else the whole badge name.

    Many names have no first word to call somebody by, and the registered name is not for others.
    """
    words = badge_name.split()
    return given_name if given_name and words and words[0] == given_name else badge_name


def opener(*, name: str, my_name: str, event: str, moment: Moment, promised: bool, their_offer: str = "",
           my_offer: str = "") -> str:
    """At most 400 characters, in the writer's language. Never the private note, never the text of a promise.

    Parts that do not fit are left out from the least important on; nothing is cut inside a sentence.
    """
    if moment.during:
        met = _("good to talk during “%(title)s” at %(event)s.", title=moment.during, event=event)
    elif moment.after:
        met = _("good to talk after “%(title)s” at %(event)s.", title=moment.after, event=event)
    elif moment.day:
        met = _("good to meet you at %(event)s on %(day)s.", event=event, day=moment.day)
    else:
        met = _("good to meet you at %(event)s.", event=event)
    greeting = _("Hi %(name)s,", name=name)
    if promised:
        useful = _("Here is what I promised.")
    elif my_offer:
        useful = _("If it helps, I am glad to talk about this: %(offer)s.", offer=my_offer)
    else:
        useful = ""
    if their_offer:
        ask = _("Would 20 minutes next week suit you, for two questions about this: %(offer)s?", offer=their_offer)
    elif promised:
        ask = _("Tell me if anything is missing.")
    else:
        ask = _("Would 20 minutes next week suit you, to continue where we stopped?")
    brief_ask = _("Would 20 minutes next week suit you?")
    brief_met = _("good to meet you at %(event)s.", event=event)
    for parts in ((met, useful, ask), (met, "", ask), (met, "", brief_ask), (brief_met, "", brief_ask),
                  (_("good to meet you."), "", brief_ask)):
        text = f"{greeting} {' '.join(part for part in parts if part)}\n\n{my_name}"
        if len(text) <= LONGEST:
            return text
    return _("Good to meet you. Would 20 minutes next week suit you?")


def mailto(address: str, subject: str = "", body: str = "") -> str:
    """An address that opens the reader's own mail program with the message in it (RFC 6068).

    Programs cut what is longer than about 2,000 octets, so a body that would be is left to copying.
    """
    bare = _bare(address)
    if not subject:
        return bare
    short = f"{bare}?subject={_quoted_subject(subject)}"
    full = f"{short}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"
    return next((link for link in (full, short) if len(link) <= LONGEST_MAILTO), bare)


@lru_cache(maxsize=100)
def _quoted_subject(subject: str) -> str:
    return quote(subject)


@lru_cache(maxsize=10_000)
def _bare(address: str) -> str:
    return f"mailto:{quote(address, safe='@')}"
