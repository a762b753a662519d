"""Which version of a checklist a campaign works with: the current one before it begins, then its own.

Its own is the one it began with, until somebody lets it go over to another from a day on. What is asked is asked for
the day a sheet is laid out or a self-check begun: nothing has to run at midnight, and what is begun stays as it is.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date

from . import notifications
from .enums import CampaignState, ChecklistKind
from .models import Campaign, CampaignChecklist, ChecklistTemplate
from .querysets import CampaignQuerySet


def current(kind: ChecklistKind) -> ChecklistTemplate | None:
    """The version new campaigns take."""
    return ChecklistTemplate.objects.filter(kind=kind, is_current=True).first()


def template_for(
    campaign: Campaign, kind: ChecklistKind, *, on: dt.date | None = None
) -> ChecklistTemplate:
    """The version self-checks begun and visits started on a day are laid out in; ValidationError when there is none."""
    own = CampaignChecklist.objects.filter(campaign=campaign, kind=kind).until(on or clock.today())
    versions = ChecklistTemplate.objects.filter(kind=kind)
    newest = versions.filter(is_current=True)
    wanted = Coalesce(Subquery(own.values("template")[:1]), Subquery(newest.values("pk")[:1]))
    if (found := versions.filter(pk=wanted).first()) is None:
        raise ValidationError(f"没有现用的《{kind.label}》，请先由管理员启用一个版本。")
    return found


def begun_without_own(kind: str) -> CampaignQuerySet:
    """Campaigns that have begun to open and work with the current version: they keep it when another comes."""
    begun = Campaign.objects.filter(
        ~Q(state=CampaignState.DRAFT) | Q(opening_begun_at__isnull=False)
    )
    return begun.exclude(checklists__kind=kind)


def keepers(template: ChecklistTemplate) -> CampaignQuerySet:
    """Campaigns that have begun and work with this version today."""
    rows = CampaignChecklist.objects.filter(campaign=OuterRef("pk"), kind=template.kind)
    now = Subquery(rows.until(clock.today()).values("template")[:1])
    own = Q(now=template.pk)
    if template.is_current:
        own |= Q(pk__in=begun_without_own(template.kind).values("pk"))
    return Campaign.objects.annotate(now=now).filter(own)


def retire_current(kind: str) -> list[Campaign]:
    """Take the current version out of force; campaigns that have begun to open keep it. Returns these."""
    held = ChecklistTemplate.objects.select_for_update().filter(kind=kind, is_current=True).first()
    if held is None:
        return []
    keeping = list(begun_without_own(kind))
    CampaignChecklist.objects.bulk_create(
        CampaignChecklist(campaign=campaign, kind=kind, template=held) for campaign in keeping
    )
    ChecklistTemplate.objects.filter(pk=held.pk).update(is_current=False)
    return keeping


@transaction.atomic
def put_in_force(template: ChecklistTemplate, *, actor: Actor | None) -> list[Campaign]:
    """Let new campaigns take this version; returns the campaigns that keep the one before."""
    locked = ChecklistTemplate.objects.select_for_update().filter(kind=template.kind)
    before = next((one for one in locked if one.is_current), None)
    if before is not None and before.pk == template.pk:
        raise ValidationError("这一版已经启用。")
    keeping = retire_current(template.kind)
    template.is_current, template.in_force_on = True, clock.today()
    template.save(update_fields=["is_current", "in_force_on"])
    audit.record(
        template, actor=actor, action="checklist.put_in_force", label="启用检查表",
        before={"version": before.version} if before else None,
        after={"version": template.version, "kept_by": [one.title for one in keeping]},
    )  # fmt: skip
    return keeping


def planned(campaign: Campaign, kind: str) -> CampaignChecklist | None:
    """The version a campaign is to go over to on a later day."""
    rows = CampaignChecklist.objects.filter(campaign=campaign, kind=kind)
    return rows.filter(since__gt=clock.today()).select_related("template").first()


@transaction.atomic
def upgrade(
    campaign: Campaign,
    template: ChecklistTemplate,
    *,
    day: dt.date,
    code: str,
    note: str,
    actor: Actor | None,
) -> CampaignChecklist:
    """Let a running campaign work with another version from a day on; returns the row that says so.

    What is laid out or begun keeps its version. Everybody who runs the campaign or goes on site is told; units are not,
    because none of those concerned has opened its self-check. ValidationError names the field.
    """
    list(ChecklistTemplate.objects.select_for_update().filter(kind=template.kind))
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    kind = ChecklistKind(template.kind)
    before = template_for(locked, kind)
    _check_upgrade(locked, template, before, day=day, code=code, note=note)
    rows = CampaignChecklist.objects.filter(campaign=locked, kind=kind)
    if not rows.exists():  # the version it began with is on record before another follows it
        CampaignChecklist.objects.create(campaign=locked, kind=kind, template=before)
    row = CampaignChecklist.objects.create(
        campaign=locked, kind=kind, template=template, since=day, reason=note.strip(),
        decided_by=actor,
    )  # fmt: skip
    audit.record(
        locked, actor=actor, action="campaign.change_checklist", label="改用检查表版本",
        before={"kind": kind.label, "version": before.version},
        after={"kind": kind.label, "version": template.version, "since": cn_date(day)},
        note=note.strip(),
    )  # fmt: skip
    notifications.tell_checklist(
        locked,
        f"{cn_date(day)}起，新开始的自查和现场检查使用《{template}》（此前为第{before.version}版）。"
        f"已经开始填写和已经结束的保持原来的版本。理由：{note.strip()}",
        sender=actor,
    )
    return row


@transaction.atomic
def withdraw_upgrade(campaign: Campaign, kind: str, *, actor: Actor | None) -> None:
    """Take back what was to happen on a later day; everybody who was told is told. ValidationError when nothing waits."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    row = planned(campaign, kind)
    if row is None or row.since is None:
        raise ValidationError("没有尚未生效的改用，不用撤回。")
    said = {"kind": row.get_kind_display(), "version": row.template.version}
    row.delete()
    audit.record(
        campaign, actor=actor, action="campaign.keep_checklist", label="撤回改用检查表版本",
        before=said | {"since": cn_date(row.since)},
    )  # fmt: skip
    notifications.tell_checklist(
        campaign, f"原定{cn_date(row.since)}起改用《{row.template}》，现已撤回。", sender=actor
    )


def _check_upgrade(
    campaign: Campaign,
    template: ChecklistTemplate,
    before: ChecklistTemplate,
    *,
    day: dt.date,
    code: str,
    note: str,
) -> None:
    if campaign.state != CampaignState.OPEN:
        raise ValidationError(f"专项行动{campaign.get_state_display()}，不能改用检查表版本。")
    if template.pk == before.pk:
        raise ValidationError("本次专项行动现在就用这一版。")
    wrong = {}
    if said := act_dates.not_owed_by(day, what="改用日期"):
        wrong["day"] = said
    later = CampaignChecklist.objects.filter(campaign=campaign, kind=template.kind, since__gte=day)
    if (other := later.select_related("template").first()) is not None:
        wrong["day"] = (
            f"已定于{cn_date(other.since)}改用第{other.template.version}版，请先撤回，或者另定以后的日期。"
        )
    if code.strip() != campaign.code:
        wrong["code"] = f"请输入本次专项行动的编号“{campaign.code}”，以确认改的是它。"
    if not note.strip():
        wrong["note"] = "请说明改用的理由和依据。"
    if wrong:
        raise ValidationError(wrong)


def said_of(campaign: Campaign) -> list[str]:
    """Which versions a campaign works with, and from when it goes over to another; two queries."""
    newest = {row.kind: row for row in ChecklistTemplate.objects.filter(is_current=True)}
    own: dict[str, list[CampaignChecklist]] = {}
    first = F("since").asc(nulls_first=True)
    for row in campaign.checklists.select_related("template").order_by(first):
        own.setdefault(row.kind, []).append(row)
    said = []
    for kind in ChecklistKind:
        versions = [
            f"{cn_date(row.since)}起第{row.template.version}版"
            if row.since
            else f"第{row.template.version}版"
            for row in own.get(kind, ())
        ]
        if not versions and kind in newest:
            versions = [f"第{newest[kind].version}版"]
        if versions:
            said.append(f"{kind.label}：{'，'.join(versions)}")
    return said
