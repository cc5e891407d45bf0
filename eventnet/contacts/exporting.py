"""An address book on its way out: people as vCards and as rows of a spreadsheet, private notes only if asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventnet import words
from eventnet.cards import fields
from eventnet.contacts import spreadsheets, vcards
from eventnet.contacts.address_book import PersonMet
from eventnet.contacts.models import KeptName
from eventnet.contacts.vcards import CardText
from eventnet.events.models import Event
from eventnet.words import gettext as _


def card_text(event: Event, person: PersonMet, host: str, *, with_note: bool = False) -> CardText:
    """What the vCard of a person says: their card as I may see it, and where we met."""
    notes = []
    if person.first_at is not None:
        notes.append(_("Met at %(event)s on %(day)s, %(time)s.", event=event.name,
                       day=words.full_day(person.first_at.astimezone(event.tz).date()),
                       time=words.time(person.first_at, event.tz)))
    if with_note:
        notes += [person.note, _("I promised: %(what)s", what=person.promise) if person.promise else "",
                  ", ".join(person.tags)]
    return CardText(
        uid=vcards.uid(host, event.id, person.id), values=person.values, changed_at=person.changed_at,
        given_name=person.given_name, family_name=person.family_name, notes=tuple(filter(None, notes)),
        categories=(event.name,))


def bundle(event: Event, people: Iterable[PersonMet], host: str, *, with_notes: bool = False,
           kept: Sequence[KeptName] = ()) -> str:
    """All cards in one .vcf; `kept`: names of people who are deleted since, as plain entries."""
    return vcards.bundle([
        *(card_text(event, person, host, with_note=with_notes) for person in people),
        *(_kept_text(event, one, host, with_notes) for one in kept)])


def _kept_text(event: Event, kept: KeptName, host: str, with_note: bool) -> CardText:
    met = kept.met_on
    notes = [_("Met at %(event)s on %(day)s.", event=event.name, day=words.full_day(met)) if met else ""]
    if with_note:
        notes += [kept.note, _("I promised: %(what)s", what=kept.promise) if kept.promise else "", ", ".join(kept.tags)]
    return CardText(uid=f"kept-{vcards.uid(host, event.id, kept.id)}", values={"name": kept.name},
                    changed_at=event.ends_at, notes=tuple(filter(None, notes)), categories=(event.name,))


def spreadsheet(event: Event, people: Iterable[PersonMet], *, with_notes: bool = False,
                kept: Sequence[KeptName] = ()) -> str:
    """The address book as CSV; times are the event's. `kept` as for `bundle`."""
    heading = [*(fields.label(name) for name in fields.FIELDS), _("First met"), _("Last met"), _("Times")]
    if with_notes:
        heading += [_("Note"), _("I promised"), _("Tags"), _("Good talk")]
    return spreadsheets.spreadsheet(heading, [
        *(_row(event, person, with_notes) for person in people), *(_kept_row(one, with_notes) for one in kept)])


def _kept_row(kept: KeptName, with_notes: bool) -> list[str]:
    row = [kept.name if name == "name" else "" for name in fields.FIELDS]
    row += [kept.met_on.isoformat() if kept.met_on else "", "", ""]
    return [*row, kept.note, kept.promise, ", ".join(kept.tags), ""] if with_notes else row


def _row(event: Event, person: PersonMet, with_notes: bool) -> list[str]:
    row = [person.values.get(name, "") for name in fields.FIELDS]
    for at in (person.first_at, person.last_at):
        row.append(at.astimezone(event.tz).strftime("%Y-%m-%d %H:%M") if at else "")
    row.append(str(person.times) if person.times else "")
    if with_notes:
        row += [person.note, person.promise, ", ".join(person.tags), _("yes") if person.starred_at else ""]
    return row
