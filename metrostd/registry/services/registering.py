"""A unit or a standard that no list has brought, registered by an office by hand."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.saves import asked_again
from metrostd.common.shapes import Values
from metrostd.registry.certificate_dates import check_dates, state_of
from metrostd.registry.models import (
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
    Unit,
)
from metrostd.registry.names import set_keys
from metrostd.registry.numbers import number_fields
from metrostd.registry.scope import read_scope

from .editing import create_record


@transaction.atomic
def register_unit(*, values: Values, actor: Actor | None) -> Unit:
    """Enter a new unit; raises ValidationError when one of this code or name is there already."""
    unit = Unit(**values)
    set_keys(unit)
    if unit.uscc and (same := Unit.objects.filter(uscc=unit.uscc).first()):
        raise ValidationError({"uscc": f"台账中已有这个信用代码的单位：“{same}”。"})
    if same := Unit.objects.filter(name_key=unit.name_key).first():
        raise ValidationError({"name": f"台账中已有同名单位“{same}”，请先核对是否同一单位。"})
    create_record(unit, actor=actor)
    return unit


@transaction.atomic
def register_standard(
    unit: Unit,
    *,
    values: Values,
    domains: list[str],
    number: str,
    issue_date: dt.date | None,
    valid_until: dt.date | None,
    issue_kind: str,
    on: dt.date,
    actor: Actor | None,
) -> MeasurementStandard:
    """Enter a new standard with its certificate, in the state its number and dates give on a day.

    Raises ValidationError when a certificate of this number is in force already.
    """
    act_dates.check_fact(issue_date, field="issue_date", what="发证日期")
    if issue_date and valid_until:
        check_dates(issue_date, valid_until)
    numbered = number_fields(number)
    _require_free(numbered["identity"])
    standard = MeasurementStandard(unit=unit, **values)
    scope = read_scope(number, standard.issuing_authority, standard.hosting_authority)
    standard.in_scope = scope.in_scope
    set_keys(standard)
    create_record(standard, actor=actor)
    StandardDomain.objects.bulk_create(
        StandardDomain(standard=standard, domain=domain) for domain in domains
    )
    certificate = StandardCertificate(
        standard=standard,
        issue_date=issue_date,
        valid_until=valid_until,
        issue_kind=issue_kind,
        state=state_of(numbered["identity"], valid_until, expired=False, on=on),
        **numbered,
    )
    certificate.full_clean()
    with asked_again(lambda: _require_free(numbered["identity"])):
        certificate.save(force_insert=True)
    audit.record(
        certificate,
        actor=actor,
        action="registry.create",
        label="登记证书",
        after={
            "state": certificate.state,
            "state_label": certificate.get_state_display(),
            "number": certificate.number,
        },
    )
    return standard


def _require_free(identity: str) -> None:
    """No certificate of this number is in force; no number is never taken."""
    taken = StandardCertificate.objects.filter(identity=identity, is_current=True)
    if identity and (found := taken.select_related("standard__unit").first()):
        raise ValidationError(
            {"number": f"台账中已有这个证书号：{found.standard.unit}“{found.standard}”。"}
        )
