"""The roles in which people act: one enumeration for every app that asks who somebody is.

It stands below the register because the register's own policies ask it, and above nothing: a role is
the word rights are written in, like a verdict, and names no thing of the business.
"""

from enum import nonmember

from django.db import models


class Role(models.TextChoices):
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    AUDITOR = "auditor", "审计员"
    CITY_ADMIN = "city_admin", "计量处"
    CITY_INSPECTOR = "city_inspector", "市级检查人员"
    INSTITUTE_EXPERT = "institute_expert", "市计量院专家"
    DISTRICT_ADMIN = "district_admin", "区局计量科"
    DISTRICT_INSPECTOR = "district_inspector", "区局检查人员"
    DISTRICT_APPROVER = "district_approver", "区级审批人员"
    ASSESSOR = "assessor", "计量标准考评员"
    UNIT_USER = "unit_user", "建标单位"
    ENFORCEMENT_LIAISON = "enforcement_liaison", "综合行政执法总队联络员"
    DISCIPLINE = "discipline", "纪检监督"

    #: Run a campaign for an authority.
    offices = nonmember(frozenset({"city_admin", "district_admin"}))
    #: Keep the register for an authority, the district's approval desk included.
    registrars = nonmember(frozenset({"city_admin", "district_admin", "district_approver"}))
    #: May be given a 风险预警 to deal with.
    warned = nonmember(
        frozenset(
            {
                "city_admin",
                "city_inspector",
                "district_admin",
                "district_inspector",
                "district_approver",
            }
        )
    )
    #: Bring lists into the register.
    importers = nonmember(frozenset({"system_admin", "city_admin"}))
    #: See what they are assigned to on site, nothing else.
    on_site = nonmember(
        frozenset({"city_inspector", "institute_expert", "district_inspector", "assessor"})
    )
    #: Hold an enforcement certificate (执法证) and may be counted as officers of a team.
    officers = nonmember(
        frozenset({"city_inspector", "district_inspector", "city_admin", "district_admin"})
    )
    #: Lend their knowledge to a visit; a certificate of an assessor, not of an officer.
    technical = nonmember(frozenset({"institute_expert", "assessor"}))
    #: See inspection data of a campaign only after signing its 保密承诺书.
    pledged = nonmember(
        frozenset(
            {
                "city_admin",
                "district_admin",
                "city_inspector",
                "institute_expert",
                "district_inspector",
                "assessor",
            }
        )
    )
