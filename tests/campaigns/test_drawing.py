"""The draw as arithmetic (domain rules 1.5): order, picks, chance; nothing an office can try beforehand helps."""

import datetime as dt
import hashlib
import json
import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.protocol import hashing, lottery, order
from campaigns.protocol.order import Holder, Item

FIELDS = st.sampled_from(["", "01", "04", "12", "15", "46"])
RATIOS = st.integers(1, 100)
SEEDS = st.binary(min_size=32, max_size=32)


@st.composite
def lists(draw_value, most=40):
    sizes = draw_value(st.lists(st.integers(1, 6), min_size=0, max_size=most))
    return [
        Holder(
            f"单位{number:03d}",
            tuple(
                Item(f"证书{n}", draw_value(FIELDS), "ent_highest", draw_value(st.booleans()))
                for n in range(size)
            ),
        )
        for number, size in enumerate(sizes)
    ]


def draw(holders, *, ratio=20, seed):
    return order.draw(holders, seed=seed, required=order.required_count(len(holders), ratio))


def simple(count, fields=("12",)):
    return [
        Holder(f"91120000{n:06d}", tuple(Item(f"津量标{n}-{f}", f) for f in fields))
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("total", "percent", "expected"),
    [(0, 20, 0), (1, 20, 1), (3, 20, 1), (5, 20, 1), (7, 20, 2), (12, 20, 3), (23, 20, 5),
     (101, 20, 21), (100, 7, 7), (200, 7, 14), (300, 7, 21), (1, 1, 1), (23, 100, 23)],
)  # fmt: skip
def test_required_count_is_the_integer_ceiling(total, percent, expected):
    assert order.required_count(total, percent) == expected


def test_floating_point_ceiling_would_have_been_wrong():
    assert math.ceil(100 * 0.07) == 8
    assert order.required_count(100, 7) == 7


@given(st.integers(0, 300), RATIOS)
@settings(max_examples=60, deadline=None)
def test_any_size_and_ratio_gives_as_many_units_as_the_ratio_asks(total, ratio):
    drawn = draw(simple(total), ratio=ratio, seed=bytes(32))

    assert len(drawn) == -(-total * ratio // 100)
    assert bool(drawn) == bool(total)
    assert len({unit.id for unit in drawn}) == len(drawn)
    assert [unit.order for unit in drawn] == list(range(1, len(drawn) + 1))


@given(lists(), RATIOS, SEEDS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_result_does_not_depend_on_the_order_of_input(holders, ratio, seed, dice):
    drawn = draw(holders, ratio=ratio, seed=seed)
    json_of = order.frame_json(holders, campaign="c", authority="a", excluded=[])

    shuffled = [Holder(h.id, tuple(dice.sample(h.items, len(h.items)))) for h in holders]
    dice.shuffle(shuffled)

    assert draw(shuffled, ratio=ratio, seed=seed) == drawn
    assert order.frame_json(shuffled, campaign="c", authority="a", excluded=[]) == json_of


@given(lists(), RATIOS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_every_field_gives_one_standard_and_a_priority_domain_goes_first(holders, ratio, seed):
    held = {holder.id: holder for holder in holders}
    for unit in draw(holders, ratio=ratio, seed=seed):
        items = {item.id: item for item in held[unit.id].items}
        assert sorted(p.field for p in unit.standards) == sorted({i.field for i in items.values()})
        for pick in unit.standards:
            rivals = [i for i in items.values() if i.field == pick.field]
            assert items[pick.id].priority == any(i.priority for i in rivals)
            assert pick.why == ("priority" if items[pick.id].priority else "field_minimum")


@given(lists(), SEEDS)
@settings(max_examples=80, deadline=None)
def test_a_supplement_covers_every_missed_field_with_units_not_yet_taken(holders, seed):
    first = draw(holders, seed=seed)
    taken = [unit.id for unit in first]
    missed = order.uncovered_fields(holders, first)

    extra = order.supplement(holders, seed=seed, fields=missed, taken=taken, last=len(taken))

    assert order.uncovered_fields(holders, [*first, *extra]) == ()
    assert not {unit.id for unit in extra} & set(taken)
    assert len(extra) <= len(missed)
    assert [u.order for u in extra] == [len(taken) + n for n, _ in enumerate(extra, 1)]


def test_the_bytes_are_those_that_are_published():
    holders = simple(30)
    seed = hashlib.sha256(b"a seed").digest()

    drawn = draw(holders, ratio=50, seed=seed)

    expected = sorted(
        (h.id for h in holders),
        key=lambda u: hashlib.sha256(b"metrostd unit 2\n" + seed + u.encode()).digest(),
    )
    assert [unit.id for unit in drawn] == expected[:15]
    frame = order.frame_json(holders, campaign="2021", authority="120111", excluded=[])
    text = json.dumps(frame, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert order.frame_hash(frame) == hashlib.sha256(f"metrostd frame 2\n{text}".encode()).digest()
    t, n = bytes(32), bytes(range(32))
    assert hashing.commitment(t, n) == hashlib.sha256(b"metrostd commit 2\n" + t + n).digest()
    assert (
        hashing.seed(t, n, "ssq:x")
        == hashlib.sha256(b"metrostd seed 2\n" + t + n + b"ssq:x").digest()
    )
    assert hashing.rehearsal_seed(t, n) != hashing.seed(t, n, "")
    later = hashlib.sha256(b"metrostd substitute 2\n" + seed + b"ssq:y").digest()
    assert hashing.substitute_seed(seed, "ssq:y") == later


def test_a_known_draw_stays_what_it_was():
    holders = simple(10, ("12", "04"))
    drawn = draw(
        holders, seed=hashing.seed(bytes(32), bytes(32), "ssq:2021061:01,07,12,18,25,33|09")
    )
    found = [unit.as_json() for unit in drawn]
    result = hashing.result_hash(found, required=2, seed=bytes(32), terms=bytes(32))

    assert ([unit.id[-2:] for unit in drawn], result[:12]) == (KNOWN, RESULT)


KNOWN, RESULT = ["00", "07"], "f0ddbde39f8a"


# Chance ------------------------------------------------------------------------------------------


def chi_square(counts, keys, expected):
    return sum((counts[key] - expected) ** 2 / expected for key in keys)


def seeds(count):
    """Fixed, so that the test gives the same every time."""
    return (hashlib.sha256(b"fair %d" % n).digest() for n in range(count))


def test_every_unit_has_the_same_chance():
    holders = simple(10)
    counts = Counter(
        unit.id for s in seeds(10_000) for unit in order.draw(holders, seed=s, required=2)
    )

    # Ten units, nine degrees of freedom: 27.9 is exceeded once in a thousand times.
    # Drawing two of ten without putting back narrows the spread by 8/9.
    assert sum(counts.values()) == 20_000
    assert chi_square(counts, [h.id for h in holders], 2_000) < 27.9 * 8 / 9


def test_every_standard_of_a_field_has_the_same_chance():
    holder = Holder("91120000000001", tuple(Item(f"津量标{n}", "12") for n in range(5)))
    counts = Counter(
        unit.standards[0].id
        for s in seeds(10_000)
        for unit in order.draw([holder], seed=s, required=1)
    )

    # Five standards, four degrees of freedom.
    assert chi_square(counts, [item.id for item in holder.items], 2_000) < 18.5


def test_trying_everything_an_office_sees_beforehand_gives_no_advantage():
    """The office may choose list, ratio reason, issue and number of its terms as often as it likes, and sees T and
    C each time. Whatever rule it picks the most promising of its attempts by, the wanted unit comes as often as chance."""
    holders = simple(12)
    wanted, attempts, hits = holders[0].id, 10_000, 0
    dice = random.Random(9)
    for n in range(attempts // 10):
        best = None
        for k in range(10):  # ten sets of terms, of which the one that looks best is kept
            terms = hashing.hash_of("terms", {"number": n, "issue": f"20210{k:02d}", "ratio": 20})
            nonce = dice.randbytes(32)
            seen = hashing.commitment(terms, nonce)
            # What the office can compute: its unit's place with the commitment in place of the seed.
            guess = hashing.digest("seed", terms, seen)
            rank = hashing.digest("unit", guess, wanted.encode())
            if best is None or rank < best[0]:
                best = (rank, terms, nonce)
        _, terms, nonce = best
        numbers = " ".join(map(str, [*dice.sample(range(1, 34), 6), dice.randint(1, 16)]))
        value = lottery.value_of("2021061", numbers)
        drawn = order.draw(holders, seed=hashing.seed(terms, nonce, value), required=3)
        hits += any(unit.id == wanted for unit in drawn)

    # A quarter of a thousand draws, four standard deviations (13.7 each) to either side.
    assert abs(hits - 250) < 55


# The public value --------------------------------------------------------------------------------


def test_the_source_has_more_outcomes_than_anybody_can_try():
    assert lottery.OUTCOMES == 17_721_088 >= lottery.LEAST_OUTCOMES


def test_an_issue_belongs_to_its_evening():
    low, high = lottery.issues_about(dt.date(2021, 6, 1))

    assert low <= "2021061" <= high
    assert int(high) - int(low) == 10
    assert lottery.issues_about(dt.date(2026, 1, 1)) == ("2026001", "2026001")
    assert [day.weekday() for day in lottery.next_days(dt.date(2021, 6, 1), 4)] == [1, 3, 6, 1]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("01 07 12 18 25 33 09", "ssq:2021061:01,07,12,18,25,33|09"),
        ("33,25,18,12,7,1+9", "ssq:2021061:01,07,12,18,25,33|09"),
        ("红球 01 07 12 18 25 33 蓝球 16", "ssq:2021061:01,07,12,18,25,33|16"),
    ],
)
def test_what_is_typed_in_any_way_has_one_value(typed, value):
    assert lottery.value_of("2021061", typed) == value
    assert lottery.in_words(value).startswith("第2021061期 红球 01 07")


@pytest.mark.parametrize(
    ("issue", "typed", "word"),
    [
        ("2021061", "01 07 12 18 25 33", "现在有6个"),
        ("2021061", "01 01 12 18 25 33 09", "6个不同"),
        ("2021061", "01 07 12 18 25 34 09", "01至33"),
        ("2021061", "01 07 12 18 25 33 17", "01至16"),
        ("21061", "01 07 12 18 25 33 09", "期号"),
        ("2021000", "01 07 12 18 25 33 09", "期号"),
    ],
)
def test_what_is_no_result_of_the_lottery_is_told(issue, typed, word):
    with pytest.raises(lottery.UnreadableError, match=word):
        lottery.value_of(issue, typed)
