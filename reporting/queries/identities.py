"""What the register knows about who a unit is: the words that must not stand in an anonymous text."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from campaigns.models import Campaign
from inspections.models import InspectionTask
from metrostd.accounts.models import Membership
from metrostd.registry.models import (
    Authority,
    FormerName,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    StandardInstrument,
    StandardPerson,
    Unit,
)
from selfcheck.models import SelfCheckReport

#: A kind of mark (``narrative.anonymity``) and the words of that kind.
Words = dict[str, set[str]]
NAME, FORMER, ADDRESS, PERSON = "单位名称", "曾用名", "地址", "人员姓名"


def identity(units: Iterable[int] | QuerySet) -> Words:
    """Everything by which these units, their standards and their people can be told."""
    ids = units if isinstance(units, QuerySet) else list(units)
    found: Words = defaultdict(set)
    rows = Unit.with_merged.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
    for unit in rows:
        found[NAME].add(unit.name)
        found["统一社会信用代码"].add(unit.uscc)
        found[ADDRESS] |= {unit.registered_address, unit.actual_address}
        found[PERSON] |= {unit.legal_representative, unit.contact_name}
        found["联系电话"].add(unit.contact_phone)
        found["电子邮箱"].add(unit.contact_email)
    found[FORMER] |= set(FormerName.objects.filter(unit__in=ids).values_list("name", flat=True))
    users = Membership.objects.filter(unit__in=ids).select_related("user")
    found[PERSON] |= {member.user.display_name for member in users}
    signed = SelfCheckReport.objects.filter(unit__in=ids)
    found[PERSON] |= set(signed.values_list("declaration_by", flat=True))
    _of_standards(found, MeasurementStandard.objects.filter(unit__in=ids).values("pk"))
    return {kind: words - {""} for kind, words in found.items()}


def _of_standards(found: Words, standards: QuerySet) -> None:
    for place, person in MeasurementStandard.objects.filter(pk__in=standards).values_list(
        "storage_place", "responsible_person"
    ):
        found[ADDRESS].add(place)
        found[PERSON].add(person)
    certificates = StandardCertificate.objects.filter(standard__in=standards)
    for number, raw in certificates.values_list("number", "number_raw"):
        found["考核证书号"] |= {number, raw}
    public = PublicStandardCertificate.objects.filter(standard__in=standards)
    for number, authorisation in public.values_list("number", "authorisation_no"):
        found["证书编号"] |= {number, authorisation}
    people = StandardPerson.objects.filter(standard__in=standards)
    for name, cert_no in people.values_list("name", "cert_no"):
        found[PERSON].add(name)
        found["人员证明编号"].add(cert_no)
    instruments = StandardInstrument.objects.filter(standard__in=standards)
    found["出厂编号"] |= set(instruments.values_list("serial_no", flat=True))


def _visited(campaign: Campaign, authority: Authority | None) -> QuerySet:
    tasks = InspectionTask.objects.filter(campaign=campaign)
    return (tasks.filter(authority=authority) if authority else tasks).values("unit")


def names_visited(campaign: Campaign, authority: Authority | None) -> Words:
    """The names of every unit an office, or any office, had to visit in a campaign."""
    units = _visited(campaign, authority)
    names = Unit.with_merged.filter(pk__in=units).values_list("name", flat=True)
    former = FormerName.objects.filter(unit__in=units).values_list("name", flat=True)
    return {NAME: set(names), FORMER: set(former)}


def people_visited(campaign: Campaign) -> Words:
    """Persons and contacts of every unit that was to be visited: who is in no bulletin."""
    found = identity(_visited(campaign, None))
    return {kind: words for kind, words in found.items() if kind not in (NAME, FORMER, ADDRESS)}
