"""What is picked for one attendee: people and reasons by id, as it is settled in a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventnet.suggestions.reasons import Reason


@dataclass(frozen=True)
class Pick:
    """One person, how strongly, and why. Higher scores come first."""

    attendee_id: int
    score: float
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"attendee_id": self.attendee_id, "score": round(self.score, 4),
                "reasons": [reason.as_json() for reason in self.reasons]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Pick:
        return cls(value["attendee_id"], value["score"], tuple(Reason.from_json(r) for r in value["reasons"]))


@dataclass(frozen=True)
class Picks:
    """For one attendee: whom to follow up with, best first; whom they may have talked to; whom to meet."""

    follow_up: tuple[Pick, ...] = ()
    did_you_talk: tuple[int, ...] = ()
    should_meet: tuple[Pick, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"follow_up": [pick.as_json() for pick in self.follow_up], "did_you_talk": list(self.did_you_talk),
                "should_meet": [pick.as_json() for pick in self.should_meet]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Picks:
        return cls(
            tuple(Pick.from_json(p) for p in value.get("follow_up", ())),
            tuple(value.get("did_you_talk", ())),
            tuple(Pick.from_json(p) for p in value.get("should_meet", ())),
        )
