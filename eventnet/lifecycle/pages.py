"""Pages of an attendee about their own data: all that is held, to read and to take along; and deleting it now."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts.access import current_browser
from eventnet.attendees.access import signed_in
from eventnet.audit import log
from eventnet.contacts import address_book
from eventnet.lifecycle import erasing, my_data
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("my_data", __name__)


@bp.get("/my-data")
def show(slug: str) -> str:
    me = signed_in()
    return render_template("lifecycle/my_data.html", me=me, parts=my_data.overview(g.event, me),
                           people=address_book.counts(g.event.id, me.id).people)


@bp.post("/my-data")
def download(slug: str) -> Response:
    me = signed_in()
    content = my_data.archive(g.event, me, cookies.settings().host)
    with db.transaction():
        log.write("attendee.data_exported", f"attendee:{me.id}", g.event.id)
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{my_data.file_name(g.event)}"'
    return answer


@bp.get("/delete-me")
def ask(slug: str) -> Response:
    return _page()


@bp.post("/delete-me")
def erase(slug: str) -> Response:
    me, event, browser = signed_in(), g.event, current_browser()
    browser_id = browser.id if browser is not None else None
    if not request.form.get("sure"):
        return _page(422, is_unsure=True)
    with db.transaction():
        erasing.erase(cookies.settings().secret_key, event.id, me.id, f"attendee:{me.id}")
    erasing.scrub()
    answer = redirect(f"/e/{event.slug}/privacy", 303)
    if browser_id is None or erasing.is_nobody(browser_id):
        cookies.forget_browser()
        # Scans that wait on the phone, and what pages keep there, go with the person.
        answer.headers["Clear-Site-Data"] = '"storage"'
    flash(_("Everything about you at %(event)s is deleted.", event=event.name), "good")
    return answer


def _page(status: int = 200, *, is_unsure: bool = False) -> Response:
    me = signed_in()
    return make_response(render_template(
        "lifecycle/delete_me.html", me=me, is_unsure=is_unsure,
        people=address_book.counts(g.event.id, me.id).people), status)
