"""Import: the preview says what happens, all of it happens or nothing, and once is enough."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from eventnet import db
from eventnet.attendees import importing, mapping, roster, tables
from eventnet.attendees.importing import Plan
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.errors import Refusal
from tests.factories import Cast

HEAD = "Order #,First Name,Last Name,Email,Attendee #,Attendee Status,Job Title,Company\n"
LIST = (HEAD + "1,Ana,Reyes,ana@people.example,901,Attending,CTO,Reyes SA\n"
        "1,Bo,Bro,,902,Attending,,\n"
        "2,Sam,Cruz,sam@people.example,903,Refunded,,\n"
        "3,,,x@people.example,904,Attending,,\n")


def preview(event_id: int, text: str) -> Plan:
    people = mapping.parse(tables.read(text.encode())).people
    with db.database().reading():
        return importing.preview(event_id, people)


def run(event_id: int, text: str) -> dict[str, int]:
    plan = preview(event_id, text)
    with db.transaction():
        return importing.commit(event_id, plan, "organizer:1", "eventbrite")


def outcomes(plan: Plan) -> list[tuple[int, str, str]]:
    return [(outcome.row, outcome.outcome, outcome.reason) for outcome in plan.outcomes]


def everything() -> list[dict[str, Any]]:
    with db.reading():
        return [dict(row) for row in db.session.execute(select(Attendee.__table__).order_by(Attendee.id)).mappings()]


def person(event_id: int, name: str) -> Attendee:
    with db.reading():
        found = db.session.scalar(
            select(Attendee).where(Attendee.event_id == event_id, Attendee.registered_name == name))
    assert found is not None
    return found


def counts(new: int = 0, changed: int = 0, same: int = 0, skipped: int = 0, refused: int = 0) -> dict[str, int]:
    return {"new": new, "changed": changed, "same": same, "skipped": skipped, "refused": refused}


def test_import_does_what_the_preview_said(cast: Cast) -> None:
    before = everything()
    plan = preview(cast.elsewhere.id, LIST)
    assert outcomes(plan) == [
        (2, "new", ""), (3, "new", ""), (4, "skipped", "status is “Refunded”"),
        (5, "refused", "Row 5, First Name: there is no name. Fill it in and import again.")]
    assert everything() == before
    assert run(cast.elsewhere.id, LIST) == counts(new=2, skipped=1, refused=1)
    ana = person(cast.elsewhere.id, "Ana Reyes")
    assert (ana.external_key, ana.badge_name, ana.email, ana.title, ana.organization, ana.sort_key, ana.edits) == (
        "eventbrite:901", "Ana Reyes", "ana@people.example", "CTO", "Reyes SA", "reyes  ana", {})
    with db.reading():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "attendees.imported")).one()
        assert (entry.actor, entry.event_id, entry.about) == (
            "organizer:1", cast.elsewhere.id, {"source": "eventbrite", **counts(new=2, skipped=1, refused=1)})


def test_same_file_twice_changes_nothing(cast: Cast) -> None:
    run(cast.mixer.id, LIST)
    before = everything()
    assert run(cast.mixer.id, LIST) == counts(same=2, skipped=1, refused=1)
    assert everything() == before


@pytest.mark.parametrize("text", [
    "Name,Company\nAna Reyes,Reyes SA\nAna Reyes,Other\nBo Bro,\n",
    "Name,Email\nAna,info@club.example\nBo,info@club.example\nCy,cy@people.example\n",
    "Name;E-Mail;Takes part\nAna;ana@people.example;no\n",
])
def test_same_file_twice_changes_nothing_without_ticket_numbers(cast: Cast, text: str) -> None:
    first = run(cast.mixer.id, text)
    before = everything()
    assert run(cast.mixer.id, text) == counts(same=first["new"])
    assert everything() == before


def test_a_corrected_file_changes_the_same_person(cast: Cast) -> None:
    run(cast.mixer.id, LIST)
    corrected = LIST.replace("Reyes,ana@", "Reyes-Soto,ana@").replace("CTO", "CEO")
    plan = preview(cast.mixer.id, corrected)
    assert outcomes(plan)[0] == (2, "changed", "registered name, badge name, family name and title changed")
    assert run(cast.mixer.id, corrected) == counts(changed=1, same=1, skipped=1, refused=1)
    ana = person(cast.mixer.id, "Ana Reyes-Soto")
    assert (ana.badge_name, ana.title, ana.sort_key, ana.search_text) == (
        "Ana Reyes-Soto", "CEO", "reyessoto  ana", "ana reyes-soto\nana@people.example\nreyes sa")


def test_a_name_corrected_beside_the_same_address_is_the_same_person(cast: Cast) -> None:
    run(cast.mixer.id, "Name,Email\nAna Reyes,ana@people.example\n")
    assert run(cast.mixer.id, "Name,Email\nAna Reyes Soto,ana@people.example\n") == counts(changed=1)


def test_a_second_person_at_an_address_is_new_and_leaves_the_first_alone(cast: Cast) -> None:
    run(cast.mixer.id, "Name,Email\nAna,info@club.example\n")
    assert run(cast.mixer.id, "Name,Email\nBo,info@club.example\nAna,info@club.example\n") == counts(new=1, same=1)
    assert run(cast.mixer.id, "Name,Email\nAna,info@club.example\nBo,info@club.example\n") == counts(same=2)


def test_somebody_added_at_the_desk_is_recognised(cast: Cast) -> None:
    """Ada is on the list without a ticket number; the import with her address and name finds her and notes it."""
    text = HEAD + "1,Ada,Lovelace,ADA@people.example,77,Attending,Analyst,Analytical Engines\n"
    assert run(cast.mixer.id, text) == counts(changed=1)
    assert person(cast.mixer.id, "Ada Lovelace").external_key == "eventbrite:77"
    assert run(cast.mixer.id, text) == counts(same=1)


def test_the_attendees_word_wins_over_the_desks_and_that_over_an_import(cast: Cast) -> None:
    run(cast.mixer.id, LIST)
    ana = person(cast.mixer.id, "Ana Reyes")
    with db.transaction():
        assert roster.change(cast.mixer.id, ana.id, {"title": "Founder"}, "attendee").changed == ["title"]
        desk = roster.change(cast.mixer.id, ana.id, {"title": "Boss", "organization": "Reyes & Co"}, "desk",
                             "organizer:1")
        assert (desk.changed, desk.kept) == (["organization"], {"title": "attendee"})
    again = LIST.replace("CTO", "CFO").replace("Reyes SA", "Reyes Ltd").replace("ana@", "ana.reyes@")
    assert outcomes(preview(cast.mixer.id, again))[0] == (
        2, "changed", "e-mail changed; title kept as the attendee set it; organization kept as the desk set it")
    run(cast.mixer.id, again)
    ana = person(cast.mixer.id, "Ana Reyes")
    assert (ana.title, ana.organization, ana.email, ana.generation) == (
        "Founder", "Reyes & Co", "ana.reyes@people.example", 2)


def test_somebody_removed_does_not_come_back(cast: Cast) -> None:
    run(cast.mixer.id, LIST)
    with db.transaction():
        roster.remove(cast.mixer.id, person(cast.mixer.id, "Ana Reyes").id)
    assert outcomes(preview(cast.mixer.id, LIST))[0] == (2, "skipped", "you removed them from the list")


def test_not_taking_part_is_imported_and_never_taken_back(cast: Cast) -> None:
    text = "Name,Email,Takes part\nAna,ana@people.example,no\nBo,bo@people.example,yes\n"
    run(cast.mixer.id, text)
    assert (person(cast.mixer.id, "Ana").takes_part, person(cast.mixer.id, "Bo").takes_part) == (False, True)
    with db.transaction():
        roster.set_taking_part(cast.mixer.id, person(cast.mixer.id, "Bo").id, False)
    assert run(cast.mixer.id, text) == counts(same=2)
    assert person(cast.mixer.id, "Bo").takes_part is False


def test_a_failing_row_in_the_middle_leaves_nothing(cast: Cast) -> None:
    """2,500 rows, of which one meets a key that somebody wrote after the preview: none is written."""
    rows = "".join(f"P{i} Person,p{i}@people.example\n" for i in range(2500))
    plan = preview(cast.mixer.id, "Name,Email\n" + rows)
    with db.transaction():
        roster.add(cast.mixer.id, by="desk", registered_name="Quick Fingers", external_key="email:p1700@people.example")
    before = everything()
    with pytest.raises(Refusal) as refused, db.transaction():
        importing.commit(cast.mixer.id, plan, "organizer:1")
    assert refused.value.reason == "stale"
    assert everything() == before


def test_a_change_made_after_the_preview_is_not_overwritten(cast: Cast) -> None:
    run(cast.mixer.id, LIST)
    ana = person(cast.mixer.id, "Ana Reyes")
    plan = preview(cast.mixer.id, LIST.replace("CTO", "CFO"))
    with db.transaction():
        roster.change(cast.mixer.id, ana.id, {"title": "Founder"}, "attendee")
        db.session.get_one(Attendee, ana.id).changed_at = ana.changed_at.replace(year=2027)
    before = everything()
    with pytest.raises(Refusal) as refused, db.transaction():
        importing.commit(cast.mixer.id, plan, "organizer:1")
    assert refused.value.reason == "stale"
    assert everything() == before


def test_import_reaches_no_other_event(cast: Cast) -> None:
    run(cast.mixer.id, "Name,Email\nMallory Gray,mallory@people.example\n")
    with db.reading():
        rows = db.session.execute(select(Attendee.event_id, func.count()).where(
            Attendee.registered_name == "Mallory Gray").group_by(Attendee.event_id)).all()
    assert sorted(map(tuple, rows)) == [(cast.mixer.id, 1), (cast.elsewhere.id, 1)]


def test_import_of_thousands_of_rows_is_complete(cast: Cast) -> None:
    rows = "".join(f"P{i} Person,p{i}@people.example\n" for i in range(3000))
    assert run(cast.mixer.id, "Name,Email\n" + rows) == counts(new=3000)
    assert run(cast.mixer.id,
               "Name,Email,Company\n" + rows.replace(".example", ".example,Firm")) == counts(changed=3000)
