"""随机派员 as a calculation: rules kept whatever the input, the same from the same seed, nobody left over for nothing."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from campaigns.protocol.hashing import digest
from inspections.assigning.plan import OFFICERS, Person, Pool, Visit, plan

SEED = bytes(range(32))


@st.composite
def pools(draw):
    visits = [
        Visit(
            f"v{n}",
            draw(st.sampled_from(["2021-06-01", "2021-06-02", "2021-06-03"])),
            draw(st.sampled_from([(), ("01",), ("01", "24")])),
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    people = [Person(f"o{n}", is_officer=True) for n in range(draw(st.integers(0, 5)))]
    people += [
        Person(
            f"e{n}",
            is_officer=False,
            fields=draw(st.sampled_from([(), ("01",), ("24",), ("01", "24")])),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    pairs = [(v.id, p.id) for v in visits for p in people]
    barred = draw(st.sets(st.sampled_from(pairs), max_size=6)) if pairs else set()
    days = [(p.id, v.day) for v in visits for p in people]
    away = draw(st.sets(st.sampled_from(days), max_size=3)) if days else set()
    return Pool(tuple(visits), tuple(people), frozenset(barred), frozenset(away))


def can_all_go(pool: Pool, visits: list[Visit]) -> bool:
    """Whether any arrangement at all gives each of the visits two officers, found by trying."""
    officers = [p.id for p in pool.people if p.is_officer]
    choices = [
        itertools.combinations([o for o in officers if pool.may_go(o, v)], OFFICERS) for v in visits
    ]
    for teams in itertools.product(*choices):
        used = [(o, v.day) for v, team in zip(visits, teams, strict=True) for o in team]
        if len(used) == len(set(used)):
            return True
    return False


@given(pools(), st.binary(min_size=32, max_size=32))
def test_nobody_goes_who_may_not_and_nobody_is_in_two_places(pool, seed):
    teams = plan(pool, seed=seed)
    by_id = {visit.id: visit for visit in pool.visits}

    places = []
    for team in teams:
        visit = by_id[team.visit]
        people = [team.leader, team.officer, *team.technical]
        assert len(set(people)) == len(people)
        assert all(pool.may_go(person, visit) for person in people)
        places += [(person, visit.day) for person in people]
    assert len(places) == len(set(places))


@given(pools(), st.binary(min_size=32, max_size=32))
def test_a_visit_is_left_out_only_when_no_arrangement_has_it_beside_those_before_it(pool, seed):
    in_order = sorted(pool.visits, key=lambda visit: digest("assign", seed, visit.id.encode()))
    expected: list[Visit] = []
    for visit in in_order:
        if can_all_go(pool, [*expected, visit]):
            expected.append(visit)

    assert [team.visit for team in plan(pool, seed=seed)] == [visit.id for visit in expected]


@given(pools(), st.randoms())
def test_the_order_in_which_people_and_visits_are_listed_does_not_matter(pool, dice):
    visits, people = list(pool.visits), list(pool.people)
    dice.shuffle(visits)
    dice.shuffle(people)
    shuffled = Pool(tuple(visits), tuple(people), pool.barred, pool.away)

    assert plan(shuffled, seed=SEED) == plan(pool, seed=SEED)


def test_where_greedy_filling_ends_somebody_moves_on():
    """Two of three officers may go anywhere, the third only to one visit: all three visits get a team."""
    pool = Pool(
        visits=tuple(Visit(f"v{n}", f"2021-06-0{n + 1}") for n in range(3)),
        people=tuple(Person(f"o{n}", is_officer=True) for n in range(3)),
        barred=frozenset({("v0", "o2"), ("v1", "o2")}),
    )

    for n in range(50):
        teams = plan(pool, seed=n.to_bytes(32, "big"))
        assert len(teams) == 3
        loads = [person for team in teams for person in (team.leader, team.officer)]
        assert max(loads.count(f"o{k}") for k in range(3)) <= 3


def test_visits_are_spread_as_evenly_as_can_be():
    pool = Pool(
        visits=tuple(Visit(f"v{n}", f"2021-06-{n + 1:02d}") for n in range(9)),
        people=tuple(Person(f"o{n}", is_officer=True) for n in range(6)),
    )

    for n in range(20):
        teams = plan(pool, seed=n.to_bytes(32, "big"))
        loads = [person for team in teams for person in (team.leader, team.officer)]
        assert {loads.count(f"o{k}") for k in range(6)} == {3}


def test_everybody_has_a_chance_of_every_visit():
    pool = Pool(
        visits=(Visit("v", "2021-06-01"),),
        people=tuple(Person(f"o{n}", is_officer=True) for n in range(5)),
    )
    chosen = [
        person
        for n in range(2000)
        for team in plan(pool, seed=n.to_bytes(32, "big"))
        for person in (team.leader, team.officer)
    ]

    expected = 2000 * OFFICERS / 5
    chi = sum((chosen.count(f"o{k}") - expected) ** 2 / expected for k in range(5))
    assert chi < 18.47  # four degrees of freedom, p = 0.001


def test_fields_are_covered_with_as_few_as_it_takes_and_what_is_not_is_said():
    pool = Pool(
        visits=(Visit("v", "2021-06-01", ("01", "24", "30")),),
        people=(
            Person("o1", is_officer=True),
            Person("o2", is_officer=True),
            Person("both", is_officer=False, fields=("01", "24")),
            Person("one", is_officer=False, fields=("01",)),
        ),
    )

    (team,) = plan(pool, seed=SEED)

    assert (team.technical, team.uncovered) == (("both",), ("30",))
