"""Exports of other products: recognised, mapped to the right person, and only those who come."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from eventnet.attendees import headings, mapping, tables
from eventnet.attendees.mapping import Parsed, Person
from eventnet.errors import Refusal

NO_PEOPLE = "That file has headings and no people below them. Export the list again with its rows."
SOURCES = {
    "badge_generator_openalt.csv": "unknown", "derived_eventbrite_surname_cp1252.csv": "eventbrite",
    "eventbrite_2025_header_HEADER_ONLY.csv": "eventbrite", "eventbrite_attendee_report_ieee.csv": "eventbrite",
    "eventbrite_attendee_report_surname.csv": "eventbrite", "eventbrite_orders_buyer_columns.csv": "eventbrite",
    "eventbrite_statuses_refunds.csv": "eventbrite", "generic_bom.csv": "unknown",
    "generic_multiline_quoted.csv": "unknown", "generic_swedish_excel_sep_hint.csv": "unknown",
    "generic_tab_separated.csv": "unknown", "google_forms_responses.csv": "unknown",
    "indico_registrations_HEADER_ONLY.csv": "indico", "linkedin_connections.csv": "linkedin",
    "luma_guests_2023_header.csv": "luma", "open_event_orders_HEADER_ONLY.csv": "open_event",
    "pretix_order_positions_HEADER_ONLY.csv": "pretix", "pretix_positions_short.csv": "pretix",
    "tito_tickets_HEADER_ONLY.csv": "tito",
}
COMING = {
    "badge_generator_openalt.csv": ["Alice Johnson", "Bob Smith", "Charlie Davis", "Eva Miller", "Frank Brown",
                                    "Grace Taylor"],
    "derived_eventbrite_surname_cp1252.csv": ["Anna Andersson", "Björn Berg"],
    "eventbrite_attendee_report_ieee.csv": ["John Doe", "Jane Doe"],
    "eventbrite_attendee_report_surname.csv": ["Anna Andersson", "Björn Berg"],
    "eventbrite_orders_buyer_columns.csv": ["Alex Rivera", "Taylor Brooks"],
    "eventbrite_statuses_refunds.csv": ["Ana Reyes", "Marcus Bell"],
    "generic_bom.csv": ["Hedda Hall"], "generic_multiline_quoted.csv": ["Ida Inge", "Jalle Jern"],
    "generic_swedish_excel_sep_hint.csv": ["Britt Berg", "Curt Co"],
    "generic_tab_separated.csv": ["Filippa Falk", "Göran Gris"], "google_forms_responses.csv": ["Xena Xu", "Yusuf Yil"],
    "linkedin_connections.csv": ["Alma Ahl", "Bo Bro"], "luma_guests_2023_header.csv": ["john doe", "BOB JONES"],
    "pretix_positions_short.csv": ["Maren Holt"],
}


def parse(text: str, source: str = "auto") -> Parsed:
    return mapping.parse(tables.read(text.encode()), source)


def only(text: str, source: str = "auto") -> Person:
    people = parse(text, source).people
    assert len(people) == 1
    return people[0]


def test_every_known_export_gives_the_expected_people(outside_data: Path) -> None:
    folder = outside_data / "attendee-exports-dev"
    with (folder / "EXPECTED.tsv").open(encoding="utf-8", newline="") as lines:
        expected = {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}
    assert expected.keys() == SOURCES.keys()
    for name, row in expected.items():
        sheet = tables.read((folder / name).read_bytes())
        if name.endswith("HEADER_ONLY.csv"):
            with pytest.raises(Refusal) as refused:
                mapping.parse(sheet)
            assert (name, refused.value.sentence) == (name, NO_PEOPLE)
            filled = ["x@people.example" if "mail" in cell.lower() else "1" for cell in sheet.rows[0].cells]
            sheet = replace(sheet, rows=[*sheet.rows, tables.Row(2, filled)])
            assert (name, mapping.parse(sheet).source.name) == (name, SOURCES[name])
            continue
        parsed = mapping.parse(sheet)
        assert (name, parsed.source.name) == (name, SOURCES[name])
        assert (name, [person.name for person in parsed.people if not person.state]) == (name, COMING[name])
        if row["person_rows"]:
            mails = sum(bool(person.values.get("email")) for person in parsed.people)
            assert (name, len(parsed.people), mails) == (
                name, int(row["person_rows"]), int(row["rows_with_usable_person_email"]))


def test_same_content_in_an_old_encoding_gives_the_same_people(outside_data: Path) -> None:
    folder = outside_data / "attendee-exports-dev"
    read = [mapping.parse(tables.read((folder / name).read_bytes())).people for name in (
        "eventbrite_attendee_report_surname.csv", "derived_eventbrite_surname_cp1252.csv")]
    assert read[0] == read[1]


PRETIX = ("Order code,Position ID,Status,Email,Phone number,Product,Attendee name,Attendee email,Company,Address,"
          "Order comment,Job title,Company,Invoice address name,Address,Ticket secret\n")


def test_pretix_repeated_headings_the_first_company_is_the_attendees() -> None:
    person = only(PRETIX + "A1,1,Paid,boss@payer.example,+49 1,Speaker,Ana Reyes,ana@people.example,Reyes SA,Street 1,,"
                  "CTO,Payer GmbH,Bo Ss,Street 2,s3cr3t\n")
    assert person == Person(2, {
        "registered_name": "Ana Reyes", "category": "speaker", "title": "CTO", "organization": "Reyes SA",
        "email": "ana@people.example", "phone": "+49 1"}, key="pretix:A1-1")


def test_pretix_buyers_address_never_becomes_the_attendees() -> None:
    person = only(PRETIX + "A1,2,Paid,boss@payer.example,,Regular,Ivo Holt,,,,,,Payer GmbH,Bo Ss,,s\n")
    assert (person.values["email"], person.values["organization"], person.key) == ("", "", "pretix:A1-2")


def test_pretix_in_german() -> None:
    people = parse("Bestellcode;Positions-ID;Status;E-Mail;Teilnehmername;Teilnehmer-E-Mail;Firma;"
                   "Rechnungsadresse: Name\n"
                   "B7;1;Bezahlt;kasse@firma.example;Jürgen Groß;jg@people.example;Groß KG;Kasse\n"
                   "B7;2;Storniert;kasse@firma.example;Ute Klein;;;Kasse\n").people
    assert people[0] == Person(2, {"registered_name": "Jürgen Groß", "organization": "Groß KG",
                                   "email": "jg@people.example"}, key="pretix:B7-1")
    assert (people[1].state, people[1].reason) == ("skipped", "status is “Storniert”")


def test_new_eventbrite_takes_the_attendee_not_the_buyer() -> None:
    person = only("Order ID,Order date,Attendee first name,Attendee last name,Attendee email,Ticket quantity,"
                  "Ticket type,Buyer first name,Buyer last name,Buyer email,Barcode number\n"
                  "7,2026-01-01,Ada,Lovelace,ada@people.example,1,Volunteer,Charles,Babbage,cb@people.example,999\n")
    assert person.values == {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@people.example",
                             "registered_name": "Ada Lovelace", "category": "staff"}


def test_tito_takes_the_ticket_and_skips_unassigned_and_void() -> None:
    people = parse("Number,Ticket,Ticket Full Name,Ticket First Name,Ticket Last Name,Ticket Email,Ticket Company Name,"
                   "Void Status,Ticket Reference,Order Name,Order Email\n"
                   "1,Full,Ada Lovelace,Ada,Lovelace,ada@people.example,Engines,,T-1,Charles,cb@people.example\n"
                   "2,Full,,,,,,,T-2,Charles,cb@people.example\n"
                   "3,Full,Bob Kahn,Bob,Kahn,bob@people.example,,void,T-3,Charles,cb@people.example\n").people
    assert [(p.name, p.values["email"], p.state, p.reason, p.key) for p in people] == [
        ("Ada Lovelace", "ada@people.example", "", "", "tito:T-1"),
        ("", "", "skipped", "the ticket names nobody yet", ""),
        ("Bob Kahn", "bob@people.example", "skipped", "the ticket is void", "")]


def test_luma_takes_only_the_approved_and_reads_questions() -> None:
    people = parse("api_id,name,first_name,last_name,email,approval_status,qr_code_url,What's your company?,"
                   "What's your LinkedIn? \n"
                   "gst-1,Ada Lovelace,,,ada@people.example,approved,https://x,Engines,in/ada\n"
                   "gst-2,Grace Hopper,,,g@people.example,pending_approval,https://y,,\n"
                   "gst-3,Bob Kahn,,,b@people.example,,https://y,,\n").people
    assert people[0].values == {"registered_name": "Ada Lovelace", "email": "ada@people.example",
                                "organization": "Engines",
                                "linkedin": "https://www.linkedin.com/in/ada"}
    assert [(p.state, p.reason) for p in people[1:]] == [
        ("skipped", "status is “pending_approval”"), ("skipped", "no status yet")]


def test_meetup_has_no_addresses_and_is_keyed_by_user() -> None:
    people = parse("Name\tUser ID\tTitle\tEvent Host\tRSVP\tGuests\tRSVPed on\n"
                   "Ada\tuser 1\tmember\tNo\tYes\t2\t2026\nBob\tuser 2\tmember\tNo\tNo\t0\t2026\n").people
    assert [(p.key, p.state, p.values, p.notes) for p in people] == [
        ("meetup:user 1", "", {"registered_name": "Ada"}, ["stands for 2 tickets, names one person"]),
        ("", "skipped", {"registered_name": "Bob"}, [])]


@pytest.mark.parametrize(("head", "row", "given_name", "family_name"), [
    ("Nome;Cognome", "Ada;Lovelace", "Ada", "Lovelace"), ("Name;Vorname", "Groß;Jürgen", "Jürgen", "Groß"),
    ("Nom;Prénom", "Curie;Marie", "Marie", "Curie"), ("Nombre;Apellidos", "Ana;Reyes", "Ana", "Reyes"),
    ("Имя;Фамилия", "Иван;Петров", "Иван", "Петров"), ("Förnamn;Efternamn", "Åsa;Öberg", "Åsa", "Öberg"),
    ("First Name;Surname", "Ada;Lovelace", "Ada", "Lovelace"),
    ("LASTNAME;FirstName", "Lovelace;Ada", "Ada", "Lovelace"),
])
def test_halves_of_a_name_in_other_languages(head: str, row: str, given_name: str, family_name: str) -> None:
    values = only(f"{head}\n{row}\n").values
    assert values == {"given_name": given_name, "family_name": family_name,
                      "registered_name": f"{given_name} {family_name}"}


def test_a_preamble_above_the_headings_is_passed_over() -> None:
    person = only('Notes:\n"When exporting your connection data, some addresses may be missing."\n\n'
                  "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
                  "Alma,Ahl,https://www.linkedin.com/in/almaahl,,Ahl Design,Founder,12 Mar 2025\n")
    assert (person.row, person.name, person.values["title"]) == (5, "Alma Ahl", "Founder")


def test_rows_that_cannot_be_used_say_row_and_column() -> None:
    people = parse("Full name,E-Mail address\n,ada@people.example\nBob Kahn,bob@@arpa\n\u202e\u200b,\n"
                   "Grace,Grace Hopper <g@people.example>\nAda,a@people.example\nADA,A@people.example\n").people
    assert [(p.state, p.reason) for p in people] == [
        ("refused", "Row 2, Full name: there is no name. Fill it in and import again."),
        ("refused", "Row 3, E-Mail address: “bob@@arpa” is no e-mail address. Correct it or empty the cell."),
        ("refused", "Row 4, Full name: there is no name. Fill it in and import again."),
        ("", ""), ("", ""), ("skipped", "the same person as row 6")]
    assert people[3].values["email"] == "g@people.example"


def test_one_address_may_belong_to_several_people() -> None:
    people = parse("Name,Email\nAda,info@club.example\nBob,info@club.example\n").people
    assert [person.state for person in people] == ["", ""]
    assert len({person.key for person in people}) == 2


def test_not_taking_part_is_read_from_its_column() -> None:
    people = parse("Name,Takes part\nAda,yes\nBob,no\nCy,\n").people
    assert [person.takes_part for person in people] == [True, False, None]


def test_a_source_that_was_chosen_wins_over_the_guess() -> None:
    text = "ID,Name,Registration date,Title\n5,Ada Lovelace,2026,Dr\n"
    assert (parse(text).source.name, only(text).key) == ("indico", "indico:5")
    assert only(text, "unknown").key == "unknown:5"


@pytest.mark.parametrize(("text", "sentence"), [
    ("Ada Lovelace,ada@people.example\nBob,bob@people.example\n",
     "The first row has to say what the columns are, for example Name, E-mail, Company. Add such a row on top and "
     "upload the file again."),
    ("foo,bar\n1,2\n",
     "The first row has to say what the columns are, for example Name, E-mail, Company. Add such a row on top and "
     "upload the file again."),
    ("E-mail,Company\nada@people.example,Engines\n",
     "No column holds names. The columns are: E-mail, Company. Call the one with the names “Name”."),
    ("Name,E-mail\n\n", NO_PEOPLE),
])
def test_a_file_without_headings_names_or_people_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(text)
    assert (refused.value.status, refused.value.sentence) == (422, sentence)


def test_pretix_without_attendee_addresses_does_not_fall_back_on_the_buyer() -> None:
    person = only("Order code,Position ID,Status,Email,Attendee name,Attendee name: Given name\n"
                  "A1,1,Paid,boss@payer.example,Ana Reyes,Ana\n")
    assert "email" not in person.values


def test_columns_about_the_buyer_mean_nothing() -> None:
    columns = ["Buyer LinkedIn", "Billing LinkedIn", "Order Name", "Invoice address name", "Purchaser email",
               "Payer name"]
    assert {heading: headings.meaning(headings.normalized(heading)) for heading in columns} == dict.fromkeys(columns)
