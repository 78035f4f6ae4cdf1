"""Writes the generated papers into the project: what `make docs` runs."""

from cli.papers.writing import write

write()
