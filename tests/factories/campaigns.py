import datetime as dt

import factory
from django.contrib.contenttypes.models import ContentType
from factory.django import DjangoModelFactory

from campaigns.enums import (
    CampaignState,
    ChecklistKind,
    DutyKind,
    FrameState,
    Inspector,
    ItemLevel,
    StageKind,
    UsedIn,
)
from campaigns.models import (
    Campaign,
    ChecklistItem,
    ChecklistSection,
    ChecklistTemplate,
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    DrawTerms,
    Duty,
    FrameStandard,
    RoutedStandard,
    RoutingRule,
    SamplingFrame,
    Stage,
)
from metrostd.common import clock

from .registry import AuthorityFactory, StandardFactory, UnitFactory

STAGES = {
    StageKind.SELF_CHECK: (dt.date(2021, 4, 23), dt.date(2021, 5, 31)),
    StageKind.ONSITE: (dt.date(2021, 6, 1), dt.date(2021, 7, 31)),
    StageKind.RECTIFY: (dt.date(2021, 8, 1), dt.date(2021, 8, 31)),
    StageKind.HANDLE_SUMMARY: (dt.date(2021, 9, 1), dt.date(2021, 10, 15)),
}


class CampaignFactory(DjangoModelFactory):
    """An open campaign with the notice's dates and all four stages."""

    class Meta:
        model = Campaign
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"2021-{n}")
    title = factory.LazyAttribute(lambda o: f"示例专项行动 {o.code}")
    organiser = factory.SubFactory(AuthorityFactory, level="city")
    notice_on = dt.date(2021, 4, 23)
    bureau_self_check_due = dt.date(2021, 5, 25)
    unit_self_check_due = dt.date(2021, 5, 31)
    summary_due = dt.date(2021, 10, 15)
    state = CampaignState.OPEN

    @factory.post_generation
    def stages(self, create, extracted, **kwargs):
        if create:
            Stage.objects.bulk_create(
                Stage(campaign=self, kind=kind, starts_on=start, ends_on=end)
                for kind, (start, end) in STAGES.items()
            )


class DutyFactory(DjangoModelFactory):
    class Meta:
        model = Duty

    campaign = factory.SubFactory(CampaignFactory)
    kind = DutyKind.DRAW
    authority = factory.SubFactory(AuthorityFactory)
    title = "抽取检查对象"
    due_on = dt.date(2021, 6, 1)
    target_type = factory.LazyAttribute(lambda o: ContentType.objects.get_for_model(Campaign))
    target_id = factory.SelfAttribute("campaign.pk")


class RoutedStandardFactory(DjangoModelFactory):
    """A standard routed in a campaign; unit, category and issuer follow the standard."""

    class Meta:
        model = RoutedStandard

    campaign = factory.SubFactory(CampaignFactory)
    standard = factory.SubFactory(StandardFactory)
    unit = factory.SelfAttribute("standard.unit")
    category = factory.SelfAttribute("standard.category")
    field = factory.SelfAttribute("standard.field")
    issuing_authority = factory.SelfAttribute("standard.issuing_authority")
    territorial_authority = factory.SelfAttribute("standard.unit.territorial_authority")
    inspecting_authority = factory.SelfAttribute("standard.unit.territorial_authority")
    rule_version = 1


#: The routing table of the notice, 二(二)1, written out by hand.
ROUTING = {
    "sp_statutory": Inspector.CITY,
    "sp_authorised": Inspector.CITY,
    "dept_highest": Inspector.CITY,
    "ent_highest": Inspector.DISTRICT,
    "inst_highest": Inspector.DISTRICT,
    "other": Inspector.MANUAL,
}


def routing_rules(version=1, **changes):
    """A version of the routing table; ``changes`` replaces the inspector of single categories."""
    return RoutingRule.objects.bulk_create(
        RoutingRule(version=version, category=category, inspector=inspector)
        for category, inspector in {**ROUTING, **changes}.items()
    )


class TemplateFactory(DjangoModelFactory):
    class Meta:
        model = ChecklistTemplate
        django_get_or_create = ("kind", "version")

    kind = ChecklistKind.ANNEX1
    version = 1
    edition = "JJF 1033-2016"
    title = "计量标准现场监督检查表"


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = ChecklistSection
        django_get_or_create = ("template", "code")

    template = factory.SubFactory(TemplateFactory)
    code = "A"
    title = "计量标准器及配套设备"
    short_title = "标准器"
    order = 1


class ItemFactory(DjangoModelFactory):
    class Meta:
        model = ChecklistItem
        django_get_or_create = ("section", "code")

    section = factory.SubFactory(SectionFactory)
    code = factory.Sequence(lambda n: f"A{n % 1000:03d}")  # four characters
    text = "示例检查要点"
    level = ItemLevel.STANDARD
    used_in = UsedIn.BOTH
    problem_category = "A"
    order = factory.Sequence(lambda n: n)


class FrameFactory(DjangoModelFactory):
    class Meta:
        model = SamplingFrame

    campaign = factory.SubFactory(CampaignFactory)
    authority = factory.SubFactory(AuthorityFactory)
    hash = "0" * 64
    state = FrameState.FROZEN
    frozen_at = factory.LazyFunction(clock.now)


class FrameStandardFactory(DjangoModelFactory):
    class Meta:
        model = FrameStandard

    frame = factory.SubFactory(FrameFactory)
    standard = factory.SubFactory(StandardFactory)
    unit = factory.SelfAttribute("standard.unit")
    category = factory.SelfAttribute("standard.category")
    field = factory.SelfAttribute("standard.field")
    unit_key = factory.LazyAttribute(lambda o: o.unit.uscc or o.unit.name)
    unit_name = factory.SelfAttribute("unit.name")
    standard_key = factory.LazyAttribute(lambda o: f"{o.standard.name} {o.standard.pk}")
    standard_name = factory.SelfAttribute("standard.name")


class DrawRunFactory(DjangoModelFactory):
    class Meta:
        model = DrawRun

    frame = factory.SubFactory(FrameFactory)
    ratio = 20
    required = 1
    seed = "示例种子"
    algorithm = "1"
    result_hash = "0" * 64


class TermsFactory(DjangoModelFactory):
    """Terms an hour after their moment, with everything any state asks for but the nonce."""

    class Meta:
        model = DrawTerms

    frame = factory.SubFactory(FrameFactory)
    campaign = factory.SelfAttribute("frame.campaign")
    authority = factory.SelfAttribute("frame.authority")
    kind = "units"
    number = factory.Sequence(lambda n: n + 1)
    issue = "2021061"
    moment = factory.LazyFunction(lambda: clock.now() - dt.timedelta(hours=1))
    acknowledge_by = factory.LazyFunction(lambda: clock.now() + dt.timedelta(hours=1))
    text = "{}"
    hash = "0" * 64
    acknowledged_at = factory.LazyFunction(clock.now)
    value = "ssq:2021061:01,07,12,18,25,33|09"
    entered_at = factory.LazyFunction(clock.now)
    confirmed_by = factory.SubFactory("tests.factories.accounts.UserFactory")


class DrawnUnitFactory(DjangoModelFactory):
    class Meta:
        model = DrawnUnit

    run = factory.SubFactory(DrawRunFactory)
    unit = factory.SubFactory(UnitFactory)
    order = factory.Sequence(lambda n: n + 1)
    kind = "random"


class DrawnStandardFactory(DjangoModelFactory):
    class Meta:
        model = DrawnStandard

    drawn_unit = factory.SubFactory(DrawnUnitFactory)
    standard = factory.SubFactory(StandardFactory)
    why = "field_minimum"
