"""The record: tables, sessions and migrations."""
