"""The table as of a day is the table made on that day: every cell, rule, note and list."""

import datetime as dt
from random import Random

import pytest
from celery import current_app

from campaigns.reference import load_reference
from metrostd.common import clock
from metrostd.demo.play.setting import person
from reporting import listing
from reporting.annex3 import build, to_json
from reporting.columns import screen_row
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from tests.duties import idle

from .daily import Days

pytestmark = pytest.mark.django_db
#: Days played, days of which the tables are compared, and how many tables: most of the time goes into the play.
LENGTH, SAMPLED, SHOWN = 68, 6, 3
BEFORE = ("self_check", "register")
DRAWING = ("self_check", "draw", "register")
ALL = ("self_check", "draw", "visit", "stop", "findings", "orders", "consequences", "register")


#: Figures whose lists are compared, and the columns moves write over.
LISTED = ("fd", "s_stop", "case", "s_insp")
FACTS = {"重点项", "状态", "整改期限", "解除日期", "案号", "罚没金额（元）", "结论", "签字时间"}


#: What has to have happened for the test to say anything; the rest depends on the dice.
EVERYTHING = {
    "amend", "approve stop", "assign", "case", "decide", "direct", "dispose", "domain", "draw", "exempt", "merge",
    "move", "not performed", "on the spot", "order", "overdue", "refer", "reopen", "report", "review",
    "review finding", "send back", "visit", "void", "withdraw order",
}  # fmt: skip


def tables(days: Days, day: dt.date) -> dict[str, object]:
    """What the portal says of a day, office by office."""
    found = {}
    for office in days.offices()[:SHOWN]:
        annex = build(days.campaign, office, as_of=day)
        code = office.code if office else "all"
        lists = {name: listed(days, office, name, day) for name in LISTED} if not office else {}
        found[code] = {**to_json(annex), "notes": annex.notes, "plan": annex.plan, "lists": lists}
    return found


def listed(days: Days, office, name: str, day: dt.date) -> list[list[str]]:
    """What the list behind a figure shows in the columns that moves write over."""
    figure = BY_ID[name]
    scope = Scope.of(days.campaign, office, day)
    rows = records(figure, scope, "I", "total", viewer=person("city"))
    columns = tuple(c for c in listing.columns_of(figure) if c.heading in FACTS)
    assert columns
    shown = listing.with_relations(figure, rows, as_of=day).order_by("pk")
    return [[str(row.pk), *(c.text for c in screen_row(columns, row))] for row in shown]


@pytest.fixture
def nobody_waits_for_papers():
    eager = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    yield
    current_app.conf.task_always_eager = eager


@pytest.mark.parametrize("seed", [1])
@pytest.mark.usefixtures("nobody_waits_for_papers")
def test_the_table_of_a_day_is_the_table_made_on_that_day(seed, tmp_path):
    load_reference()
    days = Days(seed, tmp_path)
    made = {}
    start = days.day + dt.timedelta(days=1)
    kept = Random(seed).sample(range(8, LENGTH), SAMPLED)
    for n in range(LENGTH):
        day = start + dt.timedelta(days=n)
        days.play(day, BEFORE if n < 10 else DRAWING if n < 16 else ALL)
        assert idle() == [], day
        if n in kept:
            with clock.pinned(clock.at_time(day, 23)):
                days.campaign.refresh_from_db()
                made[day] = tables(days, day)

    days.campaign.refresh_from_db()
    for day, before in made.items():
        for office, table in tables(days, day).items():
            assert differences(before[office], table, (day, office)) == []
    missing = sorted(EVERYTHING - {name for name, count in days.done.items() if count})
    assert missing == [], days.done


def differences(before, after, path=()):
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for key in before.keys() | after.keys()
            for found in differences(before.get(key), after.get(key), (*path, key))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            found
            for place, pair in enumerate(zip(before, after, strict=True))
            for found in differences(*pair, (*path, place))
        ]
    return [] if before == after else [(path, before, after)]
