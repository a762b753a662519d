"""For the whole suite."""

from hypothesis import settings

# How long an example takes depends on what else the machine does; it is not what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
