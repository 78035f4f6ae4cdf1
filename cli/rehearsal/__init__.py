"""Plays what is to come of a cycle on a copy of the record, and tells it."""
