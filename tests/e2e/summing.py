"""A district with one unit in its frozen list in the last stage, made inside the portal's own environment."""

import datetime as dt
import json

from campaigns import moves, services
from campaigns.dates import Calendar
from campaigns.models import Campaign, SamplingFrame
from metrostd.common import clock
from metrostd.demo.people import People, actor
from metrostd.lists.imports import commit_import, start_import
from metrostd.registry.enums import Category, Level
from metrostd.registry.models import Authority
from reporting.models import StatReport
from tests import draws

from . import annex4

DISTRICT = ("120106", "红桥区")
UNIT = "天津示例丑压力表有限公司"


def build() -> None:
    """The report of the district; prints its id and who works at its desk."""
    on = clock.today()
    city = Authority.objects.get(level=Level.CITY)
    People(seed=1).offices()
    unit = annex4.enterprise(UNIT, district=DISTRICT, rows=(0, 1), serial=73_000_001, on=on)
    listed = start_import(
        annex4.workbook([unit], on=on),
        "红桥名单.xlsx",
        actor=actor("admin"),
        category=Category.ENT_HIGHEST,
        issuing_authority=city,
        campaign_code="",
    )
    commit_import(listed, actor=actor("admin"))
    pattern = Calendar.of_notice(on.year)
    campaign = services.create_campaign(
        code=f"{on.year}-summing",
        title="计量标准专项监督检查（报送演练）",
        organiser=city,
        calendar=pattern.shifted(on + dt.timedelta(days=3) - pattern.summary_due),
        actor=actor("city"),
    )
    moves.open_campaign(campaign, actor=actor("city"))
    bureau = Authority.objects.get(code=DISTRICT[0])
    draws.freeze(campaign, bureau, actor=actor(f"d{bureau.code}"))
    report = StatReport.objects.get(campaign=campaign, authority=bureau)
    found = {"report": report.pk, "clerk": f"d{bureau.code}", "campaign": campaign.pk}
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def draw(campaign_id: int) -> None:
    """What happens in the records after the table was taken: the unit is drawn."""
    campaign = Campaign.objects.get(pk=campaign_id)
    frame = SamplingFrame.objects.get(campaign=campaign, authority__code=DISTRICT[0])
    who = actor(f"d{DISTRICT[0]}")
    draws.draw(frame, ratio=100, actor=who)
