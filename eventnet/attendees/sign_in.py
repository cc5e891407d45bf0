"""Signing in by mail: a link for the browser that asked, a code that can be typed, both derived from one row."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets
from eventnet.accounts.models import Browser
from eventnet.attendees import activation, folding
from eventnet.attendees.models import Attendee, SignInRequest
from eventnet.errors import Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

KIND = "sign_in"
PURPOSE, CODE_PURPOSE = "sign-in", "sign-in code"
LASTS = timedelta(minutes=20)
KEPT = timedelta(days=1)  # after its end, so that a late opening is told that it is over
MOST_TRIES = 5
CODE_DIGITS = 8
ASKS_PER_HOUR = 6
ASKS_PER_BROWSER = 12
TYPED_ELSEWHERE = 10
HOUR = timedelta(hours=1)


def link_token(secret: bytes, request: SignInRequest) -> str:
    """The token of the mailed link; worth something only together with the cookie of the browser that asked."""
    return links.signed_id(secret, PURPOSE, request.id, request.event_id, request.asker_hash)


def code(secret: bytes, request_id: int, event_id: int) -> str:
    """The eight digits of a request's mail."""
    number = int.from_bytes(links.mac(secret, CODE_PURPOSE, request_id, event_id), "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def digits_of(text: str) -> str:
    """What was typed, as ASCII digits of any script, without spaces and dashes."""
    return "".join(str(int(c)) for c in text if c.isdecimal())


def ask(event_id: int, address: str, asker_hash: str, next_path: str = "") -> None:
    """Plan one mail for each attendee with this address; an unknown one does the same work and plans none.

    `next_path` is a checked path on this host where the mailed link leads afterwards.
    Raises Refusal (429) when this browser asked too often. An address that was asked for too often gets no
    further mail, and nobody can tell: those it has stay valid, and a code can be typed in any browser.
    """
    now = clock.now()
    if not budgets.spend(f"sign-in-asks:{asker_hash}", ASKS_PER_BROWSER, HOUR):
        raise Refusal(_("That were many requests from this browser. Use the newest mail you have, or wait an hour."),
                      status=429, reason="budget", retry_after=budgets.seconds_left(HOUR))
    key = folding.email_key(address)
    is_within = budgets.spend(f"sign-in-asks:{event_id}:{key}", ASKS_PER_HOUR, HOUR)
    known = list(db.session.scalars(
        select(Attendee.id).where(Attendee.event_id == event_id, Attendee.email_key == key,
                                  Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None))
        .order_by(Attendee.id))) if key else []
    people: list[int | None] = [*known] or [None]
    requests = [SignInRequest(event_id=event_id, attendee_id=attendee_id, asker_hash=asker_hash, next_path=next_path,
                              asked_at=now, ends_at=now + LASTS) for attendee_id in people]
    db.session.add_all(requests)
    db.session.flush()
    if known and is_within:
        planning.plan_many([_plan(request) for request in requests])
        return
    with db.session.begin_nested() as unknown:
        planning.plan_many([_plan(request) for request in requests])
        unknown.rollback()


def find_by_link(secret: bytes, token: str) -> SignInRequest | None:
    """The request a mailed link belongs to, whether or not it still counts; None for a made-up token."""
    number = links.number_in(token)
    request = db.session.get(SignInRequest, number) if number is not None else None
    if request is None or request.attendee_id is None:
        return None
    proven = links.is_signed(secret, token, PURPOSE, request.id, request.event_id, request.asker_hash)
    return request if proven else None


def is_open(request: SignInRequest) -> bool:
    """Whether link and code of a request still count."""
    return request.used_at is None and request.ends_at > clock.now() and request.tries < MOST_TRIES


def has_asked(event_id: int, asker_hash: str) -> bool:
    """Whether this browser asked lately; it then needs no address beside the code."""
    return db.session.scalar(
        select(SignInRequest.id).where(SignInRequest.event_id == event_id, SignInRequest.asker_hash == asker_hash,
                                       *_open()).limit(1)) is not None


def use_link(request_id: int, browser_id: int | None, label: str, anchor: str, *,
             instead_of: int | None = None) -> tuple[Browser, str]:
    """Sign in by the mailed link, once, in the browser that asked; a double tap counts as one.

    Raises Refusal: `other_browser`, or `used` when it was used or its 20 minutes are over.
    """
    request = db.session.get_one(SignInRequest, request_id)
    if request.asker_hash != anchor:
        raise Refusal(_("This link works only in the browser that asked for it. Type the code from the same mail "
                        "there instead."), reason="other_browser")
    used = db.session.execute(update(SignInRequest).where(SignInRequest.id == request_id, *_open())
                              .values(used_at=clock.now()))
    was_just_used = request.used_at is not None and request.used_at > clock.now() - activation.DOUBLE_TAP
    if not used.rowcount and not was_just_used:  # type: ignore[attr-defined]
        raise Refusal(_("This link was used or is older than 20 minutes. Ask for a new mail."),
                      status=410, reason="used")
    return _become(request, "mailed_link", browser_id, label, anchor, instead_of)


def enter_code(secret: bytes, event_id: int, typed: str, address: str, browser_id: int | None, label: str,
               anchor: str, *, instead_of: int | None = None) -> tuple[Browser, str] | None:
    """Sign in by the typed code; None for a wrong one, whose try is counted, so the caller commits either way.

    In the browser that asked the code is enough, five tries a request. Elsewhere the address comes with it, and
    tries there have a budget of their own, so that nobody can use up somebody else's.
    Raises Refusal (429) when that budget is spent.
    """
    tried = list(db.session.scalars(
        update(SignInRequest).where(SignInRequest.event_id == event_id, SignInRequest.asker_hash == anchor, *_open())
        .values(tries=SignInRequest.tries + 1).returning(SignInRequest.id)))
    found = _matching(secret, event_id, tried, typed)
    key = folding.email_key(address)
    if found is None and key:
        for budget in (f"sign-in-codes:{event_id}:{key}", f"sign-in-codes:{anchor}"):
            if not budgets.spend(budget, TYPED_ELSEWHERE, LASTS):
                raise Refusal(_("That were many wrong codes. Wait 20 minutes, or ask at the desk."),
                              status=429, reason="budget", retry_after=budgets.seconds_left(LASTS))
        found = _matching(secret, event_id, list(db.session.scalars(
            select(SignInRequest.id)
            .join(Attendee, (Attendee.event_id == SignInRequest.event_id) & (Attendee.id == SignInRequest.attendee_id))
            .where(SignInRequest.event_id == event_id, Attendee.email_key == key, SignInRequest.used_at.is_(None),
                   SignInRequest.ends_at > clock.now()))), typed)
    if found is None:
        return None
    used = db.session.scalar(
        update(SignInRequest).where(SignInRequest.id == found, SignInRequest.used_at.is_(None))
        .values(used_at=clock.now()).returning(SignInRequest.id))
    if used is None:
        return None
    request = db.session.get_one(SignInRequest, found)
    return _become(request, "mailed_code", browser_id, label, anchor, instead_of)


def purge() -> int:
    """Forget requests that ended more than a day ago; returns how many. For the timetable."""
    return len(db.session.scalars(delete(SignInRequest).where(SignInRequest.ends_at < clock.now() - KEPT)
                                  .returning(SignInRequest.id)).all())


def _plan(request: SignInRequest) -> planning.Plan:
    return planning.Plan(KIND, f"request:{request.id}", event_id=request.event_id, attendee_id=request.attendee_id,
                         subject_id=request.id, urgency=1)


def _open() -> tuple[ColumnElement[bool], ...]:
    return (SignInRequest.used_at.is_(None), SignInRequest.ends_at > clock.now(), SignInRequest.tries < MOST_TRIES)


def _matching(secret: bytes, event_id: int, request_ids: list[int], typed: str) -> int | None:
    """Of these requests the one whose code was typed, if it belongs to somebody."""
    for request_id in request_ids:
        if code(secret, request_id, event_id) == digits_of(typed):
            return db.session.scalar(
                select(SignInRequest.id)
                .where(SignInRequest.id == request_id, SignInRequest.attendee_id.is_not(None)))
    return None


def _become(request: SignInRequest, way: str, browser_id: int | None, label: str, anchor: str,
            instead_of: int | None) -> tuple[Browser, str]:
    return activation.become(request.event_id, request.attendee_id or 0, browser_id, label, way, anchor, instead_of)
