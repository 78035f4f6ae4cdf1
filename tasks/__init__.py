"""Prefect tasks: thin wraps of casework and notifications, with retries, timeouts and names."""
