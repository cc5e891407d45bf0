"""Half signed in: the password was right, the second factor is still to come."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from eventnet import clock, db, links
from eventnet.accounts.models import HalfSignIn, Organizer
from eventnet.errors import Refusal
from eventnet.words import gettext as _

LASTS = timedelta(minutes=10)


def begin(anchor: str, organizer_id: int) -> None:
    """Remember that this browser knew the password. `anchor` is what its CSRF token hangs on, known to it alone."""
    now = clock.now()
    values = {"organizer_id": organizer_id, "asked_at": now, "ends_at": now + LASTS}
    db.session.execute(
        db.insert(HalfSignIn).values(anchor_hash=links.fingerprint(anchor), **values)
        .on_conflict_do_update(index_elements=["anchor_hash"], set_=values))


def find(anchor: str) -> tuple[HalfSignIn, Organizer] | None:
    """The half sign-in of this browser that is not over, and whose it is."""
    half = db.session.query(HalfSignIn).filter_by(anchor_hash=links.fingerprint(anchor)).one_or_none()
    if half is None or half.ends_at <= clock.now():
        return None
    organizer = db.session.get(Organizer, half.organizer_id)
    return (half, organizer) if organizer is not None and organizer.disabled_at is None else None


def finish(half_id: int) -> None:
    """Use it up; raises Refusal when it is over or was used by a click before."""
    gone = db.session.scalar(
        delete(HalfSignIn).where(HalfSignIn.id == half_id, HalfSignIn.ends_at > clock.now()).returning(HalfSignIn.id))
    if gone is None:
        raise over()


def over() -> Refusal:
    """What to say when ten minutes have passed."""
    return Refusal(_("It took longer than ten minutes, or was done already. Sign in with your password again."),
                   status=410, reason="half_sign_in_over")


def end_all(organizer_id: int) -> None:
    """Whatever password was known before is no longer worth anything."""
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.organizer_id == organizer_id))


def purge() -> int:
    """Forget those that are over; returns how many. For the timetable."""
    gone = db.session.scalars(delete(HalfSignIn).where(HalfSignIn.ends_at <= clock.now()).returning(HalfSignIn.id))
    return len(gone.all())
