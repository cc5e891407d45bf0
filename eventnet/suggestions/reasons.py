"""Why a person is suggested, in words, and the privacy gates that every reason has to pass.

A connector is never named: naming somebody as the link between two others needs their own agreement, and no
card asks for it yet. What cannot be said is not shown: a suggestion without a reason is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventnet.suggestions.matching import mentions_work
from eventnet.words import gettext as _

MOST = 2
# Fewer paths, or fewer contacts of one's own, and "in common" would name the person in between.
LEAST_PATHS = 3
LEAST_CONTACTS = 5
LEAST_FIT = 0.12

PROMISE, STAR, OFFERS, LOOKS, SESSION, INTERESTS, COMMON, OPEN = (
    "promise", "star", "offers", "looks", "session", "interests", "common", "open")


@dataclass(frozen=True)
class Reason:
    """One reason by name; `item_id` is the programme item of a shared session. Holds nobody's data."""

    kind: str
    item_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **({"item_id": self.item_id} if self.item_id is not None else {})}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reason:
        return cls(value["kind"], value.get("item_id"))


@dataclass(frozen=True)
class Evidence:
    """What is known about one pair, from the side of the reader (the one who is told).

    `they_ticked`: the other ticked "suggest me". `offers`: their offer against my search, `looks`: my offer
    against their search, `interests`: both interests; each a cosine of 0 to 1. `items`: programme items where
    both said they were there. `paths`: people both met. `contacts`: how many people I met.
    """

    they_ticked: bool
    promised: bool = False
    starred: bool = False
    offers: float = 0.0
    looks: float = 0.0
    interests: float = 0.0
    items: tuple[int, ...] = ()
    paths: int = 0
    contacts: int = 0
    graph_hidden: bool = False
    their_search: str = ""


def passing(evidence: Evidence) -> tuple[Reason, ...]:
    """The first two reasons that may be said, strongest first."""
    e = evidence
    found: list[Reason] = []
    if e.promised:
        found.append(Reason(PROMISE))
    if e.starred:
        found.append(Reason(STAR))
    if e.they_ticked:
        if e.offers >= LEAST_FIT:
            found.append(Reason(OFFERS))
        # Who looks for work is told to nobody: a card has no way yet to choose who may know.
        if e.looks >= LEAST_FIT and not mentions_work(e.their_search):
            found.append(Reason(LOOKS))
        if e.items:
            found.append(Reason(SESSION, min(e.items)))
        if e.interests >= LEAST_FIT:
            found.append(Reason(INTERESTS))
        if e.paths >= LEAST_PATHS and e.contacts >= LEAST_CONTACTS and not e.graph_hidden:
            found.append(Reason(COMMON))
    return tuple(found[:MOST])


@dataclass(frozen=True)
class Told:
    """The texts a sentence may quote: the phrase of their offer, of my offer, of their interests; titles by id."""

    their_offer: str = ""
    my_offer: str = ""
    interest: str = ""
    titles: Mapping[int, str] | None = None
    promise: str = ""


def sentence(reason: Reason, told: Told, *, in_mail: bool) -> str:
    """One reason as a sentence for its reader; empty when it can no longer be said.

    In a mail nobody's search is told, not even the reader's own, and no text that speaks of work is quoted.
    """
    their_offer, interest = told.their_offer, told.interest
    # My own offer is quoted only on the page, and never where it would give away that they look for work.
    my_offer = "" if in_mail or mentions_work(told.my_offer) else told.my_offer
    if in_mail:
        their_offer = "" if mentions_work(their_offer) else their_offer
        interest = "" if mentions_work(interest) else interest
    if reason.kind == PROMISE:
        if not told.promise or (in_mail and mentions_work(told.promise)):
            return _("You promised them something.")
        return _("You promised: %(promise)s", promise=told.promise)
    if reason.kind == STAR:
        return _("You marked it as a good talk.")
    if reason.kind == OFFERS:
        if not their_offer:
            return _("What they offer fits you.")
        return _("They offer: %(offer)s.", offer=their_offer)
    if reason.kind == LOOKS:
        if not my_offer:
            return _("You offer what they look for.")
        return _("You offer what they look for: %(offer)s.", offer=my_offer)
    if reason.kind == SESSION:
        title = (told.titles or {}).get(reason.item_id or 0, "")
        return _("You were both in “%(title)s”.", title=title) if title else ""
    if reason.kind == INTERESTS:
        return _("You share an interest: %(interest)s.", interest=interest) if interest else _(
            "You share an interest.")
    if reason.kind == COMMON:
        return _("You have several contacts in common.")
    if reason.kind == OPEN:
        return _("They asked to be suggested to people here.")
    return ""
