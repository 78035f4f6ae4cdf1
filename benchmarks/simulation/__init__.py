"""A whole office at work under a virtual clock, chosen by a seed, with faults at chosen places."""
