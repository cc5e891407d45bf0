"""The card screen as a form: ticks, own details, wishes, what happens on a scan, and where the summary goes."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    EmailField,
    Form,
    RadioField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
    ValidationError,
)
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from eventnet.attendees.models import Attendee
from eventnet.cards import fields, values, wishes
from eventnet.cards.choosing import Choice
from eventnet.cards.fields import CHOSEN_FIELDS
from eventnet.cards.models import Card
from eventnet.words import gettext as _
from eventnet.words import later

POLICIES = ("at_once", "ask", "paused")
_TOO_LONG = later("That is too long: 200 characters at most.")


class _Tags(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def policy_label(policy: str) -> str:
    """What happens when somebody scans me, in words."""
    return {"at_once": _("Swap at once"), "ask": _("Ask me first"), "paused": _("Paused: nobody gets anything")}[policy]


class CardForm(Form):
    """Everything that "This is your card" asks."""

    share_email = BooleanField()
    share_phone = BooleanField()
    share_linkedin = BooleanField()
    share_website = BooleanField()
    suggest_me = BooleanField(later("Suggest me to people here"))
    title = StringField(later("Title"), [Length(max=200, message=_TOO_LONG)])
    organization = StringField(later("Organization"), [Length(max=200, message=_TOO_LONG)])
    email = EmailField(later("E-mail"), [Length(max=254, message=_TOO_LONG)])
    phone = TelField(later("Phone"), [Length(max=60, message=later("That is too long for a phone number."))])
    linkedin = StringField(later("LinkedIn"), [Length(max=500, message=_TOO_LONG)])
    website = URLField(later("Website"), [Length(max=500, message=_TOO_LONG)])
    looking = _Tags(later("I’m looking for"))
    looking_own = StringField(later("In your own words"), [Length(max=wishes.LONGEST_OWN, message=_TOO_LONG)])
    offering = _Tags(later("I offer"))
    offering_own = StringField(later("In your own words"), [Length(max=wishes.LONGEST_OWN, message=_TOO_LONG)])
    interests = TextAreaField(later("What I like to talk about"), [Length(max=500, message=later(
        "That is too long: 500 characters at most."))])
    swap_policy = RadioField(later("When someone scans me"))
    summary_email = EmailField(later("Where your summary goes"), [Length(max=254, message=_TOO_LONG)])
    summary_detail = RadioField(later("How much the mail says"))

    def __init__(self, formdata: object = None, *, attendee: Attendee, region: str, policy: str = "at_once",
                 **kwargs: object) -> None:
        super().__init__(formdata, **kwargs)
        self.attendee, self.region = attendee, region
        self.looking.choices = [(phrase, wishes.looking_label(phrase)) for phrase in wishes.LOOKING]
        self.offering.choices = [(phrase, wishes.offering_label(phrase)) for phrase in wishes.OFFERING]
        self.swap_policy.choices = [(policy, policy_label(policy)) for policy in POLICIES]
        self.summary_detail.choices = [
            ("full", _("Everything")), ("names", _("Names only")), ("link", _("Only a link"))]
        for field in CHOSEN_FIELDS:
            self.switch(field).label.text = fields.label(field)
        if attendee.email:
            # It is how they sign in and get mail, so a borrowed phone must not be able to change it.
            self.email.data = attendee.email
        self.swap_policy.data = self.swap_policy.data or policy
        self.summary_detail.data = self.summary_detail.data or "full"
        self.doubtful_phone = False

    def switch(self, field: str) -> BooleanField:
        """The tick that shares `field`."""
        found: BooleanField = self[f"share_{field}"]
        return found

    def validate_linkedin(self, field: StringField) -> None:
        _clean(field, values.clean_linkedin)

    def validate_website(self, field: StringField) -> None:
        _clean(field, values.clean_website)

    def validate_email(self, field: StringField) -> None:
        if not self.attendee.email:
            _clean(field, values.clean_email)

    def validate_summary_email(self, field: StringField) -> None:
        _clean(field, values.clean_email)

    def validate_phone(self, field: StringField) -> None:
        field.data, is_number = values.clean_phone(field.data or "", self.region)
        self.doubtful_phone = not is_number

    def validate(self, extra_validators: object = None) -> bool:
        """As WTForms; a ticked field needs something to share."""
        is_good = bool(super().validate(extra_validators))
        for field in CHOSEN_FIELDS:
            if self.switch(field).data and not self._value(field):
                self[field].errors = [*self[field].errors, _(
                    "You share this, so write it here; or switch it off above.")]
                is_good = False
        return is_good

    def choice(self) -> Choice:
        """What was chosen, of a form that is valid."""
        summary_email = self.summary_email.data or ""
        return Choice(
            shared=tuple(field for field in CHOSEN_FIELDS if self.switch(field).data),
            suggest_me=bool(self.suggest_me.data), swap_policy=self.swap_policy.data,
            looking_for=wishes.joined(self.looking.data or (), self.looking_own.data or ""),
            offering=wishes.joined(self.offering.data or (), self.offering_own.data or ""),
            interests=self.interests.data or "",
            summary_email="" if summary_email == self.attendee.email else summary_email,
            summary_detail=self.summary_detail.data)

    def details(self) -> dict[str, str]:
        """The person's own corrections of what the list says about them; what was not sent stays."""
        names = ["title", "organization", "phone", "linkedin", "website"]
        return {name: self._value(name) for name in (names if self.attendee.email else [*names, "email"])}

    def _value(self, name: str) -> str:
        """What will stand in a contact field: what was sent, else what is known."""
        return str(self[name].data or "" if self[name].raw_data else getattr(self.attendee, name))


def filled(attendee: Attendee, card: Card | None, policy: str) -> dict[str, object]:
    """What the screen shows before anything is typed: the card as it is, or everything off."""
    looking, looking_own = wishes.split(card.looking_for if card else "", wishes.LOOKING)
    offering, offering_own = wishes.split(card.offering if card else "", wishes.OFFERING)
    return {
        **{f"share_{field}": card is not None and field in card.shared for field in CHOSEN_FIELDS},
        **{name: getattr(attendee, name)
           for name in ("title", "organization", "email", "phone", "linkedin", "website")},
        "suggest_me": card is not None and card.suggest_me_at is not None,
        "looking": looking, "looking_own": looking_own, "offering": offering, "offering_own": offering_own,
        "interests": card.interests if card else "", "swap_policy": card.swap_policy if card else policy,
        "summary_email": (card.summary_email if card else "") or attendee.email,
        "summary_detail": card.summary_detail if card else "full",
    }


def _clean(field: StringField, clean: object) -> None:
    try:
        field.data = clean(field.data or "")  # type: ignore[operator]
    except values.Unusable as error:
        raise ValidationError(str(error)) from None
