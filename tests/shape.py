"""How the house is cut, in figures: `python -m tests.shape` prints them and fails over a limit of pyproject.toml."""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
#: What people read and change by hand, beside the Python of the packages.
PAGES = (("templates", "*.html"), ("static/css", "*.css"), ("static/js", "*.js"))
LONG_LINE = 160
#: `Any` stands where no type can be named, and says why: "# Any: …" on its line or the line above.
REASON = re.compile(r"\bAny: \S")


@dataclass(frozen=True)
class Figure:
    """One thing that is measured: its value, and where the worst of it stands."""

    name: str
    label: str
    value: float
    where: str = ""


def sources(root: Path = ROOT) -> list[Path]:
    """The Python of the packages; migrations are history and not read again."""
    found = (path for name in PACKAGES for path in (root / name).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def templates(root: Path = ROOT) -> list[Path]:
    return sorted((root / "templates").rglob("*.html"))


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _pages(root: Path) -> Iterator[Path]:
    for folder, pattern in PAGES:
        yield from (root / folder).rglob(pattern)


def _room(module: str) -> str:
    """The package a module lies in: a stage of the work, or a part of `metrostd`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "metrostd" else parts[0]


def room_of(path: Path, root: Path) -> str:
    return _room(".".join(path.relative_to(root).with_suffix("").parts))


def longest_file(root: Path) -> Figure:
    counts = {path: len(lines_of(path)) for path in (*sources(root), *_pages(root))}
    path = max(counts, key=lambda each: counts[each])
    return Figure("longest_file", "longest file, lines", counts[path], str(path.relative_to(root)))


def largest_package(root: Path) -> Figure:
    counts: Counter[str] = Counter()
    for path in sources(root):
        counts[room_of(path, root)] += len(lines_of(path))
    (name, lines), total = counts.most_common(1)[0], counts.total()
    share = round(100 * lines / total, 1)
    return Figure(
        "largest_package", "largest package, % of lines", share, f"{name}, {lines} of {total}"
    )


def _imports() -> set[tuple[str, str]]:
    """Of the running program: what only the type checker reads is no arrow."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    modules = [name for name in graph.modules if ".migrations" not in name]
    return {
        (name, each) for name in modules for each in graph.find_modules_directly_imported_by(name)
    }


def _mutual(pairs: Iterable[tuple[str, str]]) -> list[str]:
    known = {(a, b) for a, b in pairs if a != b}
    return sorted(f"{a} <-> {b}" for a, b in known if a < b and (b, a) in known)


def mutual_imports(imports: set[tuple[str, str]]) -> Iterator[Figure]:
    rooms = _mutual((_room(a), _room(b)) for a, b in imports)
    modules = _mutual(imports)
    for name, label, found in (
        ("mutual_packages", "mutual imports of packages", rooms),
        ("mutual_modules", "mutual imports of modules", modules),
    ):
        yield Figure(name, label, len(found), "; ".join(found))


def _functions(root: Path) -> list[tuple[int, str]]:
    """Length and place of every function, the longest first."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        (
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{path.relative_to(root)}:{node.name}",
        )
        for path in sources(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds)
    ]
    return sorted(found, reverse=True)


def long_functions(root: Path) -> Iterator[Figure]:
    functions = _functions(root)
    where = f"longest {functions[0][0]}: {functions[0][1]}"
    for limit in (50, 70, 80):
        count = sum(length > limit for length, _ in functions)
        yield Figure(f"functions_over_{limit}", f"functions over {limit} lines", count, where)


def _reasons(text: str) -> set[int]:
    """The lines that a reason for `Any` covers: its own, and the one it stands above."""
    read = tokenize.generate_tokens(io.StringIO(text).readline)
    told = [
        token for token in read if token.type == tokenize.COMMENT and REASON.search(token.string)
    ]
    return {line for token in told for line in (token.start[0], token.start[0] + 1)}


def bare_any(text: str) -> list[int]:
    """The lines of `Any` in annotations and casts without a reason; importing it is no use of it."""
    reasons = _reasons(text)
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id == "Any" and node.lineno not in reasons
    ]


def uses_of_any(root: Path) -> Figure:
    counts = Counter(
        {path: len(bare_any(path.read_text(encoding="utf-8"))) for path in sources(root)}
    )
    path, most = counts.most_common(1)[0]
    where = f"most {most}: {path.relative_to(root)}" if most else ""
    return Figure("bare_any", "Any without a reason", counts.total(), where)


def long_template_lines(root: Path) -> Figure:
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in templates(root)
        for number, line in enumerate(lines_of(path), 1)
        if len(line) > LONG_LINE
    ]
    label = f"template lines over {LONG_LINE}"
    return Figure("long_template_lines", label, len(found), ", ".join(found[:3]))


def figures(root: Path = ROOT) -> list[Figure]:
    return [
        longest_file(root),
        largest_package(root),
        *mutual_imports(_imports()),
        *long_functions(root),
        uses_of_any(root),
        long_template_lines(root),
    ]


def limits(root: Path = ROOT) -> dict[str, float]:
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file).get("tool", {}).get("shape", {})


def main() -> int:
    allowed = limits()
    over = False
    for figure in figures():
        limit = allowed.get(figure.name)
        late = limit is not None and figure.value > limit
        over |= late
        told = "" if limit is None else f"  (at most {limit:g})"
        sys.stdout.write(f"{figure.label:<28} {figure.value:>6g}{told:<16} {figure.where}")
        sys.stdout.write("  TOO MUCH\n" if late else "\n")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
