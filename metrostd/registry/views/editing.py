"""What every page does alike on which one record of the register is corrected."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.db import models

from metrostd.common.attempts import Attempt, attempt
from metrostd.common.forms import Refusable
from metrostd.common.http import PortalRequest

_M = TypeVar("_M")


def save_edit(
    request: PortalRequest,
    form: Refusable,
    update: Callable[..., _M],
    record: models.Model,
    **further: str,
) -> Attempt[_M]:
    """Save what a valid form changes as the record's next version, and say so.

    A second editor sees both values and chooses: ``shown`` goes into the page's context. ``further``
    names what ``update`` takes beside the values: its parameter, and the field of the form.
    """
    tried = attempt(
        request,
        form,
        lambda: update(
            record,
            base_version=form.cleaned_data["base_version"],
            values=form.changes(),  # type: ignore[attr-defined]
            actor=request.user,
            **{name: form.cleaned_data.get(source) for name, source in further.items()},
        ),
    )
    if tried.done:
        messages.success(request, "已保存。")
    return tried
