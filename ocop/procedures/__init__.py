"""The procedures that dossiers can be pinned to, by key; a change of law is a new file here."""
