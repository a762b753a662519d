"""One value for many records: seen first, told to whoever edits meanwhile, taken back while untouched."""

import pytest
from django.urls import reverse

from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.registry import services
from metrostd.registry.enums import Category, OperatingStatus, PriorityDomain
from metrostd.registry.models import BulkEdit, MeasurementStandard, StandardDomain
from metrostd.registry.views import bulk
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
STANDARDS, UNITS = "registry:standards_bulk", "registry:units_bulk"


@pytest.fixture
def member():
    return MembershipFactory(role=Role.CITY_ADMIN)


@pytest.fixture
def office(client, member):
    return sign_in(client, member)


def apply(client, name, query, count):
    url = reverse(name)
    return client.post(f"{url}?{query}", {"count": count})


def test_ticked_rows_are_changed_with_a_trail_and_a_new_version(office, member):
    one, two, other = StandardFactory.create_batch(3)

    response = apply(office, STANDARDS, f"pk={one.pk}&pk={two.pk}&change=category:other", 2)

    assert response.url == BulkEdit.objects.get().get_absolute_url()
    for standard in (one, two, other):
        standard.refresh_from_db()
    assert [s.category for s in (one, two, other)] == ["other", "other", Category.ENT_HIGHEST]
    assert [s.version for s in (one, two, other)] == [2, 2, 1]
    entry = AuditEntry.objects.about(one).get()
    assert (entry.before, entry.after) == (
        {"计量标准类别": "企业最高计量标准"},
        {"计量标准类别": "其他（授权专项检定等）"},
    )
    assert entry.actor == member.user


def test_all_of_the_filter_is_changed_and_nothing_else(office):
    mine = StandardFactory.create_batch(2, name="示例压力表装置")
    other = StandardFactory(name="示例砝码装置")

    apply(office, STANDARDS, "all=1&q=压力表&change=regime:self_managed", 2)

    assert set(MeasurementStandard.objects.filter(regime="self_managed")) == set(mine)
    assert other.regime == "certified"


def test_the_preview_says_how_many_change_from_what_to_what(office):
    StandardFactory.create_batch(2)
    StandardFactory(category=Category.INST_HIGHEST)
    StandardFactory(category=Category.OTHER)

    preview = office.get(reverse(STANDARDS), {"all": 1, "change": "category:other"}).context[
        "preview"
    ]

    assert preview.groups == [
        ("企业最高计量标准", "其他（授权专项检定等）", 2),
        ("事业单位最高计量标准", "其他（授权专项检定等）", 1),
    ]
    assert (preview.count, preview.unchanged) == (3, 1)


def test_rows_seen_but_not_editable_are_skipped_with_the_reason(client):
    bureau, stranger = AuthorityFactory.create_batch(2)
    unit = UnitFactory(territorial_authority=bureau)
    own = StandardFactory(unit=unit, issuing_authority=bureau)
    foreign = StandardFactory(unit=unit, issuing_authority=stranger)
    district = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=bureau))
    query = "all=1&change=category:other"
    page = district.get(f"{reverse(STANDARDS)}?{query}")
    assert [count for _, count in page.context["preview"].refused] == [1]

    apply(district, STANDARDS, query, 1)

    edit = BulkEdit.objects.get()
    assert edit.changes.keys() == {str(own.pk)}
    assert edit.skipped[0][0] == foreign.name
    assert "其他部门考核发证" in district.get(edit.get_absolute_url()).content.decode()


def test_rows_out_of_sight_are_not_touched(client):
    hidden = StandardFactory()
    district = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN))

    response = apply(district, STANDARDS, f"pk={hidden.pk}&change=category:other", 1)

    assert response.status_code == 409
    hidden.refresh_from_db()
    assert hidden.category == Category.ENT_HIGHEST


def test_domains_are_added_and_removed(office):
    has, lacks = StandardFactory.create_batch(2)
    StandardDomain.objects.create(standard=has, domain=PriorityDomain.FOOD)

    apply(office, STANDARDS, "all=1&change=domain_add:food", 1)

    assert StandardDomain.objects.filter(domain="food").count() == 2
    has.refresh_from_db()
    lacks.refresh_from_db()
    assert (has.version, lacks.version) == (1, 2)
    assert AuditEntry.objects.about(lacks).get().after == {"重点领域": "属于食品安全"}

    apply(office, STANDARDS, f"pk={has.pk}&change=domain_remove:food", 1)

    assert [row.standard for row in StandardDomain.objects.all()] == [lacks]


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ("operating_status:moved", "operating_status", OperatingStatus.MOVED),
        ("unit_type:institution", "unit_type", "institution"),
    ],
)
def test_units_are_changed_too(office, change, field, value):
    unit = UnitFactory()

    apply(office, UNITS, f"pk={unit.pk}&change={change}", 1)

    unit.refresh_from_db()
    assert getattr(unit, field) == value


def test_the_district_of_units_is_set_and_taken_back(office):
    district = AuthorityFactory()
    unit = UnitFactory()
    before = unit.territorial_authority
    apply(office, UNITS, f"pk={unit.pk}&change=territorial_authority:{district.pk}", 1)
    unit.refresh_from_db()
    assert unit.territorial_authority == district

    office.post(reverse("registry:bulk_undo", args=[BulkEdit.objects.get().pk]))

    unit.refresh_from_db()
    assert (unit.territorial_authority, unit.version) == (before, 3)


def test_a_stale_editor_is_told(office):
    standard = StandardFactory()
    apply(office, STANDARDS, f"pk={standard.pk}&change=category:other", 1)

    with pytest.raises(StaleError):
        services.write_changes(standard, base_version=1, values={"name": "新名示例"}, actor=None)


def test_a_preview_that_no_longer_holds_is_shown_again(office):
    StandardFactory()

    response = apply(office, STANDARDS, "all=1&change=category:other", 5)

    assert response.status_code == 409
    assert "重新核对" in response.content.decode()
    assert not BulkEdit.objects.exists()


def test_undo_gives_every_record_its_own_value_back(office):
    one, two = StandardFactory(), StandardFactory(category=Category.INST_HIGHEST)
    apply(office, STANDARDS, "all=1&change=category:other", 2)

    office.post(reverse("registry:bulk_undo", args=[BulkEdit.objects.get().pk]))

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.category, two.category) == (Category.ENT_HIGHEST, Category.INST_HIGHEST)
    assert AuditEntry.objects.about(two).first().action_label == "撤回批量修改"


def test_no_undo_once_a_record_was_touched_or_another_edit_followed(office):
    one, two = StandardFactory.create_batch(2)
    apply(office, STANDARDS, f"pk={one.pk}&change=category:other", 1)
    first = BulkEdit.objects.get()
    apply(office, STANDARDS, f"pk={two.pk}&change=category:other", 1)
    assert office.post(reverse("registry:bulk_undo", args=[first.pk])).status_code == 403
    services.write_changes(two, base_version=2, values={"name": "新名示例"}, actor=None)

    response = office.post(reverse("registry:bulk_undo", args=[BulkEdit.objects.first().pk]))

    assert response.status_code == 403
    assert "1 条后来又有改动" in response.content.decode()


def test_many_rows_are_written_in_the_background(
    office, member, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    StandardFactory.create_batch(2)

    with django_capture_on_commit_callbacks(execute=True):
        response = apply(office, STANDARDS, "all=1&change=category:other", 2)

    job = Job.objects.get()
    assert response.url == reverse("common:job", args=[job.pk])
    assert job.next_url == BulkEdit.objects.get().get_absolute_url()
    assert MeasurementStandard.objects.filter(category="other").count() == 2
    # As whom it was asked for, so it was done.
    rows = AuditEntry.objects.about_all(
        MeasurementStandard, MeasurementStandard.objects.values_list("pk", flat=True)
    )
    assert {row.acting_as for row in rows} == {member.label}


def test_a_unit_has_no_tick_boxes(client):
    unit = StandardFactory().unit
    own = sign_in(client, MembershipFactory(role=Role.UNIT_USER, unit=unit, authority=None))

    assert "tick" not in own.get(reverse("registry:standards")).content.decode()
    assert own.get(reverse(STANDARDS)).status_code == 403


def test_the_preview_asks_the_same_whatever_the_number(office):
    counts = []
    for _ in range(2):
        StandardFactory.create_batch(3)
        counts.append(
            queries_of(
                lambda: office.get(reverse(STANDARDS), {"all": 1, "change": "category:other"})
            )
        )

    assert counts[0] == counts[1]
