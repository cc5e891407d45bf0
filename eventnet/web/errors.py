"""Error pages: a Refusal, an HTTP error or a fault, as a page for people or JSON for programs."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask, g, jsonify, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from eventnet.errors import Refusal
from eventnet.words import gettext as _

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _fault)


def headline(status: int) -> str:
    return {
        400: _("That could not be read"), 401: _("Please sign in"), 403: _("Not allowed"),
        404: _("Nothing here"), 405: _("Nothing here"), 409: _("That does not work right now"),
        410: _("No longer here"), 413: _("Too large"), 415: _("Wrong kind of file"),
        422: _("Please check what you entered"), 429: _("A moment, please"),
        503: _("We are busy"),
    }.get(status, _("Something broke on our side") if status >= 500 else _("That does not work"))


def sentence(status: int) -> str:
    if status == 404 and _is_organizers():
        return _("This address leads nowhere, or to something you may not see. Check it, or start from your events.")
    return {
        404: _("This address leads nowhere, or to something you may not see. Check it, or start from your own badge."),
        405: _("This address leads nowhere. Go back and try again."),
        413: _("That is larger than we take. Send a smaller one."),
        415: _("We cannot read that kind of file here."),
        503: _("Nothing was lost. Try again in a moment."),
        500: _("Nothing you entered was half saved. Try again; if it happens twice, tell the organizer."),
    }.get(status, _("Go back and try again."))


def _is_organizers() -> bool:
    return request.path.startswith("/admin/")


def _sign_in_address() -> str:
    if _is_organizers():
        return "/admin/sign-in"
    slug = (request.view_args or {}).get("slug")
    # The page of a badge says itself where to sign in, and comes back to the badge.
    return f"/e/{slug}/sign-in" if slug else request.path


def _way_out(status: int) -> tuple[str, str]:
    """Label and address of where to go from an error. An event is named only to those whom its guard let in."""
    if status == 401:
        return _("Sign in"), _sign_in_address()
    if not _is_organizers():
        return _("Start page"), "/"
    if "role" not in g:
        return _("My events"), "/admin/"
    event = "/".join(request.path.split("/")[:4])
    if request.path.startswith(f"{event}/desk"):
        return _("Back to the desk"), f"{event}/desk"
    return _("Back to the event"), f"{event}/"


def answer(status: int, text: str, reason: str, retry_after: int | None = None) -> Response:
    """The error as JSON below /api/, else as a page."""
    if request.path.startswith("/api/"):
        body = jsonify({"status": status, "reason": reason, "detail": text})
        body.headers["Content-Type"] = "application/problem+json"
        response: Response = body
    else:
        # An empty address is this page once more: what is busy now may answer the next time.
        label, url = (_("Try again"), "") if status in (500, 503) and request.method == "GET" else _way_out(status)
        page = render_template("layouts/error.html", status=status, headline=headline(status), sentence=text,
                               action_label=label, action_url=url)
        response = Response(page, mimetype="text/html")
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def refused(refusal: Refusal) -> Response:
    """What a Refusal answers; a slice that handles some of its own itself hands on the others here."""
    return answer(refusal.status, refusal.sentence or sentence(refusal.status), refusal.reason, refusal.retry_after)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return cast(Response, error.response)
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response(request.environ)
    response = answer(status, sentence(status), (error.name or "error").lower().replace(" ", "_"))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        # RFC 9110, section 15.5.6: a 405 says which methods there are.
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _busy(error: OperationalError) -> Response:
    log.exception("database unavailable")
    return answer(503, sentence(503), "busy", retry_after=5)


def _fault(error: Exception) -> Response:
    log.exception("fault at %s", request.endpoint)
    return answer(500, sentence(500), "fault")
