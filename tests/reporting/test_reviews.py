"""Block V: what the reviews of drawn bureaus come to, counted again in plain SQL; rules; the records behind it."""

import datetime as dt

import pytest

from inspections.moves import review
from metrostd.common import clock
from reporting import rules
from reporting.annex3 import build
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from tests.inspections.bureau_story import DUE, FACT, make_bureau_visit
from tests.inspections.story import VISIT
from tests.reporting.recount import recount_reviews

PROBLEMS = {"P01": ("deficient", FACT), "S02": ("nonconform", FACT), "S07": ("deficient", FACT)}


@pytest.fixture
def visit(db):
    with clock.pinned(VISIT.replace(hour=16)):
        yield make_bureau_visit(cases=2)


def counted(visit, as_of=None):
    task = visit.task
    annex = build(task.campaign, task.authority, as_of=as_of or clock.now())
    return annex, {row.spec.id: row.cells[0].value for row in annex.blocks["V"].rows}


def test_block_v_follows_the_reviews_and_its_rules_hold(visit):
    seen = []
    for step in (
        lambda: None,
        lambda: visit.demanded(PROBLEMS),
        lambda: visit.measured(),
        lambda: review.submit_measures(visit.review, actor=visit.unit.user),
        lambda: visit.decided(),
    ):
        step()
        annex, values = counted(visit)
        assert values == recount_reviews(visit.task.campaign_id, visit.task.authority_id)
        failed = [r.id for r in rules.check(annex) if not r.ok and r.id in ("R32", "R33")]
        assert failed == []
        seen.append((values["d_reviewed"], values["cf"], values["cfp_total"], values["cfp_open"]))

    assert seen == [(0, 0, 0, 0), (1, 2, 3, 3), (1, 2, 3, 3), (1, 2, 3, 3), (1, 2, 3, 0)]
    assert (values["cfp_P"], values["cfp_S"], values["d_drawn"]) == (1, 2, 1)


def test_units_are_counted_without_the_visits_to_bureaus(visit):
    visit.demanded(PROBLEMS)

    annex, _ = counted(visit)

    assert annex.blocks["I"].total["u_insp"] == 0
    assert annex.blocks["I"].total["fd"] == 0
    assert annex.blocks["IV"].row("teams")["teams"] == 0


def test_the_table_of_an_earlier_day_is_that_of_the_day(visit):
    visit.submitted(PROBLEMS)
    with clock.pinned(clock.at_time(DUE, 9)):
        visit.decided()

        before = counted(visit, as_of=DUE - dt.timedelta(days=1))[1]
        after = counted(visit)[1]

    assert (before["cfp_open"], after["cfp_open"]) == (3, 0)


def test_every_figure_opens_its_records(visit):
    visit.demanded(PROBLEMS)
    scope = Scope.of(visit.task.campaign, visit.task.authority, clock.now())
    _, values = counted(visit)

    for name, value in values.items():
        rows = records(BY_ID[name], scope, "V", "total", viewer=visit.second.user)
        assert rows.count() == value, name
        none = records(BY_ID[name], scope, "V", "total", viewer=visit.officer.user)
        assert none.count() <= value
