"""What lists add to the register: whose word a unit's district is, and what follows it."""

from metrostd.registry.extension import on_unit_moved, placing_guard

from .policies.hand_overs import can_place
from .services.resettling import resettle

placing_guard(can_place)
on_unit_moved(resettle)
