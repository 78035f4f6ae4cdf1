"""One function for each thing that an officer or the clock may do; each takes a session."""
