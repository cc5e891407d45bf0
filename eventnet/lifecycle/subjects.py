"""Which table holds what about whom: what an attendee is handed, and what goes when they are deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from eventnet.events.models import Event
from eventnet.lifecycle import forgetting
from eventnet.words import later as _


@dataclass(frozen=True)
class Held:
    """How a table speaks of people. A row is mine when I am in one of `mine`, another's about me in `about`.

    Both go when I am deleted; only mine are handed to me. `without`: columns that are never handed out, see LEFT_OUT.
    """

    meaning: Any
    mine: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        return (*self.mine, *self.about)


HELD: dict[str, Held] = {
    "attendees": Held(_("what the list says about you: names, contact fields, school, and when what happened"),
                      mine=("id",), without=("search_text", "sort_key", "email_key", "external_key", "edits")),
    "activation_codes": Held(_("a code printed for you, to become yourself with"), mine=("attendee_id",),
                             without=("proof", "code_hash")),
    "address_changes": Held(_("that you gave or changed your e-mail address here"), mine=("attendee_id",)),
    "answer_rounds": Held(_("how you answered people who waited for your yes"), mine=("attendee_id",),
                          without=("people", "scans", "before")),
    "api_tokens": Held(_("keys you made for programs"), mine=("attendee_id",), without=("token_hash",)),
    "attendances": Held(_("programme items you said you were at"), mine=("attendee_id",)),
    "badges": Held(_("your badges: what the QR code holds, and the code to type"), mine=("attendee_id",)),
    "blind_blocks": Held(_("whom you blocked before meeting them"), mine=("blocker_id",), without=("key", "other_key")),
    "blocks": Held(_("whom you blocked"), mine=("blocker_id",), about=("blocked_id",)),
    "cards": Held(_("your card: what you share, what you look for and offer, where your summary goes"),
                  mine=("attendee_id",)),
    "consents": Held(_("each yes you gave to a field, in which words, and when you took it back"),
                     mine=("attendee_id",)),
    "contacts": Held(_("what you wrote about people you met"), mine=("owner_id",), about=("person_id",)),
    "encounters": Held(_("that you and somebody met, and when"), mine=("low_id", "high_id"),
                       without=("low_scanned", "high_scanned")),
    "grants": Held(_("receipts of swaps: which fields you gave to whom, or got from whom"),
                   mine=("giver_id", "receiver_id"), without=("history",)),
    "hand_overs": Held(_("six digits shown on one browser of yours for another one"), mine=("attendee_id",),
                       without=("code_hash",)),
    "kept_names": Held(_("names of people you met who are deleted, with your words"), mine=("owner_id",)),
    "mails": Held(_("mails to you: which, when, to which address, and what the mail server said"),
                  mine=("attendee_id",), without=("content", "digest", "attempt", "unique_key", "subject_id")),
    "names_answers": Held(_("what you said to organizers seeing by name whom you met"), mine=("attendee_id",)),
    "overruns": Held(_("that you made more swaps or tries than usual in a short time"), mine=("attendee_id",)),
    "recoveries": Held(_("a picture that signs you in again"), mine=("attendee_id",), without=("token_hash",)),
    "replacements": Held(_("that somebody came in your place, or you in theirs"), mine=("old_id", "new_id")),
    "reports": Held(_("what you reported to the organizer"), mine=("reporter_id",), about=("reported_id",)),
    "scans": Held(_("badges you scanned, and who scanned yours"), mine=("scanner_id", "scanned_id"),
                  without=("client_id", "offered", "blocked_at", "declined_at")),
    "sign_in_requests": Held(_("sign-in mails you asked for"), mine=("attendee_id",),
                             without=("asker_hash", "proven_by", "next_path")),
    "signed_in_browsers": Held(_("browsers that are you, since when and how"), mine=("attendee_id",),
                               without=("anchor_hash",)),
    "summaries": Held(_("whom your summary names"), mine=("attendee_id",), without=("picks",)),
}

# Rows about a person that no column names; exporting.py and erasing.py look for them by what they say.
BY_CONTENT = {
    "audit_entries": "what was done, by number: handed out; stays, and leads nowhere once the person is gone",
    "browsers": "those that are this person and nobody else: handed out as a name, and deleted",
    "budgets": "how often somebody did something, for two days: deleted",
    "events": "the event's own entries name no attendee",
    "import_drafts": "rows of an upload, for a day: the person's row is handed out, and deleted",
    "suppressions": "addresses that want no mail of this event: handed out, and deleted; the host's own list stays",
}

# Nothing about an attendee is in them.
NOBODY = {
    "campaigns": "when the summaries were started",
    "desk_passes": "a borrowed device at the desk",
    "erasures": "keyed hashes without a name: proof that somebody was deleted, so that an import leaves them out",
    "event_roles": "organizers",
    "forgettings": "counts of deleted rows",
    "half_sign_ins": "organizers",
    "known_browsers": "organizers",
    "organizers": "organizers",
    "password_resets": "organizers",
    "programme_items": "the programme",
    "recovery_codes": "organizers",
    "second_factors": "organizers",
    "team_invitations": "organizers",
    "timetable": "jobs of the worker",
}

# Why a column is not handed out.
LEFT_OUT = {
    "id": "the number of the row means nothing outside", "event_id": "it is this event",
    "search_text": "computed from your names", "sort_key": "computed from your names",
    "email_key": "your address in lower case", "external_key": "the ticket shop's number of your ticket, or made from "
    "your address; ask the shop", "edits": "handed out as edited_fields",
    "proof": "a secret", "code_hash": "a fingerprint of a secret", "token_hash": "a fingerprint of a secret",
    "anchor_hash": "a fingerprint of a cookie", "asker_hash": "a fingerprint of a cookie",
    "proven_by": "a fingerprint of a cookie", "next_path": "where in the program you were",
    "people": "who the others were: they are in your scans as far as you met", "scans": "numbers of rows",
    "before": "what the answer can be undone to", "key": "what you typed, folded",
    "other_key": "what you typed, folded",
    "low_scanned": "told by the scans", "high_scanned": "told by the scans",
    "history": "earlier states of a receipt between two people", "content": "handed out as files while they are kept",
    "digest": "a fingerprint of the content", "attempt": "which process of the server sent it",
    "unique_key": "made from your number", "subject_id": "the number of a row", "client_id": "made by your phone",
    "offered": "told by the receipts", "picks": "handed out as the names you may see",
    "blocked_at": "would tell you who blocked you", "declined_at": "would tell you who said no",
}


def table(name: str) -> sa.Table:
    return Event.metadata.tables[name]


def columns_of_people(of: sa.Table) -> set[str]:
    """The columns of a table that point at attendees, by the schema."""
    found = {key for constraint in of.foreign_key_constraints if constraint.referred_table.name == "attendees"
             for key in constraint.column_keys if key != "event_id"}
    return found | ({"id"} if of.name == "attendees" else set())


def in_deleting_order() -> list[sa.Table]:
    """The tables of HELD, those first that point at others."""
    return [found for found in forgetting.tables_of_an_event() if found.name in HELD]


def rows_of(of: sa.Table, event_id: int, attendee_id: int, columns: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    """The condition for rows of an event in which this attendee is one of `columns`."""
    return [of.c.event_id == event_id, sa.or_(*(of.c[name] == attendee_id for name in columns))]
