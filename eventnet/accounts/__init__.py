"""Organizers and browsers: who signs in, and how a browser is known again."""
