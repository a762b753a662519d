"""Whether a standard is inspected is in doubt: nobody decided, and the certificate says otherwise."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import F, FilteredRelation, Q
from django.urls import reverse

from metrostd.registry.enums import Level
from metrostd.registry.models import Authority
from metrostd.registry.querysets import StandardQuerySet
from metrostd.registry.scope import province_of, read_scope

from .core import Kind, OpenWarning, warning_rule

SCOPE = Kind("scope_in_doubt", "是否列入监督检查范围待认定", "warn")


@warning_rule(SCOPE)
def scope_in_doubt(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Number and issuer disagree, or the register has it otherwise than they say."""
    offices = {row.pk: row for row in Authority.objects.all()}
    rows = (
        standards.filter(scope_reason="")
        .annotate(
            current=FilteredRelation("certificates", condition=Q(certificates__is_current=True))
        )
        .annotate(said=F("current__number"))
        .exclude(_plainly_in_scope(offices.values()))
        .order_by("pk")
    )
    columns = ("pk", "said", "in_scope", "issuing_authority_id", "hosting_authority_id")
    for pk, number, kept, issuer, host in rows.values_list(*columns):
        scope = read_scope(number or "", offices[issuer], offices[host])
        if scope.in_doubt or scope.in_scope != kept:
            what = f"目前{'列入' if kept else '不列入'}监督检查范围；{scope.reason}。请核对后认定"
            url = reverse("registry:standard_scope", args=[pk])
            yield OpenWarning(SCOPE, what, standard=pk, url=url)


def _plainly_in_scope(offices: Iterable[Authority]) -> Q:
    """Most of a register: in scope, a number of the issuer's province, nobody above the city."""
    found = Q(pk__in=[])
    by_province: dict[str, list[int]] = {}
    local = [row for row in offices if row.level not in Level.above_city]
    for row in local:
        by_province.setdefault(province_of(row), []).append(row.pk)
    for own, keys in by_province.items():
        if own:
            number = Q(said__contains=f"〕{own}量标") | Q(said__contains=f"〕{own}社量标")
            found |= Q(issuing_authority__in=keys) & number
    return Q(in_scope=True, hosting_authority__in=[row.pk for row in local]) & found
