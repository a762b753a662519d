"""Plain import and export of instruments and tracing records: by business key, nothing twice, nothing void."""

import pytest
from import_export.formats.base_formats import XLSX
from tablib import Dataset

from metrostd.common.roles import Role
from metrostd.registry.models import StandardInstrument, TraceRecord
from metrostd.registry.resources import InstrumentResource, TraceResource
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.lists import CODES
from tests.factories.registry import InstrumentFactory, StandardFactory, TraceFactory

pytestmark = pytest.mark.django_db
RESOURCES = {InstrumentResource: StandardInstrument, TraceResource: TraceRecord}


@pytest.fixture
def standard():
    return StandardFactory(
        unit__uscc=CODES[0],
        certificate__number="〔2018〕津量标企证字第001号",
        certificate__identity="2018|津||企|1",
    )


@pytest.fixture
def equipment(standard):
    """Two instruments, one without a number, and records: open-ended, void, and recorded anew."""
    first = InstrumentFactory(standard=standard, name="=危险示例", serial_no="+1")
    bare = InstrumentFactory(
        standard=standard, serial_no="", trace_interval_months=None, role="auxiliary"
    )
    wrong = TraceFactory(instrument=first, state="void", void_reason="日期录错")
    TraceFactory(instrument=first, org=wrong.org, cert_no=wrong.cert_no)
    TraceFactory(instrument=bare, valid_until=None, result="unconfirmed")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r.__name__)
def test_importing_an_export_changes_nothing(equipment, resource):
    model = RESOURCES[resource]
    before = list(model.objects.order_by("pk").values())
    exported = XLSX().export_data(resource().export())

    result = resource().import_data(XLSX().create_dataset(exported), raise_errors=True)

    assert result.totals["skip"] == len(before)
    assert list(model.objects.order_by("pk").values()) == before


def test_an_export_of_one_register_fills_another(equipment, standard):
    instruments, records = InstrumentResource().export(), TraceResource().export()
    wanted = TraceRecord.objects.filter(state="recorded").count()
    TraceRecord.objects.all().delete()
    StandardInstrument.objects.all().delete()

    InstrumentResource().import_data(instruments, raise_errors=True)
    TraceResource().import_data(records, raise_errors=True)

    assert standard.instruments.count() == 2
    assert TraceRecord.objects.count() == wanted  # the void one stays where it was void


def test_a_changed_row_counts_the_version_up(standard):
    record = TraceFactory(instrument__standard=standard)
    data = TraceResource().export()
    changed = Dataset(headers=data.headers)
    changed.append(
        ["2022-03-08" if h == "有效期至" else v for h, v in zip(data.headers, data[0], strict=True)]
    )

    TraceResource().import_data(changed, raise_errors=True)

    record.refresh_from_db()
    assert (str(record.valid_until), record.version) == ("2022-03-08", 2)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("设备名称", "没有的设备", "没有登记“没有的设备”"),
        ("计量标准名称", "没有的标准", "没有这个单位的“没有的标准”"),
        ("有效期至", "2021-03-10", "应当晚于"),
        ("结果", "良好", ""),
    ],
)
def test_a_wrong_row_is_refused_in_words(standard, column, value, words):
    TraceFactory(instrument__standard=standard)
    data = TraceResource().export()
    wrong = Dataset(headers=data.headers)
    row = [value if h == column else v for h, v in zip(data.headers, data[0], strict=True)]
    if column == "计量标准名称":
        row[data.headers.index("考核证书号")] = ""
    wrong.append(row)

    result = TraceResource().import_data(wrong)

    errors = [str(e.error) for r in result.rows for e in r.errors]
    errors += [str(r.error) for r in result.invalid_rows]
    assert errors
    assert any(words in error for error in errors)
    assert str(TraceRecord.objects.get().valid_until) == "2022-03-09"


@pytest.mark.parametrize("name", ["standardinstrument", "tracerecord"])
def test_the_support_desk_looks_up_and_does_not_write_single_records(client, city, name):
    record = TraceFactory()
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city))

    assert client.get(f"/admin/registry/{name}/").status_code == 200
    assert client.get(f"/admin/registry/{name}/import/").status_code == 200
    assert client.get(f"/admin/registry/{name}/add/").status_code == 403
    pk = record.pk if name == "tracerecord" else record.instrument.pk
    assert client.post(f"/admin/registry/{name}/{pk}/change/", {}).status_code == 403


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r.__name__)
def test_an_export_asks_no_more_for_more_rows(standard, resource, django_assert_max_num_queries):
    TraceFactory.create_batch(4)
    with django_assert_max_num_queries(3):
        assert len(resource().export()) == 4
