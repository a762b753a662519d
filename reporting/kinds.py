"""What a record behind a figure shows, kind by kind: its columns, a link to its page."""

from inspections.enums import StopState
from metrostd.common.enums import Answer, Conclusion

from .columns import Column
from .record_columns import (
    Kind,
    category,
    due,
    own_page,
    report_page,
    standard,
    state,
    unit,
    words,
    yes,
)

_CATEGORY = Column("类别", category, width=30)
_FRAME = Kind(
    "计量标准",
    (
        unit("unit"),
        standard("standard"),
        _CATEGORY,
        Column("专业领域", lambda row: row.field or "未归类"),
        Column("重点领域", lambda row: yes(row.is_priority), width=10),
        Column("抽样框", lambda row: row.frame, lambda row: row.frame.get_absolute_url(), width=22),
    ),
    ("unit", "standard", "field", "frame__authority"),
    "unit",
)
_PLAN = Kind(
    "抽中的计量标准",
    (
        unit("drawn_unit.unit"),
        standard("standard"),
        _CATEGORY,
        Column("抽取方式", lambda row: row.drawn_unit.get_kind_display(), width=10),
        Column("理由", lambda row: row.drawn_unit.reason or row.get_why_display(), width=24),
        Column("签字检查表", lambda row: "有" if row.is_sheet_signed else "没有", width=12),
        Column("抽取", lambda row: "抽取结果", lambda row: row.drawn_unit.run.get_absolute_url()),
    ),
    ("drawn_unit__unit", "drawn_unit__run__frame__authority", "standard"),
    "drawn_unit.unit",
)
_SHEET = Kind(
    "检查表",
    (
        unit("task.unit"),
        standard("standard"),
        _CATEGORY,
        Column(
            "结论",
            lambda row: Conclusion(row.in_conclusion).label,
            tone=lambda row: Conclusion(row.in_conclusion).tone,
            width=12,
        ),
        Column("签字时间", lambda row: row.in_signed_at, width=18),
        own_page("检查表"),
    ),
    ("task__unit", "standard"),
    "task.unit",
)
_FINDING = Kind(
    "发现问题",
    (
        unit("task.unit"),
        standard("standard"),
        Column("检查项", lambda row: row.item.code, width=8),
        words(
            Column(
                "程度",
                lambda row: row.severity_word,
                tone=lambda row: row.severity_tone,
                width=10,
            )
        ),
        Column("重点项", lambda row: yes(row.in_key), width=8),
        words(Column("事实", lambda row: row.fact, width=44)),
        state(),
        Column("整改期限", due, width=14),
        own_page("问题"),
    ),
    ("task__unit", "standard", "item"),
    "task.unit",
)
_ANSWER = Kind(
    "判定",
    (
        unit("sheet.task.unit"),
        standard("sheet.standard"),
        Column("检查项", lambda row: row.item.code, width=8),
        Column(
            "判定",
            lambda row: Answer.word(row.answer, prohibition=row.item.is_prohibition),
            tone=lambda row: Answer(row.answer).tone,
            width=10,
        ),
        Column("事实记录", lambda row: row.note, width=44),
        Column("查看", lambda row: "检查表", lambda row: row.sheet.get_absolute_url(), width=10),
    ),
    ("sheet__task__unit", "sheet__standard", "item"),
    "sheet.task.unit",
)
_STOP = Kind(
    "责令停止量值传递",
    (
        unit("task.unit"),
        standard("standard"),
        Column("文书编号", lambda row: row.number, width=22),
        state(),
        Column("起始日期", lambda row: row.in_force_from, width=14),
        Column(
            "解除日期",
            lambda row: row.lifted_on if row.state_then == StopState.LIFTED else None,
            width=14,
        ),
        own_page("检查任务"),
    ),
    ("task__unit", "standard"),
    "task.unit",
)
_ACT = Kind(
    "证书处置",
    (
        unit("standard.unit"),
        standard("standard"),
        Column("处置", lambda row: row.get_kind_display(), width=22),
        Column("依据", lambda row: row.basis, width=40),
        Column("登记时间", lambda row: row.decided_at, width=18),
        Column("发证部门", lambda row: row.standard.issuing_authority, width=18),
        own_page("计量标准"),
    ),
    ("standard__unit", "standard__issuing_authority"),
    "standard.unit",
)
_REFERRAL = Kind(
    "移送案件",
    (
        unit("task.unit"),
        Column("移送至", lambda row: row.sent_to, width=24),
        Column("移送日期", lambda row: row.sent_on, width=14),
        Column("案号", lambda row: row.in_case_no, width=20),
        state(),
        Column("罚没金额（元）", lambda row: row.in_fine, numeric=True),
        own_page("移送"),
    ),
    ("task__unit",),
    "task.unit",
)
_SELF_CHECK = Kind(
    "自查标准",
    (
        unit("report.unit"),
        standard("standard"),
        _CATEGORY,
        Column("接收部门", lambda row: row.report.receiver, width=18),
        Column("报送情况", lambda row: "已收到" if row.is_received else "未收到", width=10),
        Column(
            "首次报送",
            lambda row: row.report.first_submitted_at if row.is_received else None,
            width=18,
        ),
        Column("逾期", lambda row: yes(row.is_received and row.report.is_late), width=8),
        Column(
            "查看", lambda row: "自查报告" if row.is_received else "", lambda row: report_page(row)
        ),
    ),
    ("report__unit", "report__receiver", "standard"),
    "report.unit",
)
_PROBLEM = Kind(
    "自查问题",
    (
        unit("report.unit"),
        standard("standard"),
        words(Column("存在问题", lambda row: row.description, width=44)),
        words(Column("整改措施", lambda row: row.measure, width=36)),
        Column("完成整改日期", lambda row: row.fixed_on, width=14),
        Column("查看", lambda row: "自查报告", lambda row: row.report.get_absolute_url()),
    ),
    ("report__unit", "standard"),
    "report.unit",
)
_TEAM = Kind(
    "检查组成员",
    (
        unit("task.unit"),
        Column("人员", lambda row: row.membership.user),
        Column("组内职责", lambda row: row.get_role_display()),
        Column("查看", lambda row: "检查任务", lambda row: row.task.get_absolute_url()),
    ),
    ("task__unit", "membership__user"),
    "task.unit",
)
_ORDER = Kind(
    "整改文书",
    (
        unit("task.unit"),
        Column("文书", lambda row: row.get_kind_display(), width=18),
        Column("文书编号", lambda row: row.number, lambda row: row.get_absolute_url(), width=24),
        Column("日期", lambda row: row.issued_on, width=14),
    ),
    ("task__unit",),
    "task.unit",
)
_BUREAU = Kind(
    "区局自查报告",
    (
        Column("区局", lambda row: row.bureau, lambda row: row.get_absolute_url(), width=24),
        Column("接收部门", lambda row: row.receiver, width=18),
        Column("首次报送", lambda row: row.first_submitted_at, width=18),
    ),
    ("bureau", "receiver"),
    "",
)
_BUREAU_PROBLEM = Kind(
    "区局自查问题",
    (
        Column("区局", lambda row: row.report.bureau, width=24),
        words(Column("存在问题", lambda row: row.description, width=44)),
        words(Column("整改措施", lambda row: row.measure, width=36)),
        Column("完成整改日期", lambda row: row.fixed_then, width=14),
        Column("查看", lambda row: "自查报告", lambda row: row.report.get_absolute_url()),
    ),
    ("report__bureau",),
    "",
)
_ENDED = Column("检查结束时间", lambda row: row.concluded_at, width=18)
_REVIEWED = Column("区局", lambda row: row.bureau, lambda row: row.get_absolute_url(), width=24)
_REVIEW = Kind("监督检查的区局", (_REVIEWED, _ENDED), ("bureau",), "")
_FILE = Column("案卷", lambda row: row.about, lambda row: row.get_absolute_url(), width=60)
_OF_BUREAU = Column("区局", lambda row: row.task.bureau, width=24)
_CASE = Kind("抽查的案卷", (_OF_BUREAU, _FILE), ("task__bureau",), "")
_REVIEW_PROBLEM = Kind(
    "考核工作问题",
    (
        Column("区局", lambda row: row.review.bureau, width=24),
        Column("编码", lambda row: row.item.code, lambda row: row.get_absolute_url(), width=8),
        words(Column("事实", lambda row: row.fact, width=44)),
        words(Column("整改措施", lambda row: row.measure, width=36)),
        Column("确认", lambda row: row.get_result_display(), width=12),
    ),
    ("review__bureau", "item"),
    "",
)
_SINGLE_ISSUE = Kind(
    "一事一报",
    (
        Column("事项", lambda row: row.subject, lambda row: row.get_absolute_url(), width=36),
        Column("编号", lambda row: row.number, width=24),
        Column("检查项", lambda row: row.item_code, width=10),
        Column("上报时间", lambda row: row.reported_at, width=18),
    ),
    ("task__unit",),
    "",
)
_COMPLAINT = Kind(
    "投诉举报",
    (
        Column("登记号", lambda row: row.number, width=30),
        Column("类别", lambda row: row.get_kind_display()),
        Column("办理部门", lambda row: row.authority, width=18),
        Column("收到日期", lambda row: row.received_on, width=14),
        Column("受理时间", lambda row: row.accepted_at, width=18),
        Column("办结", lambda row: "是" if row.is_closed else "否"),
    ),
    ("authority",),
    "",
)
_COST = Kind(
    "检查费用申报",
    (
        unit("task.unit"),
        Column("由被检查单位承担（元）", lambda row: row.in_amount, numeric=True, width=24),
        Column("住宿、用餐、交通、其他（元）", lambda row: row.parts, width=32),
        Column("说明", lambda row: row.note, width=44),
        Column("申报时间", lambda row: row.declared_at, width=18),
        Column("查看", lambda row: "检查任务", lambda row: row.task.get_absolute_url()),
    ),
    ("task__unit",),
    "task.unit",
)
_WARNING = Kind(
    "风险预警",
    (
        unit("standard.unit"),
        standard("standard"),
        Column(
            "预警类别", lambda row: row.kind_label, lambda row: row.get_absolute_url(), width=24
        ),
        Column("内容", lambda row: row.sentence, width=44),
        state(),
        Column("发出日期", lambda row: row.raised_on, width=14),
    ),
    ("standard__unit",),
    "standard.unit",
)
KINDS = {
    "frame": _FRAME,
    "plan": _PLAN,
    "sheet": _SHEET,
    "finding": _FINDING,
    "answer": _ANSWER,
    "stop": _STOP,
    "act": _ACT,
    "referral": _REFERRAL,
    "self_check": _SELF_CHECK,
    "self_check_problem": _PROBLEM,
    "team": _TEAM,
    "order": _ORDER,
    "single_issue": _SINGLE_ISSUE,
    "bureau": _BUREAU,
    "bureau_problem": _BUREAU_PROBLEM,
    "review": _REVIEW,
    "case": _CASE,
    "review_problem": _REVIEW_PROBLEM,
    "complaint": _COMPLAINT,
    "cost": _COST,
    "warning": _WARNING,
}
