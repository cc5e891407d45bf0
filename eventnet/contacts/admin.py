"""The organizers' page of reports: who told what about whom, and what was done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts.access import actor, current_organizer
from eventnet.contacts import reporting
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_event
from eventnet.words import gettext as _

bp = Blueprint("reports_admin", __name__)


@bp.get("/reports")
def reports(slug: str) -> str:
    return _page()


@bp.post("/reports/<int:report_id>")
def settle(slug: str, report_id: int) -> Response | tuple[str, int]:
    organizer = current_organizer()
    if organizer is None:
        raise NotFound
    event_id, outcome = current_event().id, request.form.get("outcome", "")
    try:
        with db.transaction():
            reporting.settle(event_id, report_id, outcome, organizer.id, actor())
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return _page(report_id, outcome, refusal.sentence), 422
    flash(_("Settled. The reporter sees that you dealt with it, not what you wrote."), "good")
    return redirect(url_for("reports_admin.reports", slug=slug), 303)


@bp.post("/reports/<int:report_id>/reopening")
def reopen(slug: str, report_id: int) -> Response:
    with db.transaction():
        reporting.reopen(current_event().id, report_id, actor())
    flash(_("Open again."), "good")
    return redirect(url_for("reports_admin.reports", slug=slug), 303)


def _page(refused: int = 0, outcome: str = "", error: str = "") -> str:
    event_id = current_event().id
    return render_template(
        "contacts/admin/reports.html", open_ones=reporting.of_event(event_id, settled=False),
        settled=reporting.of_event(event_id, settled=True), reason_words=reporting.reason_words, refused=refused,
        outcome=outcome, error=error)
