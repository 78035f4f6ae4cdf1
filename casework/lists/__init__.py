"""Lists as the office prints, filters and exports them: one table of kinds for the command line and the console."""
