"""Leaves of the styles and the icon font what a page may use: trim.py WHOLE FOLDER, after build.sh WHOLE.

A word in a template, in Python, in a script of ours or of the form packages counts as a name, so that more
is kept than used and never less. A word that ends in a dash ("btn-" before a variable) keeps every class
that goes on with another word. An icon is named as a class (ti-check), or
as a string of its own ("check") in a file that speaks of icons.
"""

import hashlib
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
APPS = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
#: What writes HTML for us: their templates name classes, too.
PACKAGES = ("crispy_forms", "crispy_bootstrap5")
WORD = re.compile(r"[A-Za-z0-9_-]+")
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
ATTRIBUTE = re.compile(r"\[([\w-]+)(?:[~|^$*]?=[\"']?([^\"'\]]*)[\"']?)?\]")
#: What a selector excludes or offers as one of several does not have to be there.
OPTIONAL = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
ICON_CLASS = re.compile(r"\bti-([a-z0-9-]+)")
ICON_WORD = re.compile(r"[\"']([a-z0-9-]+)[\"']")
ICON_RULE = re.compile(r"\.ti-([a-z0-9-]+):before\{content:\"\\([0-9a-f]+)\"\}")
ICON_CODE = re.compile(r"content:\s*\"\\([0-9a-f]{4})\"")


def sources() -> Iterator[Path]:
    """Every file that can name a class or an icon."""
    yield from sorted((ROOT / "templates").rglob("*.html"))
    yield from sorted((ROOT / "static" / "js").glob("*.js"))
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from sorted(Path(folder).rglob("*.html"))
            yield from sorted(Path(folder).rglob("*.py"))


def named_in(vendor: Path) -> tuple[set[str], set[str]]:
    """Every word that may name a class, and every one that may name an icon."""
    classes, icons = {"html", "body"}, set()
    for file in (*sources(), vendor / "tabler.min.js"):
        text = file.read_text(encoding="utf-8")
        classes |= set(WORD.findall(text))
        icons |= set(ICON_CLASS.findall(text))
        if "icon" in text.lower():
            icons |= set(ICON_WORD.findall(text))
    return classes, icons


# Icons ----------------------------------------------------------------------------------------


def trim_icons(vendor: Path, named: set[str]) -> None:
    """Leave the icons that are named, in the style sheet and in the font."""
    sheet, font = vendor / "tabler-icons.min.css", vendor / "fonts" / "tabler-icons.woff2"
    text = sheet.read_text(encoding="utf-8")
    codes = {name: int(code, 16) for name, code in ICON_RULE.findall(text) if name in named}
    own = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "static/css").glob("*.css"))
    kept = {*codes.values(), *(int(code, 16) for code in ICON_CODE.findall(own))}
    head = text[: text.index(".ti-")]
    rules = "".join(f'.ti-{name}:before{{content:"\\{code:x}"}}' for name, code in codes.items())
    sheet.write_text(head + rules, encoding="utf-8")
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False, notdef_outline=True)
    with TTFont(font) as whole:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=kept)
        cutter.subset(whole)
        whole.flavor = "woff2"
        whole.save(font)


# Styles ---------------------------------------------------------------------------------------


def is_named(name: str, named: set[str]) -> bool:
    """Whether a class is written out somewhere, or put together from a beginning and a word."""
    if name in named:
        return True
    cuts = (at for at, letter in enumerate(name) if letter == "-")
    return any(name[: at + 1] in named and name[at + 1 :] in named for at in cuts)


def is_used(selector: str, named: set[str]) -> bool:
    """Whether something with all the classes and attributes of a selector can be on a page."""
    needed = OPTIONAL.sub("", selector)
    classes = (re.sub(r"\\(.)", r"\1", name) for name in CLASS.findall(needed))
    if not all(is_named(name, named) for name in classes):
        return False
    for attribute, value in ATTRIBUTE.findall(needed):
        if attribute.startswith("data-") and not set(WORD.findall(f"{attribute} {value}")) <= named:
            return False
    return True


def selectors_of(prelude: list[tinycss2.ast.Node]) -> list[str]:
    """The selectors of a rule; a comma inside brackets separates nothing."""
    parts: list[list[tinycss2.ast.Node]] = [[]]
    for node in prelude:
        if node.type == "literal" and node.value == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return [tinycss2.serialize(part).strip() for part in parts]


def trimmed(rules: list[tinycss2.ast.Node], named: set[str]) -> str:
    """The rules that can apply, without the selectors that cannot."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in selectors_of(rule.prelude) if is_used(one, named)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = trimmed(tinycss2.parse_rule_list(rule.content, True, True), named)
            if inner:
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}")
        elif rule.type == "at-rule":
            kept.append(tinycss2.serialize([rule]))
    return "".join(kept)


VARIABLE = re.compile(r"(?<=[{;])(--[\w-]+):(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(?:;|(?=\}))")


def without_unread(text: str, own: str) -> str:
    """Without the variables nothing reads; what only those read is for the next round."""
    read = set(re.findall(r"var\((--[\w-]+)", text + own))
    return VARIABLE.sub(lambda found: found[0] if found[1] in read else "", text)


def trim_styles(vendor: Path, named: set[str]) -> None:
    """Leave the rules that can apply to a page of ours, and the variables something reads."""
    sheet = vendor / "tabler.min.css"
    rules = tinycss2.parse_stylesheet(sheet.read_text(encoding="utf-8"), True, True)
    text = trimmed(rules, named)
    own = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "static/css").glob("*.css"))
    while (fewer := without_unread(text, own)) != text:
        text = fewer
    sheet.write_text(re.sub(r"[^{};]+\{\}", "", text), encoding="utf-8")


def fingerprint(whole: Path, classes: set[str], icons: set[str]) -> str:
    """Changes when a page names something of the packages it did not name before, or no longer does."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for sheet, named in (("tabler.min.css", classes), ("tabler-icons.min.css", icons)):
        text = (whole / sheet).read_bytes()
        words = set(WORD.findall(text.decode()))
        known = {name for name in named if name in words or f"ti-{name}" in words}
        digest.update(hashlib.sha256(text).digest() + "\n".join(sorted(known)).encode())
    return digest.hexdigest()


def main(whole: Path, folder: Path) -> None:
    """Make the folder anew unless it holds just this."""
    classes, icons = named_in(whole / "vendor")
    mark, wanted = folder / "installed", fingerprint(whole / "vendor", classes, icons)
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it reports what it mends
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole / "vendor", folder / "vendor")
    trim_icons(folder / "vendor", icons)
    trim_styles(folder / "vendor", classes)
    mark.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
