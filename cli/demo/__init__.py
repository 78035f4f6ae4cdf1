"""The year of the Nam Định plan, played on a driven clock with an invented world."""
