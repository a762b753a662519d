"""The first algorithm, sha256-order/1: its records must give the same for ever."""

import hashlib
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.protocol.first import (
    FrameItem,
    FrameUnit,
    draw,
    frame_hash,
    required_count,
    uncovered_fields,
)

FIELDS = st.sampled_from(["", "01", "04", "12", "15", "46"])


@st.composite
def frames(draw_value):
    sizes = draw_value(st.lists(st.integers(1, 6), min_size=0, max_size=40))
    units, standard = [], 0
    for number, size in enumerate(sizes, start=1):
        items = []
        for _ in range(size):
            standard += 1
            items.append(
                FrameItem(standard, draw_value(FIELDS), "ent_highest", draw_value(st.booleans()))
            )
        units.append(FrameUnit(number, tuple(items)))
    return units


RATIOS = st.integers(1, 100)
SEEDS = st.text(min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("total", "percent", "expected"),
    [
        (0, 20, 0),
        (1, 20, 1),
        (3, 20, 1),
        (5, 20, 1),
        (7, 20, 2),
        (12, 20, 3),
        (23, 20, 5),
        (101, 20, 21),
        (100, 7, 7),
        (200, 7, 14),
        (300, 7, 21),
        (1, 1, 1),
        (23, 100, 23),
    ],
)
def test_required_count_is_the_integer_ceiling(total, percent, expected):
    assert required_count(total, percent) == expected


def test_floating_point_ceiling_would_have_been_wrong():
    assert math.ceil(100 * 0.07) == 8
    assert required_count(100, 7) == 7


@given(frames(), RATIOS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_size_is_what_the_ratio_requires(units, ratio, seed):
    plan = draw(units, ratio=ratio, seed=seed)

    assert len(plan.drawn) == plan.required == required_count(len(units), ratio)
    assert len({unit.id for unit in plan.drawn}) == plan.required
    assert [unit.order for unit in plan.drawn] == list(range(1, plan.required + 1))


@given(frames(), RATIOS, SEEDS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_result_does_not_depend_on_the_order_of_input(units, ratio, seed, random):
    plan = draw(units, ratio=ratio, seed=seed)

    shuffled = [FrameUnit(u.id, tuple(random.sample(u.standards, len(u.standards)))) for u in units]
    random.shuffle(shuffled)

    assert draw(shuffled, ratio=ratio, seed=seed) == plan


@given(frames(), RATIOS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_every_field_of_a_drawn_unit_gives_exactly_one_standard(units, ratio, seed):
    plan = draw(units, ratio=ratio, seed=seed)

    held = {unit.id: unit for unit in units}
    for drawn in plan.drawn:
        fields = [pick.field for pick in drawn.standards]
        assert sorted(fields) == sorted({item.field for item in held[drawn.id].standards})
        assert {p.id for p in drawn.standards} <= {i.id for i in held[drawn.id].standards}


@given(frames(), RATIOS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_priority_domain_goes_first_within_a_field(units, ratio, seed):
    plan = draw(units, ratio=ratio, seed=seed)

    items = {item.id: item for unit in units for item in unit.standards}
    held = {unit.id: unit for unit in units}
    for drawn in plan.drawn:
        for pick in drawn.standards:
            rivals = [i for i in held[drawn.id].standards if i.field == pick.field]
            assert items[pick.id].priority == any(i.priority for i in rivals)
            assert pick.why == ("priority" if items[pick.id].priority else "field_minimum")


def test_four_of_one_field_and_one_of_another_give_one_of_each():
    unit = FrameUnit(1, (*(FrameItem(n, "12") for n in range(1, 5)), FrameItem(5, "04")))

    plan = draw([unit], ratio=20, seed="1")

    assert [pick.field for pick in plan.drawn[0].standards] == ["04", "12"]


def test_the_order_of_units_is_that_of_the_published_hash():
    units = [FrameUnit(n, (FrameItem(n * 10, "12"),)) for n in range(1, 30)]

    plan = draw(units, ratio=50, seed="2021-06-01")

    expected = sorted(
        range(1, 30),
        key=lambda n: hashlib.sha256(f"2021-06-01|{plan.frame_hash}|{n}".encode()).hexdigest(),
    )
    assert [unit.id for unit in plan.drawn] == expected[:15]


def test_the_frame_hash_is_that_of_its_canonical_json():
    units = [
        FrameUnit(7, (FrameItem(3, "12", "ent_highest", True), FrameItem(2, ""))),
    ]
    record = [
        {
            "id": 7,
            "standards": [
                {"category": "", "field": "", "id": 2, "priority": False},
                {"category": "ent_highest", "field": "12", "id": 3, "priority": True},
            ],
        }
    ]
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))

    assert frame_hash(units) == hashlib.sha256(text.encode()).hexdigest()


def test_a_known_draw_stays_what_it_was():
    units = [
        FrameUnit(n, (FrameItem(n * 10, "12"), FrameItem(n * 10 + 1, "04", "", n % 2 == 0)))
        for n in range(1, 11)
    ]

    plan = draw(units, ratio=20, seed="示例")

    assert (plan.frame_hash[:12], [u.id for u in plan.drawn], plan.result_hash[:12]) == (
        "6c5e43a751b3",
        [9, 4],
        "6c293dc3a00d",
    )


def test_another_seed_gives_another_order():
    units = [FrameUnit(n, (FrameItem(n, "12"),)) for n in range(1, 101)]

    first, second = (draw(units, ratio=20, seed=seed).drawn for seed in ("a", "b"))

    assert [u.id for u in first] != [u.id for u in second]


def test_fields_of_which_nothing_was_drawn_are_named():
    units = [
        FrameUnit(1, (FrameItem(1, "12"),)),
        FrameUnit(2, (FrameItem(2, "04"), FrameItem(3, ""))),
    ]

    plan = draw(units, ratio=50, seed="1")

    drawn_first = plan.drawn[0].id == 1
    assert plan.uncovered == (("04",) if drawn_first else ("12",))
    assert uncovered_fields(units, []) == ("04", "12")
