"""Organizer pages of the summaries: who gets one, what it looks like, sending, how it goes, what went wrong."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts.access import actor
from eventnet.encounters.withholding import LEAST
from eventnet.errors import NotFound, Refusal
from eventnet.events import privacy
from eventnet.events.access import current_event
from eventnet.outbox import stationery, timetable
from eventnet.outbox.models import OPEN_STATES
from eventnet.summaries import campaigns, invented
from eventnet.summaries.forms import SendForm
from eventnet.web import cookies
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("summaries_admin", __name__)
QUIET_SECONDS = 60
# The mail has its styles inside; it is shown in a frame of its own that may nothing else.
MAIL_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
               "frame-ancestors 'self'; sandbox allow-popups")


@bp.get("/summaries")
def summaries(slug: str) -> Response:
    return _page(SendForm())


@bp.get("/summaries/progress")
def progress(slug: str) -> str:
    """The part that changes while mails leave; the page fetches it every few seconds."""
    return render_template("summaries/admin/progress.html", **_progress())


@bp.get("/summaries/preview")
def preview(slug: str) -> str:
    kind = _kind()
    said = invented.example(current_event(), cookies.settings().base_url, kind)
    text = stationery.render("summaries/mail/summary.txt", d=said, controller=current_event().controller)
    return render_template("summaries/admin/preview.html", kind=kind, subject=said.subject, text=text)


@bp.get("/summaries/preview/mail")
def preview_mail(slug: str) -> Response:
    said = invented.example(current_event(), cookies.settings().base_url, _kind())
    mail = stationery.render("summaries/mail/summary.html", d=said, controller=current_event().controller)
    return Response(mail, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY})


@bp.post("/summaries")
def send(slug: str) -> Response:
    event, form = current_event(), SendForm(request.form)
    if privacy.missing(event):
        return _page(form, 409)
    campaigns.check_start(event)
    form.expected = campaigns.outlook(event).shown
    if not form.validate():
        return _page(form, 422)
    picks, by, is_first = campaigns.picks_for(event.id), actor(), campaigns.find_campaign(event.id) is None
    with db.transaction():
        new = campaigns.start(event.id, picks, by)
    if new and is_first:
        flash(ngettext("One summary is on its way.", "%(num)s summaries are on their way.", form.expected), "good")
    elif new:
        flash(_("The summaries of those who were added since are on their way."), "good")
    else:
        flash(_("Whoever gets one has it planned already. Nobody gets two."), "warn")
    return _back(slug)


@bp.post("/summaries/pause")
def pause(slug: str) -> Response:
    event, by = current_event(), actor()
    with db.transaction():
        campaigns.pause(event.id, by)
    flash(_("Paused. What is being handed over this second still goes out."), "good")
    return _back(slug)


@bp.post("/summaries/resume")
def resume(slug: str) -> Response:
    event, by = current_event(), actor()
    with db.transaction():
        campaigns.resume(event.id, by)
    flash(_("The summaries go on."), "good")
    return _back(slug)


@bp.post("/summaries/cancel")
def cancel(slug: str) -> Response:
    event, by = current_event(), actor()
    if not request.form.get("sure"):
        raise Refusal(_("Tick that you are sure: a summary that is taken back is not sent again."), status=422,
                      reason="unsure")
    with db.transaction():
        gone = campaigns.cancel(event.id, by)
    flash(ngettext("One summary was taken back. Its page stays.",
                   "%(num)s summaries were taken back. Their pages stay.", gone), "good")
    return _back(slug)


@bp.post("/summaries/<mail_id>/resolve")
def resolve(slug: str, mail_id: str) -> Response:
    """Settle one mail in doubt, or try a failed one again."""
    event, by, verdict = current_event(), actor(), request.form.get("verdict", "")
    if verdict not in campaigns.VERDICTS:
        raise Refusal(_("Choose one of the two buttons."), status=422, reason="verdict")
    with db.transaction():
        campaigns.resolve(event.id, mail_id, verdict, by)
    flash(_("Counted as sent.") if verdict == "sent" else _("The identical message is sent again."), "good")
    return _back(slug)


def _page(form: SendForm, status: int = 200) -> Response:
    event = current_event()
    outlook = campaigns.outlook(event)
    eligible, met = outlook.shown, outlook.met - len(outlook.unseen)
    alone = eligible - met
    # Where some are known by name, the overview tells as much as can be told beside their names.
    is_withheld = 0 < min(alone, met) < LEAST or event.names_policy != "numbers"
    page = render_template(
        "summaries/admin/summaries.html", form=form, eligible=eligible, is_over=event.is_over(clock.now()),
        has_begun=event.starts_at <= clock.now(),
        met=None if is_withheld else met, alone=None if is_withheld else alone,
        skips=[(count, sentence) for sentence, count in outlook.skip_counts()],
        has_few=bool(outlook.unseen), missing=privacy.missing(event), **_progress())
    return make_response(page, status)


def _progress() -> dict[str, Any]:
    event = current_event()
    counts = campaigns.shown_counts(event)
    beat = timetable.find_beat()
    is_quiet = beat is None or (clock.now() - beat).total_seconds() > QUIET_SECONDS
    total = sum(counts.values())
    return {
        "campaign": campaigns.find_campaign(event.id), "counts": counts, "total": total,
        "open": sum(counts[state] for state in OPEN_STATES), "is_quiet": is_quiet,
        "troubles": [(trouble, campaigns.plain_reason(trouble.state, trouble.reply))
                     for trouble in campaigns.troubles(event.id)] if counts["failed"] or counts["in_doubt"] else [],
    }


def _kind() -> str:
    kind = request.args.get("kind", "met")
    if kind not in invented.KINDS:
        raise NotFound
    return kind


def _back(slug: str) -> Response:
    return redirect(f"/admin/e/{slug}/summaries", 303)
