"""What rows of accounts are called where they are listed, and who may not take over from whom."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from metrostd.accounts import leaving, staffing
from metrostd.accounts.models import (
    KnownDevice,
    OneTimeCode,
    PastPassword,
    RecoveryCode,
    RosterFile,
    SecondFactor,
    SignedIn,
    SignInCounter,
    SlipPrint,
)
from metrostd.common import clock
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_rows_name_whose_they_are():
    user = UserFactory(display_name="示例甲")
    now = clock.now()
    rows = (
        KnownDevice(user=user, digest="0123456789"),
        PastPassword(user=user, until=now),
        OneTimeCode(user=user, purpose="activate"),
        SecondFactor(user=user),
        RecoveryCode(user=user),
        SignedIn(user=user, began_at=now),
    )

    assert all(str(row).startswith(str(user)) for row in rows)
    assert str(SignInCounter(name="jia", failures=3)) == "jia 3"
    assert str(RosterFile(filename="名册.xlsx")) == "名册.xlsx"
    assert str(SlipPrint(title="启用通知单")) == "启用通知单"


def test_a_successor_stands_in_the_same_place_with_a_like_role():
    leaver = MembershipFactory(role=Role.DISTRICT_INSPECTOR)
    adviser = MembershipFactory(role=Role.ASSESSOR, authority=leaver.authority)

    assert leaving.fits(leaver, leaver) == ["接任人不能是本人。"]
    assert "不在同一部门或单位" in leaving.fits(leaver, MembershipFactory())[0]
    assert "不能接任" in leaving.fits(leaver, adviser)[0]


def test_a_name_is_given_once_and_a_last_day_lies_ahead():
    actor = MembershipFactory(role=Role.SYSTEM_ADMIN)
    row = MembershipFactory(role=Role.DISTRICT_INSPECTOR, user=UserFactory(username="jia"))
    past = staffing.Capacity(
        role=row.role, authority=row.authority, ends_on=clock.today() - dt.timedelta(days=1)
    )

    with pytest.raises(ValidationError, match="已经过去"):
        staffing.change_membership(row, past, actor=actor.user)
    with pytest.raises(ValidationError, match="已被使用"):
        staffing.open_account(
            name="示例乙", username="JIA", phone="", email="", capacity=past, actor=actor.user
        )
