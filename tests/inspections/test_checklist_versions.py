"""Another version of Annex 1 or 2 without code: a workbook there and back, every fault's cell, campaigns keep theirs."""

import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import checklists, reference
from campaigns.enums import CampaignState, ChecklistKind
from campaigns.models import ChecklistItem, ChecklistTemplate
from inspections import checklist_keeping, checklist_reading
from inspections.checklist_reading import HEAD, ITEMS, SECTIONS
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db
KINDS = {1: ChecklistKind.ANNEX1, 2: ChecklistKind.ANNEX2}


@pytest.fixture(autouse=True)
def _delivered():
    for number in KINDS:
        path = reference.FIXTURES / f"checklist_annex{number}.json"
        reference.load_checklist(json.loads(path.read_text("utf-8")))


def book(kind=ChecklistKind.ANNEX1, change=lambda made: None, **cells):
    """The version in force with cells of its items changed, or anything else."""
    made = load_workbook(io.BytesIO(checklist_reading.checklist_workbook(checklists.current(kind))))
    for place, text in cells.items():
        made[ITEMS][place] = text
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def taken(data):
    return checklist_keeping.take(SimpleUploadedFile("检查表.xlsx", data), actor=None)


def rows(template):
    items = ChecklistItem.objects.filter(section__template=template)
    hidden = {"id", "section_id", "_state"}
    return [
        (item.section.code, {k: v for k, v in vars(item).items() if k not in hidden | {"_state"}})
        for item in items.select_related("section")
    ]


@pytest.mark.parametrize("kind", ChecklistKind)
def test_a_version_comes_back_from_its_workbook_as_it_was(kind):
    before = checklists.current(kind)

    after = taken(book(kind))

    assert checklist_keeping.differences(before, after) == []
    assert [(code, _plain(item)) for code, item in rows(after)] == [
        (code, _plain(item)) for code, item in rows(before)
    ]
    assert (after.version, after.is_current) == (before.version + 1, False)
    assert checklists.current(kind) == before


def _plain(item):
    return {name: value for name, value in item.items() if not name.startswith("_")}


def test_text_a_spreadsheet_would_run_comes_back_as_text():
    before = checklists.current(ChecklistKind.ANNEX1)
    ChecklistItem.objects.filter(section__template=before, code="A01").update(
        text="=1+1 以内", stock_phrases=["-5℃以下", "甲、乙，丙"]
    )

    assert checklist_keeping.differences(before, taken(book())) == []


def hidden_row(made):
    made[ITEMS].row_dimensions[4].hidden = True


def hidden_column(made):
    made[ITEMS].column_dimensions["F"].hidden = True


def merged(made):
    made[ITEMS].merge_cells("E2:E3")


def without_sheet(made):
    del made[SECTIONS]


def too_long(made):
    for at in range(2, 600):
        made[ITEMS].cell(at, 1, "U")


def head(cell, text):
    def change(made):
        made[HEAD][cell] = text

    return change


def section(cell, text):
    def change(made):
        made[SECTIONS][cell] = text

    return change


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"B3": "U01"}, "工作表“检查项”B3 的编码“U01”与 工作表“检查项”B2 重复。"),
        ({"B40": "U01"}, "工作表“检查项”B40 的编码“U01”与"),
        ({"B2": "甲1"}, "工作表“检查项”B2 的编码“甲1”应为"),
        ({"B2": None}, "工作表“检查项”B2 的编码“”应为"),
        ({"A2": "Z"}, "工作表“检查项”A2 的分组“Z”在工作表“分组”中没有。"),
        ({"A2": None}, "工作表“检查项”A2 请填写分组的代号。"),
        ({"C2": " "}, "工作表“检查项”C2 请填写“检查要点”。"),
        ({"C2": "长" * 201}, "工作表“检查项”C2 有 201 字，“检查要点”最多 200 字。"),
        ({"F2": "★"}, "工作表“检查项”F2 的“★”应为“是”或“否”。"),
        ({"F2": None}, "工作表“检查项”F2 的“”应为“是”或“否”。"),
        ({"J2": "1"}, "工作表“检查项”J2 的“1”应为“是”或“否”。"),
        ({"G2": "案卷"}, "工作表“检查项”G2 的“案卷”应为 单位、计量标准 之一。"),
        ({"H2": "都用"}, "工作表“检查项”H2 的“都用”应为"),
        ({"I2": "K"}, "工作表“检查项”I2 的“K”应为"),
        ({"M2": "民用"}, "工作表“检查项”M2 的“民用”不是计量标准类别"),
        ({"N2": "nothing"}, "工作表“检查项”N2 的“nothing”不是系统预判规则"),
        ({"N2": "host_allowed"}, "工作表“检查项”N2 的“host_allowed”不是系统预判规则"),
        ({"O2": "长" * 101}, "工作表“检查项”O2 的常用语每行一条"),
        ({"C2": '="甲"&"乙"'}, "工作表“检查项”C2 是公式"),
        ({"C2": "#REF!"}, "工作表“检查项”C2 是错误值"),
        ({"C1": "要点"}, "工作表“检查项”C1 应为“检查要点”。"),
        ({"change": hidden_row}, "工作表“检查项”第 4 行是隐藏的"),
        ({"change": hidden_column}, "工作表“检查项”F 列是隐藏的"),
        ({"change": merged}, "工作表“检查项”E2:E3 是合并的单元格"),
        ({"change": without_sheet}, "缺少工作表“分组”"),
        ({"change": too_long}, "工作表“检查项”最多 500 行。"),
        ({"change": head("B1", "附件3")}, "工作表“表头”的“检查表”应为 附件1、附件2 之一。"),
        ({"change": head("B2", None)}, "工作表“表头”请填写“名称”"),
        ({"change": head("B3", "长" * 41)}, "工作表“表头”请填写“依据规范版本”，最多 40 字。"),
        ({"change": head("B2", "=B3")}, "工作表“表头”B2 是公式"),
        ({"change": section("A3", "U")}, "工作表“分组”A3 的代号“U”重复。"),
        ({"change": section("A3", "a")}, "工作表“分组”A3 的代号“a”应为"),
        ({"change": section("C3", None)}, "工作表“分组”C3 请填写“简称”"),
        ({"change": section("A3", "Y")}, "工作表“分组”的分组“Y”没有检查项"),
    ],
)
def test_what_is_wrong_is_said_with_its_cell_and_nothing_is_kept(cells, said):
    with pytest.raises(ValidationError) as refused:
        taken(book(**cells))

    assert any(said in one for one in refused.value.messages), refused.value.messages
    assert ChecklistTemplate.objects.count() == 2


def test_many_faults_are_counted():
    with pytest.raises(ValidationError) as refused:
        taken(book(**{f"F{at}": "?" for at in range(2, 22)}))

    assert (len(refused.value.messages), refused.value.messages[-1]) == (13, "另有 8 处。")


def changed(made):
    page = made[ITEMS]
    page["C2"], page["F3"] = "自查有记录", "是"
    page.delete_rows(4)
    page.append(["U", "U09", "新的检查项", None, None, "否", "单位", "自查", "G", "否", "是", "否"])
    made[HEAD]["B3"] = "JJF 1033-2023"


def test_the_difference_names_what_was_added_left_out_and_changed():
    before = checklists.current(ChecklistKind.ANNEX1)
    old = {item.code: item for item in ChecklistItem.objects.filter(section__template=before)}

    found = checklist_keeping.differences(before, taken(book(change=changed)))

    assert [(one.place, one.what, one.before, one.after) for one in found] == [
        ("表头", "依据规范版本", "JJF 1033-2016", "JJF 1033-2023"),
        ("U01", "检查要点", old["U01"].text, "自查有记录"),
        ("U02", "重点项", "否", "是"),
        ("U03", "删去", old["U03"].text, ""),
        ("U09", "增加", "", "新的检查项"),
    ]


def test_a_moved_item_is_said():
    def swap(made):
        first, second = ([cell.value for cell in made[ITEMS][at]] for at in (2, 3))
        for at, values in ((2, second), (3, first)):
            for column, value in enumerate(values, 1):
                made[ITEMS].cell(at, column, value)

    before = checklists.current(ChecklistKind.ANNEX1)

    (found,) = checklist_keeping.differences(before, taken(book(change=swap)))

    assert (found.place, found.what) == ("检查项", "次序")


def test_campaigns_that_have_begun_keep_their_version_and_new_ones_take_the_newest():
    running, draft = CampaignFactory(), CampaignFactory(state=CampaignState.DRAFT)
    beginning = CampaignFactory(state=CampaignState.DRAFT, opening_begun_at=clock.now())
    first = checklists.current(ChecklistKind.ANNEX1)
    second = taken(book(change=changed))

    kept = checklists.put_in_force(second, actor=None)

    def version(campaign):
        return checklists.template_for(campaign, ChecklistKind.ANNEX1)

    assert set(kept) == {running, beginning}
    assert [version(one) for one in (running, beginning, draft)] == [first, first, second]
    draft.state = CampaignState.OPEN
    draft.save()
    third = taken(book(C2="又一版"))
    assert set(checklists.put_in_force(third, actor=None)) == {draft}
    new = CampaignFactory(state=CampaignState.DRAFT)
    assert [version(one) for one in (running, draft, new)] == [first, second, third]
    checklists.put_in_force(ChecklistTemplate.objects.get(pk=first.pk), actor=None)
    assert [version(one) for one in (running, draft, new)] == [first, second, first]
    entry = AuditEntry.objects.about(second).get(action="checklist.put_in_force")
    assert entry.after == {"version": 2, "kept_by": [one.title for one in kept]}


def test_a_version_delivered_with_the_portal_leaves_running_campaigns_theirs():
    running = CampaignFactory()
    first = checklists.current(ChecklistKind.ANNEX1)
    data = json.loads((reference.FIXTURES / "checklist_annex1.json").read_text("utf-8"))

    reference.load_checklist({**data, "version": 7})

    assert checklists.template_for(running, ChecklistKind.ANNEX1) == first
    assert checklists.current(ChecklistKind.ANNEX1).version == 7


def test_what_is_in_force_is_not_put_in_force_again():
    with pytest.raises(ValidationError, match="已经启用"):
        checklists.put_in_force(checklists.current(ChecklistKind.ANNEX2), actor=None)


def test_the_administrator_takes_a_version_in_looks_at_it_and_puts_it_in_force(client):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    running = CampaignFactory()
    page = reverse("inspections:checklists")
    first = checklists.current(ChecklistKind.ANNEX1)

    refused = client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(A2="Z"))})
    assert (refused.status_code, "A2 的分组“Z”" in refused.content.decode()) == (422, True)
    file = client.get(reverse("inspections:checklist_xlsx", args=[first.pk]))
    assert AccessEntry.objects.get().what == str(first)
    same = taken(file.content)
    assert "与现用的版本相同" in client.get(same.get_absolute_url()).content.decode()
    client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(change=changed))})
    row = ChecklistTemplate.objects.get(version=3)
    shown = client.get(row.get_absolute_url()).content.decode()
    assert "JJF 1033-2023" in shown
    assert "新的检查项" in shown
    assert str(running) in shown
    answer = client.post(row.get_absolute_url(), follow=True).content.decode()
    assert "已开启的 1 个专项行动仍用原来的版本" in answer
    assert checklists.current(ChecklistKind.ANNEX1) == row
    assert str(running) in client.get(first.get_absolute_url()).content.decode()
    assert client.post(row.get_absolute_url()).status_code == 422


def test_nobody_else_keeps_checklists(client):
    first = checklists.current(ChecklistKind.ANNEX1)
    file = reverse("inspections:checklist_xlsx", args=[first.pk])
    for role in (Role.CITY_ADMIN, Role.AUDITOR):
        sign_in(client, MembershipFactory(role=role))
        for address in (reverse("inspections:checklists"), first.get_absolute_url(), file):
            assert client.get(address).status_code == 403
    assert client.post(first.get_absolute_url()).status_code == 403
