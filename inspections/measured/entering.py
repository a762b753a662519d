"""The forms of what is measured, for the page of a sheet and for a device that has taken it along."""

from inspections.deadlines import day_of
from inspections.models import ChecklistSheet, SiteEnvironment, SiteExperiment
from metrostd.common.shapes import Sent
from metrostd.registry.enums import TestMethod
from metrostd.registry.models import CapabilityTest

from .forms import ExperimentForm


def experiment_form(
    sheet: ChecklistSheet,
    *,
    method: TestMethod,
    row: SiteExperiment | None = None,
    data: Sent = None,
) -> ExperimentForm:
    """Enter an experiment by one method, or correct ``row``."""
    tests = CapabilityTest.objects.recorded().filter(standard=sheet.standard_id)
    return ExperimentForm(
        data,
        method=method,
        instance=row.as_test() if row else _start(sheet, method),
        day=day_of(sheet),
        subjects=list(dict.fromkeys(tests.order_by("pk").values_list("subject", flat=True))),
    )


def _start(sheet: ChecklistSheet, method: TestMethod) -> CapabilityTest:
    """An empty one; the next point is usually that of the same object."""
    last = SiteExperiment.objects.filter(sheet=sheet, withdrawn_at=None).order_by("place").last()
    return CapabilityTest(
        method=method,
        subject=last.subject if last else "",
        unit_symbol=last.unit_symbol if last else "",
        version=1,
    )


def environment_of(sheet: ChecklistSheet) -> SiteEnvironment:
    """The environment on record, or an empty one."""
    return SiteEnvironment.objects.filter(sheet=sheet).first() or SiteEnvironment(sheet=sheet)
