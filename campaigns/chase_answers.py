"""The answer to the button 催办 under any list of what is owed: what became of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require

from . import chasing, policies
from .querysets import DutyQuerySet


def answer(request: PortalRequest, duties: DutyQuerySet, *, back: str) -> HttpResponse:
    """Chase these duties, say what came of it, and go back to the list as it was filtered."""
    require(policies.may_chase(request.user))
    try:
        outcome = chasing.chase(duties, text=request.POST.get("text", ""), actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        if not (outcome.told or outcome.again or outcome.nobody):
            messages.warning(
                request, "没有可以催办的事项：请先勾选，已办结的和本部门自己的不催办。"
            )
        else:
            tell = messages.success if outcome.told else messages.warning
            tell(request, outcome.sentence)
    query = request.GET.urlencode()
    return go(request, f"{back}?{query}" if query else back)
