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
from eventnet.cards import fields, values, wishes, wordings
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
    suggest_me = BooleanField(wordings.now().suggest)
    tells = BooleanField(later("Tell people when I take something back"))
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
                 summary_email_before: str = "", **kwargs: object) -> None:
        super().__init__(formdata, **kwargs)
        self.attendee, self.region, self.summary_email_before = attendee, region, summary_email_before
        self.looking.choices = [(phrase, wishes.looking_label(phrase)) for phrase in wishes.LOOKING]
        self.offering.choices = [(phrase, wishes.offering_label(phrase)) for phrase in wishes.OFFERING]
        self.swap_policy.choices = [(policy, policy_label(policy)) for policy in POLICIES]
        self.summary_detail.choices = [
            ("full", _("Everything")), ("names", _("Names only")), ("link", _("Only a link"))]
        for field in CHOSEN_FIELDS:
            self.switch(field).label.text = fields.label(field)
        # It is how they sign in and get mail: changed or added only with a code mailed to the new address.
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
                    "Add your e-mail address first, then switch this on.") if field == "email" else _(
                    "You share this, so write it here; or switch it off above.")]
                is_good = False
        return is_good

    def choice(self) -> Choice:
        """What was chosen, of a form that is valid."""
        summary_email = self.summary_email.data or "" if self.summary_email.raw_data else self.summary_email_before
        return Choice(
            shared=self.ticked(),
            suggest_me=bool(self.suggest_me.data), swap_policy=self.swap_policy.data,
            looking_for=wishes.joined(self.looking.data or (), self.looking_own.data or ""),
            offering=wishes.joined(self.offering.data or (), self.offering_own.data or ""),
            interests=self.interests.data or "",
            summary_email="" if summary_email == self.attendee.email else summary_email,
            summary_detail=self.summary_detail.data, tells=bool(self.tells.data))

    def ticked(self) -> tuple[str, ...]:
        """The fields that are switched on."""
        return tuple(field for field in CHOSEN_FIELDS if self.switch(field).data)

    def details(self) -> dict[str, str]:
        """The person's own corrections of what the list says about them; what was not sent stays."""
        return {name: self._value(name) for name in ("title", "organization", "phone", "linkedin", "website")}

    def typed(self, name: str) -> bool:
        """Whether a contact field was filled in on this screen."""
        return name != "email" and bool(self[name].raw_data)

    def has_new_tick(self, card: Card | None) -> bool:
        """Whether something is ticked that was not ticked before: people do that, programs that press buttons do not.

        Some mail scanners open every link and submit every form they see; none ticks a box.
        """
        was_shared = card.shared if card else ()
        if set(self.ticked()) - set(was_shared) or (self.suggest_me.data and not (card and card.suggest_me_at)):
            return True
        looking, _own = wishes.split(card.looking_for if card else "", wishes.LOOKING)
        offering, _own = wishes.split(card.offering if card else "", wishes.OFFERING)
        return bool(set(self.looking.data or ()) - set(looking) or set(self.offering.data or ()) - set(offering))

    def veil(self) -> None:
        """Show no contact detail that was not typed on this screen."""
        for name in (*CHOSEN_FIELDS, "summary_email"):
            if not self.typed(name):
                self[name].data = ""

    def _value(self, name: str) -> str:
        """What will stand in a contact field: what was sent, else what is known."""
        return str(self[name].data or "" if self.typed(name) else getattr(self.attendee, name))


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
