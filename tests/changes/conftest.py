"""The register as the tests of this folder meet it."""

from tests.register import city, commit, importer, read, today, unit, xiqing  # noqa: F401
