"""Second factors: set one up, check a code, recovery codes, and lifting a lost one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets, totp
from eventnet.accounts.models import HalfSignIn, Organizer, RecoveryCode, SecondFactor
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

LIFTED = "factor_lifted"
CODES, CODE_LETTERS = 10, 10
TRIES, TRIES_SPAN = 10, timedelta(minutes=15)


def find(organizer_id: int) -> SecondFactor | None:
    """The organizer's second factor, in use or being set up."""
    found: SecondFactor | None = db.session.get(SecondFactor, organizer_id)
    return found


def is_on(organizer_id: int) -> bool:
    """Whether signing in asks for a code."""
    return db.session.scalar(select(SecondFactor.organizer_id).where(
        SecondFactor.organizer_id == organizer_id, SecondFactor.sealed.is_not(None))) is not None


def codes_left(organizer_id: int) -> int:
    """How many recovery codes are not used yet."""
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(
        RecoveryCode.organizer_id == organizer_id, RecoveryCode.used_at.is_(None))) or 0


def begin(organizer_id: int, key: bytes) -> None:
    """Make a fresh secret wait for its first code; the one in use stays until then. `key` is settings.secret_key."""
    pending = totp.sealed(totp.new_secret(), key, organizer_id)
    db.session.execute(
        db.insert(SecondFactor).values(organizer_id=organizer_id, pending=pending, last_step=0)
        .on_conflict_do_update(index_elements=["organizer_id"], set_={"pending": pending}))


def confirm(organizer_id: int, key: bytes, text: str) -> list[str]:
    """The first code of the waiting secret: from now on it is the second factor. Returns ten new recovery codes.

    Raises Refusal for a wrong code, and when nothing waits.
    """
    factor = db.session.get(SecondFactor, organizer_id, with_for_update=True)
    secret = totp.opened(factor.pending, key, organizer_id) if factor is not None and factor.pending else None
    if factor is None or secret is None:
        raise Refusal(_("Nothing is being set up. Begin with the code to scan."), reason="nothing_pending")
    step = totp.matching_step(secret, text, clock.now(), 0)
    if step is None:
        raise Refusal(_("That is not the code the app shows now. Check that its clock is right, and enter the next "
                        "one."), status=422, reason="wrong_code", field="code")
    factor.sealed, factor.pending, factor.confirmed_at = factor.pending, None, clock.now()
    factor.last_step = step
    log.write("organizer.factor_set", f"organizer:{organizer_id}")
    return _new_codes(organizer_id, key)


def renew_codes(organizer_id: int, key: bytes) -> list[str]:
    """Ten new recovery codes; the old ones are dead. Raises Refusal without a second factor."""
    if not is_on(organizer_id):
        raise Refusal(_("Recovery codes belong to a second factor. Set that up first."), reason="no_factor")
    log.write("organizer.codes_renewed", f"organizer:{organizer_id}")
    return _new_codes(organizer_id, key)


def take(organizer_id: int, key: bytes, text: str) -> str | None:
    """Use up a code of the app, or a recovery code; says which ("app", "recovery"), None for a wrong one.

    Each is taken once, also when two requests bring the same one at the same moment.
    """
    factor = find(organizer_id)
    secret = totp.opened(factor.sealed, key, organizer_id) if factor is not None and factor.sealed else None
    if factor is not None and secret is not None:
        step = totp.matching_step(secret, text, clock.now(), factor.last_step)
        if step is not None:
            taken = db.session.scalar(
                update(SecondFactor).where(SecondFactor.organizer_id == organizer_id, SecondFactor.last_step < step)
                .values(last_step=step).returning(SecondFactor.organizer_id))
            return "app" if taken is not None else None
    used = db.session.scalar(
        update(RecoveryCode).where(
            RecoveryCode.organizer_id == organizer_id, RecoveryCode.code_hash == _code_hash(key, organizer_id, text),
            RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now()).returning(RecoveryCode.id))
    if used is None:
        return None
    log.write("organizer.recovery_code_used", f"organizer:{organizer_id}")
    return "recovery"


def refuse(organizer_id: int) -> None:
    """Note a wrong code: somebody knew the password."""
    log.write("organizer.code_refused", "visitor", organizer_id=organizer_id)


def remove(organizer_id: int) -> None:
    """The organizer gives their second factor up themselves."""
    if _delete(organizer_id):
        log.write("organizer.factor_removed", f"organizer:{organizer_id}")
    db.session.flush()


def lift(organizer_id: int, by: str, event_id: int | None = None) -> bool:
    """Somebody who may takes a lost factor off; the person is mailed. False when there was none."""
    if db.session.get(Organizer, organizer_id) is None:
        raise NotFound
    if not _delete(organizer_id):
        return False
    log.write("organizer.factor_lifted", by, event_id, organizer_id=organizer_id)
    planning.plan(LIFTED, f"organizer:{organizer_id}:{clock.now():%Y%m%d%H%M%S}", subject_id=organizer_id, urgency=1)
    db.session.flush()
    return True


def may_try(organizer_id: int, known_browser_id: int | None) -> bool:
    """Take one of the tries to enter a code; False when they are used up.

    A browser that was this organizer before has tries of its own, so that nobody else can use them up.
    """
    return budgets.spend(_tries_key(organizer_id, known_browser_id), TRIES, TRIES_SPAN)


def give_tries_back(organizer_id: int, known_browser_id: int | None) -> None:
    """After the right code."""
    budgets.clear(_tries_key(organizer_id, known_browser_id), TRIES_SPAN)


def _tries_key(organizer_id: int, browser_id: int | None) -> str:
    return f"factor:organizer:{organizer_id}" + (f":browser:{browser_id}" if browser_id else "")


def _delete(organizer_id: int) -> bool:
    """Factor, codes and half sign-ins; whether a factor was in use."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.organizer_id == organizer_id))
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.organizer_id == organizer_id))
    gone = db.session.execute(
        delete(SecondFactor).where(SecondFactor.organizer_id == organizer_id)
        .returning(SecondFactor.confirmed_at)).all()
    return any(row.confirmed_at is not None for row in gone)


def _new_codes(organizer_id: int, key: bytes) -> list[str]:
    made: list[str] = []
    while len(made) < CODES:
        text = "".join(secrets.choice(links.ALPHABET) for _letter in range(CODE_LETTERS))
        # Six figures are a code of the app: what could be one is not a recovery code.
        if text not in made and not text.isdecimal():
            made.append(text)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.organizer_id == organizer_id))
    db.session.add_all([RecoveryCode(organizer_id=organizer_id, code_hash=_code_hash(key, organizer_id, text))
                        for text in made])
    db.session.flush()
    half = CODE_LETTERS // 2
    return [f"{text[:half]}-{text[half:]}" for text in made]


def _code_hash(key: bytes, organizer_id: int, text: str) -> str:
    """50 random bits are out of reach for a thief of the database without the key, and tries are budgeted."""
    message = f"recovery-code\x00{organizer_id}\x00{links.folded(text[:40])}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()
