"""Who may correct the register's records."""

from typing import Any

from metrostd.common.policies import YES, Verdict
from metrostd.registry.models import MeasurementStandard, Unit

_OFFICES = frozenset({"city_admin", "district_admin", "district_approver"})


def can_edit_unit(user: Any, unit: Unit) -> Verdict:
    """Offices keep the facts about the units they see."""
    if user.scope.role not in _OFFICES:
        return Verdict("台账由市场监管部门维护；资料有变动请联系属地区局或发证部门。")
    return YES


def can_edit_standard(user: Any, standard: MeasurementStandard) -> Verdict:
    """A standard's record belongs to the authority that examined it and certified it."""
    if user.scope.role not in _OFFICES:
        return Verdict("台账由市场监管部门维护；资料有变动请联系发证部门。")
    reach = user.scope.register
    own = {standard.issuing_authority_id, standard.hosting_authority_id}
    if not reach.everything and not own & reach.authority_ids:
        return Verdict("这项计量标准由其他部门考核发证，只有发证部门可以修改。")
    return YES


def can_maintain(user: Any, standard: MeasurementStandard) -> Verdict:
    """A unit keeps its own instruments, tracing, persons and tests; so may the office that certified.

    JJF 1033 第七章: 建标单位 keeps the standard as it was approved and says what changes.
    """
    reach = user.scope.register
    if user.scope.role == "unit_user":
        own = standard.unit_id in reach.unit_ids
        return YES if own else Verdict("只能维护本单位的计量标准。")
    return can_edit_standard(user, standard)
