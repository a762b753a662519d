"""The POST of a page with a form: one function of the domain is tried, or the page is shown again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, QueryDict

from metrostd.common.shapes import Context

from .forms import Refusable
from .http import StaleError

_M = TypeVar("_M")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[_M]):
    """How it ended: ``done`` with what the domain gave back, or the page again.

    ``status`` is that of the page: 200 when only asked for, 422 when refused, 409 when somebody else
    was faster. ``shown`` is for its template: after a conflict ``conflict`` (both values by label)
    and ``reason``.
    """

    done: bool = False
    _made: list[_M] = field(default_factory=list)
    status: int = 200
    shown: Context = field(default_factory=dict)

    @property
    def made(self) -> _M:
        """What the domain gave back; asked for when ``done`` alone."""
        return self._made[0]


def attempt(
    request: HttpRequest, form: Refusable, act: Callable[[], _M], *, valid: bool | None = None
) -> Attempt[_M]:
    """Try ``act`` when the form was sent and is valid; what the domain refuses is told by the form.

    ``valid`` says so for a page with more than this form. Two persons editing the same record: the
    second sees both values, and the form keeps what was typed, based on the newer version now. A
    conflict without both values is left to the middleware.
    """
    if request.method != "POST":
        return Attempt()
    if not (form.is_valid() if valid is None else valid):
        return Attempt(status=422)
    try:
        return Attempt(done=True, _made=[act()])
    except StaleError as error:
        if "fields" not in error.payload:
            raise
        form.data = _rebased(request.POST, error.payload["version"])
        shown = {"conflict": error.payload["fields"], "reason": str(error)}
        return Attempt(status=409, shown=shown)
    except ValidationError as error:
        form.refuse(error)
        return Attempt(status=422)


def save_edit(
    request: HttpRequest,
    form: Refusable,
    update: Callable[..., _M],
    record: models.Model,
    *,
    valid: bool | None = None,
    said: str = "已保存。",
    **given: Callable[[], object],
) -> Attempt[_M]:
    """Save what a valid form changes as the next version of a record, and say so.

    ``given`` names what ``update`` takes beside the version a person saw and who they are; each is
    asked for once the form is valid. A second editor sees both values and chooses: ``shown`` goes
    into the page's context.
    """
    tried = attempt(
        request,
        form,
        lambda: update(
            record,
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
            **{name: ask() for name, ask in given.items()},
        ),
        valid=valid,
    )
    if tried.done and said:
        messages.success(request, said)
    return tried


def _rebased(sent: QueryDict, version: object) -> QueryDict:
    data = sent.copy()
    data["base_version"] = version  # type: ignore[assignment]  # the field takes a number, too
    return data
