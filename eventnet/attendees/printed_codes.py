"""Printed activation codes: chosen for an event, made for a slip of paper, taken once together with a proof."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets
from eventnet.accounts.models import Browser
from eventnet.attendees import activation, folding
from eventnet.attendees.models import ActivationCode, Attendee
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _

PURPOSE, HASH_PURPOSE, WAY = "printed activation code", "printed activation code's hash", "printed_code"
LETTERS = "BCDFGHJKMNPQRSTVWXYZ"
"""Twenty letters without vowels, digits and look-alikes: what a badge code looks like is no such code, nor the other
way round, since a badge code has eight characters and this one ten."""
LENGTH = 10
TRIES, TRIES_SPAN = 10, timedelta(minutes=20)
TRIES_PER_CODE, CODE_SPAN = 5, timedelta(days=1)
CHUNK = 500


@dataclass(frozen=True)
class Slip:
    """What stands on one slip of paper: whose it is, the code in groups, and what is asked for beside it."""

    name: str
    code: str
    proof: str


@dataclass(frozen=True)
class Counts:
    """Of an event: `codes` that work now, `lacking` people who could get one, `unprovable` ones about whom nothing is
    known that does not stand on their badge; they activate at the desk."""

    codes: int
    lacking: int
    unprovable: int


def are_chosen(event: Event) -> bool:
    """Whether the organizer of the event chose printed activation codes; off unless they did."""
    return event.activation_codes_at is not None


def set_chosen(event_id: int, is_chosen: bool, actor: str) -> None:
    """Choose printed codes for an event, or end them: what was printed before opens nothing, also when chosen anew."""
    event = db.session.get_one(Event, event_id)
    if are_chosen(event) == is_chosen:
        return
    event.activation_codes_at = clock.now() if is_chosen else None
    log.write("activation_codes.chosen" if is_chosen else "activation_codes.ended", actor, event_id)


def make_missing(secret: bytes, event_id: int, actor: str) -> int:
    """A code for everybody who takes part, is not active and has none that works; returns how many were made.

    Raises Refusal when the organizer did not choose codes, and when they are over.
    """
    event = db.session.get_one(Event, event_id)
    if not are_chosen(event):
        raise Refusal(_("Printed activation codes are off. Switch them on first."), reason="not_chosen")
    if activation.is_late(event):
        raise Refusal(_("Activation codes worked until 24 hours after the event, so none were made."), reason="late")
    now, having = clock.now(), {row.attendee_id for row in _working(event)}
    rows = [{
        "event_id": event_id, "attendee_id": one.id, "generation": one.generation, "proof": proof_of(one),
        "code_hash": _hash(secret, event_id, _code(secret, event_id, one.id, one.generation, now)), "made_at": now,
    } for one in _candidates(event) if one.id not in having and proof_of(one)]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(db.insert(ActivationCode).values(rows[start:start + CHUNK]).on_conflict_do_nothing())
    if rows:
        log.write("activation_codes.made", actor, event_id, count=len(rows))
    return len(rows)


def slips(secret: bytes, event: Event) -> list[Slip]:
    """The slips of all codes that work now, in name order; empty unless codes are chosen."""
    if not are_chosen(event):
        return []
    return [Slip(row.badge_name, grouped(_code(secret, event.id, row.attendee_id, row.generation, row.made_at)),
                 row.proof) for row in _working(event)]


def note_printed(event_id: int, number: int, actor: str) -> None:
    """For the audit log: who had how many slips printed. Raises Refusal when there was none to print."""
    if not number:
        raise Refusal(_("There is no code to print: everybody is active, does not take part, or is known by nothing "
                        "but their badge."), reason="nothing")
    log.write("activation_codes.printed", actor, event_id, count=number)


def counts(event: Event) -> Counts:
    """How many codes work, could be made, and cannot."""
    people = [(one.id, proof_of(one)) for one in _candidates(event)]
    having = {row.attendee_id for row in _working(event)} if are_chosen(event) else set()
    return Counts(len(having), sum(1 for number, proof in people if proof and number not in having),
                  sum(1 for _number, proof in people if not proof))


def proof_of(attendee: Attendee) -> str:
    """What is asked for beside the code: the e-mail address, else the phone's last four digits, else the family name
    if it is not on the badge; empty if nothing is known that the badge does not show."""
    if attendee.email:
        return "email"
    if len(_digits(attendee.phone)) >= 4:
        return "phone"
    shown = f" {folding.fold(attendee.badge_name)} "
    family = folding.fold(attendee.family_name)
    return "family_name" if family and family not in shown else ""


def not_here() -> NotFound:
    """What an event without printed codes says."""
    return NotFound(_("This event has no printed codes. Take a code by e-mail, or ask at the desk."))


def normal(text: str) -> str:
    """What was typed as a code, in its ten letters; empty for what cannot be one."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", text[:80]).upper() if c.isalnum())
    return kept if len(kept) == LENGTH and all(c in LETTERS for c in kept) else ""


def grouped(code: str) -> str:
    """As it is printed: `KXWVB TRQZN`."""
    return f"{code[:5]} {code[5:]}"


def enter(secret: bytes, event: Event, typed: str, proof: str, browser_id: int | None, label: str, anchor: str, *,
          instead_of: int | None = None) -> tuple[Browser, str] | None:
    """Sign in by a printed code, once. None for a wrong code and a wrong proof alike; the try is counted, so the
    caller commits. Raises Refusal 429 when this browser or anybody with this code tried too often, `late` after the
    codes' end, and `somebody_else` as `activate`.
    """
    if not are_chosen(event):
        raise not_here()
    if activation.is_late(event):
        raise Refusal(_("These codes worked until 24 hours after the event. Sign in with your e-mail instead."),
                      status=410, reason="late")
    code_hash = _hash(secret, event.id, normal(typed))
    if not (budgets.spend(f"printed-codes:{event.id}:{anchor}", TRIES, TRIES_SPAN)
            and budgets.spend(f"printed-codes:{event.id}:{code_hash}", TRIES_PER_CODE, CODE_SPAN)):
        raise Refusal(_("That were many tries. Ask at the desk: they find you by name."), status=429, reason="budget",
                      retry_after=budgets.seconds_left(TRIES_SPAN))
    found = _find(secret, event, typed, proof)
    if found is None:
        return None
    used = db.session.scalar(update(ActivationCode).where(ActivationCode.id == found[0],
                                                          ActivationCode.used_at.is_(None))
                             .values(used_at=clock.now()).returning(ActivationCode.id))
    if used is None:
        return None
    return activation.become(event.id, found[1].id, browser_id, label, WAY, anchor, instead_of)


def find(secret: bytes, event: Event, typed: str, proof: str) -> Attendee | None:
    """Whose code this is, for whoever has the proof too; for the page that asks before it changes who a browser is."""
    found = _find(secret, event, typed, proof)
    return found[1] if found is not None else None


def _find(secret: bytes, event: Event, typed: str, proof: str) -> tuple[int, Attendee] | None:
    """One statement whether or not the code exists, so that time tells a wrong code from a wrong proof as little as
    the answer does."""
    row = db.session.execute(
        _works(event).where(ActivationCode.code_hash == _hash(secret, event.id, normal(typed)))).one_or_none()
    proven = _is_proof(row.Attendee if row is not None else Attendee(email="", phone="", family_name=""),
                       row.proof if row is not None else "email", proof)
    return (row.id, row.Attendee) if row is not None and proven else None


def _is_proof(attendee: Attendee, kind: str, typed: str) -> bool:
    if kind == "email":
        wanted, given = folding.email_key(attendee.email), folding.email_key(typed)
    elif kind == "phone":
        wanted, given = _digits(attendee.phone)[-4:], _digits(typed)[-4:]
    else:
        wanted, given = folding.fold(attendee.family_name), folding.fold(folding.clean_name(typed))
    return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode())


def _digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _candidates(event: Event) -> Iterator[Attendee]:
    """Everybody on the list who takes part and is not active yet."""
    yield from db.session.scalars(select(Attendee).where(
        Attendee.event_id == event.id, Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None),
        activation.is_inactive()).order_by(Attendee.sort_key, Attendee.id))


def _works(event: Event) -> Any:
    """The codes that work now: of this choice, this generation, unused, of people who are nowhere active."""
    same_person = (Attendee.event_id == ActivationCode.event_id) & (Attendee.id == ActivationCode.attendee_id)
    return select(
        ActivationCode.id, ActivationCode.attendee_id, ActivationCode.generation, ActivationCode.proof,
        ActivationCode.made_at, Attendee.badge_name, Attendee,
    ).join(Attendee, same_person).where(
        ActivationCode.event_id == event.id, ActivationCode.used_at.is_(None),
        ActivationCode.made_at >= event.activation_codes_at, ActivationCode.generation == Attendee.generation,
        Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None), activation.is_inactive())


def _working(event: Event) -> list[Row[Any]]:
    return list(db.session.execute(_works(event).order_by(Attendee.sort_key, Attendee.id)))


def _code(secret: bytes, event_id: int, attendee_id: int, generation: int, made_at: datetime) -> str:
    """The ten letters of a code; derived, so that the slips can be printed again."""
    number = int.from_bytes(links.mac(secret, PURPOSE, event_id, attendee_id, generation, made_at.isoformat()), "big")
    letters = []
    for _place in range(LENGTH):
        number, digit = divmod(number, len(LETTERS))
        letters.append(LETTERS[digit])
    return "".join(letters)


def _hash(secret: bytes, event_id: int, code: str) -> str:
    return links.mac(secret, HASH_PURPOSE, event_id, code).hex()
