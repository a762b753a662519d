"""The register's own panels on the pages of a unit and of a standard; importing registers them."""

from . import capability, changes, equipment, facts, hand_overs, merges, warnings  # noqa: F401 -- registers its panels
