"""The figures as data, and their printed definitions."""

import io
from pathlib import Path

from django.core.management import call_command

from reporting.figures import BY_ID, FIGURES, GROUPS, PARTS
from reporting.queries import FAMILIES

#: Columns of the form, in its own words.
OFFICIAL = [
    "u_total",
    "s_total",
    "u_sc_due",
    "u_sc_in",
    "u_sc_late",
    "s_sc",
    "p_sc",
    "p_sc_fixed",
    "u_plan",
    "u_rand",
    "u_direct",
    "u_insp",
    "u_np",
    "ratio",
    "s_insp",
    "s_np",
    "f_cov",
    "f_all",
    "s_ok",
    "s_def",
    "s_nc",
    "s_prob",
    "prob_rate",
    "u_prob",
    "fd",
    "fd_key",
    "fd_nc",
    "fd_def",
    "s_stop",
    "fd_due",
    "fd_ok",
    "fd_bad",
    "fd_open",
    "u_ok",
    "u_bad",
    "u_open",
    "s_seal",
    "s_wd",
    "s_cancel",
    "s_revoke",
    "case",
    "refer",
    "fine",
]


def test_block_one_has_every_column_of_the_form():
    have = {figure.id for figure in FIGURES if "I" in figure.blocks and not figure.check}

    assert set(OFFICIAL) <= have


def test_every_figure_is_defined_once_and_can_be_counted():
    assert len(BY_ID) == len(FIGURES)
    for figure in FIGURES:
        assert figure.definition.endswith("。")
        assert GROUPS[figure.group].part in PARTS
        assert figure.ratio_of or figure.absent or figure.family in FAMILIES


def test_units_and_fields_are_not_additive():
    kept = {figure.id for figure in FIGURES if not figure.additive}

    assert {"u_total", "u_insp", "f_cov", "ratio", "prob_rate"} <= kept
    assert not {"s_total", "fd", "fine", "s_stop"} & kept


def test_the_document_is_what_the_figures_say():
    out = io.StringIO()

    call_command("figures", stdout=out)

    assert Path("docs/figures.md").read_text(encoding="utf-8") == out.getvalue()
