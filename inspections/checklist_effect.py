"""What letting a running campaign go over to another version would do: looked at before it is done."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from campaigns import checklists
from campaigns.enums import ChecklistKind, ProblemCategory
from campaigns.models import Campaign, ChecklistItem, ChecklistTemplate
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckAnswer, SelfCheckReport

from .checklist_keeping import Change, differences
from .enums import TaskKind, TaskState
from .models import ChecklistSheet, InspectionTask

#: Items are numbered by their code: an answer on site is laid beside that of the self-check by it.
CODES = "自查与现场检查按检查项编码对照；版本不同时，只对照两版都有的编码。"


@dataclass(frozen=True, slots=True)
class Split:
    """How many things of a kind follow, and how many stay in the version they have."""

    label: str
    following: int
    staying: int


@dataclass(frozen=True, slots=True)
class CategoryShift:
    """Items that ask for a category of block III of Annex 3, in both versions."""

    category: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    before: ChecklistTemplate
    changes: list[Change]
    splits: list[Split]
    shifts: list[CategoryShift]
    #: Items that both versions have, under another category: what is found from then on is counted there.
    recounted: list[Change]

    @property
    def counted(self) -> Counter[str]:
        """How many items are new, left out and changed."""
        items = [
            one for one in self.changes if not one.place.startswith(("表头", "分组", "检查项"))
        ]
        found = Counter(one.what for one in items if one.what in ("增加", "删去"))
        found["修改"] = len({one.place for one in items if one.what not in ("增加", "删去")})
        return found


def effect_of(campaign: Campaign, template: ChecklistTemplate) -> Effect:
    """What would move today; in a later day's place whatever has not been begun by then."""
    kind = ChecklistKind(template.kind)
    before = checklists.template_for(campaign, kind)
    changes = differences(before, template)
    return Effect(
        before=before,
        changes=changes,
        splits=[_reports(campaign, kind), _visits(campaign, kind)],
        shifts=_shifts(before, template),
        recounted=[one for one in changes if one.what == "问题类别"],
    )


def _reports(campaign: Campaign, kind: ChecklistKind) -> Split:
    of_bureaus = kind == ChecklistKind.ANNEX2
    rows = SelfCheckReport.objects.filter(
        campaign=campaign, kind=SubjectKind.BUREAU if of_bureaus else SubjectKind.UNIT
    )
    begun = Exists(SelfCheckAnswer.objects.filter(report=OuterRef("pk")))
    following = rows.filter(~begun, state__in=ReportState.editable).count()
    label = "区局自查报告" if of_bureaus else "建标单位自查报告"
    return Split(label, following, rows.filter(begun).count())


def _visits(campaign: Campaign, kind: ChecklistKind) -> Split:
    of_bureaus = kind == ChecklistKind.ANNEX2
    rows = InspectionTask.objects.listed().filter(campaign=campaign)
    rows = rows.filter(kind=TaskKind.BUREAU) if of_bureaus else rows.exclude(kind=TaskKind.BUREAU)
    begun = Exists(ChecklistSheet.objects.filter(task=OuterRef("pk")))
    waiting = TaskState.arranged | {TaskState.PLANNED}
    label = "考核工作监督检查" if of_bureaus else "现场检查"
    return Split(label, rows.filter(~begun, state__in=waiting).count(), rows.filter(begun).count())


def _shifts(before: ChecklistTemplate, after: ChecklistTemplate) -> list[CategoryShift]:
    was, now = (
        Counter(
            ChecklistItem.objects.filter(section__template=template).values_list(
                "problem_category", flat=True
            )
        )
        for template in (before, after)
    )
    return [
        CategoryShift(f"{one.value} {one.label}", was[one.value], now[one.value])
        for one in ProblemCategory
        if was[one.value] != now[one.value]
    ]
