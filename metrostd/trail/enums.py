"""Which tables make up the trail."""

from django.db import models


class Kind(models.TextChoices):
    CHANGE = "change", "审计记录"
    ACCESS = "access", "访问记录"
