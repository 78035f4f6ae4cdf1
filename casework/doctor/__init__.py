"""The doctor: what must always hold in the record, and who breaks it."""
