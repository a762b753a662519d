"""Sample data of the component gallery: the states a component can be in, with realistic words."""

import datetime as dt
from types import SimpleNamespace as Sample

from django.core.paginator import Page, Paginator

from metrostd.common.shapes import Context

from .enums import Answer
from .policies import YES, not_now

TODAY = dt.date(2021, 7, 12)
ANSWERS = [
    ("conform", "符合"),
    ("deficient", "有缺陷"),
    ("nonconform", "不符合"),
    ("not_applicable", "不适用"),
]
BANS = Answer.choices_for(prohibition=True, inapplicable=False)

_MENU = [
    (
        "日常",
        ("clipboard-text", "工作台"),
        ("building", "单位与计量标准"),
        ("file-import", "名单导入与签收"),
    ),
    (
        "专项行动",
        ("calendar-event", "阶段与计划"),
        ("clipboard-list", "自查"),
        ("dice-5", "抽查"),
        ("clipboard-check", "现场检查"),
        ("tools", "整改与处理"),
    ),
    (
        "汇总",
        ("table", "统计表（附件3）"),
        ("chart-histogram", "驾驶舱"),
        ("file-text", "总结报告"),
    ),
]
_STAGES = [
    ("自查", "4月23日—5月31日", "报送 117/120", "past", None),
    ("现场检查", "6月1日—7月31日", "完成 14/27 家", "current", 19),
    ("整改", "8月1日—8月31日", "", "future", None),
    ("处理总结", "9月1日—10月15日", "", "future", None),
]


def _filled(done: int, total: int) -> str:
    """How the navigation of a sheet marks a section."""
    if done == total:
        return "done"
    return "part" if done else "none"


def frame(active: str) -> Sample:
    """A frame as the context processor gives it, without a database."""
    campaign = Sample(pk=1, title="2021 年全市专项行动")
    menu = [
        {
            "title": title,
            "items": [
                {"label": label, "icon": icon, "url": "#", "active": label == active}
                for icon, label in items
            ],
        }
        for title, *items in _MENU
    ]
    return Sample(
        user_label="示例甲",
        acting=Sample(label="市市场监管委计量处"),
        memberships=[
            Sample(pk=1, label="计量处 · 市市场监管委", is_acting=True),
            Sample(pk=2, label="检查组长 · 西青区局", is_acting=False),
        ],
        here="/",
        campaign=campaign,
        campaigns=[
            Sample(pk=1, title=campaign.title, is_current=True),
            Sample(pk=2, title="2020 年机动车检验机构专项检查", is_current=False),
        ],
        stages=[
            Sample(label=label, period=period, note=note, status=status, days_left=left)
            for label, period, note, status, left in _STAGES
        ],
        menu=menu,
        unread=6,
        inbox_url="#",
        search_url="#",
    )


def desk() -> Context:
    rows = [
        (
            dt.date(2021, 7, 9),
            "批复一事一报：标准器送检期间能否代用",
            "西青区局 · 7月2日上报",
            "去批复",
        ),
        (TODAY, "审核现场检查结论：天津示例精密仪器有限公司", "3 项标准 · 1 项存在缺陷", "审核"),
        (
            dt.date(2021, 7, 15),
            "审定封存建议：二等铂电阻温度计标准装置",
            "津南区局提出 · 依据：整改后仍未恢复原核准条件",
            "查看",
        ),
        (
            dt.date(2021, 7, 20),
            "安排后续检查：天津示例量具厂（停产未能实施）",
            "红桥区局 · 第 1 次未能实施",
            "安排",
        ),
    ]
    districts = [
        ("和平", 100),
        ("南开", 67),
        ("滨海", 57),
        ("西青", 50),
        ("津南", 33),
        ("静海", 20),
    ]
    return {
        "tasks": [
            Sample(due=due, title=title, note=note, verb=verb) for due, title, note, verb in rows
        ],
        "districts": {
            "kind": "hbar",
            "unit": "%",
            "max": 100,
            "rows": [{"label": name, "value": value, "url": "#"} for name, value in districts],
        },
    }


def sheet() -> Context:
    sections = [
        ("A", "标准器", 5, 5),
        ("B", "特性", 5, 5),
        ("C", "环境", 1, 3),
        ("D", "人员", 1, 3),
        ("E", "文件集", 0, 8),
        ("F", "能力", 0, 4),
        ("G", "管理", 8, 10),
        ("H", "禁止", 6, 6),
    ]
    return {
        "sections": [
            Sample(
                code=code,
                label=label,
                done=done,
                total=total,
                state=_filled(done, total),
            )
            for code, label, done, total in sections
        ],
        "answers": ANSWERS,
        "bans": BANS,
        "phrases": ["证明过期", "项目不符", "人数不足"],
    }


def annex() -> Context:
    rows = [
        ("社会公用", [None] * 12, ""),
        ("企业最高", [18, 4, "22.22%", 13, 8, 4, 1, "38.46%", 12, 10, 1, 0, 1], ""),
        ("事业单位最高", [6, 2, "33.33%", 4, 3, 1, 0, "25.00%", 2, 2, 0, 0, 0], ""),
        ("合计", [23, 5, "21.74%", 17, 11, 5, 1, "35.29%", 14, 12, 1, 0, 1], "（单位去重）"),
    ]
    broken = range(8, 12)
    return {
        "rows": [
            Sample(
                label=label,
                note=note,
                total=bool(note),
                cells=[
                    Sample(
                        value=value,
                        url="" if value is None or isinstance(value, str) else "#",
                        broken=at in broken and values[0] is not None,
                    )
                    for at, value in enumerate(values if len(values) == 13 else [None] * 13)
                ],
            )
            for label, values, note in rows
        ],
        "no": not_now("R14 未通过，改正后才能送签"),
    }


#: What the samples of the time line and of the charts say.
ENTRIES = [
    Sample(
        at=dt.datetime(2021, 7, 12, 6, 32, tzinfo=dt.UTC),
        actor_label="示例乙（检查组长 · 西青区局）",
        action_label="提交审核",
        note="现场已交换意见，单位对 D02 无异议。",
        before_label="检查中",
        after_label="待审核",
    ),
    Sample(
        at=dt.datetime(2021, 7, 12, 1, 5, tzinfo=dt.UTC),
        actor_label="示例乙（检查组长 · 西青区局）",
        action_label="到达现场",
        note="",
        before_label="已安排",
        after_label="检查中",
    ),
    Sample(
        at=dt.datetime(2021, 7, 1, 2, 0, tzinfo=dt.UTC),
        actor_label="示例丁（经办人 · 西青区局）",
        action_label="派出检查组",
        note="",
        before_label="",
        after_label="已安排",
    ),
]

OVERDUE = {
    "kind": "stack",
    "unit": " 条",
    "labels": ["滨海新区", "西青区", "津南区", "红桥区"],
    "series": [
        {"name": "整改合格", "tone": "ok", "values": [22, 12, 7, 3]},
        {"name": "整改中", "tone": "warn", "values": [4, 0, 3, 2]},
        {"name": "逾期", "tone": "bad", "values": [1, 1, 0, 2]},
    ],
}

TRACING = {
    "kind": "spans",
    "from": "2018-05-01",
    "to": "2023-06-30",
    "today": TODAY.isoformat(),
    "band": {"from": "2018-06-01", "to": "2023-05-31", "label": "考核证书有效期"},
    "lanes": [
        {"label": "数字压力计", "note": "SL00123"},
        {"label": "活塞式压力计", "note": "SL00456"},
    ],
    "bars": [
        {"lane": 0, "from": "2018-05-10", "to": "2020-05-09", "tone": "past"},
        {
            "lane": 0,
            "from": "2020-05-10",
            "to": "2020-06-30",
            "tone": "bad",
            "label": "空档",
        },
        {"lane": 0, "from": "2020-07-01", "to": "2022-06-30", "tone": "now"},
        {"lane": 1, "from": "2018-05-20", "to": "2021-06-20", "tone": "past"},
        {
            "lane": 1,
            "from": "2021-06-21",
            "to": "2021-07-12",
            "tone": "bad",
            "label": "超期",
        },
        {"lane": 1, "from": "2020-07-01", "tone": "bad", "mark": True},
    ],
}


def parts() -> Context:
    return {
        "yes": YES,
        "no": not_now("检查组两名成员都签名后才能提交"),
        "day_before": TODAY - dt.timedelta(days=3),
        "in_two_days": TODAY + dt.timedelta(days=2),
        "in_two_weeks": TODAY + dt.timedelta(days=14),
        "entries": ENTRIES,
        "units": [
            ("天津示例精密仪器有限公司", "西青区", "〔2018〕津量标企证字第012号", 3, "deficient"),
            ("天津示例电力科学研究所", "南开区", "〔2019〕津量标企证字第207号", 5, "conform"),
            ("天津示例量具厂", "红桥区", "〔2017〕津量标企证字第088号", 1, None),
            ("天津示例石化计量中心", "滨海新区", "〔2020〕津量标企证字第031号", 12, "nonconform"),
        ],
        "overdue": OVERDUE,
        "trend": {
            "kind": "column",
            "rows": [
                {"label": f"{month}月", "value": value}
                for month, value in zip(range(4, 10), (3, 18, 41, 66, 29, 8), strict=True)
            ],
        },
        "tracing": TRACING,
        "district_choices": [("xq", "西青区"), ("nk", "南开区"), ("bh", "滨海新区")],
    }


def page() -> Page:
    """The seventh of many pages."""
    return Paginator(range(1234), 50).get_page(7)
