"""Measurements of the record against the plain driver that writes the same rows: `make bench`."""
