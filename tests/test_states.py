"""docs/states.md says what the code does."""

import pytest
from django.apps import apps
from django.conf import settings

from metrostd.common.enums import Turn
from metrostd.common.models import StatefulModel
from metrostd.states import MACHINES, document


def test_the_document_is_the_code():
    path = settings.BASE_DIR / "docs" / "states.md"

    assert path.read_text(encoding="utf-8") == document(), (
        "write it anew: bin/manage shell -c "
        "\"from metrostd.states import document; open('docs/states.md', 'w').write(document())\""
    )


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.title)
def test_moves_name_states_of_their_machine(machine):
    for move in machine.moves:
        assert move.sources | {move.target} <= set(machine.states.values)


STATEFUL = [m for m in apps.get_models() if issubclass(m, StatefulModel)]


def test_every_stateful_model_has_its_machine_here():
    assert {model.States for model in STATEFUL} == {machine.states for machine in MACHINES}


@pytest.mark.parametrize("model", STATEFUL, ids=lambda m: m.__name__)
def test_every_state_is_somebodys_turn_and_nobody_elses(model):
    states = model.States
    said = [state for group in states.turns.values() for state in group]

    assert sorted(said) == sorted(states.values)
    assert set(states.turns) <= set(Turn)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.title)
def test_nothing_can_be_done_about_what_is_nobodys_turn_but_to_take_it_up_again(machine):
    """A move that asks for no reason never starts where nobody has to act."""
    at_rest = machine.states.turns.get(Turn.NOBODY, frozenset())

    assert [m.name for m in machine.moves if not m.needs_note and m.sources & at_rest] == []


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.title)
def test_a_move_names_its_machine_and_no_two_moves_one_name(machine):
    names = [move.name for move in machine.moves]
    assert len({name.partition(".")[0] for name in names if "." in name}) == 1
    assert all("." in name for name in names)
    others = {move.name for other in MACHINES if other is not machine for move in other.moves}
    assert not others & set(names)
