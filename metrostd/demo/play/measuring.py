"""What the team measures at a visit: the environment of one standard, and an experiment with it.

The figures say what the team has answered in C01 and F01: within the limits, or outside where it found a problem.
They come from dice of their own, so that nothing else in the city depends on them.
"""

import uuid
from decimal import Decimal
from random import Random

from inspections.deadlines import day_of
from inspections.measured import acts
from inspections.measured.lines import ENVIRONMENT_ITEM, EXPERIMENT_ITEM, MEASURED_ITEMS
from inspections.models import ChecklistSheet
from metrostd.accounts.models import User
from metrostd.common.enums import Answer
from metrostd.demo.measurements import MEASUREMENTS, Measurement
from metrostd.registry.capability import Entry, Given, Group
from metrostd.registry.enums import LimitBasis, TestMethod


def measure(sheet: ChecklistSheet, leader: User) -> None:
    """Keep the environment of a standard's sheet, and one experiment."""
    assert sheet.standard is not None  # noqa: S101 -- the caller has chosen one
    dice = Random(f"measured-{sheet.pk}")  # noqa: S311 -- sample data
    what = MEASUREMENTS[sheet.standard.jjf1022_code]
    answers = sheet.answers.filter(item__code__in=MEASURED_ITEMS, answer__in=Answer.problem)
    wrong = set(answers.values_list("item__code", flat=True))
    values = _environment(what, dice, humid=ENVIRONMENT_ITEM in wrong)
    acts.save_environment(sheet, values, base_version=0, actor=leader)
    acts.add_experiment(
        sheet,
        _experiment(sheet, what, dice, off=EXPERIMENT_ITEM in wrong),
        client_id=uuid.UUID(int=dice.getrandbits(128), version=4),
        values={"subject": what.subject, "unit_symbol": what.unit, "note": ""},
        actor=leader,
    )


def _environment(what: Measurement, dice: Random, *, humid: bool) -> dict[str, object]:
    temperature, humidity = 20 + dice.uniform(-1.5, 1.5), dice.uniform(45, 65)
    return {
        "temperature": Decimal(f"{temperature:.1f}"),
        "temperature_low": Decimal(18),
        "temperature_high": Decimal(22),
        "humidity": Decimal(f"{humidity + (35 if humid else 0):.0f}"),
        "humidity_high": Decimal(75),
        "basis": what.items[0][1],
        "instrument": "温湿度计（示例）",
    }


def _experiment(sheet: ChecklistSheet, what: Measurement, dice: Random, *, off: bool) -> Entry:
    """Three readings against the certificate of a higher laboratory (E_n), or against the limit."""
    u, limit = Decimal(what.u), Decimal(what.limit)
    centre = what.nominal + (2.5 * float(max(u, limit)) if off else 0.0)
    numbers = [f"{dice.gauss(centre, what.scatter):.{what.places}f}" for _ in range(3)]
    groups = (Group(on=day_of(sheet), readings=tuple(map(Decimal, numbers))),)
    reference = Decimal(f"{what.nominal:.{what.places}f}")
    if dice.random() < 0.5:
        given = Given(
            reference=reference,
            source="示例市计量院校准证书",
            u_lab=u,
            u_ref=(u / 3).quantize(Decimal("0.00001")),
            k=Decimal(2),
        )
        return Entry(TestMethod.CHECK_EN, groups, given)
    basis = LimitBasis.CORRECTION if what.uses_corrections else LimitBasis.MPE
    given = Given(
        reference=reference, source="核查标准首次核查的平均值", limit=limit, limit_basis=basis
    )
    return Entry(TestMethod.CHECK_LIMIT, groups, given)
