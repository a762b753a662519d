"""The register's own panels on the pages of a unit and of a standard; importing registers them."""

from . import capability, equipment, facts, merges, warnings  # noqa: F401 -- registers its panels
