"""名册: officers, assessors and experts from a workbook; what is wrong names its cell."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from metrostd.accounts import mobile, roster, roster_writing, schedule
from metrostd.accounts.enums import AccountState
from metrostd.accounts.models import Membership, RosterFile, User
from metrostd.accounts.roster_sheet import HEADINGS
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry, Job
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.registry import AuthorityFactory, FieldFactory, UnitFactory

pytestmark = pytest.mark.django_db
URL = "accounts:people_import"


@pytest.fixture
def city():
    return AuthorityFactory(city=True, short_name="市监委示例")


@pytest.fixture
def admin(city):
    return MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city)


def table(*rows: dict) -> bytes:
    """A workbook as the export makes it: a title, the headings, a row each."""
    book = Workbook()
    page = book.active
    page.append(["检查人员、考评员和专家名册"])
    page.append(list(HEADINGS))
    for row in rows:
        assert set(row) <= set(HEADINGS)
        page.append([row.get(head, "") for head in HEADINGS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(client, data: bytes, act="import"):
    upload = SimpleUploadedFile("名册.xlsx", data)
    return client.post(reverse(URL), {"file": upload, "act": act})


def test_a_roster_opens_accounts_and_twice_it_changes_nothing(client, admin, city):
    field = FieldFactory(name="示例热学")
    employer = UnitFactory(name="天津示例市计量院")
    data = table(
        {"姓名": "王小明", "身份": "市级检查人员", "机关": city.name, "证件号": "津执1", "有效期至": dt.date(2030, 1, 31), "手机": "13800138000"},
        {"姓名": "李四", "身份": "计量标准考评员", "机关": city.code, "任职单位": employer.name, "证件号": "考2", "专业": f"{field.name}", "随任务结束": "是"},
    )  # fmt: skip
    sign_in(client, admin)

    checked = send(client, data, act="check")
    assert User.objects.count() == 1
    done = send(client, data)
    entries = AuditEntry.objects.count()
    again = roster.read(data, "名册.xlsx", viewer=admin.user)

    assert dict(checked.context["counts"]) == {"新增": 2}
    assert done.url == reverse("accounts:people")
    first, second = Membership.objects.exclude(pk=admin.pk).order_by("pk")
    assert (first.officer_cert_no, first.cert_valid_until) == ("津执1", dt.date(2030, 1, 31))
    assert (first.user.phone, first.user.state) == ("13800138000", AccountState.NEW)
    assert (second.assessor_cert_no, second.employer, second.ends_with_task) == (
        "考2", employer, True,
    )  # fmt: skip
    assert list(second.fields.all()) == [field]
    assert again.counts == {"无变化": 2}
    roster_writing.carry_out(again, actor=admin.user)
    assert AuditEntry.objects.count() == entries


def test_who_waits_for_a_second_person_is_not_opened_again(admin, city):
    MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city)
    data = table({"姓名": "王处长", "身份": "计量处", "机关": city.name, "证件号": "津执9"})

    roster_writing.carry_out(roster.read(data, "名册.xlsx", viewer=admin.user), actor=admin.user)
    again = roster.read(data, "名册.xlsx", viewer=admin.user)

    assert Membership.objects.get(user__display_name="王处长").awaits_second
    assert again.counts == {"无变化": 1}
    roster_writing.carry_out(again, actor=admin.user)
    assert User.objects.filter(display_name="王处长").count() == 1


class TestLong:
    """More rows than somebody waits for: a job takes them in by parts."""

    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        monkeypatch.setattr(roster, "AT_ONCE", 4)
        monkeypatch.setattr(roster_writing, "PART", 2)

    def rows(self, city, count=5):
        return [
            {"姓名": f"册上{n}", "身份": "市级检查人员", "机关": city.name, "证件号": f"津执{n}"}
            for n in range(count)
        ]

    def test_it_is_taken_in_by_a_job_and_the_file_is_gone(
        self, client, admin, city, django_capture_on_commit_callbacks
    ):
        sign_in(client, admin)
        data = table(*self.rows(city))

        with django_capture_on_commit_callbacks(execute=True):
            asked = send(client, data)

        job, row = Job.objects.get(), RosterFile.objects.get()
        assert asked.url == reverse("common:job", args=[job.pk])
        assert (job.state, job.done, job.total, job.step) == ("done", 5, 5, "导入名册")
        assert (row.done, row.content.name) == ({"新增": 5}, "")
        assert Membership.objects.filter(role=Role.CITY_INSPECTOR).count() == 5
        shown = client.get(job.next_url).content.decode()
        assert "名册.xlsx：新增 5 人" in shown
        sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city))
        assert "名册.xlsx" not in client.get(job.next_url).content.decode()

    def queued(self, admin, city, rows=None):
        data = table(*(rows or self.rows(city)))
        plan = roster.read(data, "名册.xlsx", viewer=admin.user)
        roster_writing.queue(data, "名册.xlsx", plan, actor=admin.user)
        return Job.objects.get()

    def test_the_file_is_sealed_while_it_waits(self, admin, city):
        self.queued(admin, city)

        with RosterFile.objects.get().content.open("rb") as kept:
            assert not kept.read(2).startswith(b"PK")

    @pytest.mark.parametrize("killed_at", [0, 1, 2, 3])
    def test_a_worker_that_dies_on_the_way_doubles_nobody(self, admin, city, killed_at):
        job, seen = self.queued(admin, city), []

        def killed(*told):
            seen.append(told)
            if len(seen) > killed_at:
                raise SystemExit

        with pytest.raises(SystemExit):
            roster_writing.import_roster(job, killed)
        there = User.objects.filter(display_name__startswith="册上").count()
        roster_writing.import_roster(job, lambda *told: None)
        roster_writing.import_roster(job, lambda *told: None)

        assert there == min(2 * killed_at, 5)
        assert User.objects.filter(display_name__startswith="册上").count() == 5
        assert RosterFile.objects.get().done == {"新增": 5}

    def test_a_row_that_is_refused_says_how_far_it_came(self, admin, city):
        rows = self.rows(city)
        rows[3]["任职至"] = clock.today() - dt.timedelta(days=1)
        MembershipFactory(
            role=Role.CITY_INSPECTOR, authority=city, officer_cert_no="津执3",
            user__display_name="册上3",
        )  # fmt: skip
        job = self.queued(admin, city, rows)

        with pytest.raises(ValidationError, match=r"第6行（册上3）.*前2行已经导入，其余没有"):
            roster_writing.import_roster(job, lambda *told: None)

        assert User.objects.filter(display_name__startswith="册上").count() == 3

    def test_people_who_changed_while_it_waited_are_told(self, admin, city):
        job = self.queued(admin, city)
        for _ in range(2):
            MembershipFactory(
                role=Role.CITY_INSPECTOR, authority=city, officer_cert_no="津执4",
                user__display_name="册上4",
            )  # fmt: skip

        with pytest.raises(ValidationError, match=r"等待期间人员有了变化.*有几名册上4"):
            roster_writing.import_roster(job, lambda *told: None)

    def test_a_file_nobody_finished_is_deleted(self, admin, city):
        job = self.queued(admin, city)

        with clock.pinned(clock.now() + RosterFile.KEPT):
            schedule.end_what_is_over()
        assert RosterFile.objects.get().content.name == ""
        with pytest.raises(ValidationError, match="请重新上传"):
            roster_writing.import_roster(job, lambda *told: None)


def test_what_was_exported_is_imported_without_a_change(client, admin, city):
    user = UserFactory(phone="13800138000", email="a@example.cn")
    MembershipFactory(
        user=user, role=Role.CITY_INSPECTOR, authority=city, cert_valid_until=dt.date(2030, 1, 31)
    )
    sign_in(client, admin)

    data = client.post(reverse("accounts:people_export")).content

    shown = [cell for row in load_workbook(io.BytesIO(data)).active.values for cell in row]
    assert "138****8000" in shown
    assert "13800138000" not in shown
    plan = roster.read(data, "名册.xlsx", viewer=admin.user)
    assert (plan.issues, plan.counts) == ([], {"无变化": 1})
    assert AccessEntry.objects.filter(kind="export").exists()


def test_everything_wrong_is_named_by_its_cell_and_nothing_is_written(client, admin, city):
    UserFactory(username="taken")
    good = {"姓名": "王小明", "身份": "市级检查人员", "机关": city.name}
    data = table(
        good | {"身份": "厂长"},
        good | {"机关": "没有的局"},
        good | {"有效期至": "明年"},
        good | {"姓名": "甲", "专业": "魔法"},
        good | {"姓名": "乙", "任职单位": "没有的厂"},
        good | {"姓名": "丙", "手机": "123"},
        good | {"姓名": "丁", "邮箱": "x"},
        good | {"姓名": ""},
        good,
        good,
        good | {"姓名": "戊", "身份": "区局检查人员"},
    )
    sign_in(client, admin)

    answer = send(client, data)

    assert answer.status_code == 422
    found = {issue.cell: issue for issue in answer.context["plan"].issues}
    assert set(found) == {"C3", "D4", "G5", "H6", "E7", "I8", "J9", "B10", "B12", "C13"}
    assert found["C3"].found == "厂长"
    assert "导出名册" in found["H6"].advice
    assert "第11行" in found["B12"].advice
    assert "不属于" in found["C13"].advice
    assert User.objects.exclude(username="taken").count() == 1
    assert "G5" in answer.content.decode()


def test_an_office_imports_its_own_officers_alone(client):
    office = MembershipFactory()
    other = AuthorityFactory()
    row = {"姓名": "王小明", "身份": "区局检查人员"}
    plan = roster.read(
        table(row | {"机关": office.authority.name}, row | {"姓名": "李四", "机关": other.name}),
        "名册.xlsx",
        viewer=office.user,
    )

    assert [line.name for line in plan.lines] == ["王小明"]
    assert [issue.cell for issue in plan.issues] == ["C4"]


def test_a_changed_certificate_is_written_to_whom_it_belongs(admin, city):
    member = MembershipFactory(
        role=Role.CITY_INSPECTOR, authority=city, officer_cert_no="津执1",
        user__display_name="王小明", user__phone="13800138000",
    )  # fmt: skip
    row = {"姓名": "王小明", "身份": "市级检查人员", "机关": city.name, "证件号": "津执1"}
    plan = roster.read(table(row | {"有效期至": "2031-05-31"}), "名册.xlsx", viewer=admin.user)

    assert plan.counts == {"更改": 1}
    roster_writing.carry_out(plan, actor=admin.user)
    member.refresh_from_db()
    assert member.cert_valid_until == dt.date(2031, 5, 31)
    assert member.user.phone == "13800138000"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 x", b"\x89PNG not a table"])
def test_what_is_no_table_is_told(client, admin, data):
    sign_in(client, admin)

    answer = send(client, data)

    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_a_row_tells_everything_that_is_wrong_with_it_at_once(admin, city):
    row = {
        "姓名": "=1+1",
        "身份": "市级检查人员",
        "机关": city.name,
        "有效期至": "明年",
        "手机": "138****0000",
        "邮箱": "x",
    }
    number = {
        "姓名": "王小明",
        "身份": "市级检查人员",
        "机关": city.name,
        "手机": "+86 １３８－００１３－８０００",
    }

    plan = roster.read(table(row, row | {"手机": "12"}, number), "名册.xlsx", viewer=admin.user)

    assert [issue.cell for issue in plan.issues] == ["B3", "G3", "J3", "B4", "G4", "I4", "J4"]
    assert [line.phone for line in plan.lines] == ["13800138000"]
    [masked] = roster.read(
        table(number | {"手机": "138****0000"}), "名册.xlsx", viewer=admin.user
    ).issues
    assert (masked.cell, masked.advice) == ("I3", mobile.WRONG)


def test_a_table_without_people_is_told(admin):
    [issue] = roster.read(table(), "名册.xlsx", viewer=admin.user).issues

    assert (issue.cell, issue.advice) == ("B3", "表头下面没有人员，请填写后再上传。")


def test_a_table_without_the_headings_says_which(admin):
    book = Workbook()
    book.active.append(["名字", "电话"])
    out = io.BytesIO()
    book.save(out)

    [issue] = roster.read(out.getvalue(), "x.xlsx", viewer=admin.user).issues

    assert (issue.cell, "“姓名”和“身份”" in issue.advice) == ("A1", True)


def test_whom_a_row_means_is_never_guessed(admin, city, monkeypatch):
    for _ in range(2):
        person = UserFactory(display_name="赵同名")
        MembershipFactory(user=person, role=Role.CITY_INSPECTOR, authority=city)
    row = {"身份": "市级检查人员", "机关": city.name}
    data = table(
        row | {"姓名": "赵同名"},
        row | {"姓名": "钱新"},
        row | {"姓名": "孙", "有效期至": "2030年1月31日"},
    )

    plan = roster.read(data, "名册.xlsx", viewer=admin.user)

    assert "几名赵同名，请填写用户名" in "".join(issue.advice for issue in plan.issues)
    with pytest.raises(ValidationError, match="没有导入"):
        roster_writing.carry_out(plan, actor=admin.user)

    monkeypatch.setattr(roster, "MOST", 2)
    [issue] = roster.read(data, "名册.xlsx", viewer=admin.user).issues
    assert (issue.found, "分成几个文件" in issue.advice) == ("3行", True)


def test_a_name_and_a_second_capacity_come_with_the_roster(admin, city):
    person = UserFactory(username="ligong", display_name="李工", phone="13800138000")
    kept = MembershipFactory(user=person, role=Role.CITY_INSPECTOR, authority=city)
    row = {"用户名": "ligong", "机关": city.name, "姓名": "李工程师"}

    def told(**more: str) -> roster.Plan:
        return roster.read(table(row | more), "名册.xlsx", viewer=admin.user)

    renamed = told(身份="市级检查人员")
    assert dict(renamed.counts) == {"更改": 1}
    roster_writing.carry_out(renamed, actor=admin.user)
    granted = told(身份="计量标准考评员")
    assert dict(granted.counts) == {"增加身份": 1}
    roster_writing.carry_out(granted, actor=admin.user)

    person.refresh_from_db()
    assert (person.display_name, person.phone) == ("李工程师", "13800138000")
    assert set(person.memberships.values_list("role", flat=True)) == {kept.role, Role.ASSESSOR}


def test_the_user_name_of_somebody_elsewhere_is_taken():
    office = MembershipFactory()
    MembershipFactory(user=UserFactory(username="taken"))
    row = {"姓名": "钱新", "身份": "区局检查人员", "机关": office.authority.name, "用户名": "taken"}

    [issue] = roster.read(table(row), "名册.xlsx", viewer=office.user).issues

    assert "这个用户名已被使用" in issue.advice


def test_nobody_imports_their_own_account(city):
    office = MembershipFactory(
        role=Role.CITY_ADMIN, authority=city, user=UserFactory(username="own")
    )
    row = {"姓名": "某人", "身份": "市级检查人员", "机关": city.name, "用户名": "own"}

    plan = roster.read(table(row), "名册.xlsx", viewer=office.user)

    assert [issue.advice for issue in plan.issues] == ["不能导入自己的账户，请由上级管理人员办理。"]
