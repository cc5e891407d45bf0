"""Forms of events: the event itself, its programme file, desk passes, the team."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from eventnet import clock, words
from eventnet.errors import Refusal
from eventnet.events import privacy, regions, slugs, times
from eventnet.events.models import Event
from eventnet.words import gettext
from eventnet.words import later as _

HOUR = timedelta(hours=1)
LANGUAGE_NAMES = {"en": "English"}
WORDS = ("name", "venue", "language", "swap_policy", "names_policy", "retention_months", "retention_days", "controller",
         "controller_email", "protection_officer", "purpose", "legal_basis", "legal_basis_words", "hosting", "region")
# The first one is how browsers write and read a local date-time; the others are typed without a picker.
LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
NO_TIME = _("That is not a date with a time. Write it as 2026-10-15 18:00.")
HOURS = (Optional(), NumberRange(0, 720, _("Choose 0 to 720 hours.")))


def _local_time(label: Any, validator: Any) -> DateTimeLocalField:
    return DateTimeLocalField(label, (validator,), format=LOCAL, invalid_value_message=NO_TIME)


def _whole_number(label: Any, *validators: Any, default: int) -> IntegerField:
    return IntegerField(label, validators, default=default, invalid_value_message=_("That is not a whole number."))


class EventForm(Form):
    """An event as a person describes it: times on the clock of its zone."""

    name = StringField(_("Name"), (InputRequired(_("Give the event a name.")),))
    slug = StringField(_("Short name"), (Optional(),))
    zone = StringField(_("Time zone"), (InputRequired(_("Choose the time zone of the venue.")),))
    starts_at = _local_time(_("Starts"), InputRequired(_("Say when the event starts.")))
    ends_at = _local_time(_("Ends"), InputRequired(_("Say when the event ends.")))
    venue = StringField(_("Venue"), (Optional(),))
    region = SelectField(_("Country of phone numbers"), (Optional(),))
    language = SelectField(_("Language"))
    swap_policy = RadioField(_("Attendees begin with"), choices=[
        SelectChoice("at_once", _("Swap at once when scanned")), SelectChoice("ask", _("Ask me first")),
        SelectChoice("paused", _("No swaps yet"))], default="at_once")
    names_policy = RadioField(_("Organizers see"), choices=[
        SelectChoice("numbers", _("Numbers only")),
        SelectChoice("alone", _("Who met nobody, by name")),
        SelectChoice("pairs", _("Who met whom, by name"))], default="numbers")
    swaps_before = _whole_number(_("Opens, hours before the start"), *HOURS, default=24)
    swaps_after = _whole_number(_("Closes, hours after the end"), *HOURS, default=72)
    swaps_burst = _whole_number(
        _("Most swaps of one person in ten minutes"), Optional(), NumberRange(10, 600, _("Choose 10 to 600 swaps.")),
        default=60)
    swaps_daily = _whole_number(
        _("Most swaps of one person in a day"), Optional(), NumberRange(50, 3000, _("Choose 50 to 3000 swaps.")),
        default=300)
    swaps_open_at = _local_time(_("Swapping opens exactly at"), Optional())
    swaps_close_at = _local_time(_("Swapping closes exactly at"), Optional())
    retention_months = _whole_number(
        _("Months until everything is forgotten"), InputRequired(_("Choose 1 to 24 months.")),
        NumberRange(1, 24, _("Choose 1 to 24 months.")), default=13)
    retention_days = IntegerField(_("Or days"), (
        Optional(), NumberRange(7, 60, _("Choose 7 to 60 days, or leave it empty."))),
        invalid_value_message=_("That is not a whole number."))
    # Not marked as optional: an event can be saved without them, but no mail leaves (privacy.NEEDED).
    controller = TextAreaField(_("Who answers for the data"))
    controller_email = EmailField(_("Their e-mail address"))
    protection_officer = TextAreaField(_("Data protection officer"), (Optional(),))
    purpose = TextAreaField(_("What the data is for"))
    legal_basis = SelectField(_("Legal basis"), validate_choice=False)
    legal_basis_words = TextAreaField(_("In your own words"), (Optional(),))
    hosting = TextAreaField(_("Where the server stands, and who runs it"))
    is_sensitive = BooleanField(_("This is a sensitive event"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unsaid = SelectChoice("", gettext("That of the time zone"))
        self.region.choices = [unsaid, *(SelectChoice(code, name) for code, name in regions.countries())]
        self.legal_basis.choices = [
            SelectChoice("", gettext("Not said yet")),
            *(SelectChoice(basis, privacy.basis_label(basis)) for basis in privacy.BASES)]
        self.language.choices = [SelectChoice(code, LANGUAGE_NAMES.get(code, code)) for code in words.LANGUAGES]

    def _zone(self) -> str:
        return " ".join((self.zone.data or "").split())

    def validate_zone(self, _field: StringField) -> None:
        """A name that the machine knows but that no one chooses ("EST5EDT") is refused as well."""
        if self._zone() not in regions.zones():
            raise ValidationError(gettext(
                "%(zone)s is not a time zone. Choose one from the list, such as Europe/Berlin.",
                zone=repr(self._zone())))

    @classmethod
    def of(cls, event: Event) -> EventForm:
        """The form as it stands for an event; a window of whole hours is shown as hours."""
        data = {name: getattr(event, name) for name in (*WORDS, "slug", "zone")}
        data["is_sensitive"] = event.is_sensitive
        data.update(swaps_burst=event.swaps_burst, swaps_daily=event.swaps_daily)
        for name in ("starts_at", "ends_at"):
            data[name] = times.local(getattr(event, name), event.zone)
        before, after = event.starts_at - event.swaps_open_at, event.swaps_close_at - event.ends_at
        if before % HOUR or after % HOUR or min(before, after) < timedelta(0):
            data["swaps_open_at"] = times.local(event.swaps_open_at, event.zone)
            data["swaps_close_at"] = times.local(event.swaps_close_at, event.zone)
            data["swaps_before"] = data["swaps_after"] = None
        else:
            data["swaps_before"], data["swaps_after"] = before // HOUR, after // HOUR
        return cls(data=data)

    def values(self, current: Event | None = None) -> tuple[dict[str, Any], list[str]]:
        """The fields of calendar.Details (without slug), and notes about times that come twice.

        A time that still reads as that of `current` stays the same moment. Raises Refusal with `field`.
        """
        zone, notes = self._zone(), list[str]()

        def moment(name: str, *, last: bool) -> datetime | None:
            local = self[name].data
            if local is None:
                return None
            if current is not None and current.zone == zone and local == times.local(getattr(current, name), zone):
                found: datetime = getattr(current, name)
                return found
            try:
                resolved = times.resolve(local, zone, last=last)
            except ValueError as error:
                raise Refusal(str(error), status=422, reason="invalid", field=name) from None
            notes.extend([resolved.note] if resolved.note else [])
            return resolved.at

        starts_at, ends_at = moment("starts_at", last=False), moment("ends_at", last=True)
        assert starts_at is not None
        assert ends_at is not None
        opens_at = moment("swaps_open_at", last=False)
        closes_at = moment("swaps_close_at", last=True)
        found: dict[str, Any] = {name: self[name].data for name in WORDS}
        found.update({name: found[name] or "" for name in WORDS if not name.startswith("retention")})
        since = current.sensitive_since if current is not None else None
        found["sensitive_since"] = (since or clock.now()) if self.is_sensitive.data else None
        found.update(zone=zone, starts_at=starts_at, ends_at=ends_at)
        found["swaps_burst"] = self.swaps_burst.data or (current.swaps_burst if current else 60)
        found["swaps_daily"] = self.swaps_daily.data or (current.swaps_daily if current else 300)
        before = 24 if self.swaps_before.data is None else self.swaps_before.data
        after = 72 if self.swaps_after.data is None else self.swaps_after.data
        found["swaps_open_at"] = opens_at or starts_at - before * HOUR
        found["swaps_close_at"] = closes_at or ends_at + after * HOUR
        return found, notes

    def short_name(self, is_free: Callable[[str], bool]) -> str:
        """What was typed, else a proposal from name and year."""
        typed = (self.slug.data or "").strip()
        return typed or slugs.propose(self.name.data or "", self.starts_at.data.year, is_free)

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal beside the field that it is about."""
        name = refusal.field if refusal.field in self else "name"
        self[name].errors = [*self[name].errors, refusal.sentence]


class ProgrammeForm(Form):
    """The programme as a file."""

    file = FileField(_("Programme file"))


class TeamForm(Form):
    """An invitation to the team: to which address, as what."""

    email = EmailField(_("E-mail"), (InputRequired(_("Enter an e-mail address.")),))
    role = SelectField(_("Role"), choices=[
        SelectChoice("manager", _("Manager: attendees, badges, mails, settings")),
        SelectChoice("owner", _("Owner: everything, also the team")),
        SelectChoice("desk", _("Desk: find people and check them in")),
        SelectChoice("viewer", _("Viewer: the numbers, no names"))])


class DeskPassForm(Form):
    """A desk pass: until when, and its PIN."""

    until = SelectField(_("Until"))
    pin = StringField(_("PIN"), (Optional(),))

    @classmethod
    def of(cls, event: Event, ends: Sequence[datetime], formdata: Any = None) -> DeskPassForm:
        """The form with the ends to choose from, tonight first."""
        form = cls(formdata)
        form.until.choices = [SelectChoice(at.isoformat(), _until(event, at, is_first=at == ends[0])) for at in ends]
        return form

    def end(self) -> datetime:
        """The chosen moment."""
        return datetime.fromisoformat(self.until.data)

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal beside the field that it is about."""
        field = self.pin if refusal.field == "pin" else self.until
        field.errors = [*field.errors, refusal.sentence]


def _until(event: Event, at: datetime, *, is_first: bool) -> str:
    day = words.weekday(at - timedelta(seconds=1), event.tz)
    if at == event.ends_at:
        return gettext("the event’s end: %(day)s, %(time)s", day=day, time=words.time(at, event.tz))
    return gettext("tonight, the end of %(day)s", day=day) if is_first else gettext("the end of %(day)s", day=day)
