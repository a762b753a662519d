"""``manage.py annex3``."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from tests.factories.reporting import small_city

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return small_city(units=10)


def run(*arguments):
    out = io.StringIO()
    call_command("annex3", *arguments, stdout=out)
    return out.getvalue()


def test_by_default_it_prints_the_organisers_own_table(city):
    text = run(city.campaign.code)

    assert city.organiser.name in text
    assert "建标单位总数" in text
    assert "R07" in text


def test_json_for_a_district_and_for_the_whole_city(city):
    district = json.loads(run(city.campaign.code, "--authority", "120101", "--format", "json"))
    whole = json.loads(run(city.campaign.code, "--authority", "all", "--format", "json"))

    assert (district["authority"], whole["authority"]) == ("120101", "all")
    assert district["blocks"]["I"]["total"]["s_total"] < whole["blocks"]["I"]["total"]["s_total"]


@pytest.mark.parametrize(("form", "magic"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_files_are_written_where_asked(city, tmp_path, form, magic):
    target = tmp_path / f"annex3.{form}"

    printed = run(city.campaign.code, "--format", form, "-o", str(target))

    assert printed.strip() == str(target)
    assert target.read_bytes().startswith(magic)
    if form == "xlsx":
        assert load_workbook(target).sheetnames[0] == "按计量标准类别"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("2021-ci", "--authority", "999999"),
        ("2021-ci", "--as-of", "12.10.2021"),
        ("2021-ci", "--format", "pdf"),
        ("2021-ci", "--format", "json", "-o", "/nowhere/at/all.json"),
    ],
)
def test_what_is_wrong_is_said(city, arguments):
    with pytest.raises(CommandError):
        run(*arguments)
