"""Summaries: the one post-event e-mail of every eligible attendee, and its page."""
