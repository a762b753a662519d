"""Confirmation and inspection papers of a unit, a visit or a campaign, packed in the background."""

from django.http import Http404
from django.views.decorators.http import require_POST

from campaigns.current import current_campaign
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.archives import Archive
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require
from metrostd.registry.models import Unit
from rectification import archives, policies


@require_POST
@exported
def of_task(request: PortalRequest, pk: int) -> Export:
    """The papers of one visit, from the letter that announced it on."""
    rows = InspectionTask.objects.visible_to(request.user)
    task = get_object_or_404(rows.select_related("unit", "bureau", "campaign"), pk=pk)
    require(policies.can_pack(request.user))
    title = f"{task.subject} {task.campaign} 检查和整改文书"
    own = rows.filter(pk=task.pk)
    return _packed(title, archives.whole_task(own, title=title, user=request.user))


@require_POST
@exported
def of_unit(request: PortalRequest, pk: int) -> Export:
    """The papers of every visit to a unit."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    require(policies.can_pack(request.user))
    tasks = InspectionTask.objects.visible_to(request.user).filter(unit=unit)
    title = f"{unit} 检查和整改文书"
    return _packed(title, archives.papers_of(tasks, title=title, user=request.user))


@require_POST
@exported
def of_campaign(request: PortalRequest) -> Export:
    """The papers of the campaign looked at, within the person's reach."""
    require(policies.can_pack(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    tasks = InspectionTask.objects.visible_to(request.user).filter(campaign=campaign)
    title = f"{campaign} 检查和整改文书"
    return _packed(title, archives.papers_of(tasks, title=title, user=request.user))


def _packed(title: str, archive: Archive) -> Export:
    return Export(
        restricted=True,
        what=title,
        filename=f"{title}-{clock.today():%Y%m%d}.zip",
        archive=archive,
    )
