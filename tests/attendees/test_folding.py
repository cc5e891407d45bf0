"""Names in every script: cleaned without harm, folded for search, sorted the same everywhere."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventnet.attendees import folding


@pytest.mark.parametrize(("typed", "kept"), [
    ("  Ada\t \n Lovelace ", "Ada Lovelace"),
    ("Jose\u0301", "José"),
    ("Eve\u202e lirpA", "Eve lirpA"),
    ("\u2066Mallory\u2069\x00\x07", "Mallory"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("\u200b\u2060\ufeff", ""),
    ("half \ud800 of a pair", "half of a pair"),
])
def test_clean_keeps_letters_and_drops_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert folding.clean_name(typed) == kept


def test_clean_cuts_after_eighty_letters_never_inside_one() -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"
    assert folding.clean_name(family * 100) == family * 80
    assert folding.clean_name("e\u0323\u0301" * 100) == unicodedata.normalize("NFC", "e\u0323\u0301") * 80
    assert folding.clean_name("क्षि" * 100) == "क्षि" * 80
    assert folding.clean_name("🇩🇪" * 100) == "🇩🇪" * 80


def test_clean_ends_towers_of_marks() -> None:
    assert folding.clean_name("Z" + "\u0335" * 2000) == "Z" + "\u0335" * folding.MARKS_PER_LETTER


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_clean_is_the_same_when_done_twice(text: str) -> None:
    once = folding.clean_name(text)
    assert folding.clean_name(once) == once
    assert len(list(folding.graphemes(once))) <= 80


@pytest.mark.parametrize(("written", "typed"), [
    ("Søren Ærøskøbing", "soren aeroskobing"), ("Søren", "soeren"), ("Müller", "MULLER"), ("Müller", "mueller"),
    ("Straße", "strasse"), ("Łukasz Żółć", "lukasz zolc"), ("İbrahim", "ibrahim"), ("Ибрагимов", "ИБРАГИМОВ"),
    ("Γιώργος", "γιωργος"), ("مُحَمَّد", "محمد"), ("دِیْن", "دین"), ("ｶﾞ", "ガ"), ("Ａda", "ada"), ("Nguyễn", "nguyen"),
    ("O’Brien", "o'brien"), ("דָּוִד", "דוד"), ("각", "각"),
])
def test_search_finds_a_name_typed_more_simply(written: str, typed: str) -> None:
    found = folding.search_text(written)
    assert all(word in found for word in folding.words_of(typed))


@pytest.mark.parametrize(("one", "other"), [("के", "को"), ("ชู", "ชี"), ("か", "が")])
def test_fold_keeps_signs_that_make_another_name(one: str, other: str) -> None:
    assert folding.fold(one) != folding.fold(other)


@pytest.mark.parametrize(("full", "given_name", "family_name"), [
    ("Ada Lovelace", "Ada", "Lovelace"), ("Vincent van Gogh", "Vincent", "van Gogh"),
    ("Lovelace, Ada", "Ada", "Lovelace"),
    ("Martin Luther King, Jr.", "Martin Luther", "King"), ("王 小明", "小明", "王"), ("王小明", "王小明", ""),
    ("Cher", "Cher", ""), ("María del Carmen de la Cruz", "María del Carmen", "de la Cruz"), ("", "", ""),
])
def test_split_name_guesses_family_and_given(full: str, given_name: str, family_name: str) -> None:
    assert folding.split_name(full) == (given_name, family_name)


def test_sort_key_puts_short_family_names_first_and_ignores_accents() -> None:
    names = [("van Gogh", "Vincent"), ("Van", "Zoe"), ("Åberg", "Åsa"), ("Abel", "Niels"), ("", "Cher"),
             ("O'Brien", "Ed")]
    keys = sorted((folding.sort_key(*name), name) for name in names)
    assert [name for _key, name in keys] == [
        ("Abel", "Niels"), ("Åberg", "Åsa"), ("", "Cher"), ("O'Brien", "Ed"), ("Van", "Zoe"), ("van Gogh", "Vincent")]


def test_email_key_makes_two_spellings_equal() -> None:
    assert folding.email_key(" ANA@Example.COM ") == folding.email_key("ana@example.com")


def test_masked_email_tells_apart_and_hides() -> None:
    assert folding.masked_email("ada.lovelace@engines.example") == "a…e@engines.example"
    assert folding.masked_email("ab@x.example") == "a…@x.example"
    assert folding.masked_email("") == ""


def test_names_of_all_scripts_survive_cleaning(outside_data: Path) -> None:
    """The names of CLDR's person tests, 96 locales, come through unchanged but for NFC."""
    with (outside_data / "names-cldr-persontest" / "NAMES.tsv").open(encoding="utf-8", newline="") as lines:
        names = {row["fields_joined"] for row in csv.DictReader(lines, delimiter="\t")}
    assert len(names) > 300
    as_written = {name: unicodedata.normalize("NFC", " ".join(name.split())) for name in names}
    lost = {name for name in names if folding.clean(name) != as_written[name]}
    assert lost == set()


def test_invented_people_of_all_locales_are_found_by_their_own_name(outside_data: Path) -> None:
    with (outside_data / "names-faker" / "names_by_locale.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) > 1000
    found = {row["name"]: folding.search_text(row["name"], row["company"]) for row in rows}
    assert [name for name in found if any(word not in found[name] for word in folding.words_of(name))] == []


@pytest.mark.parametrize(("given", "family", "full"), [
    ("Ada", "Lovelace", "Ada Lovelace"), ("小明", "王", "王小明"), ("서연", "김", "김서연"),
    ("美咲", "佐藤", "佐藤美咲"), ("Xiaoming", "王", "Xiaoming 王"), ("Cher", "", "Cher"), ("", "王", "王"),
])
def test_full_name_is_written_as_its_people_do(given: str, family: str, full: str) -> None:
    assert folding.full_name(given, family) == full
