"""Rules, preview and texts on screen: who reads, who writes, and what a day would bring."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import delivery, packing
from metrostd.notifications.models import Line, Message
from metrostd.reminders import running, wording
from metrostd.reminders.enums import Moment
from metrostd.reminders.models import ReminderRule
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DutyFactory
from tests.factories.registry import AuthorityFactory
from tests.factories.reminders import RuleFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 5, 28)


@pytest.fixture(autouse=True)
def that_day():
    with clock.pinned(clock.at_time(DAY)):
        yield


@pytest.fixture
def city(client):
    member = MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory(city=True))
    return sign_in(client, member)


def url(name, *args):
    return reverse(f"reminders:{name}", args=args)


def owed(**fields):
    duty = DutyFactory(
        due_on=dt.date(2021, 5, 31), created_at=clock.at_time(dt.date(2021, 5, 3)), **fields
    )
    MembershipFactory(authority=duty.authority)
    return duty


RULE = {"kind": "draw", "moment": "before", "days": "5", "audience": "owner"}


def test_a_new_rule_is_off_until_its_preview_was_seen(city):
    owed()
    answer = city.post(url("create"), RULE)
    rule = ReminderRule.objects.get()
    seen = city.get(url("preview"), {"rule": rule.pk, "day": "2021-05-26"}).context["found"]

    assert answer.url == url("edit", rule.pk)
    assert not rule.is_on
    assert [p.told[0].text for p in seen.people] == ["抽取检查对象，2021年5月31日到期，还有5天。"]
    city.post(url("switch", rule.pk))
    rule.refresh_from_db()
    assert rule.is_on
    assert not Line.objects.exists()
    actions = AuditEntry.objects.about(rule).values_list("action", flat=True)
    assert list(actions) == ["reminder_rule.switch", "reminder_rule.add"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": "0"}, "请填1至90天。"),
        ({"moment": "on_day"}, "“到期当天”不用填天数，请填0。"),
        ({"moment": "weekly", "days": "8"}, "请填星期几：1是星期一，7是星期日。"),
        ({"days": "3"}, "已有同样的规则"),
        ({"text": "{titel}快到期"}, "没有变量{titel}。可以用的变量：{title}"),
        ({"text": "{title 快到期"}, "花括号没有成对"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_sentence(city, changes, said):
    RuleFactory()

    answer = city.post(url("create"), RULE | changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_rule_is_edited_and_one_that_is_on_is_not_deleted(city):
    rule = RuleFactory()

    refused = city.post(url("delete", rule.pk))
    city.post(url("edit", rule.pk), RULE | {"by_law": "on"})
    rule.refresh_from_db()
    assert (rule.days, rule.by_law) == (5, True)
    assert refused.status_code == 403
    assert "请先停用再删除" in refused.content.decode()
    city.post(url("edit", rule.pk), RULE | {"by_law": "on"})
    city.post(url("switch", rule.pk))
    city.post(url("delete", rule.pk))

    assert not ReminderRule.objects.exists()
    done = AuditEntry.objects.filter(action__startswith="reminder_rule.").values_list(
        "action", flat=True
    )
    assert sorted(done) == [f"reminder_rule.{w}" for w in ("delete", "switch", "write")]


def test_a_rule_speaks_with_its_own_words_in_preview_inbox_and_mail(city, mailoutbox):
    duty = owed()
    person = duty.authority.memberships.get().user
    person.email, person.email_verified_at = "d@example.org", clock.now()
    person.save()
    usual = RuleFactory(moment="on_day", days=0)
    city.post(url("create"), RULE | {"text": " 抽取前请核对名单：{title}，\n{when}。 "})
    own = ReminderRule.objects.exclude(pk=usual.pk).get()
    city.post(url("switch", own.pk))

    said = "抽取前请核对名单：抽取检查对象， 还有5天。"
    page = city.get(url("preview"), {"day": "2021-05-26"}).content.decode()
    assert said in page
    assert "抽取前请核对名单" in city.get(url("index")).content.decode()
    with clock.pinned(clock.at_time(dt.date(2021, 5, 26))):
        running.remind(clock.today())
        packing.pack(clock.now())
        delivery.deliver()
    assert Message.objects.get().subject == said
    assert said in mailoutbox[0].body
    # Another rule about the same duty keeps the common words.
    with clock.pinned(clock.at_time(duty.due_on)):
        assert [line.subject for line in running.remind(duty.due_on).lines if line.channel == "inbox"] == [
            "抽取检查对象，2021年5月31日到期，今天到期，请办结。"
        ]  # fmt: skip


def test_a_clock_behind_its_own_last_run_is_seen_and_goes_on_when_somebody_says_so(city, client):
    due = owed().due_on
    RuleFactory(moment=Moment.ON_DAY, days=0)
    running.remind(dt.date(2027, 3, 1))
    with clock.pinned(clock.at_time(due)):
        assert running.remind(due).lines == []
        page = city.get(url("index")).content.decode()
        assert "2021年5月31日早于上次运行的2027年3月1日" in page

        city.post(url("go_on"))

        assert "自动提醒停了" not in city.get(url("index")).content.decode()
        assert AuditEntry.objects.filter(action="reminder_day.go_on").count() == 1
        assert running.remind(due).lines
        assert running.remind(due).lines == []
        assert city.post(url("go_on")).status_code == 422


def test_a_district_does_not_say_what_day_it_is(client):
    RuleFactory()
    running.remind(dt.date(2027, 3, 1))
    sign_in(client, owed().authority.memberships.get())

    with clock.pinned(clock.at_time(dt.date(2021, 5, 31))):
        page = client.get(url("index")).content.decode()
        assert ("自动提醒停了" in page, url("go_on") in page) == (True, False)
        assert client.post(url("go_on")).status_code == 403


def test_a_district_sees_its_own_people_and_writes_no_rule(client):
    rule = RuleFactory()
    mine, other = owed(), owed()
    empty = DutyFactory(
        due_on=mine.due_on, authority=AuthorityFactory(), created_at=mine.created_at
    )
    me = mine.authority.memberships.get()
    sign_in(client, me)

    found = client.get(url("preview")).context["found"]

    assert [p.membership for p in found.people] == [me]
    assert found.unheard == []
    assert other.authority.memberships.get() not in [p.membership for p in found.people]
    assert empty.authority.memberships.count() == 0
    assert client.get(url("index")).status_code == 200
    for name, args in (("create", ()), ("edit", (rule.pk,)), ("text", ("before",))):
        assert client.get(url(name, *args)).status_code == 403
    for name in ("switch", "delete"):
        assert client.post(url(name, rule.pk)).status_code == 403


def test_what_nobody_would_hear_of_is_named(city):
    RuleFactory()
    DutyFactory(due_on=dt.date(2021, 5, 31), created_at=clock.at_time(dt.date(2021, 5, 3)))

    page = city.get(url("preview")).content.decode()

    assert "没有人能收到" in page
    assert "责任方或者上级主管处室没有可用的账户" in page


def test_a_day_off_says_that_nothing_goes_out(city):
    RuleFactory()
    owed()

    assert "不是工作日，不发送" in city.get(url("preview"), {"day": "2021-05-29"}).content.decode()


@pytest.mark.parametrize("role", [Role.UNIT_USER, Role.AUDITOR, Role.ASSESSOR])
def test_others_read_no_rules(client, role):
    where = {"as_unit": True} if role == Role.UNIT_USER else {"role": role}
    sign_in(client, MembershipFactory(**where))

    for name in ("index", "preview", "texts"):
        assert client.get(url(name)).status_code == 403


def test_the_preview_costs_the_same_for_many(city):
    RuleFactory()
    owed()
    one = cost_of(city, url("preview"))
    for _ in range(4):
        owed()

    assert cost_of(city, url("preview")) == one


class TestTexts:
    def test_a_text_is_looked_at_then_kept_and_used(self, city):
        duty = owed()
        given = {"text": "请注意：{owner}的{title}{when}"}

        looked = city.post(url("text", "before"), given | {"show": "1"})
        assert "的抽取检查对象还有3天" in looked.context["example"]
        assert wording.texts()["before"] == wording.DEFAULTS["before"]
        city.post(url("text", "before"), given)

        filled = wording.fill(wording.texts()["before"], wording.values_for(duty, DAY))
        assert filled == f"请注意：{duty.authority}的抽取检查对象还有3天"
        assert AuditEntry.objects.get(action="reminder_text.write").after == given
        assert "已修改" in city.get(url("texts")).content.decode()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{titel}到期", "没有变量{titel}。可以用的变量：{title}"),
            ("{title 到期", "花括号没有成对"),
            ("{title.campaign}", "没有变量{title.campaign}"),
            ("字" * 201, "最多200个"),
        ],
    )
    def test_a_text_with_what_nobody_fills_in_is_refused(self, city, text, said):
        answer = city.post(url("text", "before"), {"text": text})

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert wording.texts()["before"] == wording.DEFAULTS["before"]

    def test_what_is_put_in_is_not_read_for_variables(self):
        assert wording.fill("{title}", {"title": "{owner}", "owner": "x"}) == "{owner}"

    def test_there_is_no_text_for_anything_else(self, city):
        assert city.get(url("text", "nothing")).status_code == 404
