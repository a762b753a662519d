"""The register's own panels on the pages of a unit and of a standard; importing registers them."""

from . import changes, merges  # noqa: F401 -- registers their panels
