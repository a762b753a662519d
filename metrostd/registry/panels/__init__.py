"""The register's own panels on the pages of a unit and of a standard; importing registers them."""

from . import merges  # noqa: F401 -- registers its panels
