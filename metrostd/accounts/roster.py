"""名册: officers, assessors and experts from a workbook, and into one. What is wrong names its cell, and then no row
is taken in (``roster_writing``); the same file a second time changes nothing."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from metrostd.annex4.dates import read_date
from metrostd.annex4.sheets import Sheet, cell_name
from metrostd.annex4.workbook import read_workbook
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import mask_mail, mask_phone
from metrostd.common.text import compact, name_key
from metrostd.registry.models import Authority, ProfessionalField, Unit

from . import mobile, policies
from .models import Membership, User
from .roster_sheet import HEADINGS
from .staffing import Capacity

#: More than this is not a roster of one city.
MOST = 5_000
#: So many rows are taken in while somebody waits for the page; more are a job's.
AT_ONCE = 500
_HEADER_WITHIN = 15
#: What a spreadsheet takes for the beginning of a formula.
_NO_NAME = ("=", "+", "-", "@")
#: In numbers and addresses as the export shows them.
_MASK = "*"
_NO_MAIL = "不是有效的邮箱地址，请检查。"
_YES = frozenset({"是", "√", "y", "yes", "1", "true"})


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong in one cell, and what to do."""

    cell: str
    found: str
    advice: str


@dataclass
class Line:
    """One row: who it is about, and what it asks for."""

    number: int
    name: str
    username: str
    capacity: Capacity
    phone: str
    email: str
    person: User | None = None
    membership: Membership | None = None

    @property
    def role_label(self) -> str:
        return str(Role(self.capacity.role).label)

    @property
    def change(self) -> str:
        """新增, 增加身份, 更改 or 无变化."""
        if self.person is None:
            return "新增"
        if self.membership is None:
            return "增加身份"
        return "更改" if self.differs else "无变化"

    @property
    def differs(self) -> bool:
        person, row = self.person, self.membership
        if person is None or row is None:
            return True
        columns = self.capacity.columns()
        return (
            any(getattr(row, name) != value for name, value in columns.items())
            or set(row.fields.all()) != set(self.capacity.fields)
            or (self.name, self.phone, self.email)
            != (person.display_name, person.phone, person.email)
        )


@dataclass
class Plan:
    """What a file would do."""

    lines: list[Line] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.change for line in self.lines)

    @property
    def is_long(self) -> bool:
        """Whether nobody should wait for it in front of the page."""
        return len(self.lines) > AT_ONCE


class _Known:
    """What cells refer to, read once."""

    def __init__(self, viewer: Actor, texts: Iterable[str]) -> None:
        self.viewer = viewer
        self.roles = {str(role.label): role for role in Role if role != Role.UNIT_USER}
        self.authorities: dict[str, Authority] = {}
        for row in Authority.objects.all():
            self.authorities |= {row.code: row, row.name: row, row.short_name: row}
        self.fields: dict[str, ProfessionalField] = {}
        for each in ProfessionalField.objects.all():
            self.fields |= {each.code: each, each.name: each}
        wanted = {text for text in texts if text}
        self.units: dict[str, Unit] = {}
        for unit in Unit.objects.filter(name_key__in=[name_key(text) for text in wanted]):
            self.units[unit.name_key] = unit
        for unit in Unit.objects.filter(uscc__in=[text.upper() for text in wanted]).exclude(
            uscc=""
        ):
            self.units[unit.uscc] = unit
        # One that waits for its second person is there already, too.
        seen = Membership.objects.visible_to(viewer).filter(
            Q(pk__in=Membership.objects.not_ended().values("pk")) | Q(awaits_second=True), unit=None
        )
        self.members = list(
            seen.select_related("user", "authority", "employer").prefetch_related("fields")
        )
        self.users = {row.username.lower(): row for row in User.objects.visible_to(viewer)}
        self.taken = {name.lower() for name in User.objects.values_list("username", flat=True)}

    def unit(self, text: str) -> Unit | None:
        return self.units.get(name_key(text)) or self.units.get(text.upper())


def read(data: bytes, name: str, *, viewer: Actor) -> Plan:
    """What a file would do, and everything wrong with it. Raises UnreadableFile for what is no table."""
    book = read_workbook(data, name)
    plan = Plan()
    try:
        for sheet in book.sheets:
            if (found := _header(sheet)) is not None:
                _read_sheet(sheet, *found, plan=plan, viewer=viewer)
                break
        else:
            plan.issues.append(
                Issue(
                    "A1",
                    "",
                    "没有找到表头。请用“导出名册”得到的表格填写，表头须有“姓名”和“身份”两列。",
                )
            )
    finally:
        book.close()
    return plan


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """The row of the headings and the column of each."""
    for number, cells in sheet.rows():
        if number > _HEADER_WITHIN:
            return None
        places = {compact(str(cell)): at for at, cell in enumerate(cells) if str(cell).strip()}
        if {"姓名", "身份"} <= set(places):
            return number, {head: places[head] for head in HEADINGS if head in places}
    return None


def _read_sheet(
    sheet: Sheet, header: int, places: dict[str, int], *, plan: Plan, viewer: Actor
) -> None:
    rows = [
        (number, {head: _cell(cells, at) for head, at in places.items()})
        for number, cells in sheet.rows()
        if number > header
    ]
    rows = [(number, row) for number, row in rows if any(_text(value) for value in row.values())]
    if len(rows) > MOST:
        plan.issues.append(
            Issue(
                cell_name(header + MOST, 0),
                f"{len(rows)}行",
                f"一次最多导入{MOST}人，请分成几个文件。",
            )
        )
        return
    if not rows:
        at = cell_name(header + 1, places["姓名"])
        plan.issues.append(Issue(at, "", "表头下面没有人员，请填写后再上传。"))
        return
    known = _Known(viewer, (_text(row.get("任职单位")) for _, row in rows))
    seen: dict[str, int] = {}
    for number, row in rows:
        reader = _Row(number, row, places, known, plan)
        if (line := reader.line()) is None:
            continue
        key = (line.username or f"{line.name} {line.capacity.role}").lower()
        if (first := seen.setdefault(f"{key} {line.capacity.role}", number)) != number:
            reader.wrong("姓名", f"与第{first}行是同一人的同一身份，请只留一行。")
        plan.lines.append(line)


def _cell(cells: list[object], at: int) -> object:
    return cells[at] if at < len(cells) else ""


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


class _Row:
    """Reads one row; what is wrong goes to the plan with the name of its cell."""

    def __init__(
        self, number: int, row: dict[str, object], places: dict[str, int], known: _Known, plan: Plan
    ) -> None:
        self.number, self.row, self.places = number, row, places
        self.known, self.plan = known, plan
        self.good = True

    def text(self, head: str) -> str:
        return _text(self.row.get(head))

    def wrong(self, head: str, advice: str) -> None:
        cell = cell_name(self.number, self.places.get(head, 0))
        self.plan.issues.append(Issue(cell, self.text(head), advice))
        self.good = False

    def line(self) -> Line | None:
        name, role = self.text("姓名"), self.known.roles.get(self.text("身份"))
        authority = self.known.authorities.get(self.text("机关"))
        if not name or len(name) > 40:
            self.wrong("姓名", "请填写姓名，不超过40个字。")
        elif name.startswith(_NO_NAME):
            self.wrong("姓名", "这是公式或者符号，不是姓名，请直接填写姓名。")
        if role is None:
            self.wrong(
                "身份",
                f"应当是下列之一：{'、'.join(self.known.roles)}。建标单位的账户请从名单开设。",
            )
        if authority is None:
            self.wrong("机关", "请填写机关的简称、全称或代码，例如“西青区局”。")
        employer = self._employer()
        until, ends = self._day("有效期至"), self._day("任职至")
        fields = self._fields()
        self._contacts()
        if role is None or authority is None or not self.good:
            return None
        verdict = policies.can_grant(self.known.viewer, role, authority=authority)
        if not verdict:
            self.wrong("身份", verdict.reason)
            return None
        capacity = Capacity(
            role=role,
            authority=authority,
            employer=employer,
            cert_no=self.text("证件号")[:40],
            cert_valid_until=until,
            fields=tuple(fields),
            ends_on=ends,
            ends_with_task=self.text("随任务结束").lower() in _YES,
        )
        line = Line(self.number, name, self.text("用户名"), capacity, "", "")
        self._whose(line)
        line.phone, line.email = self._phone(line.person), self._email(line.person)
        return line if self.good else None

    def _employer(self) -> Unit | None:
        text = self.text("任职单位")
        found = self.known.unit(text) if text else None
        if text and found is None:
            self.wrong("任职单位", "台账中没有这家单位，请填写全称或统一社会信用代码。")
        return found

    def _day(self, head: str) -> dt.date | None:
        if not self.text(head):
            return None
        reading = read_date(self.row[head], role="until")
        if reading.until is None or reading.problem or reading.day_assumed:
            self.wrong(head, "不是完整的日期，请按 2027-12-31 的样子填写。")
        return reading.until

    def _fields(self) -> list[ProfessionalField]:
        names = [each for each in re.split(r"[、,，;；\s]+", self.text("专业")) if each]
        unknown = [each for each in names if each not in self.known.fields]
        if unknown:
            self.wrong(
                "专业",
                f"没有“{'、'.join(unknown)}”这个专业，请用导出名册中的写法，多个用顿号分开。",
            )
        return [self.known.fields[each] for each in names if each in self.known.fields]

    def _whose(self, line: Line) -> None:
        """The person and the capacity the row is about: by user name, else by certificate, else by name."""
        members = [
            row
            for row in self.known.members
            if row.role == line.capacity.role and row.authority == line.capacity.authority
        ]
        if line.username:
            line.person = self.known.users.get(line.username.lower())
            if line.person is None and line.username.lower() in self.known.taken:
                self.wrong("用户名", "这个用户名已被使用，请换一个，或留空由系统取名。")
        else:
            cert = line.capacity.cert_no
            same = [row for row in members if cert and row.cert_no == cert] or [
                row for row in members if row.user.display_name == line.name
            ]
            if len(same) > 1:
                self.wrong("姓名", f"{line.capacity.authority}有几名{line.name}，请填写用户名。")
            line.person = same[0].user if len(same) == 1 else None
        if line.person is None:
            return
        if line.person.pk == self.known.viewer.pk:
            self.wrong("姓名", "不能导入自己的账户，请由上级管理人员办理。")
        line.membership = next((row for row in members if row.user_id == line.person.pk), None)  # type: ignore[union-attr]

    def _contacts(self) -> None:
        """Whether number and address can be some, told with whatever else is wrong with the row."""
        number, mail = mobile.figures(self.text("手机")), self.text("邮箱").lower()
        if number and _MASK not in number and not mobile.is_mobile(number):
            self.wrong("手机", mobile.WRONG)
        try:
            if mail and _MASK not in mail:
                validate_email(mail)
        except ValidationError:
            self.wrong("邮箱", _NO_MAIL)

    def _phone(self, person: User | None) -> str:
        text = mobile.figures(self.text("手机"))
        kept = person.phone if person else ""
        # As the export shows it: nothing new.
        if not text or text == mask_phone(kept):
            return kept
        if _MASK in text:
            self.wrong("手机", mobile.WRONG)
        return text

    def _email(self, person: User | None) -> str:
        text, kept = self.text("邮箱").lower(), person.email if person else ""
        if not text or text == mask_mail(kept):
            return kept
        if _MASK in text:
            self.wrong("邮箱", _NO_MAIL)
        return text
