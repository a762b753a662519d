"""Two rows for one body become one; everything that refers to the one that goes follows."""

import importlib
import pkgutil

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from factory.django import DjangoModelFactory

from campaigns import duties
from campaigns.enums import CampaignState, DutyKind
from campaigns.models import Campaign, DrawRun, FrameExclusion, FrameStandard
from campaigns.verifying import verify_draw
from inspections.models import DeclaredInterest, InspectionTask
from metrostd.accounts.models import Membership
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry, StoredFile
from metrostd.common.roles import Role
from metrostd.lists.imports.register import Register
from metrostd.registry import services
from metrostd.registry.enums import RowChange
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    Unit,
    UnitMerge,
)
from metrostd.registry.services.relations import relations
from selfcheck.models import SelfCheckReport
from tests import draws, factories
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.campaigns import (
    CampaignFactory,
    FrameFactory,
    RoutedStandardFactory,
    routing_rules,
)
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.factories.selfcheck import ReportFactory
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
EVIDENCE = {
    "campaigns.DrawnUnit.unit",
    "campaigns.FrameExclusion.unit",
    "campaigns.FrameStandard.unit",
    "common.AuditEntry.target",
    "notices.Delivery.unit",
    "notifications.Line.target",
    "registry.UnitMerge.gone",
    "registry.UnitMerge.survivor",
}


@pytest.fixture
def office(client):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))


def merge(survivor, gone, *, take=(), actor=None, note="重复录入"):
    made, _ = services.merge_units(
        survivor,
        gone,
        versions=(survivor.version, gone.version),
        take=take,
        actor=actor,
        note=note,
    )
    return made


# Every relation ----------------------------------------------------------------------------------


def test_every_relation_to_a_unit_is_known_and_only_evidence_stays():
    """A relation added by any app is found; only those listed here do not follow."""
    known = {(r.model, r.column) for r in relations()}
    missing = [
        str(field)
        for model in _all_models()
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignKey) and field.related_model is Unit
        if (model, field.attname) not in known
    ]

    assert missing == []
    assert {r.key for r in relations() if r.is_frozen} == EVIDENCE


@pytest.mark.parametrize("key", sorted(r.key for r in relations() if not r.is_frozen))
def test_a_row_of_every_relation_follows(key):
    """The column alone is written, so a bare row of any model shows it."""
    relation = next(r for r in relations() if r.key == key)
    survivor = UnitFactory()
    gone = UnitFactory(territorial_authority=survivor.territorial_authority)
    row = _bare_row(relation, gone)

    merge(survivor, gone)

    assert getattr(type(row)._base_manager.get(pk=row.pk), relation.column) == survivor.pk
    if key != "registry.FormerName.unit":
        assert not relation.rows(gone).exists()


def _all_models():
    return apps.get_models(include_auto_created=True)


def _bare_row(relation, unit):
    """A row of the model that refers to the unit, made from a factory or from another such row."""
    made = {
        "registry.FormerName.unit": lambda: FormerName.objects.create(
            unit=unit, name="旧名示例", name_key="旧名示例"
        ),
        "registry.Unit.merged_into": lambda: UnitFactory(merged_into=unit),
        "registry.ImportRow.unit": lambda: _import_row(unit),
        "accounts.Membership.unit": lambda: MembershipFactory(
            role=Role.UNIT_USER, unit=unit, authority=None
        ),
        "accounts.Membership.employer": lambda: MembershipFactory(
            role=Role.ASSESSOR, employer=unit
        ),
        "inspections.DeclaredInterest.unit": lambda: DeclaredInterest.objects.create(
            membership=MembershipFactory(), unit=unit, kind="other", detail="示例说明"
        ),
        "campaigns.Duty.unit": lambda: _duty(unit, owed=unit),
        "campaigns.Duty.target": lambda: _duty(unit, target=unit),
    }
    if relation.key in made:
        return made[relation.key]()
    fitting = [f for f in _factories(DjangoModelFactory) if f._meta.model is relation.model]
    assert fitting, f"say here how a row of {relation.key} is made"
    row = fitting[0]()
    relation.model._base_manager.filter(pk=row.pk).update(**{relation.column: unit.pk})
    return row


for module in pkgutil.iter_modules(factories.__path__):
    importlib.import_module(f"tests.factories.{module.name}")


def _factories(base):
    for factory in base.__subclasses__():
        yield factory
        yield from _factories(factory)


def _duty(unit, *, owed=None, target=None):
    campaign = CampaignFactory()
    return duties.assign(
        campaign,
        kind=DutyKind.SELF_CHECK,
        title="示例",
        due_on=campaign.notice_on,
        target=target or campaign,
        unit=owed,
        authority=None if owed else AuthorityFactory(),
    )


def _import_row(unit):
    batch = ImportBatch.objects.create(
        file=StoredFile.objects.create(sha256="0" * 64, size=1, media_type="text/csv"),
        filename="示例.xlsx",
        issuing_authority=AuthorityFactory(),
    )
    return ImportRow.objects.create(
        batch=batch, sheet="示例", row_no=4, change=RowChange.NEW, unit=unit
    )


# What a merge does -------------------------------------------------------------------------------


def test_fields_are_kept_as_chosen_and_names_are_still_found(office):
    survivor = UnitFactory(name="天津示例甲厂", name_key="天津示例甲厂", contact_name="甲")
    gone = UnitFactory(
        name="天津示例乙厂", name_key="天津示例乙厂", contact_name="乙", uscc="91120000MA00000001"
    )
    FormerName.objects.create(unit=gone, name="天津示例丙厂", name_key="天津示例丙厂")
    StandardFactory(unit=gone)

    merge(survivor, gone, take=("contact_name",))

    survivor.refresh_from_db()
    assert (survivor.contact_name, survivor.name, survivor.version) == ("乙", "天津示例甲厂", 2)
    assert set(survivor.former_names.values_list("name", flat=True)) == {
        "天津示例乙厂",
        "天津示例丙厂",
    }
    for words in ("乙厂", "丙厂", "91120000MA00000001"):
        page = office.get(reverse("registry:units"), {"q": words}).context["page"]
        assert list(page) == [survivor]
    register = Register({"91120000MA00000001"}, {"天津示例乙厂"})
    assert register.by_old_code["91120000MA00000001"].pk == survivor.pk
    assert [known.pk for known in register.by_former_name["天津示例乙厂"]] == [survivor.pk]
    assert not register.by_name


def test_taking_the_other_name_makes_the_own_name_a_former_one():
    survivor = UnitFactory(name="天津示例旧厂", name_key="天津示例旧厂")
    gone = UnitFactory(name="天津示例新厂", name_key="天津示例新厂")

    merge(survivor, gone, take=("name",))

    survivor.refresh_from_db()
    assert (survivor.name, survivor.name_key, survivor.pinyin) == (
        "天津示例新厂",
        "天津示例新厂",
        "tjslxc",
    )
    assert [row.name for row in survivor.former_names.all()] == ["天津示例旧厂"]


def test_the_credit_code_can_be_taken_over():
    survivor, gone = UnitFactory(uscc=""), UnitFactory(uscc="91120000MA00000001")

    merge(survivor, gone, take=("uscc",))

    survivor.refresh_from_db()
    gone.refresh_from_db()
    assert survivor.uscc == gone.uscc == "91120000MA00000001"


def test_both_units_have_the_merge_in_their_trail():
    survivor, gone = UnitFactory(contact_name="甲"), UnitFactory(contact_name="乙")
    StandardFactory.create_batch(2, unit=gone)

    merge(survivor, gone, take=("contact_name",), note="重复录入")

    here, there = AuditEntry.objects.about(survivor).get(), AuditEntry.objects.about(gone).get()
    assert (here.before, here.after) == ({"联系人": "甲"}, {"联系人": "乙"})
    assert here.note == f"并入“{gone}”；转入计量标准 2；重复录入"
    assert there.note == f"并入“{survivor}”；重复录入"


def test_a_merge_says_why(office):
    survivor, gone = UnitFactory(), UnitFactory()
    url = reverse("registry:merge", args=[survivor.pk, gone.pk])

    response = office.post(url, {"survivor_version": 1, "gone_version": 1, "note": "  "})

    assert response.status_code == 422
    assert "请填写合并理由" in response.content.decode()
    assert not UnitMerge.objects.exists()
    assert Unit.objects.filter(pk=gone.pk).exists()


def test_the_account_of_the_unit_that_goes_keeps_working(client):
    survivor, gone = UnitFactory(), UnitFactory()
    member = MembershipFactory(role=Role.UNIT_USER, unit=gone, authority=None)
    standard = StandardFactory(unit=gone)

    merge(survivor, gone)

    page = sign_in(client, Membership.objects.get(pk=member.pk)).get(standard.get_absolute_url())
    assert survivor.name in page.content.decode()


def test_a_person_of_both_units_acts_for_the_one_that_remains():
    survivor, gone = UnitFactory(), UnitFactory()
    person = UserFactory()
    for unit in (survivor, gone):
        MembershipFactory(user=person, role=Role.UNIT_USER, unit=unit, authority=None)

    merge(survivor, gone)

    assert [m.unit for m in person.memberships.active()] == [survivor]


def test_the_old_address_leads_to_the_survivor_for_those_who_may_see_it(client):
    district = AuthorityFactory()
    survivor = UnitFactory(territorial_authority=district)
    gone = UnitFactory(territorial_authority=district)
    merge(survivor, gone)

    mine = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district))
    assert mine.get(gone.get_absolute_url()).url == survivor.get_absolute_url()
    other = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN))
    assert other.get(gone.get_absolute_url()).status_code == 404


def test_a_unit_merged_away_is_in_no_list(office):
    survivor, gone = UnitFactory(), UnitFactory()
    merge(survivor, gone)

    assert list(office.get(reverse("registry:units")).context["page"]) == [survivor]
    assert gone.name not in office.get(reverse("registry:duplicates")).content.decode()


def test_a_merge_of_a_merge_leads_to_the_last():
    first, second, third = UnitFactory(), UnitFactory(), UnitFactory()
    merge(second, first)
    second.refresh_from_db()

    merge(third, second)

    first.refresh_from_db()
    assert first.current == third
    names = set(third.former_names.values_list("name", flat=True))
    assert names == {first.name, second.name}


# Frames and draws --------------------------------------------------------------------------------


def drawn(*, units=3, ratio=100):
    """A frame of some units with a real draw; returns the run with its units in their order."""
    routing_rules()
    campaign, authority = CampaignFactory(), AuthorityFactory()
    for _ in range(units):
        RoutedStandardFactory(campaign=campaign, inspecting_authority=authority)
    frame = draws.freeze(campaign, authority)
    run = draws.draw(frame, ratio=ratio)
    return run, [row.unit for row in run.drawn.select_related("unit").order_by("order")]


def close(run):
    Campaign.objects.filter(pk=run.frame.campaign_id).update(state=CampaignState.CLOSED)


def test_an_old_draw_can_still_be_computed_again():
    run, (gone, *_) = drawn()
    survivor = UnitFactory()

    merge(survivor, gone)

    assert verify_draw(DrawRun.objects.get(pk=run.pk)) == []
    task = InspectionTask.objects.get(drawn_unit__run=run, unit=survivor)
    assert task.drawn_unit.unit == gone
    assert FrameStandard.objects.filter(unit=gone).exists()
    assert not MeasurementStandard.objects.filter(unit=gone).exists()


def test_two_units_of_one_closed_frame_are_merged_and_the_draw_holds():
    run, (one, *_) = drawn(units=3, ratio=30)
    other = run.frame.entries.exclude(unit=one).first().unit
    close(run)

    merge(one, other)

    assert verify_draw(DrawRun.objects.get(pk=run.pk)) == []


def test_a_draw_after_a_merge_sends_the_team_to_the_unit_that_remains():
    routing_rules()
    campaign, authority = CampaignFactory(), AuthorityFactory()
    routed = RoutedStandardFactory(campaign=campaign, inspecting_authority=authority)
    frame = draws.freeze(campaign, authority)
    survivor = UnitFactory(actual_address="示例路1号")
    merge(survivor, routed.unit)

    run = draws.draw(frame, ratio=100)

    task = InspectionTask.objects.get(drawn_unit__run=run)
    assert (task.unit, task.place) == (survivor, "示例路1号")
    assert verify_draw(run) == []


def test_two_units_of_one_running_frame_stay_two():
    run, (one, *_) = drawn(units=3, ratio=30)
    other = run.frame.entries.exclude(unit=one).first().unit

    with pytest.raises(ValidationError, match="冻结的抽样框"):
        merge(one, other)

    assert MeasurementStandard.objects.filter(unit=other).exists()


def test_two_units_of_one_draw_stay_two():
    run, (one, other, _) = drawn()
    close(run)

    with pytest.raises(ValidationError, match="同时抽中"):
        merge(one, other)


def test_what_was_left_out_of_a_frame_keeps_its_unit():
    gone = UnitFactory()
    row = FrameExclusion.objects.create(frame=FrameFactory(), unit=gone, reason="示例")

    merge(UnitFactory(), gone)

    row.refresh_from_db()
    assert row.unit == gone


# What cannot be merged ---------------------------------------------------------------------------


def test_two_reports_to_one_office_in_one_campaign_are_a_reason_against():
    survivor, gone = UnitFactory(), UnitFactory()
    report = ReportFactory(unit=survivor)
    ReportFactory(unit=gone, campaign=report.campaign, receiver=report.receiver)

    assert "自查报告" in services.preview_merge(survivor, gone).reasons[0]
    with pytest.raises(ValidationError, match="自查报告"):
        merge(survivor, gone)
    assert SelfCheckReport.objects.filter(unit=gone).exists()
    assert not UnitMerge.objects.exists()


def test_records_changed_since_the_comparison_are_compared_again(office):
    survivor, gone = UnitFactory(), UnitFactory()
    with pytest.raises(StaleError):
        services.merge_units(survivor, gone, versions=(1, 9), take=(), actor=None, note="重复")

    url = reverse("registry:merge", args=[survivor.pk, gone.pk])
    response = office.post(url, {"survivor_version": 1, "gone_version": 9})

    assert response.status_code == 409
    assert "重新核对" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "own", "status"),
    [
        (Role.CITY_ADMIN, False, 200),
        (Role.DISTRICT_ADMIN, True, 200),
        (Role.DISTRICT_ADMIN, False, 403),
        (Role.DISTRICT_APPROVER, True, 403),
    ],
)
def test_who_merges(client, role, own, status):
    district = AuthorityFactory()
    office = AuthorityFactory(city=True) if role == Role.CITY_ADMIN else district
    survivor = UnitFactory(territorial_authority=district)
    gone = UnitFactory(territorial_authority=district if own else AuthorityFactory())
    StandardFactory(unit=gone, issuing_authority=office)

    url = reverse("registry:merge", args=[survivor.pk, gone.pk])
    response = sign_in(client, MembershipFactory(role=role, authority=office)).get(url)

    assert response.status_code == status


def test_the_screens_from_search_to_merge(office):
    survivor = UnitFactory(contact_name="甲", contact_phone="")
    gone = UnitFactory(contact_name="乙", contact_phone="13912345678")
    found = office.get(reverse("registry:merge_choose", args=[survivor.pk]), {"q": gone.name})
    url = reverse("registry:merge", args=[survivor.pk, gone.pk])
    assert url in found.content.decode()
    page = office.get(url)
    sides = {choice.name: side for choice, side in page.context["rows"]}
    assert (sides["contact_name"], sides["contact_phone"]) == ("kept", "gone")

    response = office.post(
        url,
        {
            "survivor_version": 1,
            "gone_version": 1,
            "keep_contact_name": "gone",
            "keep_contact_phone": "gone",
            "note": "同一企业",
        },
    )

    assert response.url == survivor.get_absolute_url()
    page = office.get(survivor.get_absolute_url()).content.decode()
    assert "合并记录" in page
    assert "并入其他单位" in page  # the trail of the row merged away is part of the story


# Taking it back ----------------------------------------------------------------------------------


def test_a_merge_is_taken_back_as_it_was(office):
    survivor = UnitFactory(contact_name="甲")
    gone = UnitFactory(contact_name="乙")
    FormerName.objects.create(unit=gone, name=survivor.name, name_key=survivor.name_key)
    standard = StandardFactory(unit=gone)
    own = StandardFactory(unit=survivor)
    person = UserFactory()
    for unit in (survivor, gone):
        MembershipFactory(user=person, role=Role.UNIT_USER, unit=unit, authority=None)
    record = merge(survivor, gone, take=("contact_name", "territorial_authority"))

    office.post(reverse("registry:merge_undo", args=[record.pk]), {"note": "不是同一单位"})

    for obj in (survivor, gone, standard, own):
        obj.refresh_from_db()
    assert (survivor.contact_name, gone.contact_name, gone.merged_into) == ("甲", "乙", None)
    assert survivor.territorial_authority != gone.territorial_authority
    assert (standard.unit, own.unit) == (gone, survivor)
    assert person.memberships.active().count() == 2
    assert not survivor.former_names.exists()
    assert [row.name for row in gone.former_names.all()] == [survivor.name]
    assert AuditEntry.objects.about(gone).first().note.endswith("不是同一单位")


def test_a_merge_is_not_taken_back_once_something_changed(office):
    survivor, gone = UnitFactory(), UnitFactory()
    record = merge(survivor, gone)
    StandardFactory(unit=survivor)

    response = office.post(reverse("registry:merge_undo", args=[record.pk]), {"note": "示例"})

    assert response.status_code == 403
    assert "计量标准有增减" in response.content.decode()
    gone.refresh_from_db()
    assert gone.merged_into == survivor


# Finding duplicates ------------------------------------------------------------------------------


def test_candidates_are_grouped_by_what_they_share(office):
    same = [UnitFactory(name=f"天津示例{w}有限公司") for w in ("（丙）", "丙")]
    code = [UnitFactory(uscc=f"9112{n}000MA0000001X") for n in (1, 2)]
    phone = [UnitFactory(contact_phone="02212345678", territorial_authority=AuthorityFactory())]
    phone.append(
        UnitFactory(
            contact_phone="022 12345678",
            territorial_authority=phone[0].territorial_authority,
        )
    )
    UnitFactory(contact_phone="022 12345678")

    groups = office.get(reverse("registry:duplicates")).context["groups"]

    assert [(g["reasons"], g["units"]) for g in groups] == [
        (("名称相近",), same),
        (("组织机构代码相同",), code),
        (("电话和属地相同",), phone),
    ]


def test_the_list_of_candidates_asks_the_same_number_of_questions(office):
    counts = []
    for group in range(4):
        UnitFactory(name=f"天津示例（{group}）厂")
        UnitFactory(name=f"天津示例{group}厂")
        counts.append(queries_of(lambda: office.get(reverse("registry:duplicates"))))

    assert len(set(counts[1:])) == 1
