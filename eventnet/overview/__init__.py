"""Overview: how the event goes, in numbers, for the organizer."""
