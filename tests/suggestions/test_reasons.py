"""Privacy gates of reasons, each with its negative control, and the sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eventnet.suggestions import reasons
from eventnet.suggestions.reasons import Evidence, Reason, Told, passing, sentence

EVERYTHING = Evidence(
    they_ticked=True, offers=0.9, looks=0.8, interests=0.7, items=(4,), paths=3, contacts=5, their_search="kernels")


def kinds(evidence: Evidence) -> set[str]:
    """Reasons that pass when each is alone, since only two are ever told."""
    alone = {
        "offers": replace(evidence, looks=0, interests=0, items=(), paths=0),
        "looks": replace(evidence, offers=0, interests=0, items=(), paths=0),
        "session": replace(evidence, offers=0, looks=0, interests=0, paths=0),
        "interests": replace(evidence, offers=0, looks=0, items=(), paths=0),
        "common": replace(evidence, offers=0, looks=0, interests=0, items=()),
    }
    return {kind for kind, one in alone.items() if Reason(kind, 4 if kind == "session" else None) in passing(one)}


def test_every_reason_passes_when_its_gate_is_open() -> None:
    assert kinds(EVERYTHING) == {"offers", "looks", "session", "interests", "common"}


@pytest.mark.parametrize(("change", "closed"), [
    ({"they_ticked": False}, {"offers", "looks", "session", "interests", "common"}),
    ({"paths": 2}, {"common"}),
    ({"contacts": 4}, {"common"}),
    ({"graph_hidden": True}, {"common"}),
    ({"their_search": "a new job with kernels"}, {"looks"}),
    ({"items": ()}, {"session"}),
    ({"offers": 0.05}, {"offers"}),
])
def test_gate_closes_its_reason_and_no_other(change: dict[str, object], closed: set[str]) -> None:
    assert kinds(EVERYTHING) - kinds(replace(EVERYTHING, **change)) == closed  # type: ignore[arg-type]


def test_at_most_two_reasons_the_strongest_first() -> None:
    told = passing(replace(EVERYTHING, promised=True, starred=True))
    assert told == (Reason("promise"), Reason("star"))
    assert passing(EVERYTHING) == (Reason("offers"), Reason("looks"))


def test_promise_and_star_are_my_own_and_need_no_tick() -> None:
    assert passing(Evidence(they_ticked=False, promised=True, starred=True)) == (Reason("promise"), Reason("star"))


@pytest.mark.parametrize("in_mail", [True, False])
def test_no_sentence_takes_a_connector(in_mail: bool) -> None:
    assert sentence(Reason("common"), Told(), in_mail=in_mail) == "You have several contacts in common."


@pytest.mark.parametrize(("kind", "told", "on_page", "in_mail"), [
    ("offers", Told(their_offer="kernel mentoring"), "They offer: kernel mentoring.", "They offer: kernel mentoring."),
    ("offers", Told(their_offer="jobs in kernels"), "They offer: jobs in kernels.", "What they offer fits you."),
    ("looks", Told(my_offer="grid planning"), "You offer what they look for: grid planning.",
     "You offer what they look for."),
    ("looks", Told(my_offer="hiring for grids"), "You offer what they look for.", "You offer what they look for."),
    ("interests", Told(interest="sailing"), "You share an interest: sailing.", "You share an interest: sailing."),
    ("interests", Told(interest="hiring"), "You share an interest: hiring.", "You share an interest."),
    ("promise", Told(promise="the paper"), "You promised: the paper", "You promised: the paper"),
    ("promise", Told(promise="send CV"), "You promised: send CV", "You promised them something."),
    ("open", Told(), "They asked to be suggested to people here.", "They asked to be suggested to people here."),
])
def test_sentence_on_the_page_and_in_the_mail(kind: str, told: Told, on_page: str, in_mail: str) -> None:
    assert sentence(Reason(kind), told, in_mail=False) == on_page
    assert sentence(Reason(kind), told, in_mail=True) == in_mail


def test_session_is_named_by_its_title_or_not_told() -> None:
    assert sentence(Reason("session", 4), Told(titles={4: "Storage"}), in_mail=True) == "You were both in “Storage”."
    assert sentence(Reason("session", 4), Told(titles={5: "Grids"}), in_mail=True) == ""


def test_reason_survives_json() -> None:
    for reason in (Reason("session", 4), Reason(reasons.OPEN)):
        assert Reason.from_json(reason.as_json()) == reason
