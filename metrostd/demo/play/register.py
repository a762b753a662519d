"""Before the first act: the register is filled from lists, the way offices send them."""

import datetime as dt
from collections import defaultdict
from pathlib import Path

from metrostd.common import clock
from metrostd.demo.city import SampleUnit
from metrostd.demo.lists import write_list
from metrostd.demo.names import STANDARDS
from metrostd.lists.imports import commit_import, start_import
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority, MeasurementStandard, StandardDomain

from .setting import person

_TITLES = {
    Category.ENT_HIGHEST: "市级办理的企业最高等级计量标准的单位名单",
    Category.INST_HIGHEST: "市级办理的事业单位最高计量标准的单位名单",
    Category.DEPT_HIGHEST: "部门最高计量标准的单位名单",
    Category.SP_STATUTORY: "社会公用计量标准的单位名单",
}


def fill(units: list[SampleUnit], *, on: dt.date, folder: Path, campaign_code: str) -> Path:
    """Write one workbook per category and issuing authority, import and commit each.

    Returns the path of the Annex 4 workbook (enterprises certified by the city).
    """
    lists: dict[tuple[Category, str], list[SampleUnit]] = defaultdict(list)
    for unit in units:
        lists[unit.category, unit.issuer].append(unit)
    authorities = {authority.code: authority for authority in Authority.objects.all()}
    folder.mkdir(parents=True, exist_ok=True)
    annex4 = folder / "附件4.xlsx"
    for (category, issuer), rows in sorted(lists.items()):
        authority = authorities[issuer]
        data = write_list(rows, title=_TITLES[category], as_of=on)
        main = category == Category.ENT_HIGHEST and authority.level == "city"
        name = f"{_TITLES[category]}（{authority.short_name}）.xlsx"
        if main:
            annex4.write_bytes(data)
            name = annex4.name
        with clock.pinned(clock.at_time(on, 9)):
            batch = start_import(
                data,
                name,
                category=category,
                issuing_authority=authority,
                campaign_code=campaign_code,
                actor=person("admin"),
            )
            commit_import(batch, actor=person("admin"))
    _mark_priority_domains()
    return annex4


def _mark_priority_domains() -> None:
    """重点领域 are not in the lists; the office marks them in the register by kind of standard."""
    domains = {row[1]: row[5] for row in STANDARDS}
    StandardDomain.objects.bulk_create(
        (
            StandardDomain(standard=standard, domain=domain)
            for standard in MeasurementStandard.objects.filter(priority_domains=None)
            for domain in domains.get(standard.name, ())
        ),
        batch_size=1000,
    )
