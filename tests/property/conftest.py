"""How hypothesis searches here: no clock decides whether a property holds."""

from hypothesis import settings

settings.register_profile("ocop", deadline=None)
settings.load_profile("ocop")
