"""Deadlines counted without a table of holidays say so; an administrator keeps the tables."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import duties, reference
from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.models import AuditEntry, CalendarYear, SpecialDay
from metrostd.common.roles import Role
from metrostd.registry.models import Authority
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db

CAVEAT = "2027年的节假日安排尚未录入，暂按周一至周五为工作日推算"


@pytest.fixture(autouse=True)
def calendar():
    reference.load_reference()


@pytest.fixture
def desk(client):
    office = Authority.objects.get(level="city")
    return sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=office))


def owe(start, *, many=False):
    campaign = CampaignFactory()
    wanted = {
        "kind": DutyKind.DISPOSITION,
        "title": "审定",
        "due_on": add_workdays(start, 10),
        "target": campaign,
        "authority": campaign.organiser,
    }
    if many:
        duties.assign_many([duties.build(campaign, **wanted)])
    else:
        duties.assign(campaign, **wanted)
    return Duty.objects.get()


@pytest.mark.parametrize("many", [False, True])
def test_a_day_in_a_year_without_a_table_is_marked_and_in_the_trail(client, many):
    duty = owe(dt.date(2026, 12, 24), many=many)
    reader = MembershipFactory(role=Role.CITY_ADMIN, authority=duty.authority)

    assert (duty.due_on, duty.due_note) == (dt.date(2027, 1, 7), CAVEAT)
    entry = AuditEntry.objects.about(duty).get(action="duty.assume_day")
    assert entry.note == f"2027年1月7日：{CAVEAT}"
    page = sign_in(client, reader).get(reverse("campaigns:duties"))
    assert CAVEAT in page.content.decode()


def test_a_day_in_a_year_with_a_table_is_not():
    duty = owe(dt.date(2026, 9, 28))

    assert duty.due_on == dt.date(2026, 10, 16)
    assert duty.due_note == ""
    assert not AuditEntry.objects.about(duty).exists()


def test_a_duty_that_gets_another_day_is_marked_anew():
    duty = owe(dt.date(2026, 12, 24))

    duties.reschedule(duty.target, kind=duty.kind, due_on=add_workdays(dt.date(2026, 1, 5), 1))
    duty.refresh_from_db()

    assert (duty.due_on, duty.due_note) == (dt.date(2026, 1, 6), "")


def imported(desk, table, text):
    page = desk.post(
        reverse(f"admin:common_{table}_import"),
        {"format": "1", "import_file": SimpleUploadedFile("表.csv", text.encode("gb18030"))},
    )
    confirm = page.context["confirm_form"]
    assert confirm is not None, page.content.decode()
    return desk.post(reverse(f"admin:common_{table}_process_import"), confirm.initial, follow=True)


@pytest.mark.ignore_template_errors  # of the library's own template
def test_an_administrator_imports_the_days_of_a_year(desk):
    days = "日期,是否工作日,名称\n2027-01-01,否,元旦\n2027-01-04,否,元旦\n2027-01-09,是,元旦调休\n"

    said = imported(desk, "specialday", days).content.decode()
    imported(
        desk,
        "calendaryear",
        "年度,通知文号,发布日期,调整通知文号\n2027,国办发明电〔2026〕1号,2026-11-10,\n",
    )

    assert "请在“节假日安排”中登记" in said
    assert add_workdays(dt.date(2026, 12, 31), 1) == dt.date(2027, 1, 5)
    assert add_workdays(dt.date(2026, 12, 31), 1).caveat == ""
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"admin.import"}
    assert CalendarYear.objects.get(year=2027).notice_on == dt.date(2026, 11, 10)


@pytest.mark.ignore_template_errors
def test_a_weekday_is_not_worked_in_exchange(desk):
    page = desk.post(
        reverse("admin:common_specialday_add"),
        {"day": "2027-01-05", "is_workday": "on", "name": "调休"},
    )

    assert "本来就是工作日" in page.content.decode()
    assert not SpecialDay.objects.filter(day=dt.date(2027, 1, 5)).exists()


@pytest.mark.ignore_template_errors
def test_who_is_no_administrator_keeps_no_calendar(client):
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=Authority.objects.get(level="city"))

    with clock.pinned(clock.at_time(dt.date(2026, 11, 28))):
        page = sign_in(client, office).get(reverse("admin:common_specialday_changelist"))

    assert page.status_code in (302, 403)
