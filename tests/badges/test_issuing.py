"""Issuing badges: one living badge an attendee, codes that collide, blank badges and whose they become."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select

from eventnet import clock, db
from eventnet.attendees import roster
from eventnet.badges import codes, issuing
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.errors import NotFound, Refusal
from tests.factories import Cast

Statements = Callable[[], AbstractContextManager[list[str]]]


def add(event_id: int, *names: str) -> list[int]:
    with db.transaction():
        return [roster.add(event_id, registered_name=name, by="import").id for name in names]


def living(event_id: int) -> list[int]:
    with db.reading():
        return sorted(db.session.scalars(
            select(Badge.attendee_id).where(Badge.event_id == event_id, Badge.retired_at.is_(None),
                                            Badge.attendee_id.is_not(None))))  # type: ignore[type-var]


def issue_missing(event_id: int) -> int:
    with db.transaction():
        return issuing.issue_missing(event_id)


def test_issue_missing_gives_everybody_one_badge(cast: Cast) -> None:
    new = add(cast.mixer.id, "Zoë Ahn", "王小明")
    assert (issue_missing(cast.mixer.id), issue_missing(cast.mixer.id)) == (2, 0)
    assert living(cast.mixer.id) == sorted([cast.ada.id, cast.grace.id, cast.bob.id, *new])


def test_issue_missing_leaves_out_removed_people_and_other_events(cast: Cast) -> None:
    [gone] = add(cast.mixer.id, "Gone Person")
    add(cast.elsewhere.id, "Eve Elsewhere")
    with db.transaction():
        roster.remove(cast.mixer.id, gone)
    assert issue_missing(cast.mixer.id) == 0
    assert living(cast.elsewhere.id) == [cast.mallory.id]


def test_issue_missing_tries_again_when_a_code_is_taken(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    [new] = add(cast.mixer.id, "Zoë Ahn")
    fresh = codes.new_code()
    dealt = iter([cast.code(cast.ada), cast.code(cast.bob), fresh])
    monkeypatch.setattr(codes, "new_code", lambda: next(dealt))
    assert issue_missing(cast.mixer.id) == 1
    with db.reading():
        badge = issuing.badge_of(cast.mixer.id, new)
        assert badge is not None
        assert badge.code == fresh


def test_issue_missing_takes_a_few_statements_however_many(cast: Cast, statements: Statements) -> None:
    add(cast.mixer.id, *[f"Person {number}" for number in range(300)])
    with statements() as said:
        assert issue_missing(cast.mixer.id) == 300
    assert len(said) == 3


def test_rotate_retires_the_old_badge(cast: Cast) -> None:
    with db.transaction():
        fresh = issuing.rotate(cast.mixer.id, cast.ada.id, "organizer:1")
    assert (fresh.token == cast.token(cast.ada), fresh.code == cast.code(cast.ada)) == (False, False)
    with db.reading():
        old = issuing.find_by_token(cast.token(cast.ada))
        assert old is not None
        assert old.retired_at == clock.now()
        assert issuing.badge_of(cast.mixer.id, cast.ada.id).token == fresh.token  # type: ignore[union-attr]


def test_listed_gives_address_token_and_code_in_name_order(cast: Cast, statements: Statements) -> None:
    with db.reading(), statements() as said:
        rows = [(one.attendee_id, one.name, one.email, one.token, one.code, one.takes_part)
                for one in issuing.listed(cast.mixer.id)]
    assert rows == [
        (who.id, who.badge_name, who.email, cast.token(who), cast.code(who), True)
        for who in (cast.grace, cast.bob, cast.ada)]
    assert len(said) == 1


def blank_of(event_id: int) -> Badge:
    with db.transaction():
        [blank] = issuing.make_blanks(event_id, 1)
        return blank


def bind(event_id: int, attendee_id: int, code: str) -> Badge:
    with db.transaction():
        return issuing.bind(event_id, attendee_id, BadgeReference("code", code), "organizer:1")


def test_bind_makes_a_blank_the_one_living_badge(cast: Cast) -> None:
    blank = blank_of(cast.mixer.id)
    assert bind(cast.mixer.id, cast.bob.id, blank.code).attendee_id == cast.bob.id
    assert bind(cast.mixer.id, cast.bob.id, blank.code).id == blank.id, "the second tap changes nothing"
    with db.reading():
        assert issuing.badge_of(cast.mixer.id, cast.bob.id).token == blank.token  # type: ignore[union-attr]
        old = issuing.find_by_token(cast.token(cast.bob))
        assert old is not None
        assert old.retired_at == clock.now()


@pytest.mark.parametrize(("whose", "reason"), [
    ("nobody's", "unknown_badge"), ("ada's", "not_blank"), ("elsewhere's", "unknown_badge"),
    ("bob's old one", "not_blank"),
])
def test_bind_refuses_what_is_not_blank_and_keeps_the_old_badge(cast: Cast, whose: str, reason: str) -> None:
    code = {"nobody's": codes.new_code(), "ada's": cast.code(cast.ada), "bob's old one": cast.code(cast.bob)}.get(whose)
    if whose == "elsewhere's":
        code = blank_of(cast.elsewhere.id).code
    if whose == "bob's old one":
        with db.transaction():
            issuing.rotate(cast.mixer.id, cast.bob.id)
    with db.reading():
        before = issuing.badge_of(cast.mixer.id, cast.bob.id).token  # type: ignore[union-attr]
    with pytest.raises(Refusal) as refused:
        bind(cast.mixer.id, cast.bob.id, code or "")
    assert refused.value.reason == reason
    with db.reading():
        assert issuing.badge_of(cast.mixer.id, cast.bob.id).token == before  # type: ignore[union-attr]


def test_bind_refuses_somebody_of_another_event_or_not_taking_part(cast: Cast) -> None:
    blank = blank_of(cast.mixer.id)
    with pytest.raises(NotFound):
        bind(cast.mixer.id, cast.mallory.id, blank.code)
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, cast.bob.id, False)
    with pytest.raises(Refusal) as refused:
        bind(cast.mixer.id, cast.bob.id, blank.code)
    assert refused.value.reason == "not_taking_part"


def test_make_blanks_are_nobodys_and_all_different(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = [codes.new_code() for _each in range(3)]
    dealt = iter([fresh[0], fresh[1], cast.code(cast.ada), fresh[2]])
    monkeypatch.setattr(codes, "new_code", lambda: next(dealt))
    with db.transaction():
        made = issuing.make_blanks(cast.mixer.id, 3)
    assert [(one.code, one.attendee_id, one.printed_at) for one in made] == [(code, None, None) for code in fresh]
    with db.reading():
        assert db.session.scalar(select(func.count()).where(Badge.attendee_id.is_(None))) == 3
