"""Who may correct the register's records."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.extension import placing_verdict
from metrostd.registry.models import BulkEdit, MeasurementStandard, Unit, UnitMerge


def can_edit_unit(user: Actor, unit: Unit) -> Verdict:
    """Offices keep the facts about the units they see."""
    if user.scope.role not in Role.registrars:
        return not_you("台账由市场监管部门维护；资料有变动请联系属地区局或发证部门。")
    return YES


def can_edit_standard(user: Actor, standard: MeasurementStandard) -> Verdict:
    """A standard's record belongs to the authority that examined it and certified it."""
    if user.scope.role not in Role.registrars:
        return not_you("台账由市场监管部门维护；资料有变动请联系发证部门。")
    reach = user.scope.register
    own = {standard.issuing_authority_id, standard.hosting_authority_id}
    if not reach.everything and not own & reach.authority_ids:
        return not_you("这项计量标准由其他部门考核发证，只有发证部门可以修改。")
    return YES


def can_decide_scope(user: Actor, standard: MeasurementStandard) -> Verdict:
    """What is inspected is not decided by who inspects it: the municipal office says it."""
    if user.scope.role == Role.CITY_ADMIN:
        return YES
    return not_you("是否列入监督检查范围由市市场监管委计量处认定。")


def can_maintain(user: Actor, standard: MeasurementStandard) -> Verdict:
    """A unit keeps its own instruments, tracing, persons and tests; so may the office that certified.

    JJF 1033 第七章: 建标单位 keeps the standard as it was approved and says what changes.
    """
    reach = user.scope.register
    if user.scope.role == Role.UNIT_USER:
        own = standard.unit_id in reach.unit_ids
        return YES if own else not_you("只能维护本单位的计量标准。")
    return can_edit_standard(user, standard)


def can_merge(user: Actor, survivor: Unit, gone: Unit) -> Verdict:
    """An office that sees both units merges them; a district only units of its own territory.

    Everything about the unit that goes follows, other offices' records too, so units of another
    district, or of two, are the municipal office's business.
    """
    if not (verdict := can_look_for_duplicates(user)):
        return verdict
    reach = user.scope.register
    territories = {survivor.territorial_authority_id, gone.territorial_authority_id} - {None}
    if not reach.everything and territories - reach.authority_ids:
        return not_you("两家单位不都属于本辖区，由市级计量处合并。")
    return YES


def can_look_for_duplicates(user: Actor) -> Verdict:
    """Offices that keep the register look for what is in it twice."""
    if user.scope.role not in Role.offices:
        return not_you("重复单位由市场监管部门计量机构合并，请联系计量处或属地区局。")
    return YES


def can_undo_merge(user: Actor, merge: UnitMerge, *, reasons: list[str]) -> Verdict:
    """Whoever may merge may take it back, while nothing has changed since."""
    if not (verdict := can_merge(user, merge.survivor, merge.gone)):
        return verdict
    return not_now("".join(reasons)) if reasons else YES


def can_bulk_edit(user: Actor) -> Verdict:
    """Offices change many records at once; which of them, the policy of each record says."""
    if user.scope.role not in Role.registrars:
        return not_you("台账由市场监管部门维护。")
    return YES


def can_undo_bulk(user: Actor, edit: BulkEdit, *, reason: str) -> Verdict:
    """The person who made it takes it back."""
    if edit.made_by_id != user.pk:
        return not_you("只有修改人本人可以撤回。")
    return not_now(reason)


def can_read_trail(user: Actor) -> Verdict:
    """Whoever sees something of the register sees how it came to be."""
    reach = user.scope.register
    if not (reach.everything or reach.authority_ids or reach.unit_ids):
        return not_you("您当前的身份不查看台账。")
    return YES


def can_register(user: Actor) -> Verdict:
    """Offices enter units and standards that no list has brought."""
    if user.scope.role not in Role.registrars:
        return not_you("台账由市场监管部门登记。")
    return YES


def can_import(user: Actor) -> Verdict:
    """Lists come from the issuing authority: the municipal office or an administrator imports them."""
    if user.scope.role not in Role.importers:
        return not_you("只有计量处和系统管理员可以导入名单。")
    return YES


def may_place(user: Actor, unit: Unit) -> Verdict:
    """Whether this person may give the unit another district: what upper apps have against it."""
    return placing_verdict(user, unit)


def may_place_many(user: Actor) -> Verdict:
    """Districts of many units at once are the municipal office's business."""
    if user.scope.role == Role.CITY_ADMIN:
        return YES
    return not_you("成批调整属地由市市场监管委计量处办理；本局的单位请逐家修改。")
