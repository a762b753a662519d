"""Fixed values of notices and their delivery."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class NoticeKind(models.TextChoices):
    MAIN = "main", "专项行动通知"
    FURTHER = "further", "另行通知"


class NoticeState(StateChoices):
    DRAFT = "draft", "草稿"
    ISSUED = "issued", "已印发"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember({"draft": "muted", "issued": "ok", "withdrawn": "muted"})
    turns = nonmember(
        {Turn.CITY: frozenset({"draft"}), Turn.NOBODY: frozenset({"issued", "withdrawn"})}
    )


class RecipientKind(models.TextChoices):
    """The three classes the notice is addressed to, and the copy (通知主送、抄送)."""

    BUREAU = "bureau", "各区市场监管局"
    INSTITUTE = "institute", "各计量技术机构"
    UNIT = "unit", "各有关单位"
    COPY = "copy", "抄送委综合行政执法总队"

    #: Those the notice is addressed to; a further one may leave some of them out.
    addressed = nonmember(("bureau", "institute", "unit"))
