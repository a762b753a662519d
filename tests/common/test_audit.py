import pytest

from metrostd.common import audit
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.registry import UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    token = audit.origin.set("192.0.2.7")
    yield "192.0.2.7"
    audit.origin.reset(token)


def test_the_trail_says_in_which_capacity_and_from_where(address):
    user = UserFactory(display_name="示例甲")
    MembershipFactory(user=user)
    acting = MembershipFactory(
        user=user, role=Role.DISTRICT_INSPECTOR, authority__short_name="西青区局"
    )
    user.act_as(acting)
    unit = UnitFactory()

    row = audit.record(
        unit, actor=user, action="edit", label="修改", before={"a": 1}, after={"a": 2}, note="更正"
    )

    row.refresh_from_db()
    assert row.acting_as == "区局检查人员 · 西青区局"
    assert row.actor_label == "示例甲（区局检查人员 · 西青区局）"
    assert row.address == address
    assert (row.before, row.after, row.note) == ({"a": 1}, {"a": 2}, "更正")
    assert (row.target, row.target_label) == (unit, str(unit))
    assert str(row) == f"修改：{unit}"


def test_a_person_with_several_capacities_and_none_chosen_acts_as_nobody():
    user = UserFactory()
    MembershipFactory.create_batch(2, user=user)

    row = audit.record(UnitFactory(), actor=user, action="edit", label="修改")

    assert (row.acting_as, row.address) == ("", None)


def test_a_long_label_is_cut_to_what_the_column_holds():
    row = audit.record(UnitFactory.build(pk=1, name="长" * 400), actor=None, action="x", label="x")

    assert row.target_label == "长" * 300


def test_the_trail_of_an_object_is_newest_first_and_without_other_objects():
    unit, other = UnitFactory.create_batch(2)
    for target, action in ((unit, "first"), (other, "foreign"), (unit, "second")):
        audit.record(target, actor=None, action=action, label=action)

    assert [row.action for row in AuditEntry.objects.about(unit)] == ["second", "first"]
    assert AuditEntry.objects.about(unit, other).count() == 3
    assert [row.action for row in AuditEntry.objects.about_all(type(unit), [other.pk])] == [
        "foreign"
    ]


def test_objects_of_another_model_with_the_same_key_do_not_mix():
    unit = UnitFactory()
    audit.record(UserFactory.build(pk=unit.pk), actor=None, action="x", label="x")

    assert not AuditEntry.objects.about(unit).exists()


def test_a_bulk_write_leaves_a_row_per_object_with_one_insert(address, django_assert_num_queries):
    user = MembershipFactory().user
    units = UnitFactory.create_batch(4)
    audit.record(units[0], actor=user, action="warm", label="x")

    with django_assert_num_queries(1):
        audit.record_many(
            units,
            actor=user,
            action="import",
            label="导入",
            note="附件4",
            after={units[1].pk: {"name": "新"}},
        )

    rows = AuditEntry.objects.filter(action="import", address=address, note="附件4")
    assert set(rows.values_list("target_id", flat=True)) == {unit.pk for unit in units}
    assert set(rows.values_list("acting_as", flat=True)) == {user.acting_label}
    assert {row.target_id: row.after for row in rows if row.after} == {units[1].pk: {"name": "新"}}


def test_an_export_is_an_access_with_the_same_particulars(address):
    user = MembershipFactory().user

    audit.record_access(actor=user, kind="export", what="应办事项" * 100)

    entry = AccessEntry.objects.get()
    assert (entry.actor, entry.acting_as, entry.address) == (user, user.acting_label, address)
    assert (entry.kind, entry.what, str(entry)) == ("export", ("应办事项" * 100)[:300], entry.what)
