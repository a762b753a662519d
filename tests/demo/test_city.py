"""The sample city as data: deterministic, valid, and read back by the import without an error."""

import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from metrostd.annex4 import parse, read_workbook, uscc
from metrostd.annex4.certificates import read_certificate
from metrostd.demo.city import DISTRICTS, SCALES, Scale, build_city
from metrostd.demo.lists import write_list

ON = dt.date(2021, 4, 1)
SMALL = Scale(enterprises=12, institutions=4, departments=1)


def test_the_same_seed_gives_the_same_city():
    assert build_city(SMALL, seed=3, on=ON) == build_city(SMALL, seed=3, on=ON)
    assert build_city(SMALL, seed=3, on=ON) != build_city(SMALL, seed=4, on=ON)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20)
def test_every_code_and_date_is_valid(seed):
    units = build_city(SMALL, seed=seed, on=ON)

    assert len({unit.uscc for unit in units}) == len(units)
    assert all(uscc.is_valid(unit.uscc) for unit in units)
    numbers = [standard.cert_no for unit in units for standard in unit.standards]
    assert len(set(numbers)) == len(numbers)
    assert all(s.valid_until > s.issue_date for unit in units for s in unit.standards)


def test_the_city_is_as_large_as_promised():
    units = build_city(SCALES["city"], seed=2021, on=ON)

    assert 110 <= len(units) <= 130
    assert 330 <= sum(len(unit.standards) for unit in units) <= 390
    assert {unit.district_code for unit in units} == {code for code, _, _ in DISTRICTS}


def test_a_list_looks_like_an_office_s_and_reads_without_errors():
    units = [u for u in build_city(SMALL, seed=1, on=ON) if u.category == "ent_highest"]
    data = write_list(units, title="市级办理的企业最高等级计量标准的单位名单", as_of=ON)

    sheet = load_workbook(io.BytesIO(data)).active
    read = parse(
        read_workbook(data, "附件4.xlsx"),
        districts={name: code for code, name, _ in DISTRICTS},
        on=ON,
    )

    assert sheet.merged_cells.ranges
    assert isinstance(sheet["A1"].value, str)
    assert read.ok
    assert len(read.rows) == sum(len(unit.standards) for unit in units)
    assert read.rows[0].unit_name in {unit.name for unit in units}


@pytest.mark.parametrize("unit", build_city(SMALL, seed=5, on=ON)[:4], ids=lambda u: u.name)
def test_certificate_numbers_have_the_printed_form(unit):
    for standard in unit.standards:
        assert read_certificate(standard.cert_no) is not None
