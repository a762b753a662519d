"""A stretch of days played one by one, against a list worked out here from the rules alone."""

import datetime as dt
import json
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.core import mail
from django.db import connection

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Duty
from campaigns.reference import FIXTURES
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.common.models import SpecialDay
from metrostd.common.roles import Role
from metrostd.notifications import delivery, packing
from metrostd.notifications.models import Line, Message
from metrostd.reminders import running
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, DutyFactory
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.factories.reminders import RuleFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2021, 5, 10), dt.date(2021, 6, 28)
#: 端午节 with its Monday, and a Sunday that is worked.
FREE = {dt.date(2021, 6, 14)}
WORKED = {dt.date(2021, 5, 16)}
#: Days on which nobody started the clock.
STOPPED = {dt.date(2021, 5, 25), dt.date(2021, 5, 28), dt.date(2021, 6, 1), dt.date(2021, 6, 2)}
RULES = (
    ("self_check", "new", 0, "owner"),
    ("self_check", "before", 7, "owner"),
    ("self_check", "before", 3, "owner"),
    ("self_check", "on_day", 0, "owner"),
    ("self_check", "after", 1, "owner"),
    ("self_check", "weekly", 1, "owner"),
    ("draw", "before", 3, "owner"),
    ("draw", "after", 2, "owner"),
    ("draw", "after", 5, "above"),
)
ONE = dt.timedelta(days=1)
#: Holidays of the year played: 国庆 with its Sundays that are worked, 元旦, 春节.
HOLIDAYS = {dt.date(2021, 10, d) for d in range(1, 8)} | {dt.date(2022, 1, 3)} | {dt.date(2022, 1, 31) + n * ONE for n in range(7)}  # fmt: skip
EXTRA = {dt.date(2021, 9, 26), dt.date(2021, 10, 9), dt.date(2022, 1, 29), dt.date(2022, 1, 30)}


@dataclass(frozen=True)
class Stretch:
    """What is played: from when to when, by which rules, and the days nobody started the clock."""

    first: dt.date
    last: dt.date
    rules: tuple
    stopped: frozenset

    @property
    def days(self):
        return [self.first + n * ONE for n in range((self.last - self.first).days + 1)]


WEEKS = Stretch(FIRST, LAST, RULES, frozenset(STOPPED))


@dataclass
class Fact:
    """What happened to one duty, by day."""

    kind: str
    owners: list[str]
    above: list[str]
    made: dt.date
    dues: list[tuple[dt.date, dt.date]]  # (from this day on, due)
    done: dt.date = dt.date.max
    row: Duty = field(default=None)

    def due(self, on):
        return [due for since, due in self.dues if since <= on][-1]


def works(day):
    return day in WORKED | EXTRA or (day.weekday() < 5 and day not in FREE | HOLIDAYS)


def backwards(day):
    while not works(day):
        day -= ONE
    return day


def forwards(day):
    while not works(day):
        day += ONE
    return day


def moments(rule, fact, on, stretch):
    """(day of the rule, day it goes out), as the rule reads; a list, for a week comes again."""
    _, moment, days, _ = rule
    due, span = fact.due(on), dt.timedelta(days=days)
    if moment == "new":
        return [(fact.made, forwards(fact.made))]
    if moment == "weekly":
        its = [day for day in stretch.days if day.isoweekday() == days]
        return [(day, forwards(day)) for day in its if fact.made <= day <= on]
    if moment == "after":
        return [(due + span, forwards(due + span))]
    day = due - span
    return [] if day < fact.made else [(day, forwards(max(backwards(day), fact.made)))]


def expected(facts, stretch=WEEKS):
    """Counter of (day run, person, rule, duty): the newest step of every stretch since the last run."""
    told, since = Counter(), stretch.first
    for on in stretch.days:
        if on in stretch.stopped or not works(on):
            continue
        for fact in facts:
            if not fact.made <= on < fact.done:
                continue
            for audience in ("owner", "above"):
                steps = [
                    (out, rule[1] != "weekly", day, rule)
                    for rule in stretch.rules
                    if (rule[0], rule[3]) == (fact.kind, audience)
                    for day, out in moments(rule, fact, on, stretch)
                    if since <= out <= on
                ]
                if steps:
                    rule = max(steps)[3]
                    people = fact.owners if audience == "owner" else fact.above
                    told.update((on, p, stretch.rules.index(rule), fact.row.pk) for p in people)
        since = on + ONE
    return told


@pytest.fixture
def houses():
    """A city, a district with two people, three units: who is told, and the campaign it is about."""
    SpecialDay.objects.bulk_create(
        [SpecialDay(day=d, is_workday=False, name="节日") for d in FREE | HOLIDAYS]
        + [SpecialDay(day=d, is_workday=True, name="调休") for d in WORKED | EXTRA]
    )
    city = AuthorityFactory(city=True)
    district = AuthorityFactory(parent=city)
    campaign = CampaignFactory(organiser=city)

    def person(name, proved=True, **where):
        at = clock.at_time(FIRST) if proved else None
        user = MembershipFactory(user__username=name, **where).user
        user.email = f"{name}@example.org"
        user.email_verified_at = at
        user.save()

    person("city", role=Role.CITY_ADMIN, authority=city)
    person("office", authority=district)
    person("colleague", authority=district, proved=False)
    units = [UnitFactory(territorial_authority=district) for _ in range(3)]
    for n, unit in enumerate(units):
        person(f"unit{n}", as_unit=True, unit=unit)

    return campaign, district, units


def rows_of(made, houses):
    """Each fact with its duty, unsaved: it comes up on its own day."""
    campaign, district, units = houses
    for fact in made:
        name = fact.owners[0]
        owner = {"unit": units[int(name[-1])], "authority": None} if name.startswith("unit") else {"authority": district}  # fmt: skip
        with clock.pinned(clock.at_time(fact.made, 0)):
            fact.row = DutyFactory.build(
                campaign=campaign, kind=fact.kind, due_on=fact.due(fact.made), **owner
            )
            fact.row.target = campaign
            if name.startswith("unit") and fact.above:  # who is above a unit, its report says
                fact.row.target = ReportFactory(
                    campaign=campaign, unit=owner["unit"], receiver=district
                )
    return made


@pytest.fixture
def facts(houses):
    """Three units that check themselves and a district that draws, over eight weeks."""
    may = dt.date(2021, 5, 31)
    made = [
        Fact("self_check", ["unit0"], [], FIRST, [(FIRST, may)], dt.date(2021, 5, 27)),
        Fact("self_check", ["unit1"], [], FIRST, [(FIRST, may)], dt.date(2021, 6, 16)),
        Fact(
            "self_check", ["unit2"], [], dt.date(2021, 5, 22),
            [(FIRST, dt.date(2021, 5, 30)), (dt.date(2021, 5, 26), dt.date(2021, 6, 13))],
        ),
        Fact("draw", ["office", "colleague"], ["city"], FIRST, [(FIRST, dt.date(2021, 6, 10))]),
        Fact("draw", ["office", "colleague"], ["city"], dt.date(2021, 6, 19), [(FIRST, dt.date(2021, 6, 21))]),
    ]  # fmt: skip
    return rows_of(made, houses)


def play(facts, stretch=WEEKS):
    """Every day as it comes; returns what was written by day, and the mails of each day."""
    by_origin, told, mails = {}, Counter(), {}
    for index, (kind, moment, days, audience) in enumerate(stretch.rules):
        rule = RuleFactory(kind=kind, moment=moment, days=days, audience=audience)
        by_origin[rule.origin] = index
    for on in stretch.days:
        with clock.pinned(clock.at_time(on)):
            for fact in facts:
                if fact.made == on:
                    fact.row.created_at = clock.now()
                    fact.row.save(force_insert=True)
                if fact.row.pk and fact.due(on) != fact.row.due_on:
                    rows = Duty.objects.filter(pk=fact.row.pk)
                    duties.reschedule_rows(rows, due_on=fact.due(on))
                    fact.row.due_on = fact.due(on)
                if fact.done == on:
                    Duty.objects.filter(pk=fact.row.pk).update(fulfilled_at=clock.now())
            if on in stretch.stopped:
                continue
            before = len(mail.outbox)
            # A second run of the day adds nothing; of a year it is tried every seventh day.
            for _ in range(2 if stretch is WEEKS or on.day % 7 == 0 else 1):
                running.remind(on)
                packing.pack(clock.now())
                delivery.deliver()
            mails[on] = mail.outbox[before:]
            rows = Line.objects.filter(made_at=clock.now(), origin__startswith="rule:")
            for line in rows.select_related("user"):
                told[
                    on, line.channel, line.user.username, by_origin[line.origin], line.target_id
                ] += 1
    return told, mails


def check(facts, stretch):
    """Told was what the rules say, each once, in the inbox and by mail; returns how many."""
    told, mails = play(facts, stretch)
    wanted = expected(facts, stretch)
    inbox = Counter({(d, *rest): n for (d, c, *rest), n in told.items() if c == "inbox"})
    assert inbox == wanted
    # Whoever has a verified address gets the same by mail; the colleague has none.
    mailed = Counter({(d, *rest): n for (d, c, *rest), n in told.items() if c == "mail"})
    assert mailed == Counter({key: n for key, n in wanted.items() if key[1] != "colleague"})
    assert set(inbox.values()) == {1}
    for sent in mails.values():
        assert max(Counter(m.to[0] for m in sent).values(), default=0) <= 1
    # Nothing waits at the end, and every mail says what the inbox says.
    assert not Line.objects.waiting().exists()
    bodies = "".join(m.body for day in mails.values() for m in day)
    for message in Message.objects.filter(membership__user__username="unit1"):
        assert message.subject in bodies
    assert User.objects.count() == 6
    return len(wanted)


def test_everybody_is_told_what_the_rules_say_once(facts):
    assert check(facts, WEEKS) > 25
    assert {f.kind for f in facts} == {DutyKind.SELF_CHECK, DutyKind.DRAW}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="long; the rules know no engine")
def test_a_whole_year_by_the_rules_the_portal_comes_with(houses):
    """From the list in March to the summary in the next: every rule of the box, holidays, a clock that stood still for
    days, duties that get another day, are done early, late and never."""
    chance = random.Random(2021)
    rules = tuple(
        (row["kind"], row["moment"], row["days"], row["audience"])
        for row in json.loads((FIXTURES / "reminder_rules.json").read_text(encoding="utf-8"))
    )
    first, last = dt.date(2021, 3, 1), dt.date(2022, 3, 11)
    span = (last - first).days
    stopped = {first + n * ONE for n in chance.sample(range(span), 25)}
    stopped |= {dt.date(2021, 7, 5) + n * ONE for n in range(9)}
    year = Stretch(first, last, rules, frozenset(stopped))
    kinds = sorted({rule[0] for rule in rules})
    made = []
    for n, kind in enumerate(kinds * 2):
        begun = first + chance.randrange(span - 60) * ONE
        due = begun + chance.randrange(5, 60) * ONE
        dues = [(first, due)]
        if n % 3 == 0:
            dues.append((begun + 3 * ONE, due + 21 * ONE))
        done = due + chance.randrange(-4, 25) * ONE if n % 4 else dt.date.max
        unit = kind == "self_check"
        owners, above = ([f"unit{n % 3}"], ["office", "colleague"]) if unit else (["office", "colleague"], ["city"])  # fmt: skip
        made.append(Fact(kind, owners, above, begun, dues, max(done, begun + ONE)))

    assert check(rows_of(made, houses), year) > 200
    assert len(kinds) > 8
