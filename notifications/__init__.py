"""Letters: their templates, their rendering, their sending."""
