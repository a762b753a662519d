"""Persons who verify or calibrate with a standard."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices


class QualificationKind(models.TextChoices):
    """Who works for a statutory or authorised institute needs a registered metrologist's licence."""

    METROLOGIST_1 = "metrologist_1", "一级注册计量师"
    METROLOGIST_2 = "metrologist_2", "二级注册计量师"
    PROJECT_EXAM = "project_exam", "计量专业项目考核合格证明"
    OTHER = "other", "其他能力证明"

    registered = nonmember(frozenset({"metrologist_1", "metrologist_2"}))


class PersonState(StateChoices):
    """How a person stands on a day; computed, never stored."""

    VALID = "valid", "有效"
    EXPIRING = "expiring", "3个月内到期"
    EXPIRED = "expired", "证明已过期"
    LEFT = "left", "已调离"
    COMING = "coming", "尚未上岗"

    tones = nonmember(
        {
            "valid": "ok",
            "expiring": "warn",
            "expired": "bad",
            "left": "muted",
            "coming": "muted",
        }
    )
    able = nonmember(frozenset({"valid", "expiring"}))
