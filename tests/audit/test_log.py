"""The audit log: rows are added with their cause, listed newest first, and read as sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventnet import clock, db
from eventnet.audit import log, sentences
from tests.factories import Cast


def test_log_lists_the_newest_first_and_only_its_event(cast: Cast) -> None:
    with db.transaction():
        log.write("event.created", "organizer:1", cast.mixer.id)
        log.write("event.created", "organizer:2", cast.elsewhere.id)
        log.write("organizer.added", "command line", organizer_id=5)
    with clock.stopped(clock.now() + timedelta(minutes=1)), db.transaction():
        log.write("attendees.imported", "organizer:1", cast.mixer.id, new=120, changed=3)
    with db.reading():
        found = log.recent(cast.mixer.id, 10)
        assert [(entry.act, entry.actor) for entry in found] == [
            ("attendees.imported", "organizer:1"), ("event.created", "organizer:1")]
        assert len(log.recent(cast.mixer.id, 1)) == 1
        assert [entry.act for entry in log.recent(cast.mixer.id, but=("attendees.imported",))] == ["event.created"]
        assert [entry.about for entry in log.recent(None)] == [{"organizer_id": 5}]
        assert log.sentence(found[0], "Olga") == "Olga imported attendees: 120 new, 3 changed."
        assert log.sentence(found[0]) == "An organizer imported attendees: 120 new, 3 changed."


def test_log_goes_with_its_cause(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():
        log.write("event.changed", "organizer:1", cast.mixer.id)
        raise ZeroDivisionError
    with db.reading():
        assert log.recent(cast.mixer.id) == []


@pytest.mark.parametrize("act", sorted(sentences.SENTENCES))
def test_every_act_is_a_sentence_with_or_without_details(act: str) -> None:
    for about in ({}, {"new": 1, "changed": 2, "same": 3, "planned": 1, "badges": 2, "fields": ["ends_at", "name"]}):
        text = sentences.sentence(act, "organizer:3", about, "Olga % of %(who)s")
        assert text.endswith(".")
        assert "None" not in text


def test_act_without_a_line_is_shown_by_its_name() -> None:
    assert sentences.sentence("blank.bound", "worker", {}) == "The worker: blank bound."


def test_changed_fields_are_named() -> None:
    assert sentences.sentence("event.changed", "organizer:3", {"fields": ["ends_at", "name"]}, "Olga") == (
        "Olga changed ends at and name of the event.")
