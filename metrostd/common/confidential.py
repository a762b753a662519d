"""Reading what is confidential leaves a row: pages of cases and files beside them (通知三(三) 保密要求).

The words of a row begin with whose record it is and “：”, so that the auditors' desk counts over how many
units somebody looked.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import HttpResponse

from . import audit
from .enums import AccessKind
from .found import last_found
from .http import PortalRequest

_View = Callable[..., HttpResponse]


# Any: each view knows the model of its own record
def confidential(whose: Callable[[Any], object]) -> Callable[[_View], _View]:
    """A view whose page shows one confidential record: that it was shown is on record.

    ``whose`` names of the record that was fetched the unit or office it is about.
    """

    def decorated(view: _View) -> _View:
        @wraps(view)
        def shown(request: PortalRequest, *args: object, **given: object) -> HttpResponse:
            response = view(request, *args, **given)
            record = last_found.get()
            if request.method == "GET" and response.status_code == 200 and record is not None:
                said = words_of(record, whose(record))
                audit.note_reading(actor=request.user, kind=AccessKind.READ, what=said)
            return response

        shown.confidential = True  # type: ignore[attr-defined]  # a test asks every route for it
        return shown

    return decorated


def words_of(record: Model, owner: object) -> str:
    """Whose record, what kind of record, which."""
    return f"{owner}：{record._meta.verbose_name} {record}"
