"""What people look for and offer, in any script."""

from __future__ import annotations

import pytest

from eventnet.suggestions import matching


@pytest.mark.parametrize(("one", "other"), [
    ("a mentor in kernels", "kernel mentoring, and mentor talks"),
    ("Ich suche Leute für Netzplanung", "Netzplanung und Speicher"),
    ("機械学習の勉強会", "機械学習"),
    ("энергосети и хранение", "Хранение энергии"),
    ("شبكات الكهرباء", "تخطيط شبكات"),
    ("C++ and Rust", "rust, C++"),
])
def test_texts_about_the_same_are_alike(one: str, other: str) -> None:
    assert matching.likeness(one, other) > 0.2


@pytest.mark.parametrize(("one", "other"), [
    ("I am looking for people to talk to", "looking for people"),
    ("solar panels", "medieval history"),
    ("", "anything"),
    ("機械学習", "天気予報"),
])
def test_texts_with_nothing_in_common_are_not_alike(one: str, other: str) -> None:
    assert matching.likeness(one, other) == 0.0


def test_shared_phrase_is_the_part_that_fits_as_it_was_written() -> None:
    offer = "Coffee at any time; mentoring in Kernels, and a sofa in Cologne"
    assert matching.shared_phrase(offer, "somebody who knows kernels") == "mentoring in Kernels"
    assert matching.shared_phrase(offer, "violins") == ""


def test_shared_phrase_is_cut_between_words() -> None:
    text = "kernel " * 20
    assert matching.shared_phrase(text, "kernel") == "kernel kernel kernel kernel kernel kernel kernel kernel…"


@pytest.mark.parametrize("text", [
    "a new job", "we are hiring", "Hiring!", "send CV", "my résumé", "internship in Oslo", "Stelle in der Netzplanung",
    "cherche un emploi", "busco trabajo", "cerco lavoro", "ищу работу", "求人", "転職したい", "找工作", "وظيفة جديدة",
    "מחפשת עבודה", "이직 준비", "नौकरी", "Bewerbung schicken", "open to work", "a referral at ACME", "career advice",
])
def test_words_about_work_are_recognized(text: str) -> None:
    assert matching.mentions_work(text)


@pytest.mark.parametrize("text", [
    "", "the paper on compilers", "kernels and grids", "Søren's slides about storage", "das Papier über Netze",
    "機械学習", "энергосети", "a good talk about sailing",
])
def test_other_words_are_not_taken_for_work(text: str) -> None:
    assert not matching.mentions_work(text)


def test_corpus_forgets_words_that_everybody_uses() -> None:
    texts = [f"energy topic{i}" for i in range(60)]
    corpus = matching.Corpus(texts)
    rows = corpus.rows(["energy topic1", "energy topic2", "topic1"])
    likeness = (rows @ rows.T).toarray()
    assert likeness[0, 1] == 0.0
    assert likeness[0, 2] == pytest.approx(1.0)
