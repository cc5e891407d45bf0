"""The programs that attendee lists come from: how each one's file is recognised and what is special in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """One exporting program.

    It is recognised by headings that are all there (`signs`, any of the sets); all are normalized. `columns`
    says what headings mean here against the general lists; an empty text means: leave it out. `key` names the
    fields whose values together never change for one ticket. `only_live` lists the states that count, where
    everything else does not.
    """

    name: str
    label: str
    signs: Sequence[frozenset[str]]
    columns: Mapping[str, str] = field(default_factory=dict)
    key: Sequence[str] = ()
    only_live: frozenset[str] = frozenset()


def _sets(*signs: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(sign.split("|")) for sign in signs)


# "Email" is the buyer's; "Company" comes twice, the first one is the attendee's.
_PRETIX = {"email": "", "phone number": "phone", "country": "", "state": "", "company": "organization",
           "attendee name": "registered_name", "attendee email": "email", "name": "",
           "attendee name given name": "given_name", "attendee name family name": "family_name",
           "bestellcode": "order", "teilnehmername": "registered_name", "teilnehmer name": "registered_name",
           "teilnehmer email": "email", "positionsid": "position",
           "positions id": "position", "firma": "organization", "produkt": "ticket"}
_TITO = {"ticket": "ticket", "number": "", "name": "", "email": "", "ticket reference": "id", "company": "",
         "phone": "", "school": "school", "order reference": "order", "title": ""}

# The first one that fits counts, so the narrower descriptions stand first.
SOURCES: tuple[Source, ...] = (
    Source("eventnet", "eventnet", _sets("external key|registered name|badge name"), key=("external_key",)),
    Source("eventyay", "eventyay", _sets("order code|position id|attendee name|sales channel|payment providers"),
           _PRETIX, ("order", "position")),
    Source("pretix", "pretix", _sets("order code|position id|attendee name", "bestellcode|positions id"),
           _PRETIX, ("order", "position")),
    Source("pretix_check_in", "pretix check-in list", _sets(
        "order code|attendee name|checked in", "order code|attendee name|product",
        "bestellcode|teilnehmername|eingecheckt"),
        # Here "E-mail" is the attendee's where the shop knows it.
        {**_PRETIX, "email": "email", "checked in": ""}),
    Source("open_event", "Open Event", _sets("order no|first name|last name|payment type"),
           {"company": "organization", "occupation": "title", "country": "", "state": ""}),
    Source("eventbrite", "Eventbrite", _sets(
        "order id|attendee first name|attendee last name", "order no|first name|last name|ticket type",
        "order no|first name|surname|ticket type", "order no|attendee no", "order no|attendee status"),
        {"attendee no": "id", "status": "status", "attendee status": "status", "event id": "", "group": "",
         "phone number": "phone", "order type": "", "title": "title", "prefix": ""},
        ("id",)),
    Source("luma", "Luma", _sets("api id|name|approval status", "api id|name|email|created at",
                                 "guest id|approval status"),
           {"api id": "id", "guest id": "id", "approval status": "status", "ticket type id": "",
            "name": "registered_name"},
           ("id",), frozenset({"approved", "going", "checked in"})),
    Source("meetup", "Meetup", _sets("name|user id|rsvp", "name|user id|rsvped on", "name|member id|joined group on",
                                     "name|user id|joined group on"),
           {"user id": "id", "member id": "id", "title": "", "rsvp": "status", "attendance": "", "intro": "",
            "location": "", "event host": ""}, ("id",)),
    Source("indico", "Indico", _sets("id|name|registration date", "id|name|registration state",
                                     "id|name|first name|last name|affiliation"),
           {"title": "", "registration state": "status", "name": "registered_name"}, ("id",)),
    Source("hi_events", "Hi.Events", _sets("id|first name|last name|product id|public id",
                                           "id|first name|last name|short id"),
           {"public id": "id", "id": "", "product id": "", "event id": "", "short id": ""}, ("id",)),
    Source("alf_io", "alf.io", _sets("id|category|reservationid", "id|category|event|full name",
                                     "id|category|reservation id"),
           {"category": "ticket", "external reference": "", "full name": "registered_name"}, ("id",)),
    Source("attendize", "Attendize", _sets("first name|last name|ticket id|has arrived",
                                           "first name|last name|ticket id|reference"),
           {"reference": "", "ticket id": "id"}, ("id",)),
    Source("tito", "Tito", _sets("ticket full name|ticket email",
                                 "ticket first name|ticket last name|ticket reference"),
           _TITO, ("id",)),
    Source("linkedin", "LinkedIn connections", _sets("first name|last name|url|connected on",
                                                     "first name|last name|connected on"),
           {"url": "linkedin"}, ("linkedin",)),
    Source("google", "Google contacts", _sets("given name|family name|email 1 value",
                                              "first name|last name|email 1 value"),
           {"email 1 value": "email", "phone 1 value": "phone", "organization 1 name": "organization",
            "organization 1 title": "title", "organization name": "organization", "organization title": "title",
            "name prefix": "", "nickname": ""}),
    Source("outlook", "Outlook contacts", _sets("first name|last name|email address|mobile phone",
                                                "first name|middle name|last name|email address"),
           {"web page": "website"}),
)
UNKNOWN = Source("unknown", "a list of its own kind", (), key=("id",))
BY_NAME = {source.name: source for source in (*SOURCES, UNKNOWN)}


def recognised(headings: Sequence[str]) -> Source:
    """The source whose file has these normalized headings; UNKNOWN when none fits."""
    here = frozenset(headings)
    for source in SOURCES:
        if any(sign <= here for sign in source.signs):
            if source.name == "eventyay" and here & {"follow up date", "email address verified"}:
                continue
            return source
    return UNKNOWN


# States of a ticket or registration that mean: this person is not coming, or not yet.
_DEAD = frozenset({
    "not attending", "refunded", "refund", "canceled", "cancelled", "cancellation", "pending", "declined", "rejected",
    "withdrawn", "waitlist", "waitlisted", "on waitlist", "waiting list", "waiting", "void", "voided", "expired",
    "deleted", "transferred", "released", "invalidated", "invalid", "unpaid", "awaiting payment", "overdue", "invited",
    "no", "n", "not going", "no show", "abandoned", "incomplete", "draft", "initializing", "to be paid",
    "offline payment", "pending approval", "pending payment", "charged back", "blocked", "unassigned",
    "storniert", "abgesagt", "ausstehend", "abgelaufen", "erstattet", "uberfallig", "warteliste", "abgelehnt", "nein",
    "annule", "annulee", "rembourse", "remboursee", "en attente", "refuse", "refusee", "expire", "non",
    "cancelado", "cancelada", "reembolsado", "reembolsada", "pendiente", "rechazado", "anulado", "pendente",
    "annullato", "annullata", "rimborsato", "in attesa", "geannuleerd", "terugbetaald", "in afwachting", "nee",
    "avbokad", "aterbetald", "installt", "avbruten", "anulowane", "zwrocone", "zruseno", "iptal", "отменен", "отменено",
    "возвращен",
})


def is_live(source: Source, state: str) -> bool:
    """Whether a normalized state means that the person comes; no state does, except where `only_live` is known."""
    if source.only_live:
        return state in source.only_live
    return state not in _DEAD


CATEGORY_WORDS: Mapping[str, Sequence[str]] = {
    "speaker": ("speaker", "speakers", "presenter", "panelist", "panellist", "keynote", "referent", "referentin",
                "sprecher", "sprecherin", "orateur", "intervenant", "ponente", "relatore", "spreker", "talare"),
    "sponsor": ("sponsor", "sponsors", "exhibitor", "exhibitors", "aussteller", "partner", "exposant", "expositor"),
    "staff": ("staff", "crew", "volunteer", "volunteers", "organizer", "organiser", "organizers", "team", "helfer",
              "helferin", "orga", "benevole", "voluntario", "volontario", "vrijwilliger"),
    "attendee": ("attendee", "participant", "guest", "visitor", "delegate", "teilnehmer", "besucher", "gast"),
}


def category_of(text: str) -> str | None:
    """The category that a normalized ticket or role name tells: "Speaker ticket (free)" is a speaker."""
    words = set(text.split())
    return next((category for category, known in CATEGORY_WORDS.items() if words & set(known)), None)
