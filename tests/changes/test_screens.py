"""变更与封存 on screen: who sees what, what a unit fills in, how the office answers."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.registry.enums import ChangeKind, ChangeState, LineSide
from metrostd.registry.models import ChangeRecord, StandardInstrument
from metrostd.registry.moves import certificate as certificate_moves
from tests.e2e.pages import words_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.changes import ON, ChangeFactory, LineFactory
from tests.factories.inspections import png
from tests.factories.registry import InstrumentFactory, StandardFactory
from tests.printing import pages_of
from tests.queries import cost_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day():
    with clock.pinned(clock.at_time(ON, 16)):
        yield


@pytest.fixture
def unit(client):
    """The user of a unit whose standard the municipal office hosts."""
    return MembershipFactory(as_unit=True)


@pytest.fixture
def standard(unit, city):
    return StandardFactory(unit=unit.unit, issuing_authority=city)


@pytest.fixture
def office(city):
    return MembershipFactory(role=Role.CITY_ADMIN, authority=city)


def new(standard, kind):
    return f"{reverse('changes:create', args=[standard.pk])}?kind={kind}"


def table(side, *rows):
    data = {f"{side}-TOTAL_FORMS": len(rows), f"{side}-INITIAL_FORMS": 0}
    for n, row in enumerate(rows):
        data |= {f"{side}-{n}-{name}": value for name, value in row.items()}
    return data


OPINION = {"unit_opinion": "同意申请", "unit_opinion_by": "示例人", "unit_opinion_on": "2021-09-06"}
SEALING = {
    "base_version": 1, "reason": "生产线检修", "stop_from": "2021-10-01", "stop_until": "2022-03-31",
    **OPINION,
}  # fmt: skip


def test_a_unit_writes_submits_and_the_office_seals(client, unit, office, standard):
    sign_in(client, unit)

    client.post(new(standard, "seal"), SEALING)
    record = ChangeRecord.objects.get()
    client.post(reverse("changes:submit", args=[record.pk]))
    sign_in(client, office)
    page = client.get(record.get_absolute_url()).content.decode()
    answer = client.post(
        reverse("changes:decide", args=[record.pk]),
        {"outcome": "approve", "opinion_by": "示例处长", "decided_on": "2021-09-06", "base_version": 1},
    )  # fmt: skip

    assert "津量标变〔2021〕1号" in page
    assert answer.url == record.get_absolute_url()
    assert standard.certificates.get().state == "sealed"


def test_a_replacement_is_written_without_javascript(client, unit, standard):
    old = StandardInstrument.objects.create(
        standard=standard, role="main", name="旧压力计", serial_no="OLD1"
    )
    sign_in(client, unit)
    form = {
        "base_version": 1,
        "situations": ["main_renewed"],
        "causes": ["equipment"],
        "effect": "unchanged",
        **OPINION,
        **table("before", {"role": "main", "instrument": old.pk}, {"role": "main"}),
        **table(
            "after",
            {
                "role": "main", "name": "新压力计", "serial_no": "NEW1", "trace_org": "示例院",
                "trace_cert_no": "示例1", "traced_on": "2021-08-20",
            },
        ),
    }  # fmt: skip

    response = client.post(new(standard, "replace"), form)

    record = ChangeRecord.objects.get()
    assert response.url == record.get_absolute_url()
    before = record.lines.get(side=LineSide.BEFORE)
    assert (before.instrument, before.name, before.serial_no) == (old, "旧压力计", "OLD1")
    page = client.get(reverse("changes:edit", args=[record.pk])).content.decode()
    assert page.count("OLD1") >= 2
    assert f'<option value="{old.pk}" selected' in page
    assert 'name="after-2-name"' in page
    assert 'name="after-0-DELETE"' in page


def test_a_row_is_taken_out_by_its_box(client, unit, standard):
    record = ChangeFactory(state="draft", standard=standard, replacing=True)
    LineFactory(record=record)
    sign_in(client, unit)
    row = {"role": "main", "name": "示例", "DELETE": "on"}
    form = {"base_version": 1, **table("before"), **table("after", row)}
    form["after-INITIAL_FORMS"] = 1

    client.post(reverse("changes:edit", args=[record.pk]), form)

    assert not record.lines.exists()


def test_a_broken_form_keeps_what_was_entered(client, unit, standard):
    sign_in(client, unit)
    form = {**SEALING, "stop_until": "2021-09-30", "reason": "我写的原因"}

    response = client.post(new(standard, "seal"), form)

    assert response.status_code == 422
    page = response.content.decode()
    assert "停用日期止不能早于停用日期起" in page
    assert "我写的原因" in page
    assert not ChangeRecord.objects.exists()


def test_the_second_of_two_colleagues_sees_both_values(client, unit, standard):
    record = ChangeFactory(state="draft", standard=standard)
    ChangeRecord.objects.filter(pk=record.pk).update(version=2, reason="先到的原因")
    sign_in(client, unit)

    response = client.post(
        reverse("changes:edit", args=[record.pk]), {**SEALING, "reason": "后到的原因"}
    )

    assert response.status_code == 409
    assert "先到的原因" in response.content.decode()
    assert "后到的原因" in response.content.decode()


def test_what_is_still_missing_stands_on_the_page_and_bars_submitting(client, unit, standard):
    record = ChangeFactory(state="draft", standard=standard, reason="")
    sign_in(client, unit)

    page = client.get(record.get_absolute_url()).content.decode()
    answer = client.post(reverse("changes:submit", args=[record.pk]))

    assert "请填写原因说明" in page
    assert "还有 1 处没有填好" in page
    assert answer.status_code == 422


def test_submitting_twice_is_a_conflict(client, unit, standard):
    record = ChangeFactory(state="submitted", standard=standard)
    sign_in(client, unit)

    assert client.post(reverse("changes:submit", args=[record.pk])).status_code == 409


@pytest.mark.parametrize("outcome", ["approve", "refuse", "send_back"])
def test_two_officers_decide_at_once_and_the_second_gets_a_conflict(
    client, office, standard, outcome
):
    record = ChangeFactory(standard=standard)
    url = reverse("changes:decide", args=[record.pk])
    form = {"outcome": "approve", "opinion": "x", "opinion_by": "示例处长",
            "decided_on": "2021-09-06", "base_version": 1}  # fmt: skip
    sign_in(client, office)
    client.post(url, form)

    assert client.post(url, form | {"outcome": outcome}).status_code == 409


def test_an_answer_without_reason_comes_back_filled(client, office, standard):
    record = ChangeFactory(standard=standard)
    sign_in(client, office)

    response = client.post(
        reverse("changes:decide", args=[record.pk]),
        {"outcome": "refuse", "opinion_by": "示例处长", "base_version": 1},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "请写明理由" in page
    assert "示例处长" in page
    record.refresh_from_db()
    assert record.state == "submitted"


# Who sees what -----------------------------------------------------------------------------------


def test_the_list_holds_what_one_may_see(client, unit, office, standard, xiqing):
    own = ChangeFactory(standard=standard)
    draft = ChangeFactory(standard=standard, state="draft", kind="withdraw")
    foreign = ChangeFactory()
    url = reverse("changes:index")

    def seen(membership):
        sign_in(client, membership)
        return set(client.get(url).context["page"])

    assert seen(unit) == {own, draft}
    assert seen(office) == {own, foreign}
    assert seen(MembershipFactory(authority=xiqing)) == set()
    assert seen(MembershipFactory(authority=standard.unit.territorial_authority)) == {own}
    assert seen(MembershipFactory(role=Role.DISTRICT_INSPECTOR)) == set()


def test_strangers_find_no_application(client, unit, standard):
    record = ChangeFactory(standard=standard)
    own_draft = ChangeFactory(standard=standard, state="draft", kind="withdraw")

    for stranger in (MembershipFactory(), MembershipFactory(as_unit=True)):
        sign_in(client, stranger)
        for name in ("detail", "edit", "paper"):
            assert client.get(reverse(f"changes:{name}", args=[record.pk])).status_code == 404
        assert client.get(reverse("changes:create", args=[standard.pk])).status_code == 404
    sign_in(client, MembershipFactory(authority=standard.unit.territorial_authority))
    assert client.get(own_draft.get_absolute_url()).status_code == 404


def test_only_the_hosting_office_decides(client, unit, standard):
    record = ChangeFactory(standard=standard)
    url = reverse("changes:decide", args=[record.pk])

    for other in (
        unit,
        MembershipFactory(authority=standard.unit.territorial_authority),
        MembershipFactory(role=Role.CITY_ADMIN),
    ):
        sign_in(client, other)
        assert client.post(url, {"outcome": "approve"}).status_code == 403
        assert client.get(record.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.DISTRICT_APPROVER])
def test_district_offices_decide_on_what_they_host(client, role, xiqing):
    record = ChangeFactory(standard__issuing_authority=xiqing)
    sign_in(client, MembershipFactory(role=role, authority=xiqing))

    page = client.get(record.get_absolute_url())

    assert page.context["decide_verdict"]


def test_an_office_does_not_apply_for_a_unit(client, office, standard):
    sign_in(client, office)

    assert client.get(new(standard, "seal")).status_code == 403


def test_an_unknown_kind_is_not_there(client, unit, standard):
    sign_in(client, unit)

    assert client.get(new(standard, "burn")).status_code == 404


# The list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "seal"}, True),
        ({"kind": "replace"}, False),
        ({"state": "submitted"}, True),
        ({"state": "open"}, True),
        ({"state": "approved"}, False),
        ({"q": "量标变〔2021〕"}, True),
        ({"q": "量标变 [2021]"}, True),
        ({"q": "不存在"}, False),
        ({"since": "2021-09-06", "until": "2021-09-06"}, True),
        ({"since": "2021-09-07"}, False),
        ({"until": "2021-09-05"}, False),
        ({"district": "none"}, False),
        ({"unit": "0"}, False),
        ({"since": "nonsense", "district": "x", "sort": "-decided", "page": "9"}, True),
    ],
)
def test_applications_are_filtered(client, office, standard, query, found):
    record = ChangeFactory(standard=standard)
    sign_in(client, office)

    page = client.get(reverse("changes:index"), query).context["page"]

    assert list(page) == ([record] if found else [])


def test_the_export_holds_the_rows_of_the_list(client, office, standard):
    ChangeFactory(standard=standard)
    ChangeFactory(standard=standard, kind="withdraw")
    sign_in(client, office)

    response = client.post(f"{reverse('changes:export')}?kind=seal")

    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert [row[1] for row in rows if row[1] in ChangeKind.labels] == ["封存"]
    assert "kind=seal" in AccessEntry.objects.get().what


def test_list_queries_do_not_grow(client, office):
    sign_in(client, office)
    url = reverse("changes:index")
    ChangeFactory()
    one = cost_of(client, url)
    ChangeFactory.create_batch(3)

    assert cost_of(client, url) == one < 12


def test_page_queries_do_not_grow(client, unit, standard):
    sign_in(client, unit)
    record = ChangeFactory(standard=standard, replacing=True, state="draft")
    LineFactory(record=record)
    one = cost_of(client, record.get_absolute_url())
    edit = cost_of(client, reverse("changes:edit", args=[record.pk]))
    LineFactory.create_batch(3, record=record)
    for held in InstrumentFactory.create_batch(3, standard=standard):
        LineFactory(record=record, side=LineSide.BEFORE, instrument=held)

    assert cost_of(client, record.get_absolute_url()) == one
    assert cost_of(client, reverse("changes:edit", args=[record.pk])) == edit


def test_standard_page_queries_do_not_grow_with_applications(client, office, standard):
    sign_in(client, office)
    ChangeFactory(standard=standard, state="approved")
    one = cost_of(client, standard.get_absolute_url())
    for kind in ("withdraw", "resume", "seal"):
        ChangeFactory(standard=standard, kind=kind, state="approved")

    assert cost_of(client, standard.get_absolute_url()) == one


def test_the_standard_offers_what_its_certificate_allows(client, unit, standard):
    sign_in(client, unit)

    page = client.get(standard.get_absolute_url()).content.decode()

    assert "?kind=seal" in page
    assert "?kind=resume" not in page
    assert "只有封存的计量标准才需要恢复使用" in page


def test_a_unit_is_offered_each_application_once(client, unit, office, standard):
    sign_in(client, unit)

    page = client.get(standard.get_absolute_url()).content.decode()

    for kind in ("replace", "seal", "withdraw"):
        assert page.count(new(standard, kind)) == 1
    # Where the five words are explained, the row leads to the button.
    assert page.count('<a href="#changes">在下面申请</a>') == 2

    sign_in(client, office)
    page = client.get(standard.get_absolute_url()).content.decode()
    assert "在下面申请" not in page
    assert "由建标单位提出，主持考核部门审批" in page


# Material and paper ------------------------------------------------------------------------------


def test_material_is_added_read_and_removed(client, unit, standard):
    record = ChangeFactory(state="draft", standard=standard)
    sign_in(client, unit)
    upload = SimpleUploadedFile("证书.png", png())

    client.post(reverse("changes:attach", args=[record.pk]), {"file": upload})
    file = record.files.get()
    answer = client.get(reverse("changes:file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == png()
    client.post(reverse("changes:file_remove", args=[file.pk]))

    assert (
        "证书.png"
        not in client.get(record.get_absolute_url()).content.decode().split("办理过程")[0]
    )
    assert client.get(reverse("changes:file", args=[file.pk])).status_code == 404


def test_material_is_settled_once_submitted(client, unit, standard):
    record = ChangeFactory(standard=standard)
    sign_in(client, unit)
    upload = SimpleUploadedFile("证书.png", png())
    url = reverse("changes:attach", args=[record.pk])

    assert client.post(url, {"file": upload}).status_code == 403


def test_the_paper_keeps_the_validity_the_application_was_made_with(client, unit, standard):
    sealing = ChangeFactory(standard=standard)
    resuming = ChangeFactory(standard=standard, kind="resume", state="draft")
    standard.certificates.update(state="sealed")
    certificate_moves.resume(
        standard.certificates.get(), actor=None, note="复查合格", on=ON,
        issue_date=ON, valid_until=dt.date(2026, 9, 5),
    )  # fmt: skip
    sign_in(client, unit)

    texts = [
        words_of(pages_of(client, reverse("changes:paper", args=[record.pk])))
        for record in (sealing, resuming)
    ]

    assert "2023年5月31日" in texts[0]
    assert "2026年9月5日" not in texts[0]
    assert "2026年9月5日" in texts[1]


@pytest.mark.parametrize("kind", ChangeKind.values)
@pytest.mark.parametrize("state", [ChangeState.SUBMITTED, ChangeState.APPROVED])
def test_every_kind_is_printed(client, office, standard, kind, state):
    record = ChangeFactory(standard=standard, kind=kind, state=state, replacing=kind == "replace")
    if kind == "replace":
        LineFactory(record=record, name="新压力计")
    sign_in(client, office)

    content = pages_of(client, reverse("changes:paper", args=[record.pk]))

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert record.number in text
    assert standard.unit.name in text.replace("\n", "")
    assert text.count("盖章") == (3 if kind in ("seal", "withdraw") else 2)
    assert ("新压力计" in text) == (kind == "replace")


def test_the_administration_site_shows_and_exports_and_changes_nothing(client, standard):
    record = ChangeFactory(standard=standard, replacing=True, reason="=危险")
    LineFactory(record=record)
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))

    page = client.get(f"/admin/registry/changerecord/{record.pk}/change/")
    response = client.post("/admin/registry/changerecord/export/", {"format": "0"})

    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    line = dict(zip(rows[0], rows[1], strict=True))
    assert page.status_code == 200
    assert client.post(f"/admin/registry/changerecord/{record.pk}/change/", {}).status_code == 403
    assert (line["编号"], line["状态"], line["情况"]) == (record.number, "已提交", "计量标准器更新")
    assert line["原因说明"] == "'=危险"
    assert AccessEntry.objects.get(kind="export").what == "管理端导出 变更与封存"


def test_the_menu_counts_what_waits_for_office_and_unit(client):
    waiting = ChangeFactory(state="submitted")
    ChangeFactory(state="submitted")
    host, unit = waiting.standard.hosting_authority, waiting.standard.unit

    def counted(member):
        frame = sign_in(client, member).get("/").context["frame"]
        return next(i.count for s in frame.menu for i in s.items if i.label == "变更与封存")

    assert counted(MembershipFactory(role=Role.CITY_ADMIN, authority=host)) == 1
    assert counted(MembershipFactory(as_unit=True, unit=unit)) == 0

    ChangeFactory(state="returned", standard=waiting.standard, kind="withdraw")
    assert counted(unit.memberships.get()) == 1
