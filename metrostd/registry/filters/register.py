"""Units and standards narrowed and ordered by the address; anything unknown is ignored.

Each gives KeyedRows: the page and the export read the same keys in the same order.
"""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict

from metrostd.annex4.fields import FIELDS
from metrostd.common.actors import Actor
from metrostd.common.keyed import CHUNK, Chained, KeyedRows, first_keys
from metrostd.common.outside import is_key
from metrostd.registry.enums import (
    Category,
    CertificateState,
    OperatingStatus,
    PriorityDomain,
    UnitType,
)
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from metrostd.registry.querysets import StandardQuerySet, UnitQuerySet
from metrostd.registry.querysets.aging import in_state

_DESCENDING = "-"
#: Standards of two units of one name stay together.
_SECOND = {"unit": "unit_id"}


class ByUnit:
    """Keys of the many standards a search found, by the unit's name.

    A page looks at no more units than it has rows: each of those gives at least one.
    """

    def __init__(self, found: StandardQuerySet, words: str, *, down: bool) -> None:
        self._keys = _ordered(found, "unit__name", _SECOND["unit"], down=down)
        units = Unit.with_merged.holding(words).filter(Exists(found.filter(unit=OuterRef("pk"))))
        self._units = units.order_by("-name" if down else "name", "pk").values("pk")

    def __getitem__(self, wanted: slice) -> list[int]:
        return list(self._keys.filter(unit__in=self._units[: wanted.stop])[wanted])

    def count(self) -> int:
        return self._keys.count()

    def __iter__(self) -> Iterator[int]:
        yield from self._keys.iterator(chunk_size=CHUNK)


class StandardFilter:
    """District, category, field, certificate state, priority domain, issuer, free text."""

    SORTS = {"unit": "unit__name", "name": "name", "field": "field__code"}
    #: Columns of the current certificate: read from its index, standards without come last.
    CERTIFICATE_SORTS = {"number": "number", "until": "valid_until"}

    def __init__(self, query: QueryDict) -> None:
        self.query = query

    def rows(self, standards: StandardQuerySet) -> KeyedRows:
        """The standards with their current certificates, in the order of the address."""
        found = self.matching(standards)
        shown = MeasurementStandard.objects.with_certificate().for_list()
        if not self.query.get("q", "").strip():
            return KeyedRows(self._keys(found), shown, counted=found)
        if (first := first_keys(found)) is not None:
            known = MeasurementStandard.objects.filter(pk__in=first)
            return KeyedRows(self._keys(known), shown, counted=len(first))
        many = self.matching(standards, many=True)
        name, down = _sort(self.query)
        if name in self.SORTS.keys() - {"unit"} or name in self.CERTIFICATE_SORTS:
            return KeyedRows(self._keys(many), shown, counted=None)
        words = self.query.get("q", "").strip()
        return KeyedRows(ByUnit(many, words, down=down and name == "unit"), shown, counted=None)

    def matching(self, standards: StandardQuerySet, *, many: bool = False) -> StandardQuerySet:
        """Those of the standards the address asks for, in no order; ``many`` as in ``search``."""
        get = self.query.get
        standards = _held(standards.order_by(), self.query)
        if is_key(district := get("district", "")):
            standards = standards.filter(unit__territorial_authority=district)
        if district == "none":
            standards = standards.filter(unit__territorial_authority=None)
        if is_key(issuer := get("issuer", "")):
            standards = standards.filter(issuing_authority=issuer)
        if words := get("q", "").strip():
            standards = standards.search(words, many=many)
        return standards

    def _keys(self, found: StandardQuerySet) -> QuerySet | Chained:
        name, down = _sort(self.query)
        if column := self.CERTIFICATE_SORTS.get(name):
            return _by_certificate(found, column, down=down)
        if name not in self.SORTS:
            name, down = "unit", False
        return _ordered(found, self.SORTS[name], _SECOND.get(name, "pk"), down=down)


class UnitFilter:
    """District, type, status, free text; category, field, domain and certificate state of its standards."""

    SORTS = {"name": "name", "district": "territorial_authority__code"}
    COUNTS = ("standards", "expired")

    def __init__(self, query: QueryDict, *, viewer: Actor) -> None:
        self.query = query
        self.viewer = viewer

    def rows(self, units: UnitQuerySet) -> KeyedRows:
        """The units as the list shows them; ``units`` are those the viewer may see."""
        found = self.matching(units)
        shown = Unit.objects.with_counts(self.viewer).for_list()
        if not self.query.get("q", "").strip():
            return KeyedRows(self._keys(found), shown, counted=found)
        if (first := first_keys(found)) is not None:
            known = Unit.objects.filter(pk__in=first)
            return KeyedRows(self._keys(known), shown, counted=len(first))
        return KeyedRows(self._keys(found), shown, counted=None)

    def matching(self, units: UnitQuerySet) -> UnitQuerySet:
        """Those of the units the address asks for, in no order."""
        get = self.query.get
        units = units.order_by()
        if is_key(district := get("district", "")):
            units = units.filter(territorial_authority=district)
        if district == "none":
            units = units.filter(territorial_authority=None)
        if (kind := get("type")) in UnitType.values:
            units = units.filter(unit_type=kind)
        if (status := get("status")) in OperatingStatus.values:
            units = units.filter(operating_status=status)
        visible = MeasurementStandard.objects.visible_to(self.viewer)
        held = _held(visible, self.query)
        if held is not visible:
            units = units.filter(pk__in=held.order_by().values("unit"))
        if words := get("q", "").strip():
            units = units.search(words)
        return units

    def _keys(self, found: UnitQuerySet) -> QuerySet | Chained:
        name, down = _sort(self.query)
        if name in self.COUNTS:
            return self._by_count(found, name, down=down)
        if name not in self.SORTS:
            name, down = "name", False
        return _ordered(found, self.SORTS[name], "name", down=down)

    def _by_count(self, found: UnitQuerySet, name: str, *, down: bool) -> QuerySet | Chained:
        """By how many standards the viewer sees, or how many of them have expired."""
        order = ("-counted" if down else "counted", "name", "pk")
        seen = MeasurementStandard.objects.visible_to(self.viewer).order_by()
        mine = Q()
        if not self.viewer.scope.register.everything:
            mine = Q(standards__in=seen.values("pk"))
        if name == "standards":  # nearly every unit has some: one grouping of all
            rows = found.annotate(counted=Count("standards", filter=mine or None))
            return rows.order_by(*order).values_list("pk", flat=True)
        state = CertificateState.EXPIRED
        mine &= in_state(state, at="standards__certificates__")
        gone = StandardCertificate.objects.filter(in_state(state)).values("standard")
        some = found.filter(mine).annotate(counted=Count("standards")).order_by(*order)
        none = found.exclude(pk__in=seen.filter(pk__in=gone).values("unit")).order_by("name", "pk")
        parts = [rows.values_list("pk", flat=True) for rows in (some, none)]
        return Chained(parts if down else parts[::-1])


def _sort(query: QueryDict) -> tuple[str, bool]:
    """The heading the address sorts by, and whether downwards."""
    sort = query.get("sort", "")
    return sort.removeprefix(_DESCENDING), sort.startswith(_DESCENDING)


def _held(standards: StandardQuerySet, query: QueryDict) -> StandardQuerySet:
    """Standards by what both lists filter: category, field, priority domain, certificate state."""
    get = query.get
    if (category := get("category")) in Category.values:
        standards = standards.filter(category=category)
    if (field := get("field", "")) in FIELDS:
        standards = standards.filter(field__code=field)
    if (state := get("state")) in CertificateState.values:
        standards = standards.filter(in_state(state, at="certificates__"))
    if (domain := get("domain")) in PriorityDomain.values:
        standards = standards.filter(priority_domains__domain=domain)
    return standards


def _by_certificate(found: StandardQuerySet, column: str, *, down: bool) -> Chained:
    given = StandardCertificate.objects.filter(is_current=True)
    given = given.exclude(**{column: "" if column == "number" else None})
    mine = given.filter(standard__in=found.values("pk")) if found.query.where else given
    order = (f"-{column}", "-standard_id") if down else (column, "standard_id")
    bare = found.exclude(pk__in=given.values("standard")).order_by("pk")
    return Chained(
        [
            mine.order_by(*order).values_list("standard_id", flat=True),
            bare.values_list("pk", flat=True),
        ]
    )


def _ordered(found: QuerySet, column: str, second: str, *, down: bool) -> QuerySet:
    """Keys by one column; a code of another table may be missing, and then comes last."""
    first: str | OrderBy = f"-{column}" if down else column
    if column.endswith("__code"):
        first = F(column).desc(nulls_last=True) if down else F(column).asc(nulls_last=True)
    return found.order_by(first, second, "pk").values_list("pk", flat=True)
