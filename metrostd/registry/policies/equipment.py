"""Who may keep the instruments of a standard and their tracing."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.registry.enums import InstrumentState
from metrostd.registry.models import StandardInstrument

from .records import can_maintain


def can_edit_instrument(user: Actor, instrument: StandardInstrument) -> Verdict:
    """Whoever maintains the standard; a scrapped instrument is history."""
    if not (verdict := can_maintain(user, instrument.standard)):
        return verdict
    if instrument.state == InstrumentState.SCRAPPED:
        return not_now("设备已报废，资料不再修改；登记有误时请先“恢复在用”。")
    return YES


def can_move_instrument(user: Actor, instrument: StandardInstrument) -> Verdict:
    """停用, 封存, 报废 and back."""
    return can_maintain(user, instrument.standard)


def can_add_trace(user: Actor, instrument: StandardInstrument) -> Verdict:
    """New certificates belong to an instrument the standard still has."""
    if not (verdict := can_maintain(user, instrument.standard)):
        return verdict
    if instrument.state not in InstrumentState.held:
        return not_now("设备已报废，不再登记溯源。")
    return YES
