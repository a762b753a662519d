"""预警: what is wrong, or about to be, with standards on a day; every rule in one list.

A rule takes standards and a day and gives its warnings with a fixed number of queries, however many
the standards are. To add one, here or in an upper app's ``hooks.py``::

    TOO_FEW = Kind("few_persons", "检定或校准人员不足两名", "warn")

    @warning_rule(TOO_FEW)
    def too_few_persons(standards, on):
        for row in standards.filter(...):
            yield OpenWarning(TOO_FEW, "…", standard=row.pk, url=row.get_absolute_url())

A warning is computed when it is looked at and never stored: it is gone once its cause is.
"""

from . import (  # registers the register's own rules
    capability,
    certificate,
    equipment,
    nothing,
    scope,
)
from .core import Kind, OpenWarning, count_by_kind, kinds, open_warnings, warning_rule

__all__ = (
    "Kind",
    "OpenWarning",
    "capability",
    "certificate",
    "count_by_kind",
    "equipment",
    "kinds",
    "nothing",
    "open_warnings",
    "scope",
    "warning_rule",
)
