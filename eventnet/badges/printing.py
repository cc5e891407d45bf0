"""Prints badges: who gets one, what stands on it, the PDF, and the memory that it was printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, update
from sqlalchemy.orm import aliased

from eventnet import clock, db, links
from eventnet.attendees import labels
from eventnet.attendees.models import CATEGORIES, Attendee
from eventnet.audit import log
from eventnet.badges import codes, issuing, layouts, sheets
from eventnet.badges.layouts import Layout
from eventnet.badges.models import Badge
from eventnet.badges.sheets import Face
from eventnet.config import Settings
from eventnet.errors import Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _
from eventnet.words import ngettext, speaking

Only = Literal["all", "new"]
MOST_BLANKS = 500


@dataclass
class Batch:
    """Badges that are printed together: `faces` in printing order, `badge_ids` of the same badges.

    `lacking` counts people on the list who have no badge yet and are not in it.
    """

    faces: list[Face] = field(default_factory=list)
    badge_ids: list[int] = field(default_factory=list)
    lacking: int = 0


@dataclass(frozen=True)
class Counts:
    """Badges of an event: `attendees` on the list, of whom `printed` have a printed badge that still says what is right
    and `not_taking_part` are printed without QR code; `lacking` have no badge yet. `last_at` is when the newest batch
    was printed; `again` wear a printed one that is no longer right."""

    attendees: int
    printed: int
    not_taking_part: int
    lacking: int
    last_at: datetime | None
    again: int

    @property
    def new(self) -> int:
        return self.attendees - self.printed


def counts(event_id: int) -> Counts:
    """How far the printing is."""
    row = db.session.execute(
        select(func.count(), func.count(Badge.printed_at).filter(~is_outdated()),
               func.count(Attendee.not_taking_part_at),
               func.count() - func.count(Badge.id), func.max(Badge.printed_at), func.count().filter(needs_reprint()))
        .select_from(Attendee).outerjoin(Badge, worn())
        .where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))).one()
    return Counts(*row)


def faces(event_id: int, base_url: str, *, attendee_ids: Sequence[int] | None = None, only: Only = "all") -> Batch:
    """What stands on the badges of an event in name order; `new` are those never printed, or no longer right.

    Removed people are left out. Whoever does not take part has a badge without QR code and code.
    """
    which: list[ColumnElement[bool]] = [Attendee.event_id == event_id, Attendee.removed_at.is_(None)]
    if attendee_ids is not None:
        which.append(Attendee.id.in_(attendee_ids))
    if only == "new":
        which.append(or_(Badge.printed_at.is_(None), is_outdated()))
    return _batch(base_url, *which)


def printed_at(event_id: int, base_url: str, at: datetime) -> Batch:
    """The badges that were printed together at that moment, blank ones last; empty if there are none."""
    batch = _batch(base_url, Attendee.event_id == event_id, Attendee.removed_at.is_(None), Badge.printed_at == at)
    blanks = db.session.scalars(
        select(Badge).where(Badge.event_id == event_id, Badge.printed_at == at, Badge.attendee_id.is_(None),
                            Badge.retired_at.is_(None)).order_by(Badge.id)).all()
    _add_blanks(batch, base_url, blanks)
    return batch


def count_printed_at(event_id: int, at: datetime) -> int:
    """How many badges, blank ones too, were printed together at that moment."""
    return db.session.scalar(
        select(func.count()).select_from(Badge).outerjoin(
            Attendee, (Attendee.event_id == Badge.event_id) & (Attendee.id == Badge.attendee_id))
        .where(Badge.event_id == event_id, Badge.printed_at == at, Badge.retired_at.is_(None),
               Attendee.removed_at.is_(None))) or 0


def blanks(event_id: int, base_url: str, count: int) -> Batch:
    """New badges with room for a name, to be bound to whoever comes without being on the list."""
    batch = Batch()
    _add_blanks(batch, base_url, issuing.make_blanks(event_id, count))
    return batch


def prepare(event_id: int, base_url: str, only: Only, blank: int = 0) -> Batch:
    """Everything to print now: missing badges are made, `blank` new blank ones come last.

    Raises Refusal if there is nothing: no attendees, or all printed before.
    """
    issuing.issue_missing(event_id)
    batch = faces(event_id, base_url, only=only)
    if blank:
        more = blanks(event_id, base_url, blank)
        batch.faces += more.faces
        batch.badge_ids += more.badge_ids
    if not batch.faces:
        refuse_nothing(event_id)
    return batch


def print_now(event_id: int, base_url: str, only: Only, blank: int, actor: str) -> datetime:
    """Choose the badges of one print and note them as printed; returns the moment that names the batch.

    The PDF is made from `printed_at` as often as it is asked for. Raises Refusal as `prepare`.
    """
    batch, at = prepare(event_id, base_url, only, blank), clock.now()
    mark_printed(event_id, batch.badge_ids, at, actor)
    return at


def print_one(event_id: int, attendee_id: int, actor: str) -> Badge:
    """Note one attendee's badge as printed, made now if there was none. Raises NotFound for nobody of this event."""
    badge = issuing.issue(event_id, attendee_id)
    mark_printed(event_id, [badge.id], clock.now(), actor)
    return badge


def mark_printed(event_id: int, badge_ids: Sequence[int], at: datetime, actor: str) -> None:
    """Remember that these badges were printed at that moment, and who did it."""
    for start in range(0, len(badge_ids), issuing.CHUNK):
        db.session.execute(
            update(Badge)
            .where(Badge.event_id == event_id, Badge.id.in_(badge_ids[start:start + issuing.CHUNK]))
            .values(printed_at=at).execution_options(synchronize_session=False))
    log.write("badges.printed", actor, event_id, badges=len(badge_ids))


def refuse_nothing(event_id: int) -> None:
    """Raises the Refusal that says why there is no badge to print."""
    number = counts(event_id).attendees
    if not number:
        raise Refusal(_("Nobody is on the list yet, so there is no badge to print. Bring in the attendees first."),
                      reason="no_attendees")
    raise Refusal(
        ngettext("The badge of the one attendee is printed already. Choose all badges to print it again.",
                 "The badges of all %(num)s attendees are printed already. Choose all badges to print them again.",
                 number), reason="nothing_new")


def check_complete(batch: Batch) -> None:
    """Raises Refusal if somebody on the list has no badge yet: on a sheet nobody would miss it in time."""
    if batch.lacking:
        raise Refusal(
            ngettext("%(num)s attendee has no badge yet. Open Badges and choose Print: that makes it.",
                     "%(num)s attendees have no badges yet. Open Badges and choose Print: that makes them.",
                     batch.lacking), reason="badges_missing")


def get_layout(name: str) -> Layout:
    """The layout with that name; raises Refusal (422) that names those there are."""
    try:
        return layouts.get_layout(name)
    except ValueError:
        raise Refusal(_("There is no badge layout “%(name)s”. Choose one of: %(names)s.", name=name[:80],
                        names=", ".join(layouts.LAYOUTS)), status=422, reason="layout", field="layout") from None


def print_sheet(settings: Settings, event_name: str, language: str, batch: Batch, layout: Layout,
                progress: Callable[[int, int], None] | None = None) -> bytes:
    """The PDF of a batch. Uses no database; takes about 0.3 ms a badge. Raises Refusal if the fonts are missing."""
    if not batch.faces:
        raise Refusal(_("There is no badge to print here."), reason="nothing_new")
    try:
        return sheets.render(batch.faces, layout, progress=progress, **_dress(settings, event_name, language))
    except ValueError as error:
        raise Refusal(str(error), status=503, reason="fonts") from error


def picture(settings: Settings, event: Event, layout: Layout) -> bytes:
    """What a page looks like, as SVG: the first people on the list, with QR codes that are nobody's."""
    rows = db.session.scalars(
        select(Attendee).where(Attendee.event_id == event.id, Attendee.removed_at.is_(None))
        .order_by(Attendee.sort_key, Attendee.id).limit(layout.per_page)).all()
    address, code = links.badge_url(settings.base_url, "0" * codes.TOKEN_LENGTH), "0" * codes.CODE_LENGTH
    shown = [Face(row.badge_name, row.organization, row.title, row.category, address if row.takes_part else None,
                  code if row.takes_part else None) for row in rows]
    shown = shown or [Face(_("Name"), _("Organization"), _("Title"), "attendee", address, code)]
    try:
        return sheets.picture(shown, layout, **_dress(settings, event.name, event.language))
    except ValueError as error:
        raise Refusal(str(error), status=503, reason="fonts") from error


def _dress(settings: Settings, event_name: str, language: str) -> dict[str, Any]:
    with speaking(language):
        words = {name: labels.category(name) for name in CATEGORIES}
    return {"event_name": event_name, "short_host": settings.host, "font_dir": settings.fonts, "category_words": words}


def is_outdated() -> ColumnElement[bool]:
    """What stands on the badge was changed after it was printed. Never unknown, so that it can be negated."""
    return func.coalesce(Attendee.badge_text_at > Badge.printed_at, false())


def needs_reprint() -> ColumnElement[bool]:
    """They wear a printed badge whose code was replaced since, or what stands on it was changed."""
    earlier = aliased(Badge)
    had_printed = exists().where(
        earlier.event_id == Attendee.event_id, earlier.attendee_id == Attendee.id, earlier.retired_at.is_not(None),
        earlier.printed_at.is_not(None))
    return or_(and_(Badge.id.is_not(None), Badge.printed_at.is_(None), had_printed), is_outdated())


def worn() -> ColumnElement[bool]:
    """Joins attendees with the badge they wear."""
    return ((Badge.event_id == Attendee.event_id) & (Badge.attendee_id == Attendee.id)
            & Badge.retired_at.is_(None))


def _batch(base_url: str, *which: ColumnElement[bool]) -> Batch:
    batch = Batch()
    rows = db.session.execute(
        select(Badge.id, Badge.token, Badge.code, Attendee.badge_name, Attendee.organization, Attendee.title,
               Attendee.category, Attendee.not_taking_part_at)
        .select_from(Attendee).outerjoin(Badge, worn()).where(*which)
        .order_by(Attendee.sort_key, Attendee.id))
    for badge_id, token, code, name, organization, title, category, away in rows:
        if badge_id is None:
            batch.lacking += 1
            continue
        address, shown_code = (links.badge_url(base_url, token), code) if away is None else (None, None)
        batch.faces.append(Face(name, organization, title, category, address, shown_code))
        batch.badge_ids.append(badge_id)
    return batch


def _add_blanks(batch: Batch, base_url: str, badges: Sequence[Badge]) -> None:
    for badge in badges:
        batch.faces.append(Face("", "", "", "attendee", links.badge_url(base_url, badge.token), badge.code))
        batch.badge_ids.append(badge.id)
