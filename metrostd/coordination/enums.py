"""Fixed values of coordination."""

from enum import nonmember

from django.db import models


class Side(models.TextChoices):
    """The two sides of an office whose powers are split."""

    SUPERVISION = "supervision", "监督管理"
    APPROVAL = "approval", "审批"


class PushKind(models.TextChoices):
    """What one side learns of the other."""

    ISSUED = "issued", "发证、换证"
    CHANGED = "changed", "变更、恢复"
    SEALED = "sealed", "封存、撤销、注销"
    FINDING = "finding", "发现问题"
    STOP = "stop", "停止量值传递"

    #: What the supervising side does; the approving side learns of it.
    of_supervision = nonmember(frozenset({"finding", "stop"}))

    @property
    def side(self) -> Side:
        """Who learns of it."""
        return Side.APPROVAL if self in self.of_supervision else Side.SUPERVISION
