"""Attendees: one person at one event, how they get onto the list and become this browser."""
