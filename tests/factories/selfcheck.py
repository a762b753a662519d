import datetime as dt
import uuid

import factory
from factory.django import DjangoModelFactory

from campaigns.enums import ItemLevel
from metrostd.common import clock
from metrostd.common.enums import Answer
from selfcheck import services
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckProblem, SelfCheckReport, SelfCheckStandard

from .campaigns import CampaignFactory, ItemFactory, SectionFactory, TemplateFactory
from .registry import AuthorityFactory, StandardFactory, UnitFactory

#: A working day inside the self-check stage.
DAY = dt.date(2021, 5, 20)
HANDED_IN = clock.at_time(dt.date(2021, 5, 18), 10)


class ReportFactory(DjangoModelFactory):
    """A unit's report; ``as_bureau`` makes a district's report on its certification work."""

    class Meta:
        model = SelfCheckReport

    class Params:
        serial = factory.Sequence(lambda n: n + 1)
        as_bureau = factory.Trait(
            kind=SubjectKind.BUREAU,
            unit=None,
            bureau=factory.SubFactory(AuthorityFactory),
            due_on=dt.date(2021, 5, 25),
            template=factory.SubFactory(
                TemplateFactory, kind="annex2", title="计量标准考核工作监督检查表"
            ),
        )

    campaign = factory.SubFactory(CampaignFactory)
    kind = SubjectKind.UNIT
    unit = factory.SubFactory(UnitFactory)
    receiver = factory.SelfAttribute("campaign.organiser")
    template = factory.SubFactory(TemplateFactory)
    due_on = dt.date(2021, 5, 31)
    state = ReportState.NOT_STARTED
    submitted_at = factory.LazyAttribute(
        lambda o: HANDED_IN if o.state in ReportState.received else None
    )
    first_submitted_at = factory.SelfAttribute("submitted_at")
    receipt_no = factory.LazyAttribute(
        lambda o: f"示例自查回执〔2021〕{o.serial}号" if o.submitted_at else ""
    )


class CoveredFactory(DjangoModelFactory):
    class Meta:
        model = SelfCheckStandard

    report = factory.SubFactory(ReportFactory)
    standard = factory.SubFactory(StandardFactory, unit=factory.SelfAttribute("..report.unit"))


class ProblemFactory(DjangoModelFactory):
    class Meta:
        model = SelfCheckProblem

    report = factory.SubFactory(ReportFactory)
    description = "压力表超过检定周期"
    measure = "已送检"
    prevention_measure = "设置到期提醒"
    found_on = dt.date(2021, 5, 10)
    client_id = factory.LazyFunction(uuid.uuid4)


def checklist():
    """A small Annex 1: one unit item, two items of section A, one prohibition."""
    template = TemplateFactory()
    unit = SectionFactory(
        template=template, code="U", title="单位层面", short_title="单位", order=0
    )
    tools = SectionFactory(template=template)
    banned = SectionFactory(
        template=template, code="H", title="禁止性行为", short_title="禁止", order=8
    )
    return {
        "U04": ItemFactory(section=unit, code="U04", level=ItemLevel.UNIT),
        "A01": ItemFactory(section=tools, code="A01", is_key=True, may_be_inapplicable=False),
        "A02": ItemFactory(section=tools, code="A02"),
        "H01": ItemFactory(section=banned, code="H01", is_prohibition=True),
    }


def report_with_answers(*, answer=Answer.CONFORM, state=ReportState.DRAFT, standards=1, **fields):
    """A report on the small checklist, every item answered with ``answer`` ("" leaves it open)."""
    checklist()
    report = ReportFactory(state=state, **fields)
    for _ in range(standards):
        CoveredFactory(report=report)
    services.ensure_answers(report)
    report.answers.update(answer=answer)
    return report
