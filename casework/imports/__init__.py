"""Files of an office taken into the record: whole or not at all, and the same file twice changes nothing."""
