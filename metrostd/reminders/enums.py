"""When a reminder goes out, and to whom."""

from django.db import models


class Moment(models.TextChoices):
    """时点, counted from the deadline of a duty; 产生时 from the day it came up."""

    NEW = "new", "产生时"
    BEFORE = "before", "到期前"
    ON_DAY = "on_day", "到期当天"
    AFTER = "after", "逾期后"
    WEEKLY = "weekly", "每周汇总"


class Audience(models.TextChoices):
    """提醒谁: who owes it, or the office that sees to it that it is done."""

    OWNER = "owner", "责任方"
    ABOVE = "above", "上级主管处室"
