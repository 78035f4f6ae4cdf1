"""What pages read: a few set-based queries for each, no query for each row."""
