"""Another form of 附件3 without code: read with every fault's cell, compared, in force from a day on."""

import datetime as dt
import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from reporting import form_keeping, form_reading, layouts
from reporting.annex3 import build
from reporting.models import Annex3Form
from tests.factories.accounts import MembershipFactory, sign_in

from . import handing_in

pytestmark = pytest.mark.django_db
FORM = form_reading.FORM


def book(**cells):
    """The form of the portal with some cells of its first sheet changed; None takes a row's words away."""
    made = load_workbook(io.BytesIO(form_reading.form_workbook(layouts.current())))
    for place, text in cells.items():
        made[FORM][place] = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def taken(data=None, name="表式.xlsx"):
    return form_keeping.take(
        SimpleUploadedFile(name, data or book(H2="建标单位（家）")), actor=None
    )


def test_the_form_of_the_portal_comes_back_as_it_was_from_workbook_and_json():
    plain = layouts.to_plain(layouts.current())

    assert form_reading.read_form(book(), "甲.xlsx") == plain
    assert form_reading.read_form(json.dumps(plain).encode(), "甲.json") == plain


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"G2": "u_seen"}, "工作表“表式”G2 的“u_seen”不是块 I 的指标。"),
        ({"G3": "u_total"}, "工作表“表式”G3 的“u_total”在块 I 中重复。"),
        ({"G2": "q_no_test"}, "工作表“表式”G2 的“q_no_test”不是块 I 的指标。"),
        ({"A2": "VII"}, "工作表“表式”A2 的“VII”不是统计表的块"),
        ({"H2": None}, "工作表“表式”H2 请填写列名"),
        ({"B2": ""}, "工作表“表式”B2 请填写“块标题”"),
        ({"D2": "甲/乙"}, "工作表“表式”D2 的工作表名"),
        ({"D2": "按专业领域"}, "与另一块相同"),
        ({"C1": "行名"}, "工作表“表式”C1 应为“行标题”。"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_with_its_cell(cells, said):
    with pytest.raises(ValidationError) as refused:
        form_reading.read_form(book(**cells), "甲.xlsx")

    assert any(said in one for one in refused.value.messages)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"{", "甲.json", "不是 UTF-8 编码的 JSON"),
        (b"[" * 100_000, "甲.json", "不是 UTF-8 编码的 JSON"),
        (b'{"title": "\\ud800"}', "甲.json", "不是 UTF-8 编码的 JSON"),
        (b'{"title": "a"}', "甲.json", "JSON 的结构不符"),
        (b"[]", "甲.json", "JSON 的结构不符"),
    ],
)
def test_a_file_that_is_no_form_is_refused(data, name, said):
    with pytest.raises(ValidationError) as refused:
        form_reading.read_form(data, name)

    assert said in refused.value.messages[0]


def test_a_fault_in_json_is_said_with_its_place():
    plain = layouts.to_plain(layouts.current())
    plain["blocks"][0]["parts"][0]["groups"][1]["columns"][0][0] = "u_seen"

    with pytest.raises(ValidationError, match=r"parts\[0\].groups\[1\].columns\[0\] 的“u_seen”"):
        form_reading.read_form(json.dumps(plain).encode(), "甲.json")


def test_a_form_is_in_force_from_its_day_and_what_was_made_keeps_its_own():
    with clock.pinned(clock.at_time(handing_in.DAY, 9)):
        at = handing_in.desk()
        row = taken()
        before = build(at.campaign, at.report.authority, as_of=handing_in.DAY)
        form_keeping.put_in_force(row, handing_in.DAY + dt.timedelta(days=2), actor=None)
        assert layouts.current().version == before.layout == "1"
    with clock.pinned(clock.at_time(handing_in.DAY + dt.timedelta(days=2), 9)):
        after = build(at.campaign, at.report.authority, as_of=handing_in.DAY)

        assert after.layout == layouts.current().version == row.version == "2"
        assert layouts.of(after.layout).block("I").columns[0].name == "建标单位（家）"
        assert layouts.of(before.layout).block("I").columns[0].name == "建标单位总数"
        with pytest.raises(ValidationError, match="已经启用"):
            form_keeping.put_in_force(row, clock.today(), actor=None)
    actions = AuditEntry.objects.about(row).values_list("action", flat=True)
    assert list(actions) == ["annex_form.put_in_force", "annex_form.take"]


def test_a_form_is_not_put_in_force_for_the_past():
    row = taken()

    with pytest.raises(ValidationError, match="不能早于今天"):
        form_keeping.put_in_force(row, clock.today() - dt.timedelta(days=1), actor=None)


def test_the_administrator_takes_a_form_in_looks_at_it_and_puts_it_in_force(client):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    page = reverse("reporting:annex3_forms")

    refused = client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(G2="u_seen"))})
    assert (refused.status_code, "G2 的“u_seen”" in refused.content.decode()) == (422, True)
    client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(H2="建标单位（家）"))})
    row = Annex3Form.objects.get()
    shown = client.get(row.get_absolute_url()).content.decode()
    assert "检查对象和自查 / 检查对象 / 建标单位总数" in shown
    assert "检查对象和自查 / 检查对象 / 建标单位（家）" in shown
    client.post(row.get_absolute_url(), {"day": clock.today().isoformat()})
    assert "在用" in client.get(page).content.decode()
    file = client.get(reverse("reporting:annex3_form_xlsx", args=[row.version]))
    assert form_reading.read_form(file.content, "甲.xlsx") == row.content
    gone = reverse("reporting:annex3_form_xlsx", args=["99"])
    assert client.get(gone).status_code == 404


def test_nobody_else_keeps_forms(client):
    row = taken()
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    for address in (reverse("reporting:annex3_forms"), row.get_absolute_url()):
        assert client.get(address).status_code == 403
