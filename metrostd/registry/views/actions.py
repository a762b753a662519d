"""What can be done next with a record of the register, with the verdict of the policy."""

from django.urls import reverse

from metrostd.common.actions import Action, possible
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict
from metrostd.registry import policies
from metrostd.registry.enums import RecordState
from metrostd.registry.models import (
    CapabilityTest,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardInstrument,
    StandardItem,
    StandardPerson,
    Unit,
)


def of_unit(user: Actor, unit: Unit) -> list[Action]:
    merge = Action(
        "与另一单位合并",
        reverse("registry:merge_choose", args=[unit.pk]),
        policies.can_merge(user, unit, unit),
        "link",
        icon="arrows-join",
    )
    return [*possible(merge), _edit("unit_edit", unit.pk, policies.can_edit_unit(user, unit))]


def of_standard(user: Actor, standard: MeasurementStandard) -> list[Action]:
    scope = Action(
        "认定检查范围",
        reverse("registry:standard_scope", args=[standard.pk]),
        policies.can_decide_scope(user, standard),
        "link",
        icon="filter",
    )
    edit = _edit("standard_edit", standard.pk, policies.can_edit_standard(user, standard))
    return [edit, *possible(scope)]


def of_instrument(user: Actor, instrument: StandardInstrument) -> list[Action]:
    """Nothing for those who only look."""
    if not policies.can_maintain(user, instrument.standard):
        return []
    return [
        Action(
            "停用、封存、报废",
            reverse("registry:instrument_move", args=[instrument.pk]),
            policies.can_move_instrument(user, instrument),
            "link",
            icon="switch-horizontal",
        ),
        _edit("instrument_edit", instrument.pk, policies.can_edit_instrument(user, instrument)),
        Action(
            "登记溯源证书",
            reverse("registry:trace_add", args=[instrument.pk]),
            policies.can_add_trace(user, instrument),
            "link",
            tone="primary",
            icon="plus",
        ),
    ]


def of_test(user: Actor, test: CapabilityTest) -> list[Action]:
    """A void test can only be restored."""
    if test.state == RecordState.VOID:
        return void_or_restore(user, test, key="test")
    again = f"{reverse('registry:test_add', args=[test.standard_id])}?method={test.method}&like={test.pk}"
    verdict = policies.can_maintain(user, test.standard)
    return [
        *possible(Action("登记下一次", again, verdict, "link", icon="copy-plus")),
        *void_or_restore(user, test, key="test"),
        _edit("test_edit", test.pk, policies.can_edit_record(user, test), label="更正"),
    ]


def void_or_restore(
    user: Actor,
    record: CapabilityTest | StandardPerson | StandardItem | PublicStandardCertificate,
    *,
    key: str,
) -> list[Action]:
    """作废, or 撤销作废 for what is void; ``key`` is the record's part of the route names."""
    if record.state == RecordState.VOID:
        return [
            Action(
                "撤销作废",
                reverse(f"registry:{key}_restore", args=[record.pk]),
                policies.can_restore_record(user, record),
                "note",
                confirm="恢复后重新计入。",
            )
        ]
    return [
        Action(
            "作废",
            reverse(f"registry:{key}_void", args=[record.pk]),
            policies.can_void_record(user, record),
            "note",
            confirm="登记有误时作废；记录保留，不再计入。",
        )
    ]


def _edit(route: str, pk: int, verdict: Verdict, *, label: str = "修改资料") -> Action:
    return Action(label, reverse(f"registry:{route}", args=[pk]), verdict, "link", icon="pencil")
