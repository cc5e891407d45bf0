"""Forms of events: the event itself and its programme file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from wtforms import (
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

from eventnet import words
from eventnet.errors import Refusal
from eventnet.events import regions, slugs, times
from eventnet.events.models import Event
from eventnet.words import gettext
from eventnet.words import later as _

HOUR = timedelta(hours=1)
LANGUAGE_NAMES = {"en": "English"}
WORDS = ("name", "venue", "language", "swap_policy", "retention_months", "controller", "controller_email", "region")
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
    swaps_before = _whole_number(_("Opens, hours before the start"), *HOURS, default=24)
    swaps_after = _whole_number(_("Closes, hours after the end"), *HOURS, default=72)
    swaps_open_at = _local_time(_("Swapping opens exactly at"), Optional())
    swaps_close_at = _local_time(_("Swapping closes exactly at"), Optional())
    retention_months = _whole_number(
        _("Months until everything is forgotten"), InputRequired(_("Choose 1 to 24 months.")),
        NumberRange(1, 24, _("Choose 1 to 24 months.")), default=13)
    controller = TextAreaField(_("Who answers for the data"), (Optional(),))
    controller_email = EmailField(_("Their e-mail address"), (Optional(),))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unsaid = SelectChoice("", gettext("That of the time zone"))
        self.region.choices = [unsaid, *(SelectChoice(code, name) for code, name in regions.countries())]
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
        found.update({name: found[name] or "" for name in ("venue", "controller", "controller_email", "region")})
        found.update(zone=zone, starts_at=starts_at, ends_at=ends_at)
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
