"""The dates of a campaign: stages and reporting limits, as the notice of 2021 set them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from .enums import StageKind
from .models import Campaign, Stage

Period = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """All dates of one campaign. Limits are inclusive ("X日前" 含当日)."""

    notice_on: dt.date
    bureau_self_check_due: dt.date
    unit_self_check_due: dt.date
    summary_due: dt.date
    stages: Mapping[StageKind, Period]

    @classmethod
    def of_notice(cls, year: int) -> "Calendar":
        """The dates of the notice of 23 April 2021 (通知二、三), moved to another year."""
        return cls(
            notice_on=dt.date(year, 4, 23),
            bureau_self_check_due=dt.date(year, 5, 25),
            unit_self_check_due=dt.date(year, 5, 31),
            summary_due=dt.date(year, 10, 15),
            stages={
                StageKind.SELF_CHECK: (dt.date(year, 4, 23), dt.date(year, 5, 31)),
                StageKind.ONSITE: (dt.date(year, 6, 1), dt.date(year, 7, 31)),
                StageKind.RECTIFY: (dt.date(year, 8, 1), dt.date(year, 8, 31)),
                StageKind.HANDLE_SUMMARY: (dt.date(year, 9, 1), dt.date(year, 10, 15)),
            },
        )

    @classmethod
    def ahead_of(cls, day: dt.date) -> "Calendar":
        """The notice's dates in the first year whose self-check can still be handed in on time."""
        this_year = cls.of_notice(day.year)
        return cls.of_notice(day.year + 1) if day > this_year.unit_self_check_due else this_year

    @classmethod
    def of_campaign(cls, campaign: Campaign) -> "Calendar":
        """The dates a campaign has now, without the overrides of districts."""
        rows = campaign.stages.filter(authority=None)
        return cls(
            notice_on=campaign.notice_on,
            bureau_self_check_due=campaign.bureau_self_check_due,
            unit_self_check_due=campaign.unit_self_check_due,
            summary_due=campaign.summary_due,
            stages={StageKind(row.kind): (row.starts_on, row.ends_on) for row in rows},
        )

    def shifted(self, by: dt.timedelta) -> "Calendar":
        """The same pattern some days later or earlier."""
        return Calendar(
            notice_on=self.notice_on + by,
            bureau_self_check_due=self.bureau_self_check_due + by,
            unit_self_check_due=self.unit_self_check_due + by,
            summary_due=self.summary_due + by,
            stages={kind: (start + by, end + by) for kind, (start, end) in self.stages.items()},
        )

    def problems(self) -> dict[str, str]:
        """What is wrong with the dates, by the name of the form field it concerns."""
        found: dict[str, str] = {}
        before: tuple[StageKind, Period] | None = None
        for kind in StageKind:
            if kind not in self.stages:
                found[f"{kind.value}_start"] = f"请填写“{kind.label}”阶段的起止日期。"
                continue
            start, end = self.stages[kind]
            if end < start:
                found[f"{kind.value}_end"] = f"“{kind.label}”阶段的结束日期早于开始日期。"
            if before and start < before[1][0]:
                found[f"{kind.value}_start"] = (
                    f"“{kind.label}”阶段不能早于“{before[0].label}”阶段开始。"
                )
            before = (kind, (start, end))
        for name in ("bureau_self_check_due", "unit_self_check_due", "summary_due"):
            if getattr(self, name) < self.notice_on:
                found[name] = "报送期限不能早于通知日期。"
        return found


def stage_starts(campaign: Campaign, kind: StageKind) -> dict[int | None, dt.date]:
    """First day of a stage by authority; the key None is the campaign's own."""
    rows = Stage.objects.filter(campaign=campaign, kind=kind)
    return {row.authority_id: row.starts_on for row in rows}
