"""The races on SQLite, where writers queue for the one lock of the file."""

# Each claim is a test of this file: two files, so that two workers share the races.
from tests.races.claims import *

DATABASE = "sqlite"
