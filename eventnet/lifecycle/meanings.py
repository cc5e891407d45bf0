"""What tables and columns of the own data mean, in words."""

from __future__ import annotations

from functools import cache

from eventnet import words
from eventnet.events.models import Event
from eventnet.lifecycle import subjects
from eventnet.words import gettext as _

# Columns whose name alone leaves a question.
COLUMNS = {
    "agreed": "what you agreed to: numbers (a no), alone or pairs", "asked": "the policy you were asked about",
    "asked_since": "since when the receiver waits for more than your badge",
    "badge_text_at": "when what stands on the badge changed last", "budget": "of what there was more than usual",
    "edited_fields": "who set a field last, and when", "generation": "how many activation links were made for you",
    "giver": "who gave", "receiver": "who got", "held_since": "opened by the mailed link alone, no tap of a person yet",
    "low": "one of the two", "high": "the other of the two", "met_at": "the time that counts",
    "not_taking_part_at": "since when you do not take part", "offering": "what you offer",
    "looking_for": "what you look for", "owner": "whose list it is", "person": "whom the words are about",
    "said_at": "the time your phone said", "shared": "fields you ticked, beyond your badge",
    "state": "how far the mail came", "suggest_me_at": "since when you let yourself be suggested",
    "times": "how often", "undecided": "fields you were asked about later and have not answered yet",
    "way": "how it was done", "wording": "version of the words you agreed to",
}


def of_table(name: str) -> str:
    """What a table holds, for a sentence on a page."""
    return str(subjects.HELD[name].meaning)


def of_column(name: str) -> str:
    """What a column says: its own line, else that of the schema, else its name in words."""
    return COLUMNS.get(name) or _documented().get(name) or name.replace("_", " ")


@cache
def _documented() -> dict[str, str]:
    return {column.name: column.doc for name in subjects.HELD for column in subjects.table(name).columns if column.doc}


def read_me(event: Event) -> str:
    """The plain text beside the files."""
    return _(
        "Everything that is held about you at %(event)s.\n\n"
        "my-data.json    all of it, for programs; \"columns\" says what each field means, \"left_out\" what is not\n"
        "                handed out and why\n"
        "my-card.vcf     your own card\n"
        "people.vcf      everybody you met, as they share it with you now, with your own notes\n"
        "people.csv      the same as a table\n"
        "mails/          mails to you whose text is still kept (seven days)\n\n"
        "Times in the JSON file are UTC. Who answers for the data: %(controller)s, %(address)s.\n"
        "Everything is deleted on %(day)s.\n",
        event=event.name, controller=event.controller, address=event.controller_email,
        day=words.full_day(event.retention_on))
