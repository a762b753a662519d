"""有针对性地加大监管力度: units of high risk, each with its reasons, added to a draw by direction.

The random draw is left alone: terms, order and share of 随机抽取 know nothing of risk. What risk adds stands beside
it as 定向, so that the 20 % drawn by chance is never lowered.
"""

from collections.abc import Collection, Iterable

from django.db import transaction

from campaigns import directing, sampling
from campaigns.models import DrawnUnit, DrawRun
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import check_state
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from .queries import UnitRisk

#: Of complaints a draw says nothing: more people read it than may know of them.
_UNSAID = frozenset({"complaints"})


def reason_of(risk: UnitRisk) -> str:
    """Why, as the draw and its record say it."""
    said = "、".join(each.label for each, _ in risk.indicators if each.code not in _UNSAID)
    return f"风险等级{risk.level.label}：{said}"[:200] if said else "有针对性地加大监管力度"


def directable(office: Authority, units: Collection[int]) -> dict[int, Verdict]:
    """Which of these the office has a draw to add to, each with its reason when not."""
    addable = directing.addable(office, units)
    none = not_now("本部门没有可以增加定向检查的抽取，或者该单位已在检查对象中。")
    return {unit: YES if unit in addable else none for unit in units}


@transaction.atomic
def direct(
    run: DrawRun,
    risk: UnitRisk,
    unit: Unit,
    *,
    standards: Iterable[MeasurementStandard],
    actor: Actor,
) -> DrawnUnit:
    """Add a unit to the office's draw beside what chance gave it."""
    check_state(directable(run.frame.authority, [unit.pk])[unit.pk], obj=run)
    return sampling.add_directed(
        run, unit, standards=standards, reason=reason_of(risk), actor=actor
    )
