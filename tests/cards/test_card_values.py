"""Contact values and wishes as people type them."""

from __future__ import annotations

import pytest

from eventnet.cards import fields, values, wishes


@pytest.mark.parametrize(("typed", "region", "expected"), [
    ("", "DE", ("", True)), ("0221 4700", "DE", ("+49 221 4700", True)),
    ("+44 20 7946 0958", "", ("+44 20 7946 0958", True)), ("020 7946 0958", "", ("020 7946 0958", False)),
    ("ext. 12", "DE", ("ext. 12", False)), ("+49 1", "DE", ("+49 1", False)),
])
def test_phone_is_written_internationally_or_kept_as_typed(
        typed: str, region: str, expected: tuple[str, bool]) -> None:
    assert values.clean_phone(typed, region) == expected


@pytest.mark.parametrize("typed", [
    "ada", "@ada", "in/ada", "/in/ada/", "linkedin.com/in/ada", "http://de.linkedin.com/in/ada?trk=x#y",
    "https://www.linkedin.com/in/ada/"])
def test_linkedin_is_one_address_however_typed(typed: str) -> None:
    assert values.clean_linkedin(typed) == "https://www.linkedin.com/in/ada"


@pytest.mark.parametrize("typed", ["https://evil.example/in/ada", "javascript:alert(1)", "https://www.linkedin.com/"])
def test_linkedin_elsewhere_is_refused(typed: str) -> None:
    with pytest.raises(values.Unusable):
        values.clean_linkedin(typed)


@pytest.mark.parametrize(("typed", "expected"), [
    ("", ""), ("engines.example", "https://engines.example"), ("https://x.example/a?b=c", "https://x.example/a?b=c")])
def test_website_is_https(typed: str, expected: str) -> None:
    assert values.clean_website(typed) == expected


@pytest.mark.parametrize("typed", [
    "http://x.example", "javascript:alert(1)", "data:text/html,x", "https://user:pw@x.example", "nothing", "ftp://x.example"])
def test_website_of_another_kind_is_refused(typed: str) -> None:
    with pytest.raises(values.Unusable):
        values.clean_website(typed)


def test_wishes_are_taken_apart_as_they_were_put_together() -> None:
    text = wishes.joined(["a mentor", "a job"], " compilers, tea ")
    assert text == "a mentor, a job, compilers, tea"
    assert wishes.split(text, wishes.LOOKING) == (["a mentor", "a job"], "compilers, tea")
    assert wishes.shown(text) == "a mentor, compilers, tea"
    assert wishes.split("", wishes.LOOKING) == ([], "")


def test_every_phrase_and_field_has_words() -> None:
    assert [wishes.looking_label(phrase) for phrase in wishes.LOOKING][1] == "A job, quietly"
    assert len({wishes.offering_label(phrase) for phrase in wishes.OFFERING}) == len(wishes.OFFERING)
    assert [fields.label(field) for field in fields.FIELDS] == [
        "Name", "Title", "Organization", "E-mail", "Phone", "LinkedIn", "Website"]
    assert fields.in_words(["linkedin", "name", "title", "email"]) == "name, e-mail and LinkedIn"
