"""Refusals: what logic raises when a person asks for something that cannot be done."""

from __future__ import annotations


class Refusal(Exception):
    """A sentence for the person, with the HTTP status that fits.

    `sentence` is already in the person's language (see words.gettext). `reason` is a short stable
    name for programs and tests; `field` names the input that was wrong, if one was.
    """

    def __init__(
        self, sentence: str, *, status: int = 409, reason: str = "refused", field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.reason = reason
        self.field = field
        self.retry_after = retry_after


class NotFound(Refusal):
    """Foreign and absent look the same: one sentence, 404."""

    def __init__(self, sentence: str = "", *, reason: str = "not_found") -> None:
        super().__init__(sentence, status=404, reason=reason)
