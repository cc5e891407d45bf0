"""Cards: what an attendee chose to share, field by field."""
