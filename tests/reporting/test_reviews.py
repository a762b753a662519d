"""Block V: what the reviews of drawn bureaus come to, counted again in plain SQL; rules; the records behind it."""

import datetime as dt

import pytest

from campaigns.moves import void_draw
from inspections.moves import result, review
from metrostd.common import clock
from reporting import rules
from reporting.annex3 import build
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from tests.inspections.bureau_story import DUE, FACT, make_bureau_visit, make_bureau_visits
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


@pytest.mark.django_db
def test_a_campaign_of_four_bureaus_equals_its_recount_on_its_day_and_ever_after():
    """One is put right, one given back to its team and signed to less, one reviewed without a problem, one not visited."""
    with clock.pinned(VISIT):
        first, again, clean, _ = visits = make_bureau_visits(4, cases=2)
    campaign, office = visits[0].task.campaign_id, visits[0].task.authority_id

    def sign_anew():
        again.answer("S02", "conform")
        again.conclude_sheets().send().sign_team().sign_unit().conclude()

    steps = (
        lambda: first.demanded(PROBLEMS),
        lambda: again.signed(PROBLEMS),
        lambda: result.reopen(again.task, actor=again.second.user, note="事实不清"),
        sign_anew,
        lambda: clean.reviewed(),
        lambda: first.measured(),
        lambda: review.submit_measures(first.review, actor=first.unit.user),
        lambda: first.decided(),
    )
    known = []
    for hours, step in enumerate(steps, start=1):
        at = VISIT + dt.timedelta(hours=hours)
        with clock.pinned(at):
            step()
            for each in visits:
                each.task.refresh_from_db()
            known.append((at, recount_reviews(campaign, office)))
            assert counted(first, at)[1] == known[-1][1]

    problems = [(values["d_reviewed"], values["cfp_total"]) for _, values in known]
    assert problems == [(1, 3), (2, 6), (1, 3), (2, 5), (3, 5), (3, 5), (3, 5), (3, 5)]
    with clock.pinned(VISIT + dt.timedelta(days=30)):
        for at, values in known:
            annex, later = counted(first, at)
            assert (at, later) == (at, values)
            assert [r.id for r in rules.check(annex) if not r.ok and r.id in ("R32", "R33")] == []
            scope = Scope.of(first.task.campaign, first.task.authority, at)
            for name, value in later.items():
                rows = records(BY_ID[name], scope, "V", "total", viewer=first.second.user)
                assert (at, name, rows.count()) == (at, name, value)


def test_the_row_of_the_certification_work_refers_to_block_v_and_adds_nothing(visit):
    visit.demanded(PROBLEMS)

    annex, values = counted(visit)
    row = annex.blocks["III"].row("J")

    assert values["cfp_total"] == 3
    assert row["fd"] is None
    assert row.spec.note == "考核工作的问题见考核工作监督检查情况"
    assert annex.blocks["III"].total["fd"] == 0


def test_a_draw_of_bureaus_declared_void_counts_until_then(visit):
    with clock.pinned(VISIT.replace(hour=17)):
        void_draw(visit.review.drawn.run, actor=visit.second.user, note="抽取条件有误")
    with clock.pinned(VISIT.replace(hour=18)):
        now, before = counted(visit)[1], counted(visit, VISIT.replace(hour=16))[1]

    assert (before["d_drawn"], now["d_drawn"]) == (1, 0)
