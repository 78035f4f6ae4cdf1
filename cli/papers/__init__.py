"""Writes those tables of the papers that the code already knows: stages, notices, commands, settings, the plan's keys."""
