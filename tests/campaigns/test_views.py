import datetime as dt
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import extension, moves
from campaigns.models import Campaign, DrawRun, RoutedStandard, SamplingFrame
from metrostd.common import clock
from metrostd.common.models import AccessEntry, Job
from metrostd.common.roles import Role
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, DutyFactory
from tests.factories.registry import FieldFactory, UnitFactory
from tests.printing import PURPOSE, pages_of
from tests.queries import cost_of


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn", "_guards", "_void_guards"):
        monkeypatch.setattr(extension, name, [])


@pytest.fixture
def office(client, city):
    return sign_in(client, city.office)


@pytest.fixture
def running(city):
    for _ in range(6):
        first = city.standard()
        city.standard(first.unit, field=FieldFactory(code="04", name="热学"))
    moves.open_campaign(city.campaign, actor=city.office.user)
    return city


@pytest.fixture
def frame(running):
    return draws.freeze(running.campaign, running.district, actor=running.bureau.user)


@pytest.fixture
def run(frame, running):
    return draws.draw(frame, actor=running.bureau.user)


def url(name, *args):
    return reverse(f"campaigns:{name}", args=args)


def others(city):
    """Everybody who must not see a district's sampling, by what they are."""
    unit = city.campaign.routed.first().unit
    return {
        "other district": MembershipFactory(authority=city.other),
        "unit": MembershipFactory(role=Role.UNIT_USER, authority=None, unit=unit),
        "inspector": MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=city.district),
        "administrator": MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city.commission),
    }


# Campaigns ---------------------------------------------------------------------------------------


def form_data(**changes):
    data = {
        "code": "2022",
        "title": "示例专项行动",
        "basis": "",
        "default_ratio": 20,
        "district_review_ratio": 20,
        "notice_on": "2022-04-23",
        "bureau_self_check_due": "2022-05-25",
        "unit_self_check_due": "2022-05-31",
        "summary_due": "2022-10-15",
        "self_check_start": "2022-04-23",
        "self_check_end": "2022-05-31",
        "onsite_start": "2022-06-01",
        "onsite_end": "2022-07-31",
        "rectify_start": "2022-08-01",
        "rectify_end": "2022-08-31",
        "handle_summary_start": "2022-09-01",
        "handle_summary_end": "2022-10-15",
    }
    return data | changes


def test_a_draft_is_seen_by_the_municipal_office_alone(city, client):
    opened = CampaignFactory(organiser=city.commission)

    sign_in(client, city.office)
    assert set(client.get(url("index")).context["page"]) == {opened, city.campaign}
    sign_in(client, city.bureau)
    assert list(client.get(url("index")).context["page"]) == [opened]
    assert client.get(city.campaign.get_absolute_url()).status_code == 404


def test_create_comes_filled_with_the_dates_of_the_notice(office):
    page = office.get(url("create") + "?year=2022")

    assert page.context["form"]["onsite_start"].value() == dt.date(2022, 6, 1)
    assert page.context["form"]["code"].value() == "2022"


def test_create_makes_a_draft(office, city):
    answer = office.post(url("create"), form_data())

    campaign = Campaign.objects.get(code="2022")
    assert answer.url == campaign.get_absolute_url()
    assert (campaign.state, campaign.organiser) == ("draft", city.commission)


def test_create_keeps_what_was_typed_and_names_the_date(office):
    answer = office.post(url("create"), form_data(rectify_start="2022-05-01"))

    assert answer.status_code == 422
    assert "“整改”阶段不能早于“现场检查”阶段开始。" in answer.content.decode()
    assert answer.context["form"]["title"].value() == "示例专项行动"


def test_create_is_refused_to_everybody_else(city, client):
    sign_in(client, city.bureau)

    assert client.get(url("create")).status_code == 403
    assert client.post(url("create"), form_data()).status_code == 403
    assert Campaign.objects.count() == 1


def test_edit_changes_a_draft_and_refuses_an_open_one(office, city):
    data = form_data(title="新名称")
    del data["code"]

    assert office.get(url("edit", city.campaign.pk)).status_code == 200
    assert office.post(url("edit", city.campaign.pk), data).status_code == 302
    city.campaign.refresh_from_db()
    assert city.campaign.title == "新名称"

    Campaign.objects.update(state="open")
    assert office.get(url("edit", city.campaign.pk)).status_code == 403
    assert office.post(url("edit", city.campaign.pk), data).status_code == 409


def test_opening_is_accepted_at_once_and_once(office, city):
    city.standard()

    answer = office.post(url("open", city.campaign.pk))

    job = Job.objects.get()
    assert answer.url == reverse("common:job", args=[job.pk])
    assert office.post(url("open", city.campaign.pk)).status_code == 409
    assert Job.objects.count() == 1
    page = office.get(city.campaign.get_absolute_url()).content.decode()
    assert "正在开启" in page


def test_opening_without_standards_says_why(office, city):
    answer = office.post(url("open", city.campaign.pk))

    assert answer.status_code == 422
    assert "请先导入名单" in answer.content.decode()


def test_a_failed_opening_shows_its_reason(office, city):
    city.standard()
    job = moves.request_opening(city.campaign, actor=city.office.user)
    Job.objects.filter(pk=job.pk).update(state="failed", failure="任务分工规则缺失。")

    page = office.get(city.campaign.get_absolute_url()).content.decode()

    assert "上次开启没有成功" in page
    assert "任务分工规则缺失" in page


def test_closing_shows_the_reasons_against_it(office, city):
    Campaign.objects.update(state="open")
    extension.closing_guard(lambda campaign: ["还有3项检查未结束。"])

    extension.closing_guard(lambda campaign: ["还有1份报告未报送。"])

    asked = office.get(url("close", city.campaign.pk))

    assert [*asked.context["reasons"]] == ["还有3项检查未结束。", "还有1份报告未报送。"]
    assert "还有3项检查未结束" in asked.content.decode()
    assert 'method="post" class="form-narrow"' not in asked.content.decode()
    assert office.post(url("close", city.campaign.pk)).status_code == 422


def test_the_page_of_a_campaign_counts_nothing_it_does_not_show(office, city, monkeypatch):
    Campaign.objects.update(state="open")
    city.standard()
    asked: list[Campaign] = []
    monkeypatch.setattr(extension, "_guards", [lambda campaign: asked.append(campaign) or []])

    page = office.get(city.campaign.get_absolute_url())
    part = office.get(url("progress", city.campaign.pk), headers={"HX-Request": "true"})

    assert asked == []
    assert f'href="{url("close", city.campaign.pk)}"' in page.content.decode()
    assert f'hx-get="{url("progress", city.campaign.pk)}"' in page.content.decode()
    assert "<html" not in part.content.decode()
    assert "各部门进展" in part.content.decode()


def test_closing_early_wants_the_code_typed_and_a_reason_and_is_not_for_good(office, city):
    Campaign.objects.update(state="open")
    page = url("close", city.campaign.pk)
    sure = {"code": city.campaign.code, "note": "试点取消"}

    with clock.pinned(clock.at_time(dt.date(2021, 7, 1))):
        asked = office.get(page).content.decode()
        refused = office.post(page, {"code": "2020", "note": ""})

    assert "“处理总结”阶段" in asked
    assert refused.status_code == 422
    assert "请说明提前结束的理由" in refused.content.decode()
    assert office.post(page, sure).status_code == 302
    assert office.post(page, sure).status_code == 409
    kept = office.get(city.campaign.get_absolute_url()).content.decode()
    assert "第1次" in kept
    table = office.get(url("edition", city.campaign.editions.get().pk))
    assert b"".join(table.streaming_content).startswith(b"PK")
    assert office.post(url("reopen", city.campaign.pk), {"note": "继续"}).status_code == 302
    assert office.post(url("reopen", city.campaign.pk), {"note": "继续"}).status_code == 409


def test_a_district_sees_its_own_progress_alone(running, client):
    running.standard(category="sp_statutory")
    sign_in(client, running.bureau)

    page = client.get(running.campaign.get_absolute_url())
    progress = client.get(url("progress", running.campaign.pk)).context["offices"]

    assert [row.authority for row in progress] == [running.district]
    assert (progress[0].units, progress[0].standards) == (6, 12)
    assert not page.context["entries"]


def test_a_unit_may_look_at_the_campaign(running, client):
    unit = running.campaign.routed.first().unit
    sign_in(client, MembershipFactory(role=Role.UNIT_USER, authority=None, unit=unit))

    page = client.get(running.campaign.get_absolute_url())
    progress = client.get(url("progress", running.campaign.pk))

    assert page.status_code == 200
    assert progress.context["offices"] == []


# Undecided standards -----------------------------------------------------------------------------


@pytest.fixture
def undecided(city):
    city.standard(category="other")
    moves.open_campaign(city.campaign, actor=None)
    return RoutedStandard.objects.get()


def test_the_queue_is_worked_off_one_by_one(office, city, undecided):
    page = office.get(url("routing", city.campaign.pk))
    assert list(page.context["page"]) == [undecided]

    data = {"authority": city.district.pk, "note": "授权项目在该区"}
    assert office.post(url("resolve", undecided.pk), data).status_code == 302
    assert office.post(url("resolve", undecided.pk), data).status_code == 409

    undecided.refresh_from_db()
    assert undecided.inspecting_authority == city.district


def test_resolving_without_a_reason_keeps_the_page(office, city, undecided):
    answer = office.post(url("resolve", undecided.pk), {"authority": city.district.pk})

    assert answer.status_code == 422
    assert answer.context["failed_pk"] == undecided.pk


def test_the_queue_is_the_municipal_offices_business(city, client, undecided):
    sign_in(client, city.bureau)

    assert client.get(url("routing", city.campaign.pk)).status_code == 403
    assert client.post(url("resolve", undecided.pk), {}).status_code == 404


# Duties ------------------------------------------------------------------------------------------


def test_duties_of_the_chosen_campaign_within_scope(city, client):
    Campaign.objects.update(state="open")
    mine = DutyFactory(campaign=city.campaign, authority=city.district)
    theirs = DutyFactory(campaign=city.campaign, authority=city.other)
    check = DutyFactory(
        campaign=city.campaign,
        authority=None,
        unit=UnitFactory(territorial_authority=city.district),
        kind="self_check",
    )
    DutyFactory(
        campaign=city.campaign,
        authority=None,
        unit=UnitFactory(territorial_authority=city.district),
        kind="rectification",
    )
    colleague = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=city.district)
    task = DutyFactory(
        campaign=city.campaign, authority=None, membership=colleague, kind="onsite_task"
    )

    sign_in(client, city.bureau)
    shown = {row["duty"] for row in client.get(url("duties")).context["rows"]}

    assert shown == {mine, check, task}
    assert client.get(theirs.get_absolute_url()).status_code == 404


def test_the_duty_to_draw_leads_to_the_frames(running, client):
    sign_in(client, running.bureau)
    duty = running.campaign.duties.get(kind="draw")

    answer = client.get(duty.get_absolute_url(), follow=True)

    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == url("sampling")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=overdue", ["late"]),
        ("state=running", ["soon"]),
        ("state=done", ["done"]),
        ("state=cancelled", ["gone"]),
        ("kind=draw", ["late", "soon", "done", "gone"]),
        ("kind=summary", []),
        ("q=soon", ["soon"]),
        ("sort=-due", ["soon", "late", "done", "gone"]),
        ("sort=nonsense", ["late", "soon", "done", "gone"]),
    ],
)
def test_duties_filter_and_sort(office, city, query, expected):
    moment = clock.at_time(dt.date(2021, 6, 10))
    for title, due, extra in (
        ("late", 1, {}),
        ("soon", 20, {}),
        ("done", 1, {"fulfilled_at": moment}),
        ("gone", 1, {"cancelled_at": moment}),
    ):
        DutyFactory(
            campaign=city.campaign,
            authority=city.district,
            title=title,
            due_on=dt.date(2021, 6, due),
            **extra,
        )

    with clock.pinned(moment):
        page = office.get(f"{url('duties')}?campaign={city.campaign.pk}&{query}")

    shown = [row["duty"].title for row in page.context["rows"]]
    if query.startswith("sort=-"):
        assert shown[0] == "soon"
        assert sorted(shown) == sorted(expected)
    else:
        assert sorted(shown) == sorted(expected)


def test_duties_by_authority_include_its_units_and_people(office, city):
    DutyFactory(campaign=city.campaign, authority=city.district, title="部门")
    unit = UnitFactory(territorial_authority=city.district)
    DutyFactory(campaign=city.campaign, authority=None, unit=unit, title="单位")
    DutyFactory(campaign=city.campaign, authority=city.other, title="别的部门")

    page = office.get(url("duties"), {"campaign": city.campaign.pk, "authority": city.district.pk})

    assert {row["duty"].title for row in page.context["rows"]} == {"部门", "单位"}


def test_the_export_has_exactly_the_rows_shown_and_is_noted(office, city):
    DutyFactory(campaign=city.campaign, authority=city.district, title="=1+1")
    DutyFactory(campaign=city.campaign, authority=city.other, title="别的")

    answer = office.get(
        url("duties_export"), {"campaign": city.campaign.pk, "authority": city.district.pk}
    )

    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [row[1] for row in sheet.iter_rows(min_row=3, values_only=True)] == ["'=1+1"]
    assert AccessEntry.objects.get().what.endswith("应办事项（1 行）")


def test_the_campaign_in_the_address_must_be_visible(city, client):
    sign_in(client, city.bureau)

    assert client.get(url("duties"), {"campaign": city.campaign.pk}).status_code == 404
    assert client.get(url("duties"), {"campaign": "x"}).status_code == 404
    assert client.get(url("duties"), {"campaign": "²"}).status_code == 404
    assert client.get(url("duties"), {"authority": "²"}).status_code == 200


# Sampling ----------------------------------------------------------------------------------------


def test_the_municipal_office_sees_every_frame(running, client):
    running.standard(territory=running.other)
    CampaignFactory()
    sign_in(client, running.office)

    page = client.get(url("sampling"), {"campaign": running.campaign.pk})

    assert [row.authority for row, _ in page.context["rows"]] == [running.district]
    assert page.context["totals"]["units"] == 6


def test_a_district_shows_its_list_and_is_led_to_it(running, client):
    sign_in(client, running.bureau)
    assert client.get(url("sampling")).status_code == 200

    answer = client.post(url("show", running.campaign.pk, running.district.pk))

    frame = SamplingFrame.objects.get()
    assert answer.url == frame.get_absolute_url()
    assert client.get(url("sampling")).url == frame.get_absolute_url()
    again = client.post(url("show", running.campaign.pk, running.district.pk))
    assert again.status_code == 409
    assert client.post(url("freeze", frame.pk)).status_code == 422
    SamplingFrame.objects.update(shown_at=clock.now() - 3 * draws.DAY)
    assert "公示中" in client.get(frame.get_absolute_url()).content.decode()
    assert client.post(url("freeze", frame.pk)).url == frame.get_absolute_url()
    frame.refresh_from_db()
    assert (frame.state, len(frame.hash)) == ("frozen", 64)
    assert client.post(url("withdraw_frame", frame.pk), {"note": "晚了"}).status_code == 409


def test_nobody_shows_a_list_for_another_office(running, client):
    for who in others(running).values():
        sign_in(client, who)
        answer = client.post(url("show", running.campaign.pk, running.district.pk))
        assert answer.status_code in (403, 404)
    assert not SamplingFrame.objects.exists()


SAMPLING_PAGES = (
    "frame",
    "frame_export",
    "rehearse",
    "announce",
    "annul",
    "freeze",
    "withdraw_frame",
)
DRAW_PAGES = ("draw", "directed", "void", "record", "record_json", "draw_export", "strike")
TERMS_PAGES = (
    "terms", "terms_paper", "acknowledge", "enter_value", "confirm_value", "missed_value"
)  # fmt: skip
POSTS = {"void", "freeze", "withdraw_frame", *TERMS_PAGES[2:]}


@pytest.mark.parametrize("name", SAMPLING_PAGES + DRAW_PAGES + TERMS_PAGES)
def test_sampling_pages_are_404_for_everybody_else(running, client, run, name):
    pk = run.frame_id if name in SAMPLING_PAGES else run.terms_id if name in TERMS_PAGES else run.pk
    method = client.post if name in POSTS else client.get
    for who in others(running).values():
        sign_in(client, who)
        assert method(url(name, pk)).status_code == 404


def test_the_list_of_frames_is_refused_to_everybody_but_offices(running, client):
    for label, who in others(running).items():
        sign_in(client, who)
        expected = 200 if label == "other district" else 403
        assert client.get(url("sampling")).status_code == expected


def test_a_frame_lists_units_exclusions_and_what_came_later(running, client):
    running.standard(in_scope=False)
    frame = draws.freeze(running.campaign, running.district)
    later = running.standard()
    sign_in(client, running.bureau)

    page = client.get(frame.get_absolute_url())

    assert len(page.context["groups"]) == 6
    assert {len(entries) for _, entries in page.context["groups"]} == {2}
    assert page.context["excluded_count"] == 2
    assert list(page.context["later"]) == [later]
    assert [f["standards"] for f in page.context["fields"]] == [6, 6]


def test_the_workbook_of_a_frame_has_both_sheets_and_is_noted(running, client, frame):
    sign_in(client, running.bureau)

    book = load_workbook(io.BytesIO(client.get(url("frame_export", frame.pk), PURPOSE).content))

    assert book.sheetnames == ["抽样框", "未列入"]
    assert book["抽样框"].max_row == 14
    assert AccessEntry.objects.get().kind == "export"


def test_a_rehearsal_says_so_on_every_line(running, client, frame):
    sign_in(client, running.bureau)
    assert "预演结果" not in client.get(url("rehearse", frame.pk)).content.decode()

    page = client.post(url("rehearse", frame.pk), {"ratio": 50}).content.decode()

    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert len(rows) == 6
    assert all("预演" in row for row in rows)
    assert client.post(url("rehearse", frame.pk), {"ratio": 0}).status_code == 422
    assert not DrawRun.objects.exists()


def test_a_draw_shows_its_figures_and_verifies(running, client, run):
    sign_in(client, running.bureau)

    page = client.get(run.get_absolute_url(), {"verify": 1})

    assert (page.context["random"], page.context["total"]) == (2, 6)
    assert page.context["standards"] == 4
    assert "验算一致" in page.content.decode()


def test_a_broken_draw_says_what_differs(running, client, run):
    run.drawn.last().delete()
    sign_in(client, running.bureau)

    page = client.get(run.get_absolute_url(), {"verify": 1}).content.decode()

    assert "验算不一致" in page
    assert "第2个抽中单位不一致" in page


def test_a_unit_is_added_by_direction(running, client, run):
    sign_in(client, running.bureau)
    offered = list(client.get(url("directed", run.pk)).context["units"])
    assert len(offered) == 4
    address = f"{url('directed', run.pk)}?unit={offered[0].pk}"
    standards = client.get(address).context["form"].fields["standards"].queryset

    data = {"reason": "投诉举报较多", "standards": [s.pk for s in standards]}
    assert client.post(address, {"standards": data["standards"]}).status_code == 422
    assert client.post(address, data).url == run.get_absolute_url()

    page = client.get(run.get_absolute_url())
    assert (page.context["directed"], page.context["standards"]) == (1, 6)
    assert "投诉举报较多" in page.content.decode()
    assert client.post(address, data).status_code == 404


def test_voiding_needs_a_reason_and_happens_once_by_those_above(running, client, run):
    sign_in(client, running.bureau)
    own = client.post(url("void", run.pk), {"note": "名单有误"})
    sign_in(client, running.office)

    assert own.status_code == 403
    assert "由上级" in own.content.decode()
    assert client.post(url("void", run.pk), {"note": ""}).status_code == 422
    assert client.post(url("void", run.pk), {"note": "名单有误"}).status_code == 302
    assert client.post(url("void", run.pk), {"note": "名单有误"}).status_code == 409

    page = client.get(run.frame.get_absolute_url())
    assert list(page.context["void_runs"]) == [run]
    assert client.get(url("directed", run.pk)).status_code == 403


def test_the_record_is_a_pdf_and_is_noted(running, client, run):
    sign_in(client, running.bureau)

    for address, what in (
        (url("record", run.pk), "抽取记录"),
        (url("terms_paper", run.terms_id), "抽取约定书"),
    ):
        assert pages_of(client, address).startswith(b"%PDF")
        assert what in AccessEntry.objects.latest("pk").what


def test_the_workbook_of_a_draw_has_a_row_per_standard(running, client, run):
    sign_in(client, running.bureau)

    sheet = load_workbook(
        io.BytesIO(client.get(url("draw_export", run.pk), PURPOSE).content)
    ).active

    assert sheet.max_row == 2 + 4


# Cost --------------------------------------------------------------------------------------------


def test_lists_cost_the_same_at_1_and_at_4_rows(city, client, monkeypatch):
    sign_in(client, city.office)
    city.standard()
    city.standard(category="other")
    moves.open_campaign(city.campaign, actor=None)
    addresses = {
        "index": url("index"),
        "detail": city.campaign.get_absolute_url(),
        "progress": url("progress", city.campaign.pk),
        "duties": url("duties"),
        "sampling": url("sampling"),
        "routing": url("routing", city.campaign.pk),
    }
    one = {name: cost_of(client, address) for name, address in addresses.items()}

    Campaign.objects.update(state="draft")
    for territory in (city.district, city.other, city.commission):
        city.standard(territory=territory)
        city.standard(category="other", territory=territory)
    moves.open_campaign(city.campaign, actor=None)
    CampaignFactory.create_batch(3, organiser=city.commission, notice_on=dt.date(2019, 1, 1))

    assert {name: cost_of(client, address) for name, address in addresses.items()} == one
    assert max(one.values()) <= 24  # one of them asks for the pledge, one for what the day ended


def test_sampling_pages_cost_the_same_at_1_and_at_4_units(city, client):
    sign_in(client, city.office)
    for district, units in ((city.district, 1), (city.other, 4)):
        for _ in range(units):
            first = city.standard(territory=district)
            city.standard(first.unit, field=FieldFactory(code="04", name="热学"))
            city.standard(first.unit, in_scope=False)
    moves.open_campaign(city.campaign, actor=None)
    costs = []
    for district in (city.district, city.other):
        frame = draws.freeze(city.campaign, district)
        before = [
            cost_of(client, frame.get_absolute_url()),
            cost_of(client, url("announce", frame.pk)),
        ]
        run = draws.draw(frame, ratio=100)
        pages = (run.get_absolute_url(), run.terms.get_absolute_url())
        costs.append([*before, *(cost_of(client, page) for page in pages)])

    assert costs[0] == costs[1]


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "year"), [((2021, 5, 31), 2021), ((2021, 6, 1), 2022)])
def test_a_new_campaign_starts_with_dates_that_are_still_ahead(client, day, year):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    with clock.pinned(clock.at_time(dt.date(*day))):
        form = client.get(url("create")).context["form"]

    assert form["code"].value() == str(year)


def test_without_a_campaign_there_is_no_list_to_draw_from(db, client):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    page = client.get(url("sampling")).content.decode()

    assert "没有可抽查的名单" in page
    assert "专项行动尚未开启" not in page
