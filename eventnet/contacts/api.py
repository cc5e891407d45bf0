"""The scans API: one scan or a batch from the scanner page or a program, one answer for each.

POST /api/v1/encounters, Content-Type: application/json, with the browser's cookie and header X-CSRF-Token, or
with `Authorization: Bearer eventnet_…` (then the cookie is not looked at).

    {"sent_at": "2026-10-15T19:30:00Z",                  device clock now; optional
     "scanners": ["…"],                                   who scanned, as /api/v1/phone names them; optional
     "scans": [                                           1 to 50, the oldest first
       {"id": "<uuid>",                                   new for every scan, the same on every attempt
        "badge": "<whole QR text, token or badge code>",
        "event": "<slug>",                                needed with a typed code; else optional
        "scanned_at": "<RFC 3339, device clock>",         optional
        "elapsed_ms": 1200,                               whole number, optional, preferred to the clock
        "note": "…",                                      optional, at most 4,000 characters; added, never replaced,
       "promise": "…", "tags": ["…"], "starred": true}]}  as are these, also with a scan that arrived before

200 {"answers": [{"id", "result", "reason"?, "retry_after"?, "sentence", "person"?}]}, in the order of the scans
    result    recorded | repeated | pending | later (keep it; `retry_after` seconds) | refused
    reason    refused: unknown | own_badge | outside_window | paused | invalid | id_reused; later: budget | busy
    sentence  what happened and what to do, for the person
    person    with recorded, and with repeated while the swap stands: {"id", "name", "title", "organization",
              "gave": ["name", "email"], "got": ["name"], "url": "/e/<slug>/people/<id>"}
401 signed out, or not those who scanned, 403 CSRF, 413, 415, 422 not of this shape, 429, 503:
application/problem+json {"status", "reason", "detail"}; nothing was recorded, the sender keeps everything.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import ValidationError

from eventnet import __version__, db
from eventnet.accounts.access import current_browser
from eventnet.attendees import api_tokens
from eventnet.badges import codes
from eventnet.contacts import phone, swapping
from eventnet.contacts.notes import Words
from eventnet.contacts.payloads import (
    LARGEST_BYTES,
    AnswerOut,
    AnswersOut,
    BatchIn,
    IdentityOut,
    PersonOut,
    PhoneOut,
    ScanIn,
    openapi,
)
from eventnet.contacts.swapping import Swap
from eventnet.encounters.recording import Answer, Claim
from eventnet.encounters.times import Said
from eventnet.errors import Refusal
from eventnet.web import cookies, csrf
from eventnet.words import gettext as _

bp = Blueprint("encounters_api", __name__)


@bp.post("/encounters")
def record() -> Response:
    browser_token, attendee_id = _sender()
    batch = _batch()
    base_url = cookies.settings().base_url
    swaps = [_swap(scan, batch, base_url) for scan in batch.scans]
    only = phone.only(batch.scanners, cookies.settings().secret_key) if batch.scanners is not None else None
    with db.transaction():
        answers = swapping.swap(swaps, browser_token=browser_token, attendee_id=attendee_id,
                                way="scanner" if attendee_id is None else "bearer", only=only)
    body = AnswersOut(answers=[_out(scan, answer) for scan, answer in zip(batch.scans, answers, strict=True)])
    return Response(body.model_dump_json(exclude_none=True), mimetype="application/json")


@bp.get("/phone")
def phone_of() -> Response:
    """Who this browser is: for the scanner's queue, and to show the badge without network."""
    browser, here = current_browser(), cookies.settings()
    mine = phone.identities(browser.id, here.secret_key, here.base_url) if browser is not None else []
    body = PhoneOut(csrf=csrf.token(), attendees=[IdentityOut(**asdict(one)) for one in mine])
    return Response(body.model_dump_json(), mimetype="application/json")


@bp.get("/openapi.json")
def document() -> Response:
    return jsonify(openapi(__version__, cookies.settings().base_url))


def _sender() -> tuple[str | None, int | None]:
    """(browser's token, None) or (None, attendee id) of a key; never a mixture of both.

    The token is proved by the swap itself: one query fewer, and a browser signed out meanwhile is noticed.
    """
    authorization = request.headers.get("Authorization", "")
    if authorization.lower().startswith("bearer "):
        found = api_tokens.find_bearer(authorization[len("Bearer "):].strip())
        if found is None:
            raise Refusal(_("This key is not valid any more. Make a new one on your page."), status=401, reason="key")
        return None, found[1]
    token = cookies.browser_token()
    if token is None:
        raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
    return token, None


def _batch() -> BatchIn:
    if request.mimetype != "application/json":
        raise Refusal(_("Send scans as application/json."), status=415, reason="media_type")
    data = b"" if (request.content_length or 0) > LARGEST_BYTES else request.get_data(cache=False)
    if (request.content_length or len(data)) > LARGEST_BYTES:
        raise Refusal(_("That is more than half a megabyte. Send fewer scans at once."), status=413, reason="too_large")
    try:
        return BatchIn.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or _("the whole text")
        raise Refusal(_("These scans were not understood (%(where)s: %(why)s), so none was recorded.",
                        where=where, why=first["msg"]), status=422, reason="invalid") from error


def _swap(scan: ScanIn, batch: BatchIn, base_url: str) -> Swap:
    elapsed = None if scan.elapsed_ms is None else timedelta(milliseconds=scan.elapsed_ms)
    return Swap(
        Claim(str(scan.id), codes.parse_badge(scan.badge, base_url), scan.event,
              Said(batch.sent_at, scan.scanned_at, elapsed)),
        Words(scan.note, scan.promise, tuple(scan.tags), scan.starred))


def _out(scan: ScanIn, answer: Answer) -> AnswerOut:
    person = None
    if answer.met is not None:
        met = answer.met.person
        person = PersonOut(
            id=met.id, name=met.badge_name, title=met.title if "title" in answer.met.got else "",
            organization=met.organization if "organization" in answer.met.got else "",
            gave=list(answer.met.gave), got=list(answer.met.got),
            url=url_for("people.person", slug=answer.slug, person_id=met.id))
    # To programs "you blocked them" is one of the reasons they know; the sentence says which.
    reason = "paused" if answer.reason == "blocked" else answer.reason
    return AnswerOut(id=scan.id, result=answer.result, reason=reason, retry_after=answer.retry_after,
                     sentence=answer.sentence, person=person)
