"""What the days and people of a case file, and the register, say about an item of Annex 2 (P, M, R, D).

Work days are counted by the portal (行政许可法第八十二条) from the days the team has entered; whoever has not
entered them is asked to.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from campaigns.models import DrawnCase
from inspections.enums.reviews import CasePaper
from inspections.models import CaseAppraiser, CaseRecord
from metrostd.accounts.models import Membership
from metrostd.common.calendar import add_workdays, caveat_of, workdays_between
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import Category, IssueKind
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    Unit,
)

from .facts import Hint

NO_DAYS = Hint("填写案卷日期后计算工作日", "muted")
NO_PEOPLE = Hint("填写考评员后比对", "muted")
#: Work days: told what is missing, appraisal organised, appraisal done, decided, by law, extended, issued.
TOLD, ORGANISED, APPRAISED, DECIDED, BY_LAW, EXTENDED, ISSUED = 5, 10, 80, 10, 20, 30, 10


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the rules look at, read once for a case file."""

    record: CaseRecord
    appraisers: list[CaseAppraiser]
    certificate: StandardCertificate
    standard: MeasurementStandard
    unit: Unit
    bureau: Authority
    names: frozenset[str]
    has_public_certificate: bool
    fields_of: dict[int, frozenset[int]]


def papers_of(certificate: StandardCertificate) -> tuple[str, ...]:
    """Which papers belong to the application for this certificate, those not always asked for last."""
    again = certificate.issue_kind == IssueKind.REEXAMINATION
    return (CasePaper.of_again if again else CasePaper.of_new) + CasePaper.where_they_apply


def facts_by_sheet(sheets: Iterable[int]) -> dict[int, CaseFacts]:
    """The facts of case sheets by their keys, in a fixed number of queries."""
    records = (
        CaseRecord.objects.filter(sheet__in=list(sheets))
        .select_related(
            "sheet__task__bureau",
            "sheet__case__certificate__standard__unit__territorial_authority",
            "sheet__case__certificate__standard__field",
        )
        .prefetch_related(
            "appraisers__membership__user",
            "appraisers__membership__employer",
            "sheet__case__certificate__standard__unit__former_names",
        )
    )
    rows = list(records)
    standards = [_case(row).certificate.standard for row in rows]
    public = PublicStandardCertificate.objects.recorded().filter(standard__in=standards)
    known = set(public.values_list("standard", flat=True))
    people = [a.membership_id for row in rows for a in row.appraisers.all() if a.membership_id]
    through = Membership.fields.through.objects.filter(membership__in=people)
    fields: dict[int, set[int]] = {}
    for membership, field in through.values_list("membership_id", "professionalfield_id"):
        fields.setdefault(membership, set()).add(field)
    frozen = {pk: frozenset(found) for pk, found in fields.items()}
    return {row.sheet_id: _facts(row, known, frozen) for row in rows}


def _case(row: CaseRecord) -> DrawnCase:
    if row.sheet.case is None:
        raise ValueError("facts of a case file hang on the sheet of one")
    return row.sheet.case


def _facts(row: CaseRecord, public: set[int], fields: dict[int, frozenset[int]]) -> CaseFacts:
    certificate = _case(row).certificate
    standard = certificate.standard
    unit = standard.unit
    bureau = row.sheet.task.bureau
    assert bureau is not None  # noqa: S101 -- a case file hangs on a visit to a bureau
    return CaseFacts(
        record=row,
        appraisers=list(row.appraisers.all()),
        certificate=certificate,
        standard=standard,
        unit=unit,
        bureau=bureau,
        names=frozenset({unit.name, *(former.name for former in unit.former_names.all())}),
        has_public_certificate=standard.pk in public,
        fields_of=fields,
    )


def within(start: dt.date | None, end: dt.date | None, most: int, *, began: str, done: str) -> Hint:
    """Whether ``end`` is at most the ``most``-th work day after ``start``, in a sentence."""
    if start is None or end is None:
        return NO_DAYS
    last, count = add_workdays(start, most), workdays_between(start, end)
    said = f"{began}{cn_date(start)}，第{most}个工作日为{cn_date(last)}；{done}{cn_date(end)}，第{count}个工作日"
    if caveat := caveat_of(last):
        said = f"{said}（{caveat}）"
    return Hint(f"{said}，超过期限" if end > last else said, "bad" if end > last else "ok")


def _told_in_time(facts: CaseFacts) -> Hint:
    if facts.record.supplement_on is None:
        return Hint("没有登记补正告知；当场受理的核对受理单", "info")
    return within(
        facts.record.applied_on, facts.record.supplement_on, TOLD, began="申请", done="告知补正"
    )


def _organised_in_time(facts: CaseFacts) -> Hint:
    row = facts.record
    return within(row.accepted_on, row.organised_on, ORGANISED, began="受理", done="通知考评计划")


def _appraised_in_time(facts: CaseFacts) -> Hint:
    row = facts.record
    return within(row.accepted_on, row.appraised_on, APPRAISED, began="受理", done="考评完成")


def _decided_in_time(facts: CaseFacts) -> Hint:
    row = facts.record
    found = within(row.materials_on, row.decided_on, DECIDED, began="收到考评材料", done="审批决定")
    if found.tone != "bad" or row.materials_on is None or row.decided_on is None:
        return found
    most = EXTENDED if row.is_extended else BY_LAW
    over = row.decided_on > add_workdays(row.materials_on, most)
    law = f"{'也超过' if over else '未超过'}{'延期后的' if row.is_extended else '法定的'}{most}个工作日"
    return Hint(f"{found.text}（{law}）", "bad")


def _issued_in_time(facts: CaseFacts) -> Hint:
    row = facts.record
    return within(row.decided_on, row.delivered_on, ISSUED, began="决定", done="发证送达")


def _host_allowed(facts: CaseFacts) -> Hint:
    """细则8–10、办法5: who may host the examination of a standard of this category."""
    category, unit, bureau = facts.standard.category, facts.unit, facts.bureau
    if category in Category.public:
        return Hint(
            "社会公用：本区最高等级的由上一级主持，其他等级的由本级主持，请核对等级", "info"
        )
    if unit.competent_department:
        return Hint(
            f"主管部门为{unit.competent_department}，由与其同级的部门主持，请核对级别", "info"
        )
    if category == Category.DEPT_HIGHEST:
        return Hint("部门最高：由同级部门主持；台账未登记主管部门", "warn")
    home = unit.territorial_authority
    if home is None:
        return Hint("无主管部门的由工商注册地部门主持；台账未登记属地", "warn")
    if home == bureau:
        return Hint(f"无主管部门，属地为{home}，由本局主持", "ok")
    return Hint(f"无主管部门的由工商注册地部门主持，该单位属地为{home}，不是本局", "bad")


def _documents_listed(facts: CaseFacts) -> Hint:
    row = facts.record
    if not row.documents and not row.other_documents:
        return Hint("勾选收取的申请材料后比对", "muted")
    missing = [
        CasePaper(code).label
        for code in papers_of(facts.certificate)
        if code not in row.documents and code not in CasePaper.where_they_apply
    ]
    parts = [f"清单以外收取：{row.other_documents}"] if row.other_documents else []
    parts += [f"清单内缺：{'、'.join(missing)}"] if missing else []
    if not parts:
        return Hint("与规定清单一致", "ok")
    return Hint("；".join(parts), "bad" if row.other_documents else "warn")


def _certificate_fields(facts: CaseFacts) -> Hint:
    row = facts.certificate
    said = [row.number or "无证书号", facts.standard.name, facts.standard.jjf1022_code]
    said += [row.examined_range, row.examined_performance]
    if row.valid_until:
        said.append(f"有效期至{cn_date(row.valid_until)}")
    return Hint(f"台账登记：{'；'.join(part for part in said if part)}")


def _public_certificate(facts: CaseFacts) -> Hint:
    if facts.standard.category not in Category.public:
        return Hint("不属于社会公用计量标准，不适用", "muted")
    if facts.has_public_certificate:
        return Hint("台账有社会公用计量标准证书", "ok")
    return Hint("台账没有社会公用计量标准证书", "bad")


def _appraiser_qualified(facts: CaseFacts) -> Hint:
    if not facts.appraisers:
        return NO_PEOPLE
    day, wrong, unknown = facts.record.appraised_on, [], []
    for row in facts.appraisers:
        registered = row.membership.cert_valid_until if row.membership else None
        until = row.cert_valid_until or registered
        if until is None:
            unknown.append(row.name)
        elif day is not None and until < day:
            wrong.append(f"{row.name}的证件有效期至{cn_date(until)}，考评时已过期")
        if row.membership_id and facts.standard.field_id:
            own = facts.fields_of.get(row.membership_id, frozenset())
            if facts.standard.field_id not in own:
                wrong.append(f"{row.name}的专业不含{facts.standard.field}")
    if wrong:
        return Hint("；".join(wrong), "bad")
    if unknown:
        return Hint(f"未登记证件有效期：{'、'.join(unknown)}", "warn")
    return Hint("证件有效，专业相符", "ok")


def _appraiser_count(facts: CaseFacts) -> Hint:
    count = len(facts.appraisers)
    if not count:
        return NO_PEOPLE
    return Hint(f"考评员 {count} 名", "ok" if count <= 2 else "bad")


def _appraiser_interest(facts: CaseFacts) -> Hint:
    """M03: whoever is employed by the applicant may not examine it."""
    if not facts.appraisers:
        return NO_PEOPLE
    own, unknown = [], []
    for row in facts.appraisers:
        employer = row.membership.employer_id if row.membership else None
        if employer == facts.unit.pk or row.employer in facts.names:
            own.append(row.name)
        elif employer is None and not row.employer:
            unknown.append(row.name)
    if own:
        return Hint(f"警示：考评员{'、'.join(own)}任职于申请单位{facts.unit.name}，应当回避", "bad")
    if unknown:
        return Hint(f"未登记工作单位：{'、'.join(unknown)}", "warn")
    return Hint("考评员均不任职于申请单位", "ok")


_ORDER = (
    ("申请", "applied_on"),
    ("补正告知", "supplement_on"),
    ("受理", "accepted_on"),
    ("通知考评计划", "organised_on"),
    ("考评完成", "appraised_on"),
    ("收到考评材料", "materials_on"),
    ("审批决定", "decided_on"),
    ("发证送达", "delivered_on"),
)


def _days_in_order(facts: CaseFacts) -> Hint:
    known = [
        (label, day) for label, name in _ORDER if (day := getattr(facts.record, name)) is not None
    ]
    if len(known) < 2:
        return NO_DAYS
    for (earlier, before), (later, after) in pairwise(known):
        if after < before:
            return Hint(f"{later}（{cn_date(after)}）早于{earlier}（{cn_date(before)}）", "bad")
    return Hint("各环节日期先后相符", "ok")


def _rectified_in_time(facts: CaseFacts) -> Hint:
    due, done = facts.record.rectify_due_on, facts.record.rectified_on
    if due is None:
        return Hint("没有登记考评整改", "info")
    if done is None:
        return Hint(f"考评整改期限{cn_date(due)}，没有登记完成日期", "warn")
    if done > due:
        return Hint(f"考评整改期限{cn_date(due)}，{cn_date(done)}完成，已逾期", "bad")
    return Hint(f"考评整改期限{cn_date(due)}，{cn_date(done)}完成", "ok")


def _different_people(facts: CaseFacts) -> Hint:
    row = facts.record
    roles = [("考评", each.name) for each in facts.appraisers]
    roles += [
        (word, name) for word, name in (("复核", row.reviewer), ("审批", row.approver)) if name
    ]
    if len(roles) < 2:
        return Hint("填写考评员、复核人和审批人后比对", "muted")
    by_name: dict[str, set[str]] = {}
    for word, name in roles:
        by_name.setdefault(name, set()).add(word)
    same = [
        f"{name}承担{'、'.join(sorted(words))}" for name, words in by_name.items() if len(words) > 1
    ]
    return Hint("；".join(same), "bad") if same else Hint("考评、复核、审批人员不同", "ok")


def _certificates_adjoin(facts: CaseFacts) -> Hint:
    row, issued = facts.record, facts.certificate.issue_date
    if facts.certificate.issue_kind != IssueKind.REEXAMINATION:
        return Hint("新建，不适用", "muted")
    if row.previous_until is None or issued is None:
        return Hint("填写原证书有效期后比对", "muted")
    gap = (issued - row.previous_until).days - 1
    if gap > 0:
        return Hint(
            f"原证书有效期至{cn_date(row.previous_until)}，新证书{cn_date(issued)}签发，空档 {gap} 天",
            "bad",
        )
    return Hint(
        f"原证书有效期至{cn_date(row.previous_until)}，新证书{cn_date(issued)}签发，没有空档", "ok"
    )


RULES: dict[str, Callable[[CaseFacts], Hint]] = {
    "host_allowed": _host_allowed,
    "documents_listed": _documents_listed,
    "told_in_time": _told_in_time,
    "organised_in_time": _organised_in_time,
    "appraised_in_time": _appraised_in_time,
    "decided_in_time": _decided_in_time,
    "issued_in_time": _issued_in_time,
    "certificate_fields": _certificate_fields,
    "public_certificate_of_case": _public_certificate,
    "appraiser_qualified": _appraiser_qualified,
    "appraiser_count": _appraiser_count,
    "appraiser_interest": _appraiser_interest,
    "days_in_order": _days_in_order,
    "rectified_in_time": _rectified_in_time,
    "different_people": _different_people,
    "certificates_adjoin": _certificates_adjoin,
}
