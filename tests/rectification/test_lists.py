"""The lists of rectification: what they cost, what they show, what an export holds."""

import datetime as dt
import io
import uuid

import openpyxl
import pytest

from inspections.models import Evidence
from metrostd.common import clock
from metrostd.common.models import AccessEntry
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import referral as referral_moves
from tests.factories.campaigns import CampaignFactory
from tests.factories.rectification import (
    RaisedFindingFactory,
    ReviewedTaskFactory,
    SheetFactory,
    issue,
    stored_photo,
    submitted,
)
from tests.factories.registry import UnitFactory
from tests.printing import PURPOSE

from .pages import as_office, as_unit, finding_of, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("findings", [1, 4])
def test_the_list_costs_the_same(client, django_assert_num_queries, findings):
    order = submitted(issue(findings=findings))
    as_office(client, order.task)
    client.get(url("index"))

    with django_assert_num_queries(14):
        page = client.get(url("index")).context["page"]

    assert len(page) == findings


@pytest.mark.parametrize(("orders", "loose"), [(1, 1), (4, 1), (1, 3)])
def test_the_unit_s_list_costs_the_same(client, django_assert_num_queries, orders, loose):
    task = ReviewedTaskFactory()
    for _ in range(orders):
        issue(task)
    for _ in range(loose):
        RaisedFindingFactory(task=task, sheet=SheetFactory(task=task))
    as_unit(client, task)
    client.get(url("index"))

    # Two of them read the tables of work days, once for all days that are counted.
    with django_assert_num_queries(14):
        page = client.get(url("index")).context["page"]

    assert len(page) == orders


@pytest.mark.parametrize("findings", [1, 4])
@pytest.mark.parametrize("side", [as_unit, as_office])
def test_an_order_costs_the_same(client, django_assert_max_num_queries, findings, side):
    order = submitted(issue(findings=findings))
    for item in order.items.all():
        Evidence.objects.create(
            answer=item.finding.answer,
            sheet=item.finding.sheet,
            kind="photo",
            file=stored_photo(),
            name="检查.jpg",
            client_id=uuid.uuid4(),
        )
    side(client, order.task)
    client.get(url("order", order.pk))

    with django_assert_max_num_queries(24):  # one of them brings what the clock has ended
        answer = client.get(url("order", order.pk))

    assert len(answer.context["cards"]) == findings


@pytest.mark.parametrize("rows", [1, 4])
def test_dispositions_and_referrals_cost_the_same(client, django_assert_num_queries, rows):
    task = ReviewedTaskFactory()
    for _ in range(rows):
        finding = RaisedFindingFactory(task=task, sheet=SheetFactory(task=task), state="failed")
        disposition_moves.propose_disposition(finding, action="revoked", reason="示例", actor=None)
        referral_moves.refer_case(
            finding, sent_to="示例", reason="示例", legal_basis="示例", actor=None
        )
    as_office(client, task)
    client.get(url("dispositions"))

    with django_assert_num_queries(10):
        assert len(client.get(url("dispositions")).context["page"]) == rows
    with django_assert_num_queries(10):
        assert len(client.get(url("referrals")).context["page"]) == rows


def _late(task):
    """A finding whose day passed while the office has yet to decide on more time."""
    finding = finding_of(issue(task, due_on=dt.date(2021, 7, 20)))
    extension_moves.ask_extension(
        finding, wanted_on=dt.date(2021, 8, 20), reason="示例理由", actor=None
    )
    return finding


def test_the_list_filters_and_says_what_is_next(client):
    campaign = CampaignFactory()
    unit = UnitFactory(name="天津示例热工有限公司")
    task = ReviewedTaskFactory(campaign=campaign, unit=unit)
    raised = RaisedFindingFactory(task=task, sheet=SheetFactory(task=task), severity="nonconform")
    late = _late(task)
    soon = finding_of(issue(task, due_on=dt.date(2021, 7, 30)))
    sent = finding_of(submitted(issue(task), on=dt.date(2021, 7, 18)))
    as_office(client, task)

    def shown(**query):
        with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
            return list(client.get(url("index"), query).context["page"])

    assert shown() == [late, soon, sent, raised]
    assert shown(state="to_order") == [raised]
    assert shown(state="submitted") == [sent]
    assert shown(overdue="yes") == [late]
    assert shown(overdue="soon") == [soon]
    assert shown(severity="nonconform") == [raised]
    assert shown(q="热工") == [late, soon, sent, raised]
    assert shown(q="没有的") == []
    number = soon.order_item.order.number
    assert shown(q=number) == shown(q=number.replace("〔", "[").replace("〕", "]")) == [soon]
    assert shown(district=str(task.authority_id), sort="-due") == [sent, soon, late, raised]
    assert [finding.next_label for finding in shown()] == ["查看", "查看", "确认", "下达整改"]
    with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
        figures = client.get(url("index")).context["figures"]
    assert (figures.to_order, figures.with_unit, figures.to_review) == (1, 2, 1)
    assert (figures.overdue, figures.total) == (1, 4)


def test_the_export_has_exactly_the_rows_shown(client):
    task = ReviewedTaskFactory(unit=UnitFactory(name="=cmd 示例单位"))
    late = _late(task)
    issue(task)
    issue(ReviewedTaskFactory(campaign=task.campaign), due_on=dt.date(2021, 7, 20))
    as_office(client, task)

    with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
        answer = client.post(f"{url('export')}?overdue=yes", PURPOSE)

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[4] for row in rows] == [late.fact]
    assert rows[0][0] == "'=cmd 示例单位"
    assert rows[0][8] == 8
    assert "（1 行）" in AccessEntry.objects.get(kind="export").what


def test_empty_lists_say_what_comes_next(client):
    task = ReviewedTaskFactory()
    as_office(client, task)
    assert "还没有需要整改的问题" in client.get(url("index")).content.decode()
    assert "没有证书处置建议" in client.get(url("dispositions")).content.decode()
    assert "没有移送的案件" in client.get(url("referrals")).content.decode()
    assert "没有符合条件" in client.get(url("index"), {"q": "甲"}).content.decode()
    assert "没有待下达的问题" in client.get(url("issue", task.pk)).content.decode()
    as_unit(client, task)
    assert "没有需要整改的问题" in client.get(url("index")).content.decode()


def test_a_finding_of_prohibited_conduct_is_not_called_nonconforming(client):
    task = ReviewedTaskFactory()
    finding = finding_of(issue(task, severity="nonconform"))
    type(finding.item).objects.filter(pk=finding.item_id).update(is_prohibition=True)
    as_office(client, task)

    answer = client.post(url("export"), PURPOSE)
    shown = client.get(finding.get_absolute_url()).content.decode()

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows(min_row=3, values_only=True) for cell in row]
    assert "发现" in cells
    assert "不符合" not in cells
    assert ">不符合<" not in "".join(shown.split())
