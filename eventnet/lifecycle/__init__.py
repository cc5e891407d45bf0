"""Lifecycle: the promised end of an event's data. It alone touches every table."""
