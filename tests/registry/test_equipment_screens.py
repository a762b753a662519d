"""Keeping instruments and tracing: who may, what is refused, what two editors see, what the page tells."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry.enums import InstrumentState, RecordState
from metrostd.registry.models import StandardInstrument, TraceRecord
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import InstrumentFactory, StandardFactory, TraceFactory
from tests.files import pdf
from tests.queries import cost_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
PDF = pdf()


def url(name, pk):
    return reverse(f"registry:{name}", args=[pk])


INSTRUMENT = {
    "base_version": 1,
    "role": "main",
    "name": "数字压力计",
    "model": "示例-600",
    "serial_no": "SL9",
    "trace_interval_months": 12,
    "used_from": "2021-01-04",
}
TRACE = {
    "base_version": 1,
    "kind": "calibration",
    "org": "示例市计量院",
    "cert_no": "示校字第1号",
    "traced_on": "2021-03-10",
    "valid_until": "2022-03-09",
    "result": "meets",
}


# Who ---------------------------------------------------------------------------------------------


def test_a_unit_registers_an_instrument_and_its_certificate_with_a_scan(unit):
    response = unit.post(url("instrument_add", unit.own.pk), INSTRUMENT)

    instrument = StandardInstrument.objects.get()
    assert response.url == instrument.get_absolute_url()
    assert (instrument.standard, instrument.since) == (unit.own, dt.date(2021, 1, 4))
    scan = SimpleUploadedFile("证书.pdf", PDF, "application/pdf")
    assert unit.post(url("trace_add", instrument.pk), TRACE | {"scan": scan}).status_code == 302
    record = TraceRecord.objects.get()
    got = unit.get(url("trace_scan", record.pk))
    assert b"".join(got.streaming_content) == PDF
    page = unit.get(instrument.get_absolute_url()).content.decode()
    assert "示校字第1号" in page
    assert "证书.pdf" in page
    assert AuditEntry.objects.about(record).get().after["证书编号"] == "示校字第1号"


def test_the_territorial_office_sees_and_only_the_certifying_one_maintains(client, xiqing, city):
    standard = StandardFactory(unit__territorial_authority=xiqing, issuing_authority=city)
    record = TraceFactory(instrument__standard=standard)
    writes = [
        url("instrument_add", standard.pk),
        url("instrument_edit", record.instrument.pk),
        url("instrument_move", record.instrument.pk),
        url("trace_add", record.instrument.pk),
        url("trace_edit", record.pk),
    ]

    sign_in(client, MembershipFactory(authority=xiqing))
    page = client.get(record.instrument.get_absolute_url())
    assert page.status_code == 200
    assert "修改资料" not in page.content.decode()
    refused = [client.get(address) for address in writes]
    assert {response.status_code for response in refused} == {403}
    assert "只有发证部门可以修改" in refused[0].content.decode()
    assert client.post(url("trace_void", record.pk), {"note": "x"}).status_code == 403

    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))
    assert {client.get(address).status_code for address in writes} == {200}


def test_another_unit_finds_nothing(unit):
    record = TraceFactory()

    for name, pk in (
        ("instrument", record.instrument.pk),
        ("instrument_edit", record.instrument.pk),
        ("trace_edit", record.pk),
        ("trace_scan", record.pk),
    ):
        assert unit.get(url(name, pk)).status_code == 404
    assert unit.post(url("trace_void", record.pk), {"note": "x"}).status_code == 404


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"traced_on": "2021-06-16"}, "traced_on", "不能晚于今天"),
        ({"valid_until": "2021-03-10"}, "valid_until", "应当晚于"),
        ({"kind": "verification"}, "result", "应为合格或不合格"),
        ({"result": "qualified"}, "result", "应为符合要求"),
        ({"cert_no": ""}, "cert_no", ""),
        ({"scan": SimpleUploadedFile("a.pdf", b"MZ", "application/pdf")}, "scan", "可执行程序"),
    ],
)
def test_a_wrong_record_comes_back_filled_in(unit, changes, field, words):
    instrument = InstrumentFactory(standard=unit.own)

    response = unit.post(url("trace_add", instrument.pk), TRACE | changes)

    assert response.status_code == 422
    assert words in response.context["form"].errors[field][0]
    assert response.context["form"]["org"].value() == "示例市计量院"
    assert not TraceRecord.objects.exists()


def test_the_same_certificate_twice_is_refused_in_words(unit):
    record = TraceFactory(instrument__standard=unit.own)
    again = TRACE | {"org": record.org, "cert_no": record.cert_no}

    response = unit.post(url("trace_add", record.instrument.pk), again)

    assert response.status_code == 422
    assert "已经登记" in response.content.decode()


def test_validity_follows_from_the_interval_when_the_certificate_names_none(unit):
    yearly = InstrumentFactory(standard=unit.own)
    without = InstrumentFactory(standard=unit.own, trace_interval_months=None)

    unit.post(url("trace_add", yearly.pk), TRACE | {"valid_until": ""})
    refused = unit.post(url("trace_add", without.pk), TRACE | {"valid_until": ""})

    assert yearly.traces.get().valid_until == dt.date(2022, 3, 9)
    assert "检定周期" in refused.context["form"].errors["valid_until"][0]


def test_the_same_serial_number_twice_is_refused_in_words(unit):
    unit.post(url("instrument_add", unit.own.pk), INSTRUMENT)

    response = unit.post(url("instrument_add", unit.own.pk), INSTRUMENT)

    assert response.status_code == 422
    assert "同名、同型号、同编号" in response.content.decode()


def test_an_edit_may_not_make_two_of_one(unit):
    records = [TraceFactory(instrument__standard=unit.own, instrument__serial_no="A")]
    records.append(TraceFactory(instrument=records[0].instrument))
    InstrumentFactory(standard=unit.own, serial_no="B")
    same = {"org": records[0].org, "cert_no": records[0].cert_no}

    trace = unit.post(url("trace_edit", records[1].pk), TRACE | same)
    first = records[0].instrument
    taken = INSTRUMENT | {"name": first.name, "model": first.model, "serial_no": "B"}
    instrument = unit.post(url("instrument_edit", first.pk), taken)

    assert (trace.status_code, "已经登记" in trace.content.decode()) == (422, True)
    assert (instrument.status_code, "同编号" in instrument.content.decode()) == (422, True)


# Two editors -------------------------------------------------------------------------------------


def test_second_editor_of_an_instrument_sees_both_values(unit):
    unit.post(url("instrument_add", unit.own.pk), INSTRUMENT)
    edit = url("instrument_edit", StandardInstrument.objects.get().pk)
    unit.post(edit, INSTRUMENT | {"model": "甲型"})

    response = unit.post(edit, INSTRUMENT | {"model": "乙型"})

    assert response.status_code == 409
    assert response.context["conflict"] == {"型号": ["甲型", "乙型"]}
    assert unit.post(edit, INSTRUMENT | {"model": "乙型", "base_version": 2}).status_code == 302
    assert StandardInstrument.objects.get().model == "乙型"


def test_second_editor_of_a_record_sees_both_values(unit):
    record = TraceFactory(instrument__standard=unit.own, cert_no="示校字第1号")
    edit = url("trace_edit", record.pk)
    unit.post(edit, TRACE | {"valid_until": "2022-03-01"})

    response = unit.post(edit, TRACE | {"valid_until": "2022-02-01"})

    assert response.status_code == 409
    assert response.context["conflict"] == {"有效期至": ["2022年3月1日", "2022年2月1日"]}
    record.refresh_from_db()
    assert record.valid_until == dt.date(2022, 3, 1)


def test_a_new_scan_is_a_new_revision(unit):
    record = TraceFactory(instrument__standard=unit.own, cert_no="示校字第1号")
    edit = url("trace_edit", record.pk)

    for version, data in enumerate((PDF, PDF + b"2"), start=1):
        scan = SimpleUploadedFile(f"{version}.pdf", data)
        unit.post(edit, TRACE | {"base_version": version, "scan": scan})

    record.refresh_from_db()
    assert (record.version, record.file_name) == (3, "2.pdf")
    assert AuditEntry.objects.about(record).first().before["证书扫描件"] == "1.pdf"


# Ending ------------------------------------------------------------------------------------------


def test_a_void_needs_a_reason_stays_to_be_seen_and_can_be_undone(unit):
    record = TraceFactory(instrument__standard=unit.own)

    assert unit.post(url("trace_void", record.pk), {"note": ""}).status_code == 422
    unit.post(url("trace_void", record.pk), {"note": "编号录错"})
    page = unit.get(record.instrument.get_absolute_url())
    assert "编号录错" in page.content.decode()
    assert page.context["own"].tracing.state == "none"
    assert unit.get(url("trace_edit", record.pk)).status_code == 403

    unit.post(url("trace_restore", record.pk), {"note": "没有录错"})
    record.refresh_from_db()
    assert record.state == RecordState.RECORDED


def test_a_scrapped_instrument_is_history_until_the_slip_is_undone(unit):
    instrument = InstrumentFactory(standard=unit.own)
    move = url("instrument_move", instrument.pk)
    form = {
        "move": "instrument.scrap",
        "since": "2021-06-01",
        "note": "损坏",
        "late_reason": "补录",
    }

    assert unit.post(move, form | {"note": ""}).status_code == 422
    assert unit.post(move, form | {"since": "2021-06-16"}).status_code == 422
    assert unit.post(move, form).status_code == 302
    instrument.refresh_from_db()
    assert (instrument.state, instrument.since) == (InstrumentState.SCRAPPED, dt.date(2021, 6, 1))
    refused = unit.get(url("trace_add", instrument.pk))
    assert (refused.status_code, "已报废" in refused.content.decode()) == (403, True)
    assert unit.get(url("instrument_edit", instrument.pk)).status_code == 403
    assert "已报废的设备" in unit.get(unit.own.get_absolute_url()).content.decode()

    unit.post(move, {"move": "instrument.resume", "since": "2021-06-15", "note": "登记有误"})
    instrument.refresh_from_db()
    assert instrument.state == InstrumentState.IN_USE


# What the pages tell -----------------------------------------------------------------------------


def panel_of(response):
    return next(p for p in response.context["panels"] if p.anchor == "equipment").html


def test_the_standard_page_shows_state_gaps_and_the_timeline(unit):
    late = InstrumentFactory(standard=unit.own, name="甲器")
    TraceFactory(instrument=late, traced_on="2019-03-10", valid_until="2020-03-09")
    TraceFactory(instrument=late, traced_on="2020-04-01", valid_until="2021-03-31")
    TraceFactory(instrument__standard=unit.own, instrument__name="乙器")

    html = panel_of(unit.get(unit.own.get_absolute_url()))

    assert "超期 76 天" in html
    assert "空档 2020年3月10日至2020年3月31日，22 天" in html
    assert '"kind": "spans"' in html
    assert "空档22天 2020年3月10日至31日" in html


def test_a_standard_without_instruments_says_what_to_do(unit, client):
    assert "登记计量标准器、主要配套设备" in panel_of(unit.get(unit.own.get_absolute_url()))

    sign_in(client, MembershipFactory(authority=unit.own.unit.territorial_authority))
    assert "由建标单位或发证部门登记" in panel_of(client.get(unit.own.get_absolute_url()))


def test_queries_of_the_pages_do_not_grow(unit):
    record = TraceFactory(instrument__standard=unit.own)
    pages = [unit.own.get_absolute_url(), record.instrument.get_absolute_url()]
    one = [cost_of(unit, page) for page in pages]
    for n in range(3):
        TraceFactory(instrument=record.instrument, traced_on=f"201{n}-03-10")
        TraceFactory(instrument__standard=unit.own)

    assert [cost_of(unit, page) for page in pages] == one


@pytest.mark.parametrize("text", ["SL00777", "示检字第7号", "标准电阻"])
def test_the_search_finds_an_instrument_within_scope(unit, text):
    values = {"name": "标准电阻箱", "serial_no": "SL00777"}
    mine = InstrumentFactory(standard=unit.own, **values)
    for instrument in (mine, InstrumentFactory(**values)):
        TraceFactory(instrument=instrument, cert_no="示检字第7号")

    groups = unit.get(reverse("registry:search"), {"q": text}).context["groups"]

    assert [(g["title"], [hit.url for hit in g["hits"]]) for g in groups] == [
        ("标准器及配套设备", [mine.get_absolute_url()])
    ]
