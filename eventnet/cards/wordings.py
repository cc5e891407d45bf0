"""The words on the card screen that people agree to, by version: what is shown is what is kept, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventnet import words
from eventnet.cards import fields
from eventnet.cards.fields import WORDING
from eventnet.words import gettext as _
from eventnet.words import later


@dataclass(frozen=True, slots=True)
class Words:
    """One version: what ticking a field means, what being suggested means, and what taking a tick back does."""

    share: Any
    suggest: Any
    suggest_detail: Any
    taking_back: Any


# A version is never changed: whoever agreed to it reads it here years later. New words get a new version.
VERSIONS = {
    "2026-11": Words(
        share=later("Whoever you swap with gets what you tick. Change it whenever you like."),
        suggest=later("Suggest me to people here"),
        suggest_detail=later("Off until you switch it on. While it is on, people who look for what you offer see your "
                             "name, title, organization and the lines below."),
        taking_back=later("Taking a tick back hides it at once, on every page and in every later download. What was "
                          "already mailed or saved on a phone cannot be called back."),
    ),
}


def now() -> Words:
    """The words that are on the screen today."""
    return VERSIONS[WORDING]


def agreed(field: str, version: str, language: str) -> list[str]:
    """What stood at a tick, in the words and the language it was given in, line by line.

    `field` is a field of the card or suggest_me. A version nobody wrote down here is named instead.
    """
    with words.speaking(language):
        said = VERSIONS.get(version)
        if said is None:
            return [_("Words of version %(version)s.", version=version or "1")]
        if field == "suggest_me":
            return [str(said.suggest), str(said.suggest_detail), str(said.taking_back)]
        return [fields.label(field), str(said.share), str(said.taking_back)]


def of_swap(version: str) -> list[str]:
    """What stood on the card from which a swap gave something, in the reader's language."""
    said = VERSIONS.get(version)
    return [str(said.share), str(said.taking_back)] if said is not None else []
