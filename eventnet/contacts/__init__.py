"""Contacts: my view of a person I met, and the pages where people swap."""
