"""Nothing slow inside a request: who may lay a paper out, read from the source of the whole house."""

import ast
from pathlib import Path

import pytest

from tests import shape

RENDERER = "metrostd.common.rendering.render_pdf"
#: Where the code of a request stands; what it calls elsewhere is followed.
ASKED = frozenset(
    [
        "views",
        "moves",
        "services",
        "forms",
        "policies",
        "middleware",
        "hooks",
        "panels",
        "admin",
        "schedule",
        "job_views",
        "paper_views",
        "exports",
    ]
)


def module_of(path: Path) -> str:
    parts = path.relative_to(shape.ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def names_in(tree: ast.Module, module: str, path: Path) -> dict[str, str]:
    """What each name of a module stands for, by its full address."""
    package = module if path.stem == "__init__" else module.rpartition(".")[0]
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - max(node.level - 1, 0)]
            base = ".".join(filter(None, (".".join(parts) if node.level else "", node.module)))
            known |= {each.asname or each.name: f"{base}.{each.name}" for each in node.names}
    own = (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef))
    return known | {each.name: f"{module}.{each.name}" for each in own}


def put_off(node: ast.AST) -> bool:
    """The paper of an ``Export`` is laid out by its job."""
    return isinstance(node, ast.keyword) and node.arg == "paper"


def mentioned(node: ast.AST, known: dict[str, str]) -> set[str]:
    """The addresses a piece of code speaks of, but for what it leaves to a job."""
    if put_off(node):
        return set()
    found = set()
    if isinstance(node, ast.Name) and node.id in known:
        found.add(known[node.id])
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found.add(f"{known.get(node.value.id, '')}.{node.attr}")
    for child in ast.iter_child_nodes(node):
        found |= mentioned(child, known)
    return found


def functions(tree: ast.Module, module: str, path: Path) -> dict[str, set[str]]:
    """What each function of a module speaks of; what stands outside of functions under the module's name."""
    known = names_in(tree, module, path)
    said: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        place = f"{module}.{node.name}" if named else module
        said.setdefault(place, set()).update(mentioned(node, known) - {place})
    return said


def makers(said: dict[str, set[str]]) -> set[str]:
    """Every function that lays a paper out, itself or through another."""
    found = {RENDERER}
    while more := {name for name, of in said.items() if of & found} - found:
        found |= more
    return found - {RENDERER}


@pytest.fixture(scope="module")
def house():
    """What is said wherever a maker may be spoken of; other files need not be parsed."""
    texts = {path: path.read_text(encoding="utf-8") for path in shape.sources()}
    said: dict[str, set[str]] = {}
    found = {RENDERER}
    while near := [
        path for path, text in texts.items() if any(speaks_of(text, one) for one in found)
    ]:
        for path in near:
            said |= functions(ast.parse(texts.pop(path)), module_of(path), path)
        found |= makers(said)
    return said


def speaks_of(text: str, maker: str) -> bool:
    """Whether a file could name this function: by its own name and that of its module."""
    module, _, name = maker.rpartition(".")
    return name in text and module.rpartition(".")[2] in text


def test_papers_are_laid_out_by_jobs_alone(house):
    """What a page, a form or a move reaches lays nothing out, but for what an ``Export`` leaves to its job."""
    found = makers(house)

    assert [name for name in sorted(found) if ASKED & set(name.split("."))] == []


def test_the_renderer_is_known_by_one_name(house):
    """Nobody goes round it, and the papers there are are found."""
    speaking = {path.name for path in shape.sources() if "html_to_pdf" in path.read_text("utf-8")}
    assert speaking == {"pdf.py", "rendering.py"}
    found = makers(house)
    assert {"inspections.stop_papers.stop_pdf", "reporting.edition_files.make"} <= found
    assert {"selfcheck.runners.receipt", "rectification.papers.store_order_paper"} <= found


@pytest.mark.parametrize(
    "view",
    [
        "def page(request):\n    return documents.order_pdf(1)",
        "def page(request):\n    return made()\ndef made():\n    return documents.order_pdf(1)",
        "def page(request):\n    return hand(documents.order_pdf)",
    ],
)
def test_a_view_that_renders_is_found(view, house):
    text = f"from rectification import documents\n{view}\n"
    path = shape.ROOT / "rectification" / "views" / "more.py"

    found = makers(house | functions(ast.parse(text), "rectification.views.more", path))

    assert "rectification.views.more.page" in found
