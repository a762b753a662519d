"""A stretch of days played one by one, against a list worked out here from the rules alone."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.core import mail

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Duty
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


@dataclass
class Fact:
    """What happened to one duty, by day."""

    kind: str
    owners: list[str]
    above: list[str]
    made: dt.date
    dues: list[tuple[dt.date, dt.date]]  # (from this day on, due)
    done: dt.date = LAST + ONE
    row: Duty = field(default=None)

    def due(self, on):
        return [due for since, due in self.dues if since <= on][-1]


def works(day):
    return day in WORKED or (day.weekday() < 5 and day not in FREE)


def backwards(day):
    while not works(day):
        day -= ONE
    return day


def forwards(day):
    while not works(day):
        day += ONE
    return day


def moments(rule, fact, on):
    """(day of the rule, day it goes out), as the rule reads; a list, for a week comes again."""
    _, moment, days, _ = rule
    due, span = fact.due(on), dt.timedelta(days=days)
    if moment == "new":
        return [(fact.made, forwards(fact.made))]
    if moment == "weekly":
        mondays = [FIRST + n * ONE for n in range(60) if (FIRST + n * ONE).isoweekday() == days]
        return [(day, forwards(day)) for day in mondays if day >= fact.made]
    if moment == "after":
        return [(due + span, forwards(due + span))]
    day = due - span
    return [] if day < fact.made else [(day, forwards(max(backwards(day), fact.made)))]


def expected(facts):
    """Counter of (day run, person, rule, duty): the newest step of every stretch since the last run."""
    told, since = Counter(), FIRST
    for n in range((LAST - FIRST).days + 1):
        on = FIRST + n * ONE
        if on in STOPPED or not works(on):
            continue
        for fact in facts:
            if not fact.made <= on < fact.done:
                continue
            for audience in ("owner", "above"):
                steps = [
                    (out, rule[1] != "weekly", day, rule)
                    for rule in RULES
                    if (rule[0], rule[3]) == (fact.kind, audience)
                    for day, out in moments(rule, fact, on)
                    if since <= out <= on
                ]
                if steps:
                    rule = max(steps)[3]
                    people = fact.owners if audience == "owner" else fact.above
                    told.update((on, person, RULES.index(rule), fact.row.pk) for person in people)
        since = on + ONE
    return told


@pytest.fixture
def facts():
    """Three units that check themselves and a district that draws, over eight weeks."""
    SpecialDay.objects.bulk_create(
        [SpecialDay(day=d, is_workday=False, name="端午节") for d in FREE]
        + [SpecialDay(day=d, is_workday=True, name="调休") for d in WORKED]
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
    for n, fact in enumerate(made):
        owner = {"unit": units[n], "authority": None} if n < 3 else {"authority": district}
        with clock.pinned(clock.at_time(fact.made, 0)):
            fact.row = DutyFactory.build(
                campaign=campaign, kind=fact.kind, due_on=fact.due(fact.made), **owner
            )
            fact.row.target = campaign
    return made


def play(facts):
    """Every day as it comes; returns what was written by day, and the mails of each day."""
    by_origin, told, mails = {}, Counter(), {}
    for index, (kind, moment, days, audience) in enumerate(RULES):
        rule = RuleFactory(kind=kind, moment=moment, days=days, audience=audience)
        by_origin[rule.origin] = index
    for n in range((LAST - FIRST).days + 1):
        on = FIRST + n * ONE
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
            if on in STOPPED:
                continue
            before = len(mail.outbox)
            for _ in range(2):  # the second run of the day adds nothing
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


def test_everybody_is_told_what_the_rules_say_once(facts):
    told, mails = play(facts)

    wanted = expected(facts)
    assert len(wanted) > 25
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
    assert {f.kind for f in facts} == {DutyKind.SELF_CHECK, DutyKind.DRAW}
