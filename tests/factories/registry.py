import datetime as dt

import factory
from factory.django import DjangoModelFactory

from metrostd.common.text import name_key
from metrostd.registry.enums import (
    Category,
    CertificateState,
    InstrumentRole,
    Level,
    TraceKind,
    TraceResult,
    UnitType,
)
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardInstrument,
    TraceRecord,
    Unit,
)
from metrostd.registry.names import pinyin_initials


class AuthorityFactory(DjangoModelFactory):
    class Meta:
        model = Authority

    class Params:
        city = factory.Trait(
            code="120000",
            name="天津市市场监督管理委员会",
            short_name="市市场监管委",
            region_name="天津市",
            level=Level.CITY,
            office="计量处",
            document_prefix="津",
        )

    # Outside the real codes of fixtures/, which some tests load beside factories.
    code = factory.Sequence(lambda n: f"99{n:04d}")
    name = factory.LazyAttribute(lambda o: f"示例{o.code}区市场监督管理局")
    short_name = factory.LazyAttribute(lambda o: f"示例{o.code}区局")
    region_name = factory.LazyAttribute(lambda o: f"示例{o.code}区")
    level = Level.DISTRICT
    document_prefix = factory.LazyAttribute(lambda o: f"津{o.code}")
    phone = "022-12345678"


class FieldFactory(DjangoModelFactory):
    class Meta:
        model = ProfessionalField
        django_get_or_create = ("code",)

    code = "12"
    name = "力学"


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"天津示例单位{n}有限公司")
    name_key = factory.LazyAttribute(lambda o: name_key(o.name))
    unit_type = UnitType.ENTERPRISE
    territorial_authority = factory.SubFactory(AuthorityFactory)
    contact_name = "示例联系人"
    contact_phone = "13800000000"
    # What an order has to name before it may be issued.
    registered_address = "天津市示例区示例路1号"
    legal_representative = "示例法人"


class StandardFactory(DjangoModelFactory):
    """A standard with a valid current certificate (``certificate=None`` leaves it out)."""

    class Meta:
        model = MeasurementStandard
        skip_postgeneration_save = True

    unit = factory.SubFactory(UnitFactory)
    name = factory.Sequence(lambda n: f"示例{n}号压力表标准装置")
    name_key = factory.LazyAttribute(lambda o: name_key(o.name))
    pinyin = factory.LazyAttribute(lambda o: pinyin_initials(o.name))
    field = factory.SubFactory(FieldFactory)
    category = Category.ENT_HIGHEST
    responsible_person = "示例负责人"
    issuing_authority = factory.SubFactory(AuthorityFactory, level=Level.CITY)
    hosting_authority = factory.SelfAttribute("issuing_authority")
    certificate = factory.RelatedFactory(
        "tests.factories.registry.CertificateFactory", factory_related_name="standard"
    )


class CertificateFactory(DjangoModelFactory):
    class Meta:
        model = StandardCertificate

    standard = factory.SubFactory(StandardFactory, certificate=None)
    number = factory.Sequence(lambda n: f"〔2018〕津量标企证字第{n:03d}号")
    number_raw = factory.SelfAttribute("number")
    identity = factory.LazyAttribute(lambda o: o.number)
    first_year = 2018
    issue_date = dt.date(2018, 6, 1)
    valid_until = dt.date(2023, 5, 31)
    state = CertificateState.VALID


class InstrumentFactory(DjangoModelFactory):
    """A main instrument in use, without any tracing."""

    class Meta:
        model = StandardInstrument

    standard = factory.SubFactory(StandardFactory)
    role = InstrumentRole.MAIN
    name = "数字压力计"
    model = "示例-600"
    measuring_range = "(0~60) MPa"
    performance = "0.02级"
    manufacturer = "示例仪器厂"
    serial_no = factory.Sequence(lambda n: f"SL{n:05d}")
    trace_interval_months = 12


class TraceFactory(DjangoModelFactory):
    """A calibration of 10 March 2021, valid for a year."""

    class Meta:
        model = TraceRecord

    instrument = factory.SubFactory(InstrumentFactory)
    kind = TraceKind.CALIBRATION
    org = "示例市计量院"
    cert_no = factory.Sequence(lambda n: f"示校字第{n:06d}号")
    traced_on = dt.date(2021, 3, 10)
    valid_until = dt.date(2022, 3, 9)
    result = TraceResult.MEETS
