"""A small running campaign, made through the services inside the portal's own environment."""

import datetime as dt
import json

from campaigns import moves, services
from campaigns.dates import Calendar
from metrostd.common import clock
from metrostd.demo.people import People, actor
from metrostd.lists.imports import commit_import, start_import
from metrostd.registry.enums import Category, Level
from metrostd.registry.models import Authority, Unit
from selfcheck.models import SelfCheckReport

from . import annex4

HEXI = ("120103", "河西区")
NANKAI = ("120104", "南开区")
OWN, FOREIGN, SPARE = "天津示例壬阀门有限公司", "天津示例癸泵业有限公司", "天津示例子电机有限公司"


def build() -> None:
    """Two units with their self-checks open, and a list that waits to be committed; prints their ids."""
    on = clock.today()
    city = Authority.objects.get(level=Level.CITY)
    people = People(seed=1)
    people.offices()
    given = {"category": Category.ENT_HIGHEST, "issuing_authority": city, "campaign_code": ""}

    def read(name: str, *units: tuple[str, tuple[str, str], int]):
        made = [
            annex4.enterprise(unit, district=place, rows=(0,), serial=serial, on=on)
            for unit, place, serial in units
        ]
        data = annex4.workbook(made, on=on)
        return start_import(data, name, actor=actor("admin"), **given)

    listed = read("名单.xlsx", (OWN, HEXI, 72_000_001), (FOREIGN, NANKAI, 72_000_002))
    commit_import(listed, actor=actor("admin"))
    waiting = read("另一份名单.xlsx", (SPARE, HEXI, 72_000_003))
    pattern = Calendar.of_notice(on.year)
    campaign = services.create_campaign(
        code=f"{on.year}-refusals",
        title="计量标准专项监督检查（差错演练）",
        organiser=city,
        # Older than the campaign of the journey, which is then the one people see first.
        calendar=pattern.shifted(on - pattern.notice_on - dt.timedelta(days=35)),
        actor=actor("city"),
    )
    moves.open_campaign(campaign, actor=actor("city"))
    people.units()
    own, foreign = (Unit.objects.get(name=name) for name in (OWN, FOREIGN))
    reports = SelfCheckReport.objects.filter(campaign=campaign)
    found = {
        "user": f"u{own.pk}",
        "report": reports.get(unit=own).pk,
        "foreign_unit": foreign.pk,
        "foreign_report": reports.get(unit=foreign).pk,
        "list": waiting.pk,
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process
