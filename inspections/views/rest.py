"""其余符合: what nobody has answered in a section conforms, confirmed section by section, with a trace for each item."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from inspections import completeness, policies, services
from inspections.deadlines import day_of
from metrostd.common.http import PortalRequest
from metrostd.common.outside import is_key
from metrostd.common.policies import require

from . import cards
from .found import sheet_or_404


@require_POST
def conform_rest(request: PortalRequest, pk: int) -> HttpResponse:
    """Confirm the rest of one section, then show the next one and ask there."""
    row = sheet_or_404(request, pk)
    require(policies.may_take_part(request.user, row.task))
    progress = completeness.progress_of(row.pk)
    order = [each.code for each in progress.sections]
    section = request.POST.get("section", "")
    if section not in order:
        return redirect(row)
    found = cards.cards_of(
        row,
        section=section,
        on=day_of(row),
        fill=lambda answer: policies.can_answer(request.user, answer),
        with_hints=True,
    )
    # The page names what it showed as open: what was tapped just now may still be on its way.
    shown = {int(each) for each in request.POST.getlist("item") if is_key(each)}
    items = {card.row.pk for card in cards.left_to_conform(found)} & shown
    count = services.conform_rest(row, items, actor=request.user)
    label = progress.sections[order.index(section)].label
    messages.success(request, f"{section} {label}：{count} 项判定为符合。")
    onward = [*order, "conclude"][order.index(section) + 1]
    asked = "" if onward == "conclude" else "&rest=1"
    return redirect(f"{row.get_absolute_url()}?section={onward}{asked}")
