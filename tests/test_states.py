"""docs/states.md says what the code does."""

import pytest
from django.conf import settings

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
