import datetime as dt
import itertools
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from metrostd.registry.enums import (
    Category,
    LimitBasis,
    QualificationKind,
    TestKind,
    TestMethod,
    TestOutcome,
)
from metrostd.registry.models import (
    CapabilityTest,
    PublicStandardCertificate,
    StandardItem,
    StandardPerson,
)

from .registry import StandardFactory


class CapabilityTestFactory(DjangoModelFactory):
    """A repeatability test of 10 March 2021 that passed; columns as written, nothing is computed."""

    class Meta:
        model = CapabilityTest

    standard = factory.SubFactory(StandardFactory)
    kind = TestKind.REPEATABILITY
    method = TestMethod.REPEATED
    year = factory.LazyAttribute(lambda o: o.tested_on.year)
    tested_on = dt.date(2021, 3, 10)
    subject = "0.4级精密压力表，6 MPa"
    unit_symbol = "MPa"
    values = factory.LazyAttribute(
        lambda o: {
            "groups": [
                {
                    "on": o.tested_on.isoformat(),
                    "readings": ["6.001", "6.002", "6.000", "6.001", "6.003", "6.001"],
                }
            ]
        }
    )
    n = 6
    m = 1
    mean = Decimal("6.00133333333")
    statistic = Decimal("0.00103279555899")
    limit = Decimal("0.002")
    limit_basis = LimitBasis.ESTABLISHED
    outcome = TestOutcome.PASSED


class PersonFactory(DjangoModelFactory):
    """Somebody at work since 2018 with a registration that ends on 31 May 2023."""

    class Meta:
        model = StandardPerson

    standard = factory.SubFactory(StandardFactory)
    name = factory.Sequence(lambda n: f"示例人员{n}")
    qualification_kind = QualificationKind.METROLOGIST_2
    cert_no = factory.Sequence(lambda n: f"示注{n:06d}")
    project = "压力仪表"
    valid_until = dt.date(2023, 5, 31)
    since = dt.date(2018, 6, 1)


class ItemFactory(DjangoModelFactory):
    class Meta:
        model = StandardItem

    standard = factory.SubFactory(StandardFactory)
    name = "一般压力表检定"
    measuring_range = "(0~60) MPa"
    performance = "1.0级及以下"
    basis = "JJG 52-2013"


class PublicCertificateFactory(DjangoModelFactory):
    class Meta:
        model = PublicStandardCertificate

    standard = factory.SubFactory(StandardFactory, category=Category.SP_STATUTORY)
    number = factory.Sequence(lambda n: f"〔2018〕津社量标证字第{n:03d}号")
    issuer = "示例市场监督管理委员会"
    issue_date = dt.date(2018, 7, 1)
    valid_until = dt.date(2023, 5, 31)
    valid_region = "天津市"


class ProvenStandardFactory(StandardFactory):
    """A standard of which nothing is missing on 15 June 2021 but its equipment."""

    @factory.post_generation
    def proof(self, create, extracted, **kwargs):
        PersonFactory.create_batch(2, standard=self)
        for year, kind in itertools.product((2019, 2020), TestKind.yearly_kinds()):
            method = TestMethod.REPEATED if kind == TestKind.REPEATABILITY else TestMethod.YEARLY
            CapabilityTestFactory(
                standard=self, kind=kind, method=method, tested_on=dt.date(year, 3, 10)
            )
