"""Ready messages: the shared moment, something useful, one small ask, at most 400 characters."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventnet.summaries.openers import LONGEST, LONGEST_MAILTO, Moment, first_name, mailto, opener

KEYNOTE = Moment("Thursday", "19:40", after="Keynote")


def test_opener_tells_the_moment_the_use_and_one_ask() -> None:
    assert opener(name="Grace", my_name="Ada", event="Spring mixer", moment=KEYNOTE, promised=True,
                  their_offer="kernel mentoring") == (
        "Hi Grace, good to talk after “Keynote” at Spring mixer. Here is what I promised. Would 20 minutes next week "
        "suit you, for two questions about this: kernel mentoring?\n\nAda")
    assert opener(name="Grace", my_name="Ada", event="Spring mixer", moment=Moment("Thursday", "19:40"),
                  promised=False, my_offer="grid planning") == (
        "Hi Grace, good to meet you at Spring mixer on Thursday. If it helps, I am glad to talk about this: grid "
        "planning. Would 20 minutes next week suit you, to continue where we stopped?\n\nAda")


@given(name=st.text(max_size=300), my_name=st.text(max_size=300), event=st.text(max_size=300),
       title=st.text(max_size=300), promised=st.booleans(), offer=st.text(max_size=300), mine=st.text(max_size=300))
def test_opener_is_never_longer_than_400(name: str, my_name: str, event: str, title: str, promised: bool,
                                         offer: str, mine: str) -> None:
    words = opener(name=name, my_name=my_name, event=event, moment=Moment("Thursday", "19:40", during=title),
                   promised=promised, their_offer=offer, my_offer=mine)
    assert 0 < len(words) <= LONGEST


@given(body=st.text(max_size=400), subject=st.text(max_size=200))
def test_mailto_is_never_longer_than_1800_octets(body: str, subject: str) -> None:
    body, subject = (text.encode("utf-8", "replace").decode() for text in (body, subject))
    address = mailto("grace@people.example", subject, body)
    assert len(address.encode()) <= LONGEST_MAILTO
    assert address.startswith("mailto:grace@people.example")


def test_mailto_says_what_the_opener_says() -> None:
    body = opener(name="Zoë & Søn", my_name="Ada", event="A+B", moment=KEYNOTE, promised=False)
    query = parse_qs(urlsplit(mailto("zoë@people.example", "After A+B", body)).query)
    assert query == {"subject": ["After A+B"], "body": [body.replace("\n", "\r\n")]}


def test_mailto_leaves_a_body_out_that_mail_programs_would_cut() -> None:
    assert mailto("a@b.example", "Hi", "ع" * 400) == "mailto:a@b.example?subject=Hi"


@pytest.mark.parametrize(("badge", "given", "expected"), [
    ("Grace Hopper", "Grace", "Grace"), ("Amazing Grace", "Grace", "Amazing Grace"), ("山田 花子", "花子", "山田 花子"),
    ("Нина Иванова", "Нина", "Нина"), ("Grace Hopper", "", "Grace Hopper"), ("", "Grace", ""),
])
def test_first_name_is_taken_from_the_badge_only(badge: str, given: str, expected: str) -> None:
    assert first_name(badge, given) == expected
