"""The library of legal bases: what an article is called on the day of an act, and who changes it."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import reference
from inspections import checklist_keeping
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry import legal
from metrostd.registry.models import LegalBasis
from metrostd.registry.resources import LegalBasisResource
from rectification import wording
from tests.factories.accounts import MembershipFactory, sign_in

pytestmark = pytest.mark.django_db
BEFORE, AFTER = dt.date(2021, 7, 14), dt.date(2021, 7, 15)


@pytest.fixture
def loaded():
    rows = json.loads(legal.FILE.read_text("utf-8"))
    reference.load_rows(LegalBasis, rows, ("code", "starts_on"))
    LegalBasis.objects.update(created_at=clock.at_time(dt.date(2021, 4, 1), 9))


def another(code="xkf-61", **more):
    values = {"law": "行政许可法", "formal_name": "中华人民共和国行政许可法", "title": "监督检查"}
    return LegalBasis.objects.create(code=code, **values | more)


def test_an_article_is_called_what_it_was_called_on_the_day(loaded):
    def two(day):
        return legal.sentence(legal.TWO_OFFICERS, legal.CREDENTIALS_SHOWN, on=day)

    assert two(BEFORE) == "《行政处罚法》第三十七条、《行政处罚法》第三十七条"
    assert two(AFTER) == "《行政处罚法》第四十二条、《行政处罚法》第五十五条"
    assert two(dt.date(1990, 1, 1)) == two(BEFORE)


def test_without_a_library_the_words_are_those_delivered():
    assert legal.named(legal.SUPERVISION, on=AFTER, formal=True) == [
        "《中华人民共和国计量法》第十八条"
    ]


def test_an_order_names_the_law_of_its_day_and_another_row_reaches_later_ones_alone(loaded):
    another(article="第六十五条", starts_on=dt.date(2022, 1, 1))

    old, new = (
        wording.demand("correction", AFTER, laws=wording.laws(on=day))
        for day in (dt.date(2021, 12, 31), dt.date(2022, 1, 1))
    )

    assert "《中华人民共和国行政许可法》第六十一条和《计量标准考核办法》的规定" in old
    assert "《中华人民共和国行政许可法》第六十五条和" in new


def test_a_law_that_has_ended_without_another_stands_on_no_paper(loaded):
    LegalBasis.objects.filter(code=legal.SUPERVISION).update(ends_on=AFTER)

    assert wording.laws(on=BEFORE)["supervision"] == "《中华人民共和国计量法》第十八条"
    with pytest.raises(ValidationError, match="自2021年7月15日起停止施行"):
        wording.laws(on=AFTER)
    assert legal.sentence(legal.SUPERVISION, on=AFTER) == "《计量法》第十八条（已停止施行）"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "《行政处罚法》第37条",
            [
                "自2021年7月15日起由《行政处罚法》第五十五条、《行政处罚法》第四十二条、"
                "《行政处罚法》第四十三条代替"
            ],
        ),
        ("《行政处罚法》第四十二条、第55条", []),
        ("《行政许可法》第80条第（2）项；《中华人民共和国计量法》第9条", []),
        ("《行政许可法》第199条", ["法规库中没有这一条"]),
        ("《计量法实施细则》第8至10条", []),
        ("JJF 1033-2016 4.1.1；《某某企业管理规定》第3条", []),
    ],
)
def test_citations_are_compared_with_the_library(loaded, text, said):
    assert [one.said for one in legal.doubts([text], on=AFTER)] == said


def test_what_is_not_in_force_yet_is_said(loaded):
    (found,) = legal.doubts(["《行政处罚法》第四十二条"], on=BEFORE)

    assert (found.cited, found.said) == ("《行政处罚法》第42条", "2021年7月15日起才施行")


@pytest.mark.parametrize("number", [1, 2])
def test_the_delivered_checklists_cite_what_the_library_knows(loaded, number):
    path = reference.FIXTURES / f"checklist_annex{number}.json"
    data = json.loads(path.read_text("utf-8"))
    bases = [item["basis"] for section in data["sections"] for item in section["items"]]

    assert legal.doubts(bases, on=AFTER) == []


def test_a_checklist_page_lists_its_doubts(client, loaded):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    reference.load_checklist(
        json.loads((reference.FIXTURES / "checklist_annex1.json").read_text("utf-8"))
    )
    template = checklist_keeping.ChecklistTemplate.objects.get()
    assert "依据核对" not in client.get(template.get_absolute_url()).content.decode()
    another(article="第八十五条", code="xkf-80-2", starts_on=dt.date(2021, 8, 1))

    with clock.pinned(clock.at_time(dt.date(2021, 8, 2), 9)):
        found = checklist_keeping.doubts(template, on=clock.today())
        page = client.get(template.get_absolute_url()).content.decode()

    # 第（一）项 and 第（三）项 of the same article stand.
    assert found == []
    LegalBasis.objects.filter(code__startswith="xkf-80").exclude(article="第八十五条").update(
        ends_on=dt.date(2021, 8, 1)
    )
    with clock.pinned(clock.at_time(dt.date(2021, 8, 2), 9)):
        page = client.get(template.get_absolute_url()).content.decode()
    assert "依据核对" in page
    assert "《行政许可法》第80条" in page


class TestKeeping:
    @pytest.fixture(autouse=True)
    def _loaded(self, loaded):
        with clock.pinned(clock.at_time(dt.date(2021, 6, 1), 9)):
            yield

    def test_what_has_been_in_force_is_replaced_by_a_row_and_never_rewritten(self):
        row = LegalBasis.objects.get(code="jlf-18")
        row.article = "第十九条"
        with pytest.raises(ValidationError, match="已经施行的条款不改写"):
            row.full_clean()

        row.refresh_from_db()
        row.title, row.ends_on = "监督", dt.date(2022, 1, 1)
        row.full_clean()

    def test_a_slip_of_today_is_put_right(self):
        row = another(article="第六十条", starts_on=dt.date(2021, 5, 1))
        row.article = "第六十一条"
        row.full_clean()

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"article": "18条"}, "应写作"),
            ({"law": "《计量法》"}, "不加书名号"),
            ({"starts_on": dt.date(2019, 4, 23)}, "在这一施行日期已有一行"),
            ({"ends_on": dt.date(2021, 1, 1)}, "须在“施行日期”之后"),
        ],
    )
    def test_what_is_wrong_is_said(self, values, said):
        good = {
            "code": "xkf-61", "law": "行政许可法", "formal_name": "中华人民共和国行政许可法",
            "article": "第六十二条", "title": "监督检查", "starts_on": dt.date(2021, 7, 1),
        }  # fmt: skip
        with pytest.raises(ValidationError, match=said):
            LegalBasis(**good | values).full_clean()

    def test_the_table_goes_out_and_comes_back_and_names_the_cell(self):
        table = LegalBasisResource().export()
        result = LegalBasisResource().import_data(table, dry_run=True)
        assert result.totals["skip"] == LegalBasis.objects.count()

        table = LegalBasisResource().export(LegalBasis.objects.filter(code="jlf-18"))
        table.append(["jlf-18", "计量法", "中华人民共和国计量法", "19条", "监督", "2022-01-01", ""])
        result = LegalBasisResource().import_data(table, dry_run=True)
        (wrong,) = result.invalid_rows
        assert (wrong.number, list(wrong.field_specific_errors)) == (2, ["条款"])

    def test_the_administrator_adds_a_row_with_its_day(self, client):
        sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
        form = {
            "code": "jlf-18", "law": "计量法", "formal_name": "中华人民共和国计量法",
            "article": "第二十条", "title": "监督检查", "starts_on": "2022-01-01", "ends_on": "",
        }  # fmt: skip

        answer = client.post(reverse("admin:registry_legalbasis_add"), form, follow=True)

        assert "已经制作的文书、已经写下的依据不变" in answer.content.decode()
        row = LegalBasis.objects.get(code="jlf-18", starts_on=dt.date(2022, 1, 1))
        assert AuditEntry.objects.about(row).get().action == "admin.add"
        page = client.get(reverse("admin:registry_legalbasis_changelist") + "?q=jlf-18")
        assert "《计量法》第二十条（2022年1月1日起）" in page.content.decode()

    def test_nobody_else_gets_there(self, client):
        sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))
        assert client.get(reverse("admin:registry_legalbasis_changelist")).status_code in (302, 403)
