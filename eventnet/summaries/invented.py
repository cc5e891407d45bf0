"""An invented attendee with invented contacts, so that the organizer can see the mail and nobody's data."""

from __future__ import annotations

from eventnet import words
from eventnet.events.models import Event
from eventnet.suggestions import reasons
from eventnet.suggestions.reasons import Reason, Told
from eventnet.summaries import digest
from eventnet.summaries.digest import Digest, Met, Place, Reader, Suggested
from eventnet.summaries.openers import Moment
from eventnet.words import gettext as _

KINDS = ("met", "alone", "asked")


def example(event: Event, base_url: str, kind: str = "met") -> Digest:
    """What a summary of this event will look like, of people who do not exist; its links lead nowhere."""
    here = Place(
        event=event.name, day=words.day(event.starts_at, event.tz), kept_until=words.full_day(event.retention_on),
        summary=f"{base_url}/e/{event.slug}/summary", people=f"{base_url}/e/{event.slug}/people",
        card=f"{base_url}/e/{event.slug}/card", privacy=f"{base_url}/e/{event.slug}/privacy",
        enter=f"{base_url}/e/{event.slug}/sign-in", unsubscribe=f"{base_url}/e/{event.slug}/privacy")
    suggested = (
        Suggested(101, "سميرة النجار", "Grid Lab", (_said(reasons.OFFERS, their_offer=_("grid planning")),)),
        Suggested(102, "Zoë Öztürk", "Solar Commons", (_said(reasons.COMMON),)),
    )
    if kind == "asked":
        return digest.make(Reader("Ada Example", "Ada", activated=False, waiting=3), here, (), (), in_mail=True)
    if kind == "alone":
        return digest.make(Reader("Ada Example", "Ada", profile_is_empty=True), here, (), suggested, in_mail=True)
    return digest.make(Reader("Ada Example", "Ada"), here, _people(event), suggested, in_mail=True, is_brief=True,
                       cards=14)


def _people(event: Event) -> list[Met]:
    day = words.weekday(event.starts_at, event.tz)

    def met(number: int, name: str, first: str, detail: str, time: str, **more: object) -> Met:
        return Met(number, name, first, detail, Moment(day, time), f"person{number}@people.example", **more)  # type: ignore[arg-type]

    return [
        met(1, "Grace Example", "Grace", "Rear Admiral, Navy", "19:40", note="COBOL, nanoseconds",
            promise=_("the paper on compilers"), phone="+1 202 555 0142"),
        met(2, "Linus Beispiel", "Linus", "Kernel Works", "20:05", starred=True, why=(_said(reasons.STAR),)),
        met(3, "Нина Примерова", "Нина", "Высокое напряжение", "20:20", why=(_said(reasons.COMMON),)),
        met(4, "例 花子", "例 花子", "株式会社 例", "20:31", why=(_said(reasons.LOOKS),)),
        met(5, "José Ejemplo", "José", "Universidad de Ejemplo", "20:40"),
        met(6, "Aoife Sampla", "Aoife", "Sampla Energy", "20:44"),
        met(7, "Søren Eksempel", "Søren", "Fjordkraft", "20:52"),
        met(8, "Chidi Example", "Chidi", "Lagos Grid", "21:03"),
        met(9, "Léa Exemple", "Léa", "Atelier Exemple", "21:10"),
        met(10, "أمل مثال", "أمل", "شركة المثال", "21:15"),
        met(11, "Mai Ví Dụ", "Mai", "Hanoi Solar", "21:20"),
        met(12, "Ravi Udaharan", "Ravi", "Udaharan Labs", "21:28"),
        met(13, "Örn Dæmi", "Örn", "Dæmi ehf.", "21:36"),
        met(14, "Kim Bogi", "Kim Bogi", "Bogi Industries", "21:41"),
    ]


def _said(kind: str, **told: str) -> str:
    return reasons.sentence(Reason(kind), Told(**told), in_mail=True)  # type: ignore[arg-type]
