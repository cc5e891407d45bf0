"""What a change of an attendee did, in words."""

from __future__ import annotations

from collections.abc import Iterator

from eventnet.attendees import labels
from eventnet.attendees.roster import Change
from eventnet.words import gettext as _


def said(done: Change) -> Iterator[tuple[str, str]]:
    """Sentences with their kind (good, warn): what was saved, and what stayed because the attendee set it."""
    name = done.attendee.registered_name
    if done.kept:
        yield _("%(name)s set %(fields)s themselves, so that stayed as it was. Only they can change it, on their card.",
                name=name, fields=labels.labels(done.kept)), "warn"
    if done.changed or not done.kept:
        yield _("%(name)s: saved.", name=name), "good"
