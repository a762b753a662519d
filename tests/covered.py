"""Lines the tests ran, package by package: `python -m tests.covered FILE…` fails below a floor of pyproject.toml.

Each FILE is what slipcover wrote of a run (`bin/test`); a line counts when one of them ran it. It counts lines and no branches: those cost more than a
tenth of the run before Python 3.12.
"""

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tests.shape import ROOT, room_of

#: Numbers of lines under "executed_lines" and "missing_lines".
Lines = dict[str, list[int]]


def together(runs: list[dict[str, Lines]]) -> dict[str, Lines]:
    """Lines run and lines missing by file, over several runs of the same code."""
    found: dict[str, Lines] = {}
    for files in runs:
        for name, lines in files.items():
            known = found.get(name)
            run = {*lines["executed_lines"], *(known["executed_lines"] if known else ())}
            left = {*lines["missing_lines"], *(known["missing_lines"] if known else ())} - run
            found[name] = {"executed_lines": sorted(run), "missing_lines": sorted(left)}
    return found


def shares(files: dict[str, Lines]) -> dict[str, float]:
    """Percent of the lines of each package that were run."""
    run: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for name, found in files.items():
        package = room_of(ROOT / name, ROOT)
        run[package] += len(found["executed_lines"])
        lines[package] += len(found["executed_lines"]) + len(found["missing_lines"])
    return {package: 100 * run[package] / lines[package] for package in lines if lines[package]}


def floors() -> dict[str, float]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["floors"]


def main(paths: list[str]) -> int:
    runs = [json.loads(Path(path).read_text(encoding="utf-8"))["files"] for path in paths]
    found = shares(together(runs))
    wanted = floors()
    status = 0
    for package in sorted(wanted):
        share = found.get(package, 0.0)
        low = share < wanted[package]
        status |= low
        told = "  TOO LITTLE" if low else ""
        sys.stdout.write(f"{package:<24} {share:6.1f} %  (at least {wanted[package]:g}){told}\n")
    for package in sorted(set(found) - set(wanted)):
        if "." in package and (ROOT / package.replace(".", "/")).is_dir():
            sys.stdout.write(f"{package:<24} {found[package]:6.1f} %  has no floor\n")
            status = 1
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
