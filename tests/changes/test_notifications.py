"""Who hears of an application for replacing, sealing, withdrawing or resuming."""

import pytest

from metrostd.changes import services
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory
from tests.factories.changes import ON, ChangeFactory

pytestmark = pytest.mark.django_db


def test_the_office_hears_of_the_application_and_the_unit_of_the_answer():
    record = ChangeFactory(state="draft")
    host, unit = record.standard.hosting_authority, record.standard.unit
    office = MembershipFactory(authority=host)
    approver = MembershipFactory(role=Role.DISTRICT_APPROVER, authority=host)
    MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=host)
    MembershipFactory()
    holder = MembershipFactory(role=Role.UNIT_USER, authority=None, unit=unit)

    def told():
        rows = Message.objects.order_by("pk").values_list("membership", "subject")
        found = set(rows)
        Message.objects.all().delete()
        return found

    with clock.pinned(clock.at_time(ON, 9)):
        services.submit_change(record, actor=holder.user)
        subject = f"{unit} 提交封存申请"
        assert told() == {(office.pk, subject), (approver.pk, subject)}
        services.send_back_change(record, actor=office.user, note="请补充")
        assert told() == {(holder.pk, f"封存申请退回：{record.standard}")}
        services.submit_change(record, actor=holder.user)
        told()
        services.approve_change(
            record, actor=office.user, base_version=1, opinion="", opinion_by="示例",
            decided_on=ON,
        )  # fmt: skip
        assert told() == {(holder.pk, f"封存申请已批准：{record.standard}")}


def test_nobody_hears_of_a_draft_given_up():
    services.take_back_change(ChangeFactory(state="draft"), actor=None)

    assert not Message.objects.exists()
