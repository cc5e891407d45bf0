"""Signing in by mail: a link for the browser that asked, a code that can be typed, both derived from one row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, or_, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets
from eventnet.accounts.models import Browser
from eventnet.attendees import activation, folding
from eventnet.attendees.models import Attendee, SignedInBrowser, SignInRequest
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

Entered = tuple[Browser, str] | Literal["who"]
"""What link or code led to: the browser is somebody now, or its address stands for several and it says who it is."""


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


def ask(event_id: int, address: str, asker_hash: str, next_path: str = "", *, browser_id: int | None = None) -> None:
    """Plan one mail to an address that attendees have; an unknown one does the same work and plans none.

    `next_path` is a checked path on this host where the mailed link leads afterwards.
    Raises Refusal (429) when this browser asked too often. An address that was asked for too often gets no
    further mail, and nobody can tell: those it has stay valid, and a code can be typed in any browser. A browser that
    was somebody with this address before (`browser_id`) asks from a budget of its own: strangers cannot use it up.
    """
    now = clock.now()
    if not budgets.spend(f"sign-in-asks:{asker_hash}", ASKS_PER_BROWSER, HOUR):
        raise Refusal(_("That were many requests from this browser. Use the newest mail you have, or wait an hour."),
                      status=429, reason="budget", retry_after=budgets.seconds_left(HOUR))
    key = folding.email_key(address)
    is_within = budgets.spend(_purse("sign-in-asks", event_id, key, browser_id), ASKS_PER_HOUR, HOUR)
    known = _with_address(event_id, key)
    request = SignInRequest(
        event_id=event_id, attendee_id=known[0].id if known else None, email_key=key if known else None,
        asker_hash=asker_hash, next_path=next_path, asked_at=now, ends_at=now + LASTS)
    db.session.add(request)
    db.session.flush()
    # The statements are the same for everybody, so that the time an answer takes tells nothing either.
    with db.session.begin_nested() as mail:
        planning.plan_many([_plan(request)])
        if not known or not is_within:
            mail.rollback()


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
    return (request.used_at is None and request.proven_at is None and request.ends_at > clock.now()
            and request.tries < MOST_TRIES)


def people_of(request: SignInRequest) -> Sequence[Attendee]:
    """Everybody the address of a request stands for and who takes part; one, as a rule."""
    if request.email_key:
        return _with_address(request.event_id, request.email_key)
    attendee = activation.find(request.event_id, request.attendee_id or 0)
    return [attendee] if attendee is not None else []


def proven_in(event_id: int, anchor: str) -> SignInRequest | None:
    """The request by which this browser proved an address a moment ago and has not said yet who it is."""
    found: SignInRequest | None = db.session.scalar(
        select(SignInRequest).where(
            SignInRequest.event_id == event_id, SignInRequest.proven_by == anchor, SignInRequest.used_at.is_(None),
            SignInRequest.ends_at > clock.now()).order_by(SignInRequest.id.desc()).limit(1))
    return found


def choose(event_id: int, attendee_id: int, browser_id: int | None, label: str, anchor: str, *,
           instead_of: int | None = None) -> tuple[Browser, str]:
    """Say which of the people of a proven address this browser is, once.

    Raises Refusal `used` when nothing was proven here or it is over, and for somebody with another address.
    """
    request = proven_in(event_id, anchor)
    if request is None or attendee_id not in {one.id for one in people_of(request)}:
        raise _over()
    used = db.session.scalar(
        update(SignInRequest).where(SignInRequest.id == request.id, SignInRequest.used_at.is_(None))
        .values(used_at=clock.now()).returning(SignInRequest.id))
    if used is None:
        raise _over()
    return activation.become(event_id, attendee_id, browser_id, label, "mailed_code", anchor, instead_of)


def has_asked(event_id: int, asker_hash: str) -> bool:
    """Whether this browser asked lately; it then needs no address beside the code."""
    return db.session.scalar(
        select(SignInRequest.id).where(SignInRequest.event_id == event_id, SignInRequest.asker_hash == asker_hash,
                                       *_open()).limit(1)) is not None


def use_link(request_id: int, browser_id: int | None, label: str, anchor: str, *,
             instead_of: int | None = None) -> Entered:
    """Sign in by the mailed link, once, in the browser that asked; a double tap counts as one.

    Raises Refusal: `other_browser`, or `used` when it was used or its 20 minutes are over.
    """
    request = db.session.get_one(SignInRequest, request_id)
    if request.asker_hash != anchor:
        raise Refusal(_("This link works only in the browser that asked for it. Type the code from the same mail "
                        "there instead."), reason="other_browser")
    was_just_used = (request.used_at is not None and request.proven_at is None
                     and request.used_at > clock.now() - activation.DOUBLE_TAP)
    is_just_proven = request.proven_by == anchor and request.used_at is None and request.ends_at > clock.now()
    if is_just_proven:
        return "who"
    entered = _prove(request_id, "mailed_link", browser_id, label, anchor, instead_of, *_open())
    if entered is None and was_just_used:
        return activation.become(request.event_id, request.attendee_id or 0, browser_id, label, "mailed_link", anchor,
                                 instead_of)
    if entered is None:
        raise _over()
    return entered


def enter_code(secret: bytes, event_id: int, typed: str, address: str, browser_id: int | None, label: str,
               anchor: str, *, instead_of: int | None = None) -> Entered | None:
    """Sign in by the typed code; None for a wrong one, whose try is counted, so the caller commits either way.

    In the browser that asked the code is enough, five tries a request. Elsewhere the address comes with it, and
    tries there have a budget of their own, so that nobody can use up somebody else's; so have browsers that were
    somebody with this address before.
    Raises Refusal (429) when that budget is spent.
    """
    tried = list(db.session.scalars(
        update(SignInRequest).where(SignInRequest.event_id == event_id, SignInRequest.asker_hash == anchor, *_open())
        .values(tries=SignInRequest.tries + 1).returning(SignInRequest.id)))
    found = _matching(secret, event_id, tried, typed)
    key = folding.email_key(address)
    if found is None and key:
        for budget in (_purse("sign-in-codes", event_id, key, browser_id), f"sign-in-codes:{anchor}"):
            if not budgets.spend(budget, TYPED_ELSEWHERE, LASTS):
                raise Refusal(_("That were many wrong codes. Wait 20 minutes, or ask at the desk."),
                              status=429, reason="budget", retry_after=budgets.seconds_left(LASTS))
        found = _matching(secret, event_id, list(db.session.scalars(
            select(SignInRequest.id)
            .join(Attendee, (Attendee.event_id == SignInRequest.event_id) & (Attendee.id == SignInRequest.attendee_id))
            .where(SignInRequest.event_id == event_id, Attendee.email_key == key, SignInRequest.used_at.is_(None),
                   SignInRequest.proven_at.is_(None), SignInRequest.ends_at > clock.now()))), typed)
    if found is None:
        return None
    return _prove(found, "mailed_code", browser_id, label, anchor, instead_of, SignInRequest.used_at.is_(None),
                  SignInRequest.proven_at.is_(None))


def next_of(secret: bytes, event_id: int, typed: str, address: str, anchor: str) -> str:
    """Where the person wanted to go who asked for this code, in whichever browser it is typed; "" for no such code."""
    mine = [SignInRequest.asker_hash == anchor]
    if key := folding.email_key(address):
        mine.append(SignInRequest.email_key == key)
    asked = db.session.execute(
        select(SignInRequest.id, SignInRequest.next_path)
        .where(SignInRequest.event_id == event_id, or_(*mine), SignInRequest.ends_at > clock.now())).all()
    return next((path for number, path in asked if code(secret, number, event_id) == digits_of(typed)), "")


def purge() -> int:
    """Forget requests that ended more than a day ago; returns how many. For the timetable."""
    return len(db.session.scalars(delete(SignInRequest).where(SignInRequest.ends_at < clock.now() - KEPT)
                                  .returning(SignInRequest.id)).all())


def _plan(request: SignInRequest) -> planning.Plan:
    return planning.Plan(KIND, f"request:{request.id}", event_id=request.event_id, attendee_id=request.attendee_id,
                         subject_id=request.id, urgency=1)


def _open() -> tuple[ColumnElement[bool], ...]:
    return (SignInRequest.used_at.is_(None), SignInRequest.proven_at.is_(None), SignInRequest.ends_at > clock.now(),
            SignInRequest.tries < MOST_TRIES)


def _over() -> Refusal:
    return Refusal(_("This link was used or is older than 20 minutes. Ask for a new mail."), status=410, reason="used")


def _with_address(event_id: int, key: str) -> Sequence[Attendee]:
    if not key:
        return []
    return db.session.scalars(
        select(Attendee).where(Attendee.event_id == event_id, Attendee.email_key == key,
                               Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None))
        .order_by(Attendee.id)).all()


def _purse(purpose: str, event_id: int, key: str, browser_id: int | None) -> str:
    """The budget that an attempt for an address is taken from: everybody's, or that of a browser that was them."""
    if browser_id is not None and key and db.session.scalar(
            select(SignedInBrowser.id)
            .join(Attendee, (Attendee.event_id == SignedInBrowser.event_id)
                  & (Attendee.id == SignedInBrowser.attendee_id))
            .where(SignedInBrowser.browser_id == browser_id, SignedInBrowser.event_id == event_id,
                   Attendee.email_key == key).limit(1)) is not None:
        return f"{purpose}:{event_id}:{key}:browser {browser_id}"
    return f"{purpose}:{event_id}:{key}"


def _prove(request_id: int, way: str, browser_id: int | None, label: str, anchor: str, instead_of: int | None,
           *still: ColumnElement[bool]) -> Entered | None:
    """Use a request up, once: for the one person of its address, or for the question which of several; None if over."""
    request = db.session.get_one(SignInRequest, request_id)
    people, now = people_of(request), clock.now()
    done = {"proven_at": now, "proven_by": anchor} if len(people) > 1 else {"used_at": now}
    counted = db.session.scalar(
        update(SignInRequest).where(SignInRequest.id == request_id, *still).values(**done).returning(SignInRequest.id))
    if counted is None:
        return None
    if len(people) > 1:
        return "who"
    return activation.become(request.event_id, people[0].id if people else 0, browser_id, label, way, anchor,
                             instead_of)


def _matching(secret: bytes, event_id: int, request_ids: list[int], typed: str) -> int | None:
    """Of these requests the one whose code was typed, if it belongs to somebody."""
    for request_id in request_ids:
        if code(secret, request_id, event_id) == digits_of(typed):
            return db.session.scalar(
                select(SignInRequest.id)
                .where(SignInRequest.id == request_id, SignInRequest.attendee_id.is_not(None)))
    return None
