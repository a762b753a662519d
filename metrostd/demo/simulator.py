"""The simulator: a finished campaign for history and a running one, played from start to today."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from random import Random

from campaigns.dates import Calendar
from campaigns.models import Campaign
from campaigns.moves import close_campaign, open_campaign
from campaigns.services import create_campaign
from inspections.models import ChecklistAnswer, ChecklistSheet, Finding, InspectionTask
from metrostd.accounts.models import User
from metrostd.common import clock, table_statistics
from metrostd.notifications.models import Message
from metrostd.notifications.services import mark_read
from metrostd.registry.enums import Level
from metrostd.registry.models import (
    Authority,
    CapabilityTest,
    ChangeRecord,
    MeasurementStandard,
    StandardInstrument,
    TraceRecord,
    Unit,
)
from metrostd.registry.schedule import age_certificates
from rectification.models import RectificationOrder
from selfcheck.models import SelfCheckReport

from .city import SCALES, build_city
from .people import People
from .play import (
    afterwards,
    announcing,
    capability,
    certification,
    changes,
    equipment,
    handing,
    matters,
    onsite,
    planning,
    pledging,
    register,
    selfchecks,
    summing,
    voices,
    warned,
)
from .play.setting import Setting, person

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(weeks=1)
#: The day of the notice's own calendar that "today" is made to be: well into the on-site stage.
_TODAY_OF_NOTICE = dt.date(2021, 7, 12)
_NOTICE = Calendar.of_notice(2021)
BASIS = (
    "《市场监管总局办公厅关于印发<全国计量标准专项监督检查方案>的通知》（市监计量发〔2021〕18号）"
)

#: Where ``--until`` may stop the running campaign, as days of the notice's calendar. The calendar moves by
#: whole weeks, so today lies up to six days later: still in the stage that was asked for.
UNTIL = {
    "opened": dt.date(2021, 4, 24),
    "self_check": dt.date(2021, 6, 1),
    "onsite": _TODAY_OF_NOTICE,
    "rectify": dt.date(2021, 8, 24),
    "handle_summary": dt.date(2021, 10, 8),
}


@dataclass(frozen=True, slots=True)
class Played:
    """What a simulation left behind."""

    campaigns: list[Campaign]
    annex4: Path


class Simulator:
    """Plays the campaigns; deterministic from seed and day but for keys, hashes and passwords.

    ``today`` is the day the running campaign has reached; its calendar is the notice's, moved by
    whole weeks. ``until`` (a key of UNTIL) moves it so that today lies at another point.
    """

    def __init__(
        self, *, scale: str, seed: int, today: dt.date, folder: Path, until: str = "onsite"
    ) -> None:
        self._scale = SCALES[scale]
        self._seed = seed
        self._today = today
        self._folder = folder
        reached = UNTIL[until]
        weeks = (today - reached) // _WEEK
        self._calendar = _NOTICE.shifted(weeks * _WEEK)

    def play(self, *, history: bool = True) -> Played:
        """Fill the register, play a finished campaign (``history``) and the running one."""
        person.cache_clear()  # of a play before this one, in another database perhaps
        earlier = self._calendar.shifted(-52 * _WEEK)
        first = earlier if history else self._calendar
        before = first.notice_on - 2 * _WEEK
        people = People(seed=self._seed)
        with clock.pinned(clock.at_time(before, 8)):
            people.offices()
        units = build_city(self._scale, seed=self._seed, on=before)
        annex4 = register.fill(
            units,
            on=before,
            folder=self._folder,
            campaign_code=str(first.notice_on.year),
        )
        with clock.pinned(clock.at_time(before, 12)):
            people.technicians()
            people.units()
            people.deputies()
            people.approvers()
        equipment.fill(seed=self._seed, on=before, today=self._today)
        capability.fill(seed=self._seed, on=before, today=self._today)
        campaigns = []
        if history:
            campaigns.append(self._play_campaign(earlier, until=earlier.summary_due + 8 * _WEEK))
            self._finish(campaigns[0], earlier)
        campaigns.append(self._play_campaign(self._calendar, until=self._today))
        changes.play(self._today)
        self._age(self._today)
        warned.play(self._today)
        self._read_mail()
        return Played(campaigns, annex4)

    def _play_campaign(self, calendar: Calendar, *, until: dt.date) -> Campaign:
        city = Authority.objects.get(level=Level.CITY)
        year = calendar.notice_on.year
        self._age(calendar.notice_on)
        with clock.pinned(clock.at_time(calendar.notice_on, 9)):
            campaign = create_campaign(
                code=str(year),
                title=f"{year}年全市计量标准专项监督检查",
                organiser=city,
                calendar=calendar,
                basis=BASIS,
                actor=person("city"),
            )
            open_campaign(campaign, actor=person("city"))
            pledging.sign_all(campaign)
        dice = Random(f"{self._seed}-{campaign.code}")  # noqa: S311 -- sample data
        setting = Setting(campaign, calendar, until, dice)
        announcing.play(setting)
        planning.play(setting)
        handing.play(setting)
        table_statistics.refresh()
        selfchecks.play(setting)
        onsite.draw_all(setting)
        table_statistics.refresh()
        onsite.visit_all(setting)
        certification.play(setting)
        matters.ask_above(setting)
        table_statistics.refresh()
        voices.play(setting)
        afterwards.order_all(setting)
        afterwards.rectify_all(setting)
        afterwards.handle_failures(setting)
        if setting.is_running:
            summing.hand_in_all(setting)
        return campaign

    @staticmethod
    def _age(day: dt.date) -> None:
        """What the clock does to certificates every night, on the days anybody looks at them."""
        with clock.pinned(clock.at_time(day, 1)):
            age_certificates()

    def _read_mail(self) -> None:
        """Everybody has read what is older than a few days."""
        seen = clock.at_time(self._today - 4 * _DAY)
        with clock.pinned(seen):
            mark_read(Message.objects.filter(sent_at__lt=seen))

    def _finish(self, campaign: Campaign, calendar: Calendar) -> None:
        """Bring a campaign to its end: latecomers, lifted orders, closed tasks, closed campaign."""
        dice = Random(f"{self._seed}-{campaign.code}-end")  # noqa: S311 -- sample data
        last = calendar.summary_due
        setting = Setting(campaign, calendar, last + 8 * _WEEK, dice)
        selfchecks.play_latecomers(setting, by=calendar.unit_self_check_due + 3 * _WEEK)
        afterwards.lift_stops(setting)
        afterwards.close_tasks(setting, day=last - 2 * _DAY)
        summing.hand_in_all(setting)
        summing.lock_all(setting, day=last + 6 * _DAY)
        summing.report_and_publish(setting, day=last + 6 * _DAY)
        with setting.on(last + _WEEK):
            close_campaign(
                campaign,
                actor=person("city"),
                code=campaign.code,
                note="总结已报送，未办结的事项转入日常监管。",
            )


def counts() -> dict[str, int]:
    """How many rows of each main kind the database holds."""
    models: dict[str, object] = {
        "units": Unit,
        "standards": MeasurementStandard,
        "instruments": StandardInstrument,
        "trace_records": TraceRecord,
        "capability_tests": CapabilityTest,
        "users": User,
        "campaigns": Campaign,
        "self_check_reports": SelfCheckReport,
        "tasks": InspectionTask,
        "sheets": ChecklistSheet,
        "answers": ChecklistAnswer,
        "findings": Finding,
        "orders": RectificationOrder,
        "changes": ChangeRecord,
    }
    return {name: model.objects.count() for name, model in models.items()}
