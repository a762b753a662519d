"""One word for one thing: states, roles and actions are spelled at home and named elsewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from metrostd.common.enums import StateChoices
from metrostd.common.roles import Role
from tests.test_consistency import ROOT, SOURCES, TEMPLATES


def _enumerations(base: type[StateChoices] = StateChoices) -> Iterator[type[StateChoices]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _enumerations(kind)


STATES = {kind for kind in _enumerations() if kind.__module__.split(".")[0] != "tests"}
VALUES = {value for kind in STATES for value in kind.values}
_STATE_FIELD = re.compile(r"(^|_)state(__in|__exact)?$")


def _trees() -> list[tuple[str, ast.Module]]:
    found = []
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        found.append((name, ast.parse(path.read_text(encoding="utf-8"), filename=name)))
    return found


TREES = _trees()


#: Accounts of the sample city are named after what they do.
_NAMES = frozenset({"metrostd/demo/people.py"})


def _is_enumeration(name: str) -> bool:
    return "enums" in Path(name).with_suffix("").parts or name.endswith("common/roles.py")


def _strings(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value in VALUES}


def _is_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Name) and bool(
        _STATE_FIELD.search(node.attr if isinstance(node, ast.Attribute) else node.id)
    )


def _spelled(node: ast.AST) -> set[str]:
    """State values written as strings where only a state can be meant."""
    match node:
        case ast.Compare(left=left, comparators=others) if any(map(_is_state, [left, *others])):
            return set().union(*(_strings(n) for n in [left, *others]))
        case ast.keyword(arg=str(name), value=value) if _STATE_FIELD.search(name):
            return _strings(value)
        case ast.Match(subject=subject, cases=cases) if _is_state(subject):
            return set().union(*(_strings(case.pattern) for case in cases))
        case ast.Call(func=ast.Name(id="Transition"), args=[_, _, *rest], keywords=keywords):
            return set().union(*(_strings(n) for n in [*rest, *keywords]))
        case ast.Set(elts=elements) | ast.Dict(keys=[_, _, _, *_] as elements) if len(elements) > 1:
            words = {e.value for e in elements if isinstance(e, ast.Constant)}
            whole = len(words) == len(elements)
            return words if whole and any(words <= set(kind.values) for kind in STATES) else set()
    return set()


def test_a_no_says_of_itself_whether_the_state_or_the_person_is_the_reason():
    """A verdict is made by not_you or not_now; the bare class would leave a page guessing."""
    made = [
        (name, node.lineno)
        for name, tree in TREES
        if name != "metrostd/common/policies.py" and not name.startswith("tests/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Verdict"
    ]

    assert made == []


def test_no_state_is_spelled_outside_its_enumeration():
    spelled = [
        f"{name}:{getattr(node, 'lineno', '')} {sorted(words)}"
        for name, tree in TREES
        if not _is_enumeration(name) and "/models" not in name
        for node in ast.walk(tree)
        if (words := _spelled(node))
    ]

    assert not spelled, "\n".join(spelled)


_COMPARED = re.compile(
    r"""[\w.]*\bstate\s*(?:==|!=|\bin\b|\bnot\s+in\b)\s*["'][^"']*["']|["'][^"']*["']\s*(?:==|!=)\s*[\w.]*\bstate\b"""
)


def test_no_state_is_spelled_in_a_template():
    spelled = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in TEMPLATES
        for found in _COMPARED.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not spelled, "\n".join(spelled)


def test_templates_name_states_that_exist():
    named = re.compile(r"\.States\.(\w+)")

    unknown = [
        f"{path.relative_to(ROOT)}: {found.group(1)}"
        for path in TEMPLATES
        for found in named.finditer(path.read_text(encoding="utf-8"))
        if not any(hasattr(kind, found.group(1)) for kind in STATES)
    ]

    assert not unknown, "\n".join(unknown)


def test_no_role_is_spelled_outside_its_enumeration():
    spelled = [
        f"{name}:{node.lineno} {node.value}"
        for name, tree in TREES
        if not _is_enumeration(name) and name not in _NAMES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in Role.values
    ]

    assert not spelled, "\n".join(spelled)


#: Who writes the trail: the function, and where its ``action`` comes from when it is not a literal.
_WRITERS = frozenset({"record", "entry", "record_many", "record_created", "trail"})
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def test_an_action_in_the_trail_names_what_it_was_done_to():
    bare = [
        f"{name}:{node.lineno} {keyword.value.value}"
        for name, tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        in _WRITERS
        for keyword in node.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
        if not _ACTION.fullmatch(keyword.value.value)
    ]

    assert not bare, "\n".join(bare)


def test_prohibited_conduct_is_worded_in_one_place():
    """符合 and 不符合 of 禁止性行为 read 未发现 and 发现 everywhere: only the enumeration may spell them."""
    spelled = [
        str(path.relative_to(ROOT))
        for path in [*SOURCES, *TEMPLATES]
        if re.search(r"""["'>]未发现["'<]""", path.read_text("utf-8"))
    ]

    assert spelled == ["metrostd/common/enums.py"]
