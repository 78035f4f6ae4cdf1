"""Prefect flows: the order and the schedule of tasks."""
