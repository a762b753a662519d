"""The people of a journey, each in a browser window of their own, and the list it starts from."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from metrostd.common import clock
from metrostd.demo.city import SampleUnit
from metrostd.demo.people import PASSWORD

from . import annex4
from .conftest import Portal, Visitor

XIQING = ("120111", "西青区")
BEICHEN = ("120113", "北辰区")
JINNAN = ("120112", "津南区")
DISTRICT = "d120111"
OFFICERS = ("d120111_1", "d120111_2")
TABLET = {"width": 768, "height": 1024}

OFFICES = """
from metrostd.demo.people import People
People(seed=1).offices()
"""
UNITS = """
from metrostd.accounts.models import Membership
from metrostd.demo.people import People
People(seed=1).units()
for row in Membership.objects.filter(role="unit_user").select_related("user", "unit"):
    print(f"{row.user.username}={row.unit.name}")
"""


@dataclass
class Story:
    """What the steps hand on to each other."""

    portal: Portal
    visit: Callable[..., Visitor]
    on: dt.date = field(default_factory=clock.today)
    windows: dict[str, Visitor] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.on.year}年计量标准专项监督检查（演练）"

    @cached_property
    def units(self) -> list[SampleUnit]:
        """Six enterprises in 西青区, one each in two other districts; the first is followed to the end."""
        names = ("甲仪表", "乙制药", "丙量具", "丁水务", "戊燃气", "己电子", "庚量具", "辛钢管")
        held = ((0, 2), (0, 4), (1, 2, 3), (4, 5), (0, 1), (2, 3, 4), (0, 4), (1, 5))
        places = (XIQING,) * 6 + (BEICHEN, JINNAN)
        return [
            annex4.enterprise(
                f"天津示例{name}有限公司",
                district=place,
                rows=rows,
                serial=71_000_001 + n,
                on=self.on,
            )
            for n, (name, rows, place) in enumerate(zip(names, held, places, strict=True))
        ]

    @property
    def unit(self) -> SampleUnit:
        return self.units[0]

    def window(self, username: str, **size: int) -> Visitor:
        """The person's window, signed in the first time they are needed."""
        if username not in self.windows:
            self.windows[username] = self.visit(username, PASSWORD, **size)
        return self.windows[username]

    def unit_window(self) -> Visitor:
        """The window of the unit's own user; the command gives every unit in the register one."""
        if not self.accounts:
            lines = self.portal.manage("shell", "-v", "0", "-c", UNITS).split()
            self.accounts = {name: user for user, name in (line.split("=") for line in lines)}
        return self.window(self.accounts[self.unit.name])

    def tablet(self) -> Visitor:
        return self.window(OFFICERS[0], **TABLET)
