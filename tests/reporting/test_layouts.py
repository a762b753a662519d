"""The printed form is data: another version is another entry, and no code."""

import json
from pathlib import Path

import pytest

from reporting import layouts
from reporting.figures import FIGURES
from reporting.layout import sections

from . import fixture

FILE = Path("fixtures/annex3_layouts.json")


def versions():
    return json.loads(FILE.read_text("utf-8"))


@pytest.mark.django_db
def test_every_printed_figure_stands_in_the_form_once():
    for block in layouts.current().blocks:
        named = [column.figure.id for column in block.columns]
        wanted = [f.id for f in FIGURES if block.id in f.blocks and not f.check]

        assert (block.id, sorted(named)) == (block.id, sorted(wanted))


def test_another_form_renames_moves_and_leaves_out_without_code():
    one = versions()[-1]
    first = one["blocks"][0]
    first["title"] = "第一部分"
    first["parts"] = [
        {
            "name": "",
            "groups": [
                {"name": "检查", "columns": [["s_insp", "受检项数"], ["u_insp", "受检单位"]]}
            ],
        }
    ]
    new = layouts.read(json.dumps([*versions(), {**one, "version": "2"}]))[-1]

    (part,) = sections(fixture.annex3(), "I", layout=new)

    assert part.title == "第一部分"
    assert [(head.name, head.span) for head in part.headings] == [("检查", 2)]
    assert [column.name for column in part.columns] == ["受检项数", "受检单位"]
    assert [cell.value for cell in part.lines[-1].cells] == [17, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda given: [*given, given[-1]], "version 1 twice"),
        (lambda given: json.loads(json.dumps(given).replace('"u_insp"', '"u_seen"')), "u_seen"),
    ],
)
def test_a_form_that_cannot_be_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        layouts.read(json.dumps(change(versions())))


def test_an_edition_is_laid_out_as_it_was_made():
    assert layouts.of("1").version == fixture.annex3().layout
