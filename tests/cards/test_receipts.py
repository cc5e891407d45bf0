"""The journal of a grant: read back, replayed, and told to either side as far as it is theirs to know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eventnet.cards import receipts
from eventnet.cards.receipts import Entry

NOON = datetime(2026, 10, 15, 12, 0, 0, 5, tzinfo=UTC)
BADGE = ("name", "title", "organization")


def at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


SWAP = Entry("gave", at(0), (*BADGE, "email"), met_at=at(-1), wording="2026-11")


def test_journal_is_read_as_it_was_written() -> None:
    lines = [receipts.written("gave", at(0), ["email", *BADGE], met_at=at(-1)),
             receipts.written("took_back", at(1), ["email"], told=True, everybody=True)]
    found = [SWAP, Entry("took_back", at(1), ("email",), wording="2026-11", told=True, everybody=True)]
    assert receipts.read(lines) == receipts.read(receipts.as_text(lines)) == found


def test_journal_of_an_older_grant_begins_with_its_row() -> None:
    assert receipts.begun([], ["name", "email"], at(0), "2026-11") == [
        Entry("gave", at(0), ("name", "email"), wording="2026-11")]


def test_replaying_gives_what_stands_and_undoing_brings_nothing_back_that_was_taken() -> None:
    entries = [SWAP, Entry("added", at(1), ("phone",)), Entry("took_back", at(2), ("email",)),
               Entry("gave", at(30), (*BADGE, "email", "phone", "website"))]
    assert receipts.replayed(entries) == [*BADGE, "email", "phone", "website"]
    assert receipts.replayed(entries, at(30)) == [*BADGE, "phone"]
    taken = [*entries, Entry("took_back", at(31), ("phone",))]
    assert receipts.replayed(taken, at(30)) == list(BADGE)
    assert receipts.replayed(entries, at(0)) == []


def test_held_back_is_what_was_taken_from_this_person_alone() -> None:
    entries = [SWAP, Entry("took_back", at(1), ("email",)), Entry("took_back", at(1), ("phone",), everybody=True)]
    assert receipts.held_back(entries) == {"email"}
    assert receipts.held_back([*entries, Entry("added", at(2), ("email",))]) == set()


def test_receiver_reads_what_was_told_and_nothing_of_what_is_simply_gone() -> None:
    told, untold = (Entry("took_back", at(2), ("email",), told=told) for told in (True, False))
    shorter = Entry("gave", at(0), BADGE, at(-1), "2026-11")
    assert receipts.for_receiver([SWAP, told], BADGE) == [SWAP, told]
    assert receipts.for_receiver([SWAP, untold], BADGE) == [shorter]
    assert receipts.for_receiver([SWAP, untold, Entry("added", at(3), ("email",))], (*BADGE, "email")) == [
        SWAP, Entry("added", at(3), ("email",))]
    assert receipts.for_receiver([SWAP, told, Entry("added", at(3), ("email",)), untold], BADGE) == [shorter]


def test_receiver_does_not_read_that_the_name_was_taken_untold() -> None:
    assert receipts.for_receiver([SWAP, Entry("took_back", at(2), (*BADGE, "email"))], ("name",)) == [
        Entry("gave", at(0), BADGE, at(-1), "2026-11")]


def test_line_in_the_list_names_what_was_told_and_is_still_gone() -> None:
    told = Entry("took_back", at(2), ("email", "phone"), told=True)
    assert receipts.told_lately([SWAP, told]) == told
    assert receipts.told_lately([SWAP, told, Entry("added", at(3), ("email",))]) == Entry(
        "took_back", at(2), ("phone",), told=True)
    assert receipts.told_lately([SWAP, Entry("took_back", at(2), ("email",))]) is None
    assert receipts.told_lately([SWAP, told, Entry("gave", at(3), (*BADGE, "email", "phone"))]) is None
