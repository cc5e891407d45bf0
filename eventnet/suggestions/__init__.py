"""Suggestions: whom to follow up with first, and whom to still meet, with the reason in words."""
