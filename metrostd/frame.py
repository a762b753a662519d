"""What the frame around every page shows: who is acting, the campaign chosen, menu, stages, inbox.

Part of the roof: it composes what the apps below offer and is evaluated only when a template asks.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns import extension
from campaigns.current import kept_said, looked_at
from campaigns.models import Campaign
from campaigns.stages import StageStep, stage_steps
from metrostd.accounts.asked_by import AskedBy
from metrostd.accounts.authorship import written_for
from metrostd.accounts.device_keys import device_keys
from metrostd.accounts.models import Membership
from metrostd.common import clock, watermark
from metrostd.common.actors import Actor
from metrostd.common.addresses import address
from metrostd.common.http import PortalRequest
from metrostd.common.roles import Role
from metrostd.common.shapes import Context
from metrostd.notifications.models import Message
from metrostd.notifications.policies import may_keep_webhooks
from metrostd.registry.models import ChangeRecord

from .lists.queries import tally, waiting_for
from .risk.models import RiskWarning

_OFFICES = Role.offices
_ON_SITE = Role.on_site
_UNIT = frozenset({Role.UNIT_USER})
_REGISTER = frozenset(
    {
        Role.SYSTEM_ADMIN,
        Role.CITY_ADMIN,
        Role.DISTRICT_ADMIN,
        Role.DISTRICT_APPROVER,
        Role.UNIT_USER,
    }
)
_IMPORTERS = frozenset({Role.SYSTEM_ADMIN, Role.CITY_ADMIN})
_HAND_OVER = _OFFICES | {Role.SYSTEM_ADMIN, Role.DISTRICT_APPROVER}
_CASEWORK = _OFFICES | _ON_SITE | _UNIT
_VOICES = _OFFICES | {Role.DISCIPLINE, Role.ENFORCEMENT_LIAISON}
_READERS = _CASEWORK | {Role.DISTRICT_APPROVER, Role.ENFORCEMENT_LIAISON, Role.DISCIPLINE}
_EVERYONE = frozenset(Role)

#: Section, label, icon, URL name, who has it in the menu. Rights are the views' business.
_MENU: tuple[tuple[str, str, str, str, frozenset[str]], ...] = (
    ("日常", "工作台", "clipboard-text", "desk", _EVERYONE),
    ("日常", "单位与计量标准", "building", "registry:units", _REGISTER),
    ("日常", "名单导入", "file-import", "lists:index", _IMPORTERS),
    ("日常", "名单签收", "checkbox", "lists:hand_overs", _HAND_OVER),
    ("日常", "变更与封存", "replace", "changes:index", _REGISTER - {Role.SYSTEM_ADMIN}),
    ("日常", "投诉举报", "message-report", "complaints:index", _VOICES),
    ("日常", "风险预警", "alert-triangle", "risk:warnings", Role.warned),
    ("日常", "审批与监管协同", "arrows-exchange", "coordination:index", Role.registrars),
    ("专项行动", "阶段与计划", "calendar-event", "campaigns:index", _OFFICES | {Role.SYSTEM_ADMIN}),
    ("专项行动", "通知", "speakerphone", "notices:index", _READERS),
    ("专项行动", "工作计划", "file-description", "plans:index", _OFFICES),
    ("专项行动", "应办事项", "list-check", "campaigns:duties", _OFFICES),
    ("专项行动", "自查", "clipboard-list", "selfcheck:index", _OFFICES | _UNIT),
    ("专项行动", "抽查", "dice-5", "campaigns:sampling", _OFFICES),
    ("专项行动", "抽取约定", "lock", "campaigns:terms_index", _OFFICES | {Role.DISCIPLINE}),
    ("专项行动", "现场检查", "clipboard-check", "inspections:index", _CASEWORK),
    ("专项行动", "一事一报", "help-circle", "inspections:single_issues", _OFFICES | _ON_SITE),
    ("专项行动", "廉政监督", "shield-check", "inspections:integrity", frozenset({Role.DISCIPLINE})),
    ("专项行动", "考核工作检查", "building-bank", "inspections:certifications", _OFFICES),
    ("专项行动", "整改与处理", "tools", "rectification:index", _CASEWORK),
    (
        "专项行动",
        "案件移送",
        "gavel",
        "rectification:referrals",
        frozenset({Role.ENFORCEMENT_LIAISON}),
    ),
    ("汇总", "风险分析", "chart-dots", "risk:index", _OFFICES),
    ("汇总", "驾驶舱", "chart-histogram", "reporting:cockpit", _OFFICES),
    ("汇总", "统计表（附件3）", "table", "reporting:annex3", _OFFICES),
    ("汇总", "统计表报送", "send", "reporting:reports", _OFFICES),
    ("汇总", "信息公开", "world", "reporting:bulletins", frozenset({Role.CITY_ADMIN})),
    ("汇总", "依申请公开", "file-search", "reporting:requests", frozenset({Role.DISTRICT_ADMIN})),
    ("系统", "人员与账户", "users", "accounts:people", _OFFICES | _UNIT | {Role.SYSTEM_ADMIN}),
    ("系统", "提醒与通知", "bell", "reminders:index", _OFFICES | {Role.SYSTEM_ADMIN}),
    ("系统", "审计", "shield-check", "trail:index", frozenset({Role.AUDITOR})),
    (
        "系统",
        "检查表版本",
        "list-details",
        "inspections:checklists",
        frozenset({Role.SYSTEM_ADMIN}),
    ),
    (
        "系统",
        "任务分工表",
        "arrows-split-2",
        "campaigns:routing_tables",
        frozenset({Role.SYSTEM_ADMIN}),
    ),
    ("系统", "统计表表式", "table", "reporting:annex3_forms", frozenset({Role.SYSTEM_ADMIN})),
    ("系统", "数据维护", "database-cog", "admin:index", frozenset({Role.SYSTEM_ADMIN})),
)
#: Where the rows of a model that wait for somebody are counted; the rest beside 名单签收.
_COUNTED = {
    "message": "message",
    "changerecord": "changes:index",
    "riskwarning": "risk:warnings",
}
#: Further lists that belong to a menu item.
_ALSO = {
    "accounts:people": ("accounts:offices", "accounts:access", "accounts:opening"),
    "reminders:index": (
        "reminders:preview",
        "reminders:texts",
        "notifications:outbox",
        "notifications:webhooks",
    ),
    "inspections:single_issues": ("inspections:rulings",),
    "trail:index": ("trail:blocks",),
    "reporting:bulletins": ("reporting:requests",),
    "registry:units": (
        "registry:standards",
        "registry:warnings",
        "registry:trail",
    ),
}


def waiting(user: Actor) -> QuerySet:
    """What waits for somebody, counted: rows ``(name of the model, number)``."""
    unread = tally(Message.objects.visible_to(user).unread())
    changes = tally(ChangeRecord.objects.waiting_for(user))
    warned = tally(RiskWarning.objects.waiting_for(user))
    return unread.union(*waiting_for(user), changes, warned, all=True)


_WAITING = AskedBy(waiting)


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    icon: str
    url: str
    active: bool
    #: How much of it waits for the acting membership.
    count: int = 0


@dataclass(frozen=True, slots=True)
class MenuSection:
    title: str
    items: list[MenuItem]


@dataclass(frozen=True, slots=True)
class CampaignChoice:
    pk: int
    title: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class MembershipChoice:
    pk: int
    label: str
    is_acting: bool


class Frame:
    """Everything is computed on first use: an htmx fragment or an error page asks for nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        user = getattr(request, "user", None)
        self._user: Actor | None = user if user and user.is_authenticated else None

    @property
    def user_label(self) -> str:
        return str(self._user or "")

    @property
    def mail_trouble(self) -> str:
        """Why mails do not reach the person, until the address was proved again."""
        return self._user.email_bounce if self._user and self._user.email_bounced_at else ""

    @property
    def sets_up_systems(self) -> bool:
        """Whether other systems that are told are this person's business."""
        return self._user is not None and bool(may_keep_webhooks(self._user))

    @property
    def written_for(self) -> str:
        """Whose work a page of this request will be."""
        return written_for(self._request) if self._user else ""

    @property
    def device_keys(self) -> str:
        """What opens that which this person's pages could not save yet (``static/js/waiting.js``)."""
        return device_keys(self._request) if self._user else ""

    @property
    def acting(self) -> Membership | None:
        return self._user.acting if self._user else None

    @cached_property
    def memberships(self) -> list[MembershipChoice]:
        if self._user is None:
            return []
        acting = self.acting
        return [
            MembershipChoice(row.pk, row.label, bool(acting and row.pk == acting.pk))
            for row in self._user.capacities
        ]

    @cached_property
    def campaign(self) -> Campaign | None:
        return looked_at(cast("PortalRequest", self._request)) if self._user else None

    @cached_property
    def campaigns(self) -> list[CampaignChoice]:
        if self._user is None:
            return []
        current = self.campaign
        visible = getattr(self._request, "visible_campaigns", [])
        return [
            CampaignChoice(row.pk, row.title, bool(current and row.pk == current.pk))
            for row in visible
        ]

    @property
    def here(self) -> str:
        """Where to stay when another campaign is chosen; nowhere on the answer to a form."""
        if self._request.method != "GET":
            return ""
        asked = self._request.GET.copy()
        asked.pop("campaign", None)  # it would go on naming the one before
        return f"{self._request.path}?{asked.urlencode()}" if asked else self._request.path

    @cached_property
    def stages(self) -> list[StageStep]:
        if self.campaign is None or self._user is None:
            return []
        authority = self.acting.authority if self.acting else None
        said = kept_said(cast("PortalRequest", self._request), self.campaign)
        notes = extension.stage_notes(self.campaign, self._user, said=said)
        return stage_steps(self.campaign, authority=authority, on=self.today, notes=notes)

    @property
    def today(self) -> dt.date:
        return clock.today()

    @cached_property
    def menu(self) -> list[MenuSection]:
        acting = self.acting
        if acting is None:
            return []
        sections: list[MenuSection] = []
        active = self._active_name()
        for title, label, icon, name, roles in _MENU:
            if acting.role not in roles:
                continue
            item = MenuItem(label, icon, address(name), name == active, self._counts[name])
            if not sections or sections[-1].title != title:
                sections.append(MenuSection(title, []))
            sections[-1].items.append(item)
        return sections

    def _active_name(self) -> str:
        """The menu entry whose address is the longest beginning of this page's."""
        path = self._request.path
        best, found = "", ""
        for _, _, _, name, _ in _MENU:
            for url in map(address, (name, *_ALSO.get(name, ()))):
                fits = path == url if url == "/" else path.startswith(url)
                if fits and len(url) > len(best):
                    best, found = url, name
        return found

    @property
    def watermark(self) -> str:
        """Whose copy a confidential page is; nothing on the others."""
        if self._user is None or not watermark.is_marked(self._request.resolver_match):
            return ""
        return watermark.text_for(self._user)

    @property
    def unread(self) -> int:
        return self._counts["message"]

    @cached_property
    def _counts(self) -> Counter[str]:
        """What waits beside the inbox and the menu, with one query for every page."""
        counts: Counter[str] = Counter()
        if self.acting is None or self._user is None:
            return counts
        for word, n in _WAITING.rows(self._user):
            counts[_COUNTED.get(word, "lists:hand_overs")] += n
        return counts

    @property
    def inbox_url(self) -> str:
        return address("notifications:inbox") if self.acting else ""

    @property
    def search_url(self) -> str:
        acting = self.acting
        return address("registry:search") if acting and acting.role in _REGISTER else ""


def frame(request: HttpRequest) -> Context:
    """Context processor: ``frame`` for the base template."""
    return {"frame": Frame(request)}
