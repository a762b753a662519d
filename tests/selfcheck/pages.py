"""How the pages of the self-check are reached: who signs in, at which address."""

from django.urls import reverse

from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.files import pdf

AUTOSAVE = {"X-Requested-With": "autosave"}

PDF = pdf()


def as_unit(client, report):
    return sign_in(client, MembershipFactory(as_unit=True, unit=report.unit))


def as_receiver(client, report):
    role = Role.CITY_ADMIN if report.receiver.level == "city" else Role.DISTRICT_ADMIN
    return sign_in(client, MembershipFactory(role=role, authority=report.receiver))


def as_district(client, authority):
    return sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=authority))


def url(name, *args):
    return reverse(f"selfcheck:{name}", args=args)
