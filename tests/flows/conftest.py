"""What every test of flows leaves behind is found in it: what Prefect forgot to close."""

from tests.leftovers import _collected, _set_aside

__all__ = ["_collected", "_set_aside"]
