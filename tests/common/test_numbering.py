import pytest
from django.db import transaction

from metrostd.common.numbering import take_number

pytestmark = pytest.mark.django_db


def test_numbers_follow_each_other_from_one():
    assert [take_number("order:120111:2021") for _ in range(3)] == [1, 2, 3]


def test_keys_count_on_their_own():
    take_number("order:120111:2021")
    take_number("order:120111:2021")

    assert take_number("order:120112:2021") == 1
    assert take_number("order:120111:2022") == 1
    assert take_number("order:120111:2021") == 3


@pytest.mark.parametrize("taken_before", [0, 2])
def test_a_roll_back_gives_the_number_back(taken_before):
    for _ in range(taken_before):
        take_number("order")

    with transaction.atomic():
        assert take_number("order") == taken_before + 1
        transaction.set_rollback(True)

    assert take_number("order") == taken_before + 1
