"""The races on PostgreSQL, where writers meet at rows, indexes and advisory locks."""

# Each claim is a test of this file: two files, so that two workers share the races.
from tests.races.claims import *

DATABASE = "postgresql"
