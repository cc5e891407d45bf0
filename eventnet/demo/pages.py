"""The demo's inbox in the browser, every mail the evening sent as its reader sees it, and the badges it printed."""

from __future__ import annotations

import base64
import email.policy
from email.message import EmailMessage

from flask import Blueprint, Response, abort, current_app, g, render_template, request

from eventnet.config import Settings
from eventnet.demo import mailbox
from eventnet.web.numbers import page_number

bp = Blueprint("inbox", __name__)
# The one place where a mail's own styles may run: its frame, which gets no script and no network.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'self'"
)
PAGE_SIZE = 50


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


@bp.get("/badges.pdf")
def badges() -> Response:
    """The sheet that Olga printed before the evening, of people who do not exist; real ones come only by a button."""
    g.cacheable = False
    file = _settings().var / "badges.pdf"
    if not file.is_file():
        abort(404)
    return Response(file.read_bytes(), mimetype="application/pdf")


@bp.get("/inbox")
def inbox() -> str:
    asked = request.args.get("q", "").strip()
    found = mailbox.letters(_settings().var / "inbox")
    if asked:
        found = [letter for letter in found if asked.lower() in f"{letter.to} {letter.subject}".lower()]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(page_number(request.args.get("page")), pages)
    return render_template("demo/inbox.html", letters=found[(page - 1) * PAGE_SIZE:page * PAGE_SIZE], asked=asked,
                           page=page, pages=pages, total=len(found))


@bp.get("/inbox/<int:number>")
def letter(number: int) -> str:
    message = _message(number)
    text = message.get_body(("plain",))
    return render_template(
        "demo/letter.html", number=number, message=message, headers=[(k, str(v)) for k, v in message.items()],
        text=text.get_content() if text else "", attachments=[
            (place, part.get_filename(), len(part.get_payload(decode=True) or b""))
            for place, part in enumerate(message.iter_attachments())])


@bp.get("/inbox/<int:number>/html")
def html(number: int) -> Response:
    message = _message(number)
    body = message.get_body(("html",))
    if body is None:
        abort(404)
    shown = body.get_content()
    for part in message.walk():
        if part["Content-ID"]:
            picture = base64.b64encode(part.get_content()).decode()
            shown = shown.replace(f"cid:{part['Content-ID'].strip('<>')}",
                                  f"data:{part.get_content_type()};base64,{picture}")
    # Links of a mail open beside the inbox, as a mail program would.
    answer = Response('<base target="_blank">' + shown, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


@bp.get("/inbox/<int:number>/attachments/<int:place>")
def attachment(number: int, place: int) -> Response:
    parts = list(_message(number).iter_attachments())
    if place >= len(parts):
        abort(404)
    part = parts[place]
    answer = Response(part.get_payload(decode=True), mimetype=part.get_content_type())
    answer.headers.set("Content-Disposition", "attachment", filename=part.get_filename() or "attachment")
    return answer


@bp.get("/inbox/<int:number>/source")
def source(number: int) -> Response:
    return Response(_message(number).as_bytes(policy=email.policy.SMTP), mimetype="text/plain")


def _message(number: int) -> EmailMessage:
    g.cacheable = False
    message = mailbox.read(_settings().var / "inbox", number)
    if message is None:
        abort(404)
    return message
