"""All tables at once, for migrations, tests and copies: importing this registers every slice's models."""

from eventnet.accounts import models as accounts
from eventnet.attendees import models as attendees
from eventnet.audit import models as audit
from eventnet.badges import models as badges
from eventnet.cards import models as cards
from eventnet.contacts import models as contacts
from eventnet.db import Table
from eventnet.encounters import models as encounters
from eventnet.events import models as events
from eventnet.lifecycle import models as lifecycle
from eventnet.outbox import models as outbox
from eventnet.summaries import models as summaries

__all__ = [
    "accounts", "attendees", "audit", "badges", "cards", "contacts", "encounters", "events", "lifecycle", "metadata",
    "outbox", "summaries",
]

metadata = Table.metadata
