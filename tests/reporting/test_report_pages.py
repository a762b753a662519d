"""The pages of hand-in: what each desk sees, what a refusal says beside the field, bytes as they were."""

import base64
import io
import json
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.models import FrameStandard
from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.notifications import chasing
from metrostd.notifications.models import Message
from reporting import moves, services
from reporting.enums import Chapter
from reporting.enums import StatReportState as State
from reporting.models import StatReport
from reporting.narrative import writing
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import STROKES, png
from tests.factories.registry import AuthorityFactory

from . import handing_in
from .handing_in import REASONS

pytestmark = pytest.mark.django_db
PICTURE = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture
def at():
    with clock.pinned(clock.at_time(handing_in.DAY, 9)):
        yield handing_in.desk()


@pytest.fixture
def clerk(client, at):
    return sign_in(client, at.district)


@pytest.fixture
def city(client, at):
    return sign_in(client, at.office)


def address(name, at, **more):
    return reverse(f"reporting:{name}", args=[more.get("pk", at.report.pk)])


def post(who, name, at, /, **data):
    return who.post(address(name, at), data)


def fresh(at):
    return StatReport.objects.get(pk=at.report.pk)


def test_a_district_goes_from_the_figures_to_the_receipt_on_one_page(clerk, at):
    assert clerk.get(reverse("reporting:reports")).url == at.report.get_absolute_url()
    empty = clerk.get(at.report.get_absolute_url())
    assert "还没有统计" in empty.content.decode()

    post(clerk, "report_compute", at)
    page = clerk.get(at.report.get_absolute_url())
    assert [one.id for one, _ in page.context["warned"]] == ["R22", "R23"]
    version = fresh(at).version
    assert len(page.context["unwritten"]) == 5
    post(clerk, "report_explain", at, base_version=version, **REASONS)
    for chapter, text in handing_in.TEXTS.items():
        sent = {"text": text, "version": 0}
        clerk.post(reverse("reporting:save_chapter", args=[at.report.pk, chapter]), sent)
    post(clerk, "report_check", at)
    post(
        clerk,
        "report_sign",
        at,
        name="示例局长",
        position="局长",
        image=PICTURE,
        image_strokes=json.dumps(STROKES),
    )
    answer = post(clerk, "report_submit", at)

    assert answer.url == at.report.get_absolute_url()
    page = clerk.get(at.report.get_absolute_url())
    assert "津市监统计表回执〔2021〕1号" in page.content.decode()
    assert fresh(at).state == State.SUBMITTED


def test_the_records_of_a_rule_are_a_click_away(clerk, at):
    handing_in.draw(at)
    post(clerk, "report_compute", at)

    page = clerk.get(at.report.get_absolute_url())
    rule = page.context["blocking"][0]
    listed = clerk.get(rule.links[0].url)

    assert (rule.id, rule.links[0].label) == ("R03", "列入检查清单单位")
    assert listed.context["page"].paginator.count == 1
    assert "完成校核" in page.content.decode()
    assert "None" not in page.content.decode()
    assert post(clerk, "report_check", at).status_code == 422


def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(clerk, at):
    post(clerk, "report_compute", at)
    version = fresh(at).version
    typed = {"row": "I/total", "figure": "u_insp", "base_version": version}

    wrong = post(clerk, "report_enter", at, **typed, value="多", reason="漏签")
    assert wrong.status_code == 422
    assert wrong.context["entering"].errors["value"] == ["“实际检查单位”应当填数字。"]
    dash = post(
        clerk, "report_enter", at, **{**typed, "row": "I/sp_statutory"}, value="1", reason="x"
    )
    assert "figure" in dash.context["entering"].errors

    assert post(clerk, "report_enter", at, **typed, value="1", reason="漏签").status_code == 302
    stale = post(clerk, "report_enter", at, **typed, value="2", reason="漏签两份")
    assert stale.status_code == 409
    assert stale.context["conflict"] == {"数值": [1, "2"]}
    assert "漏签两份" in stale.content.decode()
    late = post(clerk, "report_explain", at, base_version=version, R23="停产")
    assert (late.status_code, "停产" in late.content.decode()) == (409, True)

    post(clerk, "report_take_out", at, cell="I/total/u_insp", base_version=fresh(at).version)
    assert fresh(at).overrides == {}


def hidden(page, form, name):
    """What a form of the page sends along unseen."""
    found = re.search(rf'action="{re.escape(form)}".*?name="{name}" value="([^"]*)"', page, re.S)
    return found[1]


def test_whoever_takes_a_figure_out_has_seen_the_figure_that_stands_there(clerk, at):
    post(clerk, "report_compute", at)
    typed = {"row": "I/total", "figure": "u_insp", "reason": "漏签"}
    post(clerk, "report_enter", at, **typed, value="1", base_version=fresh(at).version)
    first = clerk.get(at.report.get_absolute_url()).content.decode()
    seen = hidden(first, address("report_take_out", at), "base_version")
    post(clerk, "report_enter", at, **typed, value="2", base_version=fresh(at).version)

    stale = post(clerk, "report_take_out", at, cell="I/total/u_insp", base_version=seen)

    assert (stale.status_code, stale.context["conflict"]) == (409, {"数值": [2, "恢复统计数"]})
    assert fresh(at).overrides["I/total/u_insp"]["value"] == 2
    again = hidden(stale.content.decode(), address("report_take_out", at), "base_version")
    post(clerk, "report_take_out", at, cell="I/total/u_insp", base_version=again)
    assert fresh(at).overrides == {}


def test_the_head_signs_what_the_page_showed(clerk, at):
    handing_in.checked(at)
    page = clerk.get(at.report.get_absolute_url()).content.decode()
    ink = {"image": PICTURE, "image_strokes": json.dumps(STROKES)}
    sent = {"name": "示例局长", "position": "局长", **ink}
    seen = hidden(page, address("report_sign", at), "seen")
    at.report.refresh_from_db()
    moves.revise(at.report, actor=at.clerk)
    writing.save_chapter(at.report, Chapter.ADVICE, "另有建议。", handing_in.save(at, on=1))
    moves.check(at.report, actor=at.clerk)

    stale = post(clerk, "report_sign", at, seen=seen, **sent)

    assert stale.status_code == 422
    assert "您打开页面之后内容有变动" in stale.content.decode()
    assert (fresh(at).state, fresh(at).signer_name) == (State.SELF_CHECKED, "")
    seen = hidden(stale.content.decode(), address("report_sign", at), "seen")
    post(clerk, "report_sign", at, seen=seen, **sent)
    assert fresh(at).state == State.SIGNED


def test_the_city_decides_about_the_edition_it_read(city, at):
    handing_in.on_file(at)
    page = city.get(at.report.get_absolute_url()).content.decode()
    seen = hidden(page, address("report_accept", at), "seen")
    assert (
        f'name="seen" value="{seen}"' in city.get(address("report_send_back", at)).content.decode()
    )
    at.report.refresh_from_db()
    moves.send_back(at.report, actor=at.city, note="请核对")
    moves.resume(at.report, actor=at.clerk)
    handing_in.on_file(at)

    for name in ("report_accept", "report_send_back"):
        stale = post(city, name, at, seen=seen, note="请核对")
        assert (stale.status_code, fresh(at).state) == (409, State.SUBMITTED)
        assert "又报送了第2版" in stale.content.decode()
    post(city, "report_accept", at, seen="2")
    assert fresh(at).state == State.ACCEPTED


def test_an_unsigned_form_is_told_what_is_missing(clerk, at):
    handing_in.checked(at)

    page = post(clerk, "report_sign", at, name="", position="局长", image="")

    assert page.status_code == 422
    assert list(page.context["sign"].errors) == ["name"]
    page = post(clerk, "report_sign", at, name="示例局长", position="局长", image="")
    assert "没有收到签名" in page.content.decode()


def test_the_city_reminds_marks_returns_and_accepts(city, at):
    page = city.get(reverse("reporting:reports"))
    assert [report.authority for report in page.context["missing"]] == [at.report.authority]
    assert city.post(reverse("reporting:remind_all")).status_code == 422
    assert not chasing.last_days(StatReport, [at.report.pk])
    city.post(reverse("reporting:remind_all"), {"row": [at.report.pk], "text": "请今天报送"})
    assert Message.objects.filter(body__contains="请今天报送").exists()
    again = city.post(reverse("reporting:remind_all"), {"all": "1"}, follow=True)
    assert "今天都已催办过" in again.content.decode()
    assert chasing.last_days(StatReport, [at.report.pk]) == {at.report.pk: handing_in.DAY}
    assert post(city, "report_remind", at).status_code == 409

    handing_in.submitted(at)
    form = city.get(address("report_send_back", at))
    assert "mark-I/total/s_total" in form.content.decode()
    assert post(city, "report_send_back", at, note="").status_code == 422
    post(city, "report_send_back", at, note="请核对", **{"mark-I/total/s_total": "少一项"})
    edition = at.report.editions.get()
    assert "少一项" in city.get(edition.get_absolute_url()).content.decode()

    at.report.refresh_from_db()
    moves.resume(at.report, actor=at.clerk)
    handing_in.on_file(at)
    assert "退回修改" in city.get(at.report.get_absolute_url()).content.decode()
    post(city, "report_accept", at)
    post(city, "report_lock", at)
    assert fresh(at).state == State.LOCKED
    post(city, "report_allow_correction", at, note="补计")
    assert fresh(at).state == State.DRAFT


def test_the_files_of_an_edition_are_sent_as_they_were(clerk, at):
    edition = handing_in.filed(at)
    with edition.pdf.content.open("rb") as kept:
        before = kept.read()
    FrameStandard.objects.all().delete()

    pdf = clerk.get(address("edition_pdf", at, pk=edition.pk))
    book = clerk.get(address("edition_xlsx", at, pk=edition.pk))

    assert b"".join(pdf.streaming_content) == before
    rules = load_workbook(io.BytesIO(b"".join(book.streaming_content)))["数据规则"]
    assert REASONS["R22"] in {row[4] for row in rules.values}
    assert AccessEntry.objects.filter(kind="export").count() == 2


def test_what_changed_since_opens_the_records_that_came_and_left(clerk, at):
    edition = handing_in.submitted(at)
    assert (
        "没有变动" in clerk.get(address("edition_differences", at, pk=edition.pk)).content.decode()
    )
    handing_in.draw(at)

    page = clerk.get(address("edition_differences", at, pk=edition.pk))
    links = {one.ref: url for one, url in page.context["found"]}
    cell = clerk.get(links["I", "total", "u_plan"])

    assert [(title, many, len(lines)) for title, many, lines in cell.context["sides"]] == [
        ("此后计入", 1, 1),
        ("此后不再计入", 0, 0),
    ]
    base = address("edition_difference", at, pk=edition.pk)
    for wrong in ("", "x", "I/total/ratio", "III/total/u_plan"):
        assert clerk.get(base, {"cell": wrong}).status_code == 404


@pytest.mark.parametrize(
    "page", ["report", "edition", "edition_pdf", "edition_differences", "report_send_back"]
)
def test_another_district_finds_nothing_and_a_unit_is_refused(client, at, page):
    edition = handing_in.submitted(at)
    pk = edition.pk if page.startswith("edition") else at.report.pk
    stranger = MembershipFactory(authority=AuthorityFactory(parent=at.campaign.organiser))

    assert sign_in(client, stranger).get(address(page, at, pk=pk)).status_code == 404
    unit = MembershipFactory(as_unit=True)
    assert sign_in(client, unit).get(address(page, at, pk=pk)).status_code in {403, 404}


def test_each_desk_does_its_own_part_only(client, at):
    services.compute(at.report, actor=at.clerk)
    city = sign_in(client, at.office)
    for name in (
        "report_compute",
        "report_check",
        "report_sign",
        "report_submit",
        "report_explain",
    ):
        assert (name, post(city, name, at).status_code) == (name, 403)
    clerk = sign_in(client, at.district)
    for name in ("report_accept", "report_send_back", "report_lock", "report_remind"):
        assert (name, post(clerk, name, at).status_code) == (name, 403)
    inspector = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=at.report.authority)
    assert sign_in(client, inspector).get(reverse("reporting:reports")).status_code == 403


def test_a_tab_that_is_none_is_not_found(clerk, at):
    edition = handing_in.submitted(at)

    for url in (at.report.get_absolute_url(), edition.get_absolute_url()):
        assert clerk.get(url, {"block": "IX"}).status_code == 404
        assert clerk.get(url, {"block": "II"}).status_code == 200


def test_the_page_asks_as_many_questions_with_five_editions_as_with_one(
    clerk, at, django_assert_max_num_queries
):
    handing_in.submitted(at)
    for _ in range(2):
        moves.send_back(at.report, actor=at.city, note="再核对")
        moves.resume(at.report, actor=at.clerk)
        handing_in.submitted(at)

    clerk.get(at.report.get_absolute_url())
    with django_assert_max_num_queries(25):
        page = clerk.get(at.report.get_absolute_url())
    assert len(page.context["editions"]) == 3
