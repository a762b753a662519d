"""Risk in a report: units by level as of today, by district, field and priority domain; in tables and one sentence."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority
from metrostd.registry.querysets import UnitQuerySet
from metrostd.risk.enums import RiskLevel
from metrostd.risk.indicators import INDICATORS
from metrostd.risk.parts import Part, by_district, by_domain, by_field
from metrostd.risk.queries import Picture, picture, units_of

from . import tokens
from .paper import Block

_MOST = 3


def risks_of(
    units: UnitQuerySet, *, viewer: Actor | None, city: bool = False
) -> tuple[Picture, dict[str, Block]]:
    """Units by level today, as the pages of 风险分析 have them; by district in the city's report alone."""
    found = picture(units, clock.today(), viewer=viewer)
    tables = {
        tokens.FIELD_RISK: _levels("各领域的风险等级（家）", "专业计量领域", by_field(found)),
        tokens.DOMAIN_RISK: _levels("各重点领域的风险等级（家）", "重点领域", by_domain(found)),
    }
    if city:
        tables[tokens.DISTRICT_RISK] = _levels("各属地的风险等级（家）", "属地", by_district(found))
    return found, tables


def said_of(found: Picture) -> str:
    """The levels in one sentence, with what most units have."""
    counts = "、".join(f"{level.label}风险{n}家" for level, n in found.levels.items())
    having = [(each.label, found.units_with(each.code)) for each in INDICATORS]
    most = sorted((one for one in having if one[1]), key=lambda one: -one[1])[:_MOST]
    named = "、".join(f"{label}（{n}家）" for label, n in most)
    more = f"涉及单位最多的指标：{named}。" if named else ""
    return f"按风险分级表，{cn_date(found.on)}有{counts}。{more}"


class OfficeRisks(Mapping[str, Block]):
    """The tables of one office's report: of the units in its territory (of the municipal office's: all),
    by what the person who looks may read.

    Most texts have none of them, so they are counted when the first is asked for.
    """

    def __init__(self, office: Authority, viewer: Actor | None) -> None:
        self._office, self._viewer = office, viewer

    @cached_property
    def _found(self) -> tuple[Picture, dict[str, Block]]:
        units = units_of(self._viewer)
        if self._office.level != Level.CITY:
            units = units.filter(territorial_authority=self._office)
        return risks_of(units, viewer=self._viewer)

    @property
    def said(self) -> str:
        return said_of(self._found[0])

    def __contains__(self, name: object) -> bool:
        return name in tokens.OF_ANY_OFFICE

    def __getitem__(self, name: str) -> Block:
        return self._found[1][name]

    def __iter__(self) -> Iterator[str]:
        return iter(tokens.OF_ANY_OFFICE)

    def __len__(self) -> int:
        return len(tokens.OF_ANY_OFFICE)


def _levels(title: str, heading: str, rows: Iterable[Part]) -> Block:
    return Block(
        "table",
        (title,),
        (heading, "单位", *(level.label for level in RiskLevel)),
        tuple((row.name, str(row.units), *(str(n) for _, n in row.counts)) for row in rows),
    )
