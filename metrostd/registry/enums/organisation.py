"""Authorities and units."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices


class Level(models.TextChoices):
    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"

    #: Above the city: what these host or issue is not inspected in a city's campaign.
    above_city = nonmember(frozenset({"national", "province"}))


class UnitType(models.TextChoices):
    STATUTORY_INSTITUTE = "statutory_institute", "依法设置计量检定机构"
    AUTHORISED_INSTITUTE = "authorised_institute", "授权机构"
    DEPARTMENT = "department", "部门"
    ENTERPRISE = "enterprise", "企业"
    INSTITUTION = "institution", "事业单位"
    OTHER = "other", "其他"


class OperatingStatus(StateChoices):
    NORMAL = "normal", "正常"
    SUSPENDED = "suspended", "停产"
    MOVED = "moved", "搬迁"
    DISSOLVED = "dissolved", "注销"
    UNREACHABLE = "unreachable", "失联"

    tones = nonmember(
        {
            "normal": "ok",
            "suspended": "warn",
            "moved": "warn",
            "dissolved": "bad",
            "unreachable": "bad",
        }
    )
