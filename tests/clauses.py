"""The notice, clause by clause: where the portal fulfils it, and the tests that say so.

One row for each of the 70 clauses; ``docs/notice.md`` is written from them. The pages
named here are opened in the played city by ``tests/test_simulated_city.py``, as the person named, and have to show
the words named; the tests named have to exist. A clause without a page or without a test does not pass.
"""

import ast
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, DrawRun
from inspections.models import (
    CertificationReview,
    ChecklistSheet,
    InspectionTask,
    SingleIssueReport,
)
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.notices.models import Notice
from metrostd.plans.models import WorkPlan
from metrostd.registry.models import HandOver, ImportBatch
from rectification.models import CertificateDisposition, RectificationOrder
from reporting.models import StatEdition
from selfcheck.models import SelfCheckReport

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "notice.md"
_HEAD = """# The notice, clause by clause

Written from `tests/clauses.py`: `pytest tests/test_notice_table.py` leaves the table of now in `var/notice.md`, to be
taken over. `tests/test_simulated_city.py` opens every page named here in the sample city, as the person named, and
looks for the words that fulfil the clause.

| # | 通知的要求 | 在哪里落实 | 谁打开 | 测试 |
|---|---|---|---|---|
"""
#: Who opens a page: the name they sign in with in the sample city; units and districts are found by the record.
PEOPLE = {
    "": "任何人",
    "city": "市市场监管委",
    "district": "区局",
    "unit": "建标单位",
    "discipline": "纪检",
    "audit": "审计员",
}


@dataclass(frozen=True)
class Page:
    """A page or paper that fulfils a clause: who opens it, its name, its address and what it has to show."""

    who: str
    name: str
    route: str
    words: tuple[str, ...]
    #: The record it is about; without one it is a list. District and unit are those of the record.
    of: Callable[[], Model] | None = None
    query: str = ""

    def url(self, row: Model | None) -> str:
        """The address, about the record found."""
        return reverse(self.route, args=[] if row is None else [row.pk]) + self.query


@dataclass(frozen=True)
class Clause:
    """What the notice asks, in short, the page that fulfils it, and tests as ``path::name`` below ``tests``."""

    asks: str
    page: Page
    tests: tuple[str, ...]


def _the(rows: QuerySet) -> Callable[[], Model]:
    """The first of them, asked for when the page is opened."""
    return lambda: rows.all().order_by("pk")[0]


_RUNNING = Campaign.objects.filter(state="open")
_VISITS = InspectionTask.objects.all()
_SHEETS = ChecklistSheet.objects.all()
_REPORTS = SelfCheckReport.objects.filter(campaign__state="closed", submitted_at__isnull=False)
_DRAWS = DrawRun.objects.filter(frame__campaign__state="closed")
_PLANS = WorkPlan.objects.filter(campaign__state="open", state="filed")

RUNNING = _the(_RUNNING)
NOTICE = _the(Notice.objects.filter(campaign__state="open"))
CASE_SHEET = _the(_SHEETS.filter(task__unit=None, case__isnull=False))
BUREAU_SHEET = _the(_SHEETS.filter(task__unit=None))
SHEET = _the(_SHEETS.filter(task__unit__isnull=False, standard__isnull=False))
EVIDENCED = _the(_SHEETS.filter(answers__item__section__code="A", answers__evidence__isnull=False))
UNIT_REPORT = _the(_REPORTS.filter(unit__isnull=False, problems__isnull=False))
BUREAU_REPORT = _the(_REPORTS.filter(unit=None))
CITY_TASK = _the(_VISITS.filter(authority__level="city", unit__isnull=False, state="closed"))
HAND_OVER = _the(HandOver.objects.all())
DRAW = _the(_DRAWS.filter(frame__subject="units"))
BUREAU_DRAW = _the(_DRAWS.filter(frame__subject="bureaus"))
ASSESSED = _the(_VISITS.filter(team__role="assessor"))
EXPERTS = _the(_VISITS.filter(team__membership__role="institute_expert"))
NOT_PERFORMED = _the(_VISITS.filter(not_performed__isnull=False))
ORDER = _the(RectificationOrder.objects.filter(state="verified"))
DISPOSITION = _the(CertificateDisposition.objects.all())
STOPPED = _the(_VISITS.filter(stop_orders__isnull=False))
REVIEW = _the(CertificationReview.objects.all())
PLAN = _the(_PLANS)
MERGED = _the(_PLANS.exclude(merged_with=""))
SINGLE_ISSUE = _the(SingleIssueReport.objects.all())
EDITION = _the(StatEdition.objects.all())
IMPORT = _the(ImportBatch.objects.all())

#: In the order of the notice (``domain`` §6: one row for each of its sentences).
CLAUSES: dict[int, Clause] = {
    1: Clause(
        "发文机关和标题",
        Page(
            "",
            "通知公开页",
            "notices_public:notice",
            (
                "天津市市场监督管理委员会",
                "关于落实",
            ),
            of=NOTICE,
        ),
        (
            "notices/test_notices.py::test_anybody_reads_the_issued_notice_and_its_annexes_and_nothing_else",
        ),
    ),
    2: Clause(
        "主送各区局、各计量技术机构、各有关单位",
        Page(
            "city",
            "通知的送达情况",
            "notices:detail",
            (
                "各区市场监管局",
                "各计量技术机构",
                "各有关单位",
            ),
            of=NOTICE,
        ),
        (
            "notices/test_notices.py::test_it_goes_to_the_three_classes_and_the_copy",
            "notices/test_notices.py::test_opening_it_is_the_receipt",
        ),
    ),
    3: Clause(
        "检查的目的",
        Page(
            "",
            "通知公开页",
            "notices_public:notice",
            (
                "强化计量标准事中事后监管",
                "主体责任",
            ),
            of=NOTICE,
        ),
        (
            "reporting/test_narrative.py::test_suggested_text_stands_as_it_is_and_says_what_the_table_says",
        ),
    ),
    4: Clause(
        "依据总局方案，在全市开展",
        Page("city", "专项行动", "campaigns:detail", ("市监计量发〔2021〕18号",), of=RUNNING),
        (
            "campaigns/test_services.py::test_create_campaign_makes_a_draft_with_four_stages",
            "notices/test_notices.py::test_last_years_campaign_is_taken_over_with_its_notice",
        ),
    ),
    5: Clause(
        "计量标准和考核工作都查，市区两级主持考核的",
        Page(
            "city",
            "抽查",
            "campaigns:sampling",
            (
                "按组织检查的部门",
                "考核工作监督检查",
            ),
        ),
        (
            "registry/test_scope.py::test_hosted_above_the_city_is_out_whoever_issued_it",
            "campaigns/test_bureau_draws.py::test_the_units_of_the_city_and_its_bureaus_are_two_lists",
        ),
    ),
    6: Clause(
        "重点是社会公用、部门和企事业单位最高计量标准",
        Page(
            "city",
            "计量标准台账",
            "registry:standards",
            (
                "社会公用计量标准",
                "部门最高计量标准",
                "企业最高计量标准",
                "事业单位最高计量标准",
            ),
        ),
        ("reporting/test_recount.py::test_every_cell_equals_the_recount",),
    ),
    7: Clause(
        "食品安全、生产安全、生态环境、医疗卫生是重点",
        Page(
            "city",
            "统计表",
            "reporting:annex3",
            (
                "食品安全",
                "生产安全",
                "生态环境",
                "医疗卫生",
            ),
            query="?block=VI",
        ),
        (
            "campaigns/test_drawing.py::test_every_field_gives_one_standard_and_a_priority_domain_goes_first",
            "reporting/test_recount.py::test_every_cell_equals_the_recount",
        ),
    ),
    8: Clause(
        "考核工作查许可法、计量法规和考核规范的执行",
        Page(
            "city",
            "附件2检查表",
            "inspections:sheet",
            (
                "《行政许可法》",
                "《计量标准考核办法》",
            ),
            of=CASE_SHEET,
            query="?section=P",
        ),
        (
            "inspections/test_bureau_sheets.py::test_the_bureau_is_asked_once_and_each_case_file_for_itself",
        ),
    ),
    9: Clause(
        "自查阶段",
        Page(
            "city",
            "专项行动",
            "campaigns:detail",
            (
                "自查",
                "报送期限",
            ),
            of=RUNNING,
        ),
        (
            "campaigns/test_stages.py::test_first_and_last_days_belong_to_the_stage",
            "selfcheck/test_moves.py::test_overdue_begins_the_day_after_the_due_day",
        ),
    ),
    10: Clause(
        "建标单位全面自查",
        Page("unit", "自查报告", "selfcheck:detail", ("逐项填写情况",), of=UNIT_REPORT),
        (
            "selfcheck/test_services.py::test_items_follow_use_level_and_routed_category",
            "selfcheck/test_hooks.py::test_a_unit_reports_to_each_of_its_issuers",
        ),
    ),
    11: Clause(
        "自查的六个方面",
        Page(
            "unit",
            "自查报告",
            "selfcheck:detail",
            (
                "逐项填写情况",
                "单位层面",
            ),
            of=UNIT_REPORT,
        ),
        (
            "selfcheck/test_services.py::test_rows_are_made_once_per_standard_and_once_per_unit",
            "selfcheck/test_filling.py::test_the_form_shows_one_group_and_only_what_is_open",
        ),
    ),
    12: Clause(
        "问题和风险隐患逐一整改",
        Page(
            "unit",
            "存在问题和整改情况",
            "selfcheck:detail",
            (
                "存在问题和整改情况",
                "整改措施",
            ),
            of=UNIT_REPORT,
        ),
        (
            "selfcheck/test_moves.py::test_a_deficiency_needs_its_problem",
            "selfcheck/test_material.py::test_a_problem_is_recorded_for_its_item",
        ),
    ),
    13: Clause(
        "有针对性的预防措施",
        Page("unit", "存在问题和整改情况", "selfcheck:detail", ("预防措施",), of=UNIT_REPORT),
        ("selfcheck/test_moves.py::test_every_problem_needs_measure_and_prevention",),
    ),
    14: Clause(
        "计量特性与证书一致并正常工作",
        Page(
            "unit",
            "自查报告",
            "selfcheck:detail",
            ("计量特性与考核证书一致并处于正常工作状态",),
            of=UNIT_REPORT,
        ),
        (
            "selfcheck/test_moves.py::test_what_is_declared_follows_the_answers",
            "selfcheck/test_handing_in.py::test_the_declaration_must_be_confirmed",
        ),
    ),
    15: Clause(
        "按期向发证单位报送三种材料",
        Page(
            "unit",
            "自查报告",
            "selfcheck:detail",
            (
                "报送期限",
                "回执编号",
                "是否逾期",
            ),
            of=UNIT_REPORT,
        ),
        (
            "selfcheck/test_moves.py::test_submitting_gives_receipt_review_duty_and_message",
            "selfcheck/test_moves.py::test_the_due_day_is_in_time_to_its_last_minute",
        ),
    ),
    16: Clause(
        "区局自查考核工作",
        Page("city", "区局自查报告", "selfcheck:detail", ("区局考核工作自查",), of=BUREAU_REPORT),
        (
            "selfcheck/test_hooks.py::test_every_district_reports_to_the_organiser",
            "selfcheck/test_services.py::test_a_bureau_answers_case_items_once_for_its_work",
        ),
    ),
    17: Clause(
        "程序、方法、结果处理、证后监管",
        Page(
            "city",
            "区局自查报告",
            "selfcheck:detail",
            (
                "考核程序",
                "考评",
            ),
            of=BUREAU_REPORT,
        ),
        ("selfcheck/test_handing_in.py::test_a_bureau_hands_in_its_own_declaration",),
    ),
    18: Clause(
        "区局先于单位报计量处",
        Page(
            "city",
            "专项行动",
            "campaigns:detail",
            (
                "区局自查报送期限",
                "建标单位自查报送期限",
            ),
            of=RUNNING,
        ),
        (
            "selfcheck/test_moves.py::test_bureaus_owe_their_own_kind_of_duty",
            "notices/test_notices.py::test_dates_keep_month_and_day_and_limits_go_to_a_work_day",
        ),
    ),
    19: Clause(
        "现场检查阶段",
        Page("city", "专项行动", "campaigns:detail", ("现场检查",), of=RUNNING),
        ("inspections/moves/test_guards.py::test_assign_refuses_a_day_outside_the_stage",),
    ),
    20: Clause(
        "社会公用、部门最高由市里检查，安排另行通知",
        Page(
            "city",
            "检查任务",
            "inspections:task",
            (
                "组织检查的部门",
                "天津市市场监督管理委员会",
            ),
            of=CITY_TASK,
        ),
        (
            "campaigns/test_reference.py::TestCity::test_who_inspects_what",
            "campaigns/test_routing_tables.py::test_whom_it_moves_is_counted_and_named_and_what_stays",
            "notices/test_notices.py::test_a_campaign_has_one_notice_and_further_ones_later",
        ),
    ),
    21: Clause(
        "企事业最高由区局检查",
        Page("district", "名单签收", "lists:hand_over", ("签收",), of=HAND_OVER),
        (
            "lists/test_hand_overs.py::test_committed_list_is_handed_to_each_district_with_its_rows",
            "selfcheck/test_scope.py::test_the_inspecting_office_reads_from_submission_on",
        ),
    ),
    22: Clause(
        "抽查比例不少于20%",
        Page(
            "city",
            "抽取结果",
            "campaigns:draw",
            (
                "方案规定的抽查比例 20%",
                "随机抽中占名单",
            ),
            of=DRAW,
        ),
        (
            "campaigns/test_drawing.py::test_required_count_is_the_integer_ceiling",
            "campaigns/test_sampling.py::test_a_ratio_below_the_campaigns_needs_a_reason",
        ),
    ),
    23: Clause(
        "每个专业领域至少1项",
        Page("city", "抽取结果", "campaigns:draw", ("专业领域至少1项",), of=DRAW),
        (
            "campaigns/test_first_algorithm.py::test_four_of_one_field_and_one_of_another_give_one_of_each",
            "campaigns/test_widening.py::test_missed_fields_are_drawn_for_recorded_and_checked_with_the_draw",
        ),
    ),
    24: Clause(
        "可邀请考评员",
        Page("city", "检查任务", "inspections:task", ("计量标准考评员",), of=ASSESSED),
        (
            "inspections/test_team.py::test_experts_and_assessors_do_not_count_as_officers",
            "inspections/test_scope.py::test_an_assessor_answers_technical_items_and_leaves_prohibitions_to_the_officers",
        ),
    ),
    25: Clause(
        "是否持续满足原核准条件",
        Page(
            "city",
            "检查表",
            "inspections:sheet",
            (
                "证书",
                "系统预判",
            ),
            of=SHEET,
            query="?section=B",
        ),
        (
            "inspections/test_hints.py::test_range_in_the_register_against_the_certificate",
            "inspections/test_conclusions.py::test_annex1_has_fifty_items_thirteen_key_five_that_suggest_a_stop",
        ),
    ),
    26: Clause(
        "溯源性",
        Page(
            "city",
            "检查表",
            "inspections:sheet",
            (
                "溯源",
                "系统预判",
            ),
            of=SHEET,
            query="?section=A",
        ),
        (
            "inspections/test_hints_tracing.py::test_days_without_tracing_are_named_for_the_work_records",
        ),
    ),
    27: Clause(
        "人员配备和能力",
        Page("city", "检查表", "inspections:sheet", ("人员",), of=SHEET, query="?section=D"),
        ("inspections/test_hints_capability.py::test_two_valid_persons",),
    ),
    28: Clause(
        "更换、封存与撤销手续",
        Page("city", "检查表", "inspections:sheet", ("封存",), of=SHEET, query="?section=G"),
        (
            "inspections/test_hints_changes.py::TestSealed::test_sealed_without_a_form",
            "inspections/test_hints_changes.py::TestReported::test_a_new_instrument_without_application",
        ),
    ),
    29: Clause(
        "禁止性行为",
        Page("city", "检查表", "inspections:sheet", ("禁止",), of=SHEET, query="?section=H"),
        (
            "inspections/test_answers.py::test_a_finding_says_category_key_and_basis",
            "inspections/test_rest.py::test_an_assessor_does_not_say_that_prohibited_conduct_was_not_found",
        ),
    ),
    30: Clause(
        "现场取证",
        Page("city", "检查表", "inspections:sheet", ("照片",), of=EVIDENCED, query="?section=A"),
        (
            "inspections/test_answers.py::test_evidence_carries_hash_time_and_kind",
            "inspections/test_signed_records.py::test_photographs_are_annexed_in_the_order_of_the_record",
        ),
    ),
    31: Clause(
        "未能实施的详细记录",
        Page(
            "city",
            "检查任务",
            "inspections:task",
            (
                "未能实施记录",
                "原因",
                "详细情况",
            ),
            of=NOT_PERFORMED,
        ),
        ("inspections/moves/test_guards.py::test_a_record_of_a_failed_visit_has_to_be_complete",),
    ),
    32: Clause(
        "跟踪并开展后续监督检查",
        Page("city", "检查任务", "inspections:task", ("后续检查",), of=NOT_PERFORMED),
        (
            "inspections/moves/test_guards.py::test_a_follow_up_is_a_linked_task_with_the_same_standards",
            "inspections/moves/test_guards.py::test_a_second_failure_is_reported_to_the_organiser",
        ),
    ),
    33: Clause(
        "随机选取20%左右的区局",
        Page(
            "city",
            "抽取结果",
            "campaigns:draw",
            (
                "20%左右",
                "案卷",
            ),
            of=BUREAU_DRAW,
        ),
        (
            "campaigns/test_bureau_draws.py::test_about_a_fifth_is_drawn_with_at_most_ten_case_files_each",
            "campaigns/test_bureau_draws.py::test_the_record_verifies_without_the_portal_and_a_changed_case_does_not",
        ),
    ),
    34: Clause(
        "整改阶段",
        Page("city", "整改文书", "rectification:order", ("整改期限",), of=ORDER),
        (
            "rectification/moves/test_order.py::test_the_usual_due_day_is_thirty_days_within_the_stage",
        ),
    ),
    35: Clause(
        "不合格项和缺陷项及时整改",
        Page("unit", "整改文书", "rectification:order", ("逐条整改",), of=ORDER),
        ("rectification/moves/test_order.py::test_an_order_numbers_moves_owes_and_tells",),
    ),
    36: Clause(
        "报组织检查的部门",
        Page("unit", "整改文书", "rectification:order", ("组织检查的部门",), of=ORDER),
        (
            "rectification/test_reports.py::test_submitting_moves_everything_and_makes_it_the_office_s_turn",
        ),
    ),
    37: Clause(
        "监管部门确认",
        Page("city", "整改文书", "rectification:order", ("整改合格",), of=ORDER),
        (
            "rectification/test_reports.py::test_passing_everything_closes_the_order",
            "rectification/test_documents.py::test_the_confirmation_lists_what_was_confirmed",
        ),
    ),
    38: Clause(
        "不符合要求的视为整改不合格",
        Page("city", "整改与处理", "rectification:index", ("整改不合格",)),
        (
            "rectification/moves/test_limits.py::test_a_day_that_has_passed_fails_what_was_not_reported",
            "rectification/test_reports.py::test_one_failed_finding_fails_the_unit",
        ),
    ),
    39: Clause(
        "处理总结阶段",
        Page(
            "city",
            "专项行动",
            "campaigns:detail",
            (
                "处理总结",
                "总结和统计表报送期限",
            ),
            of=RUNNING,
        ),
        ("campaigns/test_services.py::test_closing_before_the_last_stage_is_out_of_the_ordinary",),
    ),
    40: Clause(
        "严重违法行为依法查处",
        Page("city", "移送处理", "rectification:referrals", ("移送",)),
        (
            "rectification/moves/test_handling.py::test_a_case_needs_its_fields_and_no_other_under_way",
            "rectification/test_referrals.py::test_the_corps_is_told_and_records_what_comes_of_a_case",
            "registry/test_legal.py::test_an_order_names_the_law_of_its_day_and_another_row_reaches_later_ones_alone",
        ),
    ),
    41: Clause(
        "达不到原核准条件的限期整改并通过验收",
        Page("city", "检查任务", "inspections:task", ("责令停止",), of=STOPPED),
        (
            "inspections/moves/test_stop.py::test_a_fine_does_not_lift_an_order_the_standard_is_accepted_first",
        ),
    ),
    42: Clause(
        "仍达不到要求的严肃处理",
        Page("city", "证书处理", "rectification:disposition", ("建议",), of=DISPOSITION),
        (
            "rectification/moves/test_handling.py::test_an_accepted_proposal_moves_certificate_and_finding",
        ),
    ),
    43: Clause(
        "区局按期完成整改",
        Page("city", "考核工作监督检查", "inspections:certification", ("整改",), of=REVIEW),
        (
            "inspections/moves/test_review.py::test_the_whole_way_to_the_confirmation",
            "inspections/moves/test_review.py::test_what_fails_is_reported_up_and_discipline_learns_of_it",
        ),
    ),
    44: Clause(
        "风险分析与研判",
        Page("city", "风险分析", "risk:index", ("高风险单位", "属地和领域")),
        (
            "risk/test_levels.py::test_by_district_and_field_add_up_to_the_units",
            "risk/test_levels.py::test_what_inspections_and_self_checks_gave",
        ),
    ),
    45: Clause(
        "投诉举报多、有严重违法记录的单位加大监管",
        Page("city", "重点监管名单", "risk:targeted", ("原因", "列为定向检查")),
        (
            "risk/test_levels.py::test_high_risk_is_listed_with_reasons_and_taken_out",
            "risk/test_levels.py::test_risk_adds_to_a_draw_and_never_touches_what_chance_gave",
        ),
    ),
    46: Clause(
        "区局制定工作计划",
        Page(
            "district",
            "工作计划",
            "plans:detail",
            (
                "工作计划",
                "已备案",
            ),
            of=PLAN,
        ),
        (
            "plans/test_plans.py::test_every_district_is_asked_by_a_day_and_begins_with_what_the_campaign_says",
            "plans/test_plans.py::test_handed_in_it_is_filed_or_given_back_with_a_reason",
        ),
    ),
    47: Clause(
        "市计量院配合组成检查小组",
        Page("city", "检查任务", "inspections:task", ("市计量院专家",), of=EXPERTS),
        (
            "inspections/test_team.py::test_an_institute_expert_elsewhere_is_welcome_but_not_on_the_own_institute",
        ),
    ),
    48: Clause(
        "审批权和监管权分开的区局统筹协同",
        Page("city", "审批与监管协同", "coordination:index", ("审批权与监督管理权分开的区局",)),
        (
            "coordination/test_pushing.py::test_a_sealed_certificate_is_on_the_desk_of_supervision_once",
            "coordination/test_pushing.py::test_findings_and_stop_orders_are_on_the_desk_of_approval",
            "plans/test_plans.py::test_where_powers_are_split_the_plan_says_how_they_work_together",
        ),
    ),
    49: Clause(
        "风险监测和预警工作程序",
        Page("city", "风险监测和预警工作程序", "risk:procedures", ("工作程序",)),
        (
            "risk/test_warnings.py::test_procedures_on_file_and_who_has_none",
            "risk/test_warnings.py::test_from_the_register_to_its_closing",
        ),
    ),
    50: Clause(
        "不断提高考核质量，保障获证标准的能力水平",
        Page("city", "与上次对照", "reporting:cockpit_earlier", ("上次",)),
        (
            "risk/test_levels.py::test_campaigns_stand_beside_each_other_at_their_ends",
            "risk/test_levels.py::test_a_medium_unit_inspected_this_year_is_not_proposed_for_the_next",
            "reporting/test_cockpit.py::test_the_first_campaign_stands_beside_none",
        ),
    ),
    51: Clause(
        "畅通投诉举报途径",
        Page(
            "",
            "投诉举报公开页",
            "complaints_public:index",
            (
                "受理渠道",
                "我要反映",
            ),
        ),
        (
            "complaints/test_public.py::test_anybody_says_it_and_follows_it_with_the_code",
            "complaints/test_handling.py::test_it_leads_to_a_directed_check_that_does_not_say_why",
            "e2e/test_framing.py::test_a_complaint_from_a_phone_leads_to_a_directed_check_and_its_answer",
        ),
    ),
    52: Clause(
        "依法监管、科学公正、风险管理、协同推进",
        Page("city", "利害关系申报", "inspections:declarations", ("其他可能影响公正的关系",)),
        (
            "plans/test_plans.py::test_it_prints_as_a_paper_and_is_quoted_once_it_was_handed_in",
            "inspections/test_assigning.py::test_who_has_to_stay_away_is_named_with_the_reason",
        ),
    ),
    53: Clause(
        "完整填写检查表",
        Page("city", "检查任务", "inspections:task", ("已填",), of=CITY_TASK),
        ("inspections/moves/test_guards.py::test_to_signing_lists_what_is_missing",),
    ),
    54: Clause(
        "全程留痕",
        Page("audit", "审计记录", "trail:index", ("封存",)),
        (
            "trail/test_sealing.py::test_a_deleted_row_is_named",
            "trail/test_sealing.py::test_the_database_itself_refuses",
        ),
    ),
    55: Clause(
        "一事一报",
        Page(
            "city",
            "一事一报",
            "inspections:single_issue",
            (
                "请示的问题",
                "协商",
            ),
            of=SINGLE_ISSUE,
        ),
        ("inspections/test_single_issues.py::test_from_the_item_to_the_answer_through_the_pages",),
    ),
    56: Clause(
        "不得泄露检查情况和结果",
        Page("city", "保密承诺书签署情况", "campaigns:pledges", ("保密承诺书",), of=RUNNING),
        (
            "inspections/test_pledges.py::test_a_pledge_counts_for_its_person_and_its_campaign_alone",
            "common/test_watermark.py::test_confidential_pages_name_their_reader",
        ),
    ),
    57: Clause(
        "不得引用发表",
        Page("city", "保密承诺书", "campaigns:pledge", ("发表",), of=RUNNING),
        (
            "common/test_watermark.py::test_restricted_material_asks_what_for_and_keeps_it",
            "reporting/test_narrative.py::test_a_case_of_a_finding_says_nothing_of_its_unit",
        ),
    ),
    58: Clause(
        "遵守八项规定精神",
        Page("discipline", "廉政监督", "inspections:integrity", ("廉政监督",)),
        ("inspections/test_integrity.py::test_rules_are_read_before_and_the_unit_is_told",),
    ),
    59: Clause(
        "被检查机构不承担费用",
        Page("city", "检查任务", "inspections:task", ("由被检查单位承担 0 元",), of=CITY_TASK),
        (
            "inspections/test_integrity.py::test_an_amount_stops_the_review_and_alerts_discipline_until_it_is_settled",
        ),
    ),
    60: Clause(
        "五部分总结报告",
        Page(
            "city",
            "报送版",
            "reporting:edition_narrative",
            (
                "基本情况",
                "主要做法",
                "典型案例",
                "发现问题",
                "工作建议",
            ),
            of=EDITION,
        ),
        ("reporting/test_narrative.py::test_word_and_pdf_say_the_same_paragraph_by_paragraph",),
    ),
    61: Clause(
        "连同统计表按期报计量处",
        Page("city", "报送情况", "reporting:reports", ("报送",)),
        (
            "reporting/test_handing_in.py::test_from_the_figures_to_the_receipt",
            "reporting/test_handing_in.py::test_lateness_is_that_of_the_first_submission",
        ),
    ),
    62: Clause(
        "可与其他监督检查合并实施",
        Page("city", "工作计划", "plans:detail", ("检验检测机构双随机抽查",), of=MERGED),
        (
            "plans/test_plans.py::test_the_report_of_the_district_quotes_it",
            "plans/test_plans.py::test_plan_draw_statistics_and_report_say_the_same_of_merged_inspections",
            "inspections/test_joint_counts.py::test_plan_page_annex_3_and_report_say_the_number",
        ),
    ),
    63: Clause(
        "时间和比例可以调整",
        Page("city", "专项行动", "campaigns:detail", ("调整方案",), of=RUNNING),
        (
            "campaigns/test_adjusting.py::test_a_district_moves_its_own_dates_and_nobody_elses",
            "plans/test_plans.py::test_an_adjustment_with_its_reason_makes_the_lower_ratio_the_rule",
        ),
    ),
    64: Clause(
        "附件1",
        Page("city", "检查表", "inspections:sheet", ("检查",), of=SHEET),
        (
            "inspections/test_signed_records.py::test_the_record_holds_facts_answers_evidence_and_signatures",
            "campaigns/test_reference.py::TestVersions::test_a_changed_checklist_is_a_new_version_and_the_old_one_stays",
            "inspections/test_checklist_upgrades.py::test_from_its_day_on_what_is_begun_takes_the_other_version_and_nothing_else",
        ),
    ),
    65: Clause(
        "附件2",
        Page("city", "检查表", "inspections:sheet", ("检查",), of=BUREAU_SHEET),
        ("inspections/test_bureau_sheets.py::test_what_is_counted_and_compared",),
    ),
    66: Clause(
        "附件3",
        Page("city", "统计表", "reporting:annex3", ("附件3",)),
        (
            "reporting/test_recount.py::test_every_cell_equals_the_recount",
            "reporting/test_rules.py::test_a_rule_notices_a_figure_that_is_off",
        ),
    ),
    67: Clause(
        "附件4",
        Page("city", "名单导入", "lists:detail", ("入库",), of=IMPORT),
        (
            "annex4/test_corpus.py::test_file_is_read_as_written_down",
            "lists/test_hand_overs.py::test_committed_list_is_handed_to_each_district_with_its_rows",
        ),
    ),
    68: Clause(
        "成文日期",
        Page("", "通知公开页", "notices_public:notice", ("2026年",), of=NOTICE),
        (
            "notices/test_notices.py::test_anybody_reads_the_issued_notice_and_its_annexes_and_nothing_else",
        ),
    ),
    69: Clause(
        "主动公开的是通知，不是结果",
        Page("", "通知公开页", "notices_public:notice", ("（主动公开）",), of=NOTICE),
        (
            "reporting/test_bulletins.py::test_nothing_is_public_before_publication_and_nothing_after_withdrawal",
        ),
    ),
    70: Clause(
        "抄送综合行政执法总队",
        Page("", "通知公开页", "notices_public:notice", ("抄送：委综合行政执法总队",), of=NOTICE),
        (
            "rectification/test_referrals.py::test_the_corps_sees_only_what_is_addressed_to_it",
            "notices/test_notices.py::test_it_goes_to_the_three_classes_and_the_copy",
        ),
    ),
}


def reader(who: str, row: Model | None) -> Membership:
    """Who opens a page: by name, or as the unit or the district of the record."""
    people = Membership.objects.select_related("user")
    task = getattr(row, "task", row)
    if who == "unit":
        return people.filter(unit=task.unit).order_by("pk")[0]
    if who == "district":
        office = getattr(row, "district", None) or task.authority
        return people.get(authority=office, role=Role.DISTRICT_ADMIN)
    return people.get(user__username=who)


def opened(client: Client, clause: Clause, row: Model | None) -> str:
    """What the page of a clause shows, as text without its marks."""
    response = client.get(clause.page.url(row))
    assert response.status_code == 200, f"{clause.page.url(row)}: {response.status_code}"
    page = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", page))


@cache
def _names(path: Path) -> frozenset[str]:
    """Tests of a file, those of classes as ``Class::test``."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.update(
                f"{node.name}::{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef)
            )
    return frozenset(found)


def missing_tests() -> list[str]:
    """Tests that are named here and are not there."""
    named = [test for clause in CLAUSES.values() for test in clause.tests]
    return [
        test
        for test in named
        if test.partition("::")[2] not in _names(ROOT / "tests" / test.partition("::")[0])
    ]


def document() -> str:
    """The table of ``docs/notice.md``."""
    lines = [
        f"| {number} | {clause.asks} | {clause.page.name}：{'、'.join(clause.page.words)} "
        f"| {PEOPLE[clause.page.who]} | {'<br>'.join(f'`{test}`' for test in clause.tests)} |"
        for number, clause in sorted(CLAUSES.items())
    ]
    return _HEAD + "\n".join(lines) + "\n"
