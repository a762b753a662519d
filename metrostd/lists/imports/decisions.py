"""Conflicts that only a person can settle: what may be chosen, what was chosen, what happens meanwhile.

A conflict is told by its code and by what it is about (never by where it stands), so a decision
survives re-reading and stops to apply when the matter itself has changed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from metrostd.annex4 import Issue, Severity
from metrostd.annex4.issues import Kind

from .issues import kind_of, register_issue
from .lines import Line

KEEP, TAKE, OTHER, SAME, SKIP = "keep", "take", "other", "same", "skip"
UNIT = "unit:"
#: Of one code so many questions are kept for the screen; the rest follow when these are answered.
MOST_KEPT = 200

Choices = dict[str, str]


class KeptQuestion(TypedDict):
    """A question as it is kept with the list, and shown."""

    key: str
    code: str
    sheet: str
    cell: str
    unit: str
    found: str
    about: str
    choices: Choices
    default: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen about one code. Without ``default`` the list waits for the decision."""

    choices: Choices
    default: str = ""

    @property
    def blocks(self) -> bool:
        return not self.default


KINDS: dict[str, Options] = {
    # Inside the list
    "CONFLICT_DISTRICT": Options(
        {KEEP: "以先出现的区为准", TAKE: "以本行的区为准", SKIP: "本单位的行不导入"}
    ),
    "CONFLICT_CODE": Options(
        {
            KEEP: "是同一单位，以先出现的信用代码为准",
            TAKE: "是同一单位，以本行的信用代码为准",
            OTHER: "是另一单位，按两个单位处理",
            SKIP: "该代码的行不导入",
        }
    ),
    "CONFLICT_NAME": Options(
        {
            KEEP: "是同一单位，以先出现的名称为准",
            TAKE: "是同一单位，以本行的名称为准",
            OTHER: "是另一单位，本行的信用代码有误，不导入该代码",
            SKIP: "该名称的行不导入",
        }
    ),
    "DUP_CERT": Options(
        {KEEP: "以先出现的行为准，本行不导入", TAKE: "以本行为准，先出现的行不导入"}
    ),
    "NAME_VARIANT": Options({OTHER: "是两个单位", SAME: "是同一单位，以先出现的名称为准"}, OTHER),
    # Against the register
    "REG_USCC_CONFLICT": Options(
        {
            KEEP: "是同一单位，以台账的信用代码为准",
            TAKE: "是同一单位，以名单的信用代码为准",
            OTHER: "是另一单位，新增",
            SKIP: "本单位的行不导入",
        }
    ),
    "REG_UNIT_AMBIGUOUS": Options({OTHER: "是另一单位，新增", SKIP: "本单位的行不导入"}),
    "REG_NAME_TAKEN": Options(
        {
            KEEP: "并入信用代码相同的单位，保留台账名称",
            TAKE: "并入信用代码相同的单位，改用名单名称",
            SKIP: "本单位的行不导入",
        }
    ),
    "REG_CERT_TAKEN": Options({KEEP: "以台账为准，本项计量标准不导入"}),
    "REG_NAME_SIMILAR": Options({OTHER: "是另一单位，新增"}, OTHER),
    "REG_RENAMED": Options({TAKE: "以名单为准，改用新名称", KEEP: "以台账为准，名称不变"}, TAKE),
    "REG_OTHER_NAME": Options(
        {
            TAKE: "是同一单位，改用名单的名称",
            KEEP: "是同一单位，以台账的名称为准",
            SKIP: "信用代码有误，本单位的行不导入",
        }
    ),
    "REG_OTHER_STANDARD": Options(
        {
            TAKE: "是同一项，改用名单的名称",
            KEEP: "是同一项，以台账的名称为准",
            SKIP: "证书号有误，本行不导入",
        }
    ),
    "REG_DRAFT_TWIN": Options(
        {OTHER: "是另一项，按在办草稿新增", SAME: "是同一项，不再新增"}, OTHER
    ),
    "REG_ISSUER": Options({KEEP: "以台账为准", TAKE: "以名单为准，改为名单的发证部门"}, KEEP),
    "REG_CATEGORY": Options({KEEP: "以台账为准", TAKE: "以名单为准，改为名单的类别"}, KEEP),
    "REG_EDITED": Options({KEEP: "以台账为准，保留台账的内容", TAKE: "以名单为准"}, KEEP),
}
#: Three questions of one code of the parser, each with a title of its own.
_TITLES = {
    "CONFLICT_DISTRICT": "同一单位分在两个区",
    "CONFLICT_CODE": "同一单位有两个信用代码",
    "CONFLICT_NAME": "一个信用代码有两个单位名称",
}
_PUBLIC = dict.fromkeys(_TITLES, "CONFLICT")


@dataclass(slots=True)
class Conflict:
    """One question. ``chosen`` is empty while nobody decided; ``default`` is what happens until then."""

    key: str
    code: str
    sheet: str
    cell: str
    unit: str
    found: str
    about: str
    choices: Choices
    default: str = ""
    chosen: str = ""

    @property
    def open(self) -> bool:
        return not self.chosen and not self.default

    def as_json(self) -> KeptQuestion:
        return {
            "key": self.key,
            "code": self.code,
            "sheet": self.sheet,
            "cell": self.cell,
            "unit": self.unit,
            "found": self.found,
            "about": self.about,
            "choices": self.choices,
            "default": self.default,
            "chosen": self.chosen,
        }


def key_of(code: str, subject: Iterable[object]) -> str:
    """Stable over re-reading: the code and what the question is about, nothing else."""
    text = "\x1f".join((code, *map(str, subject)))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def key_of_all(code: str) -> str:
    """The decision for every conflict of one code that has none of its own."""
    return f"*{code}"


def key_of_row(sheet: str, row_no: int) -> str:
    """The decision to leave one row out."""
    return f"row|{sheet}|{row_no}"


@dataclass(slots=True)
class Decisions:
    """What was decided on a list, and the questions met while it is worked through."""

    stored: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def chosen(self, code: str, subject: Iterable[object], choices: Choices) -> str:
        """The choice made on one matter, or on all of its kind; empty when there is none."""
        for key in (key_of(code, subject), key_of_all(code)):
            if (made := self.stored.get(key)) and made["choice"] in choices:
                return made["choice"]
        return ""

    def ask(
        self,
        code: str,
        line: Line,
        target: str,
        *,
        found: str,
        advice: str = "",
        subject: Iterable[object],
        extra: Choices | None = None,
    ) -> str:
        """Put a question and return what happens: the choice, else the default, else nothing.

        The question stands in the list of conflicts and, as an issue, beside its cell: an error
        while it is open, a remark once it is decided.
        """
        kind = KINDS[code]
        subject = tuple(subject)
        choices = {**(extra or {}), **kind.choices}
        made = self.chosen(code, subject, choices)
        cell = line.cell(target) or f"A{line.row_no}"
        public = _PUBLIC.get(code, code)
        self.conflicts.append(
            Conflict(
                key_of(code, subject),
                code,
                line.sheet,
                cell,
                line.unit_name,
                found,
                advice,
                choices,
                kind.default,
                made,
            )
        )
        issue = register_issue(public, sheet=line.sheet, cell=cell, found=found, advice=advice)
        if made:
            issue = Issue(
                public, Severity.INFO, line.sheet, cell, found, f"已决定：{choices[made]}"
            )
        self.issues.append(issue)
        return made or kind.default

    def left_out(self) -> set[tuple[str, int]]:
        """Rows somebody decided to leave out, by sheet and row number."""
        found = set()
        for key, made in self.stored.items():
            if key.startswith("row|") and made["choice"] == SKIP:
                sheet, _, number = key.removeprefix("row|").rpartition("|")
                found.add((sheet, int(number)))
        return found

    def counts(self) -> dict[str, int]:
        """How many questions wait, are decided, or go by their default."""
        waiting = sum(1 for c in self.conflicts if c.open)
        decided = sum(1 for c in self.conflicts if c.chosen)
        rest = len(self.conflicts) - waiting - decided
        return {"open": waiting, "decided": decided, "default": rest}

    def kept(self) -> list[KeptQuestion]:
        """The questions to show, the open ones first; of one code no more than a person can read."""
        seen: Counter[str] = Counter()
        found = []
        for conflict in sorted(self.conflicts, key=lambda c: (not c.open, bool(c.chosen))):
            seen[conflict.code] += 1
            if seen[conflict.code] <= MOST_KEPT:
                found.append(conflict.as_json())
        return found


def what_of(key: str, asked: KeptQuestion | None) -> str:
    """What a decision is about, in words, also when the question is no longer asked."""
    if key.startswith("*"):
        return f"全部“{kind_of_code(key.removeprefix('*')).title}”"
    if key.startswith("row|"):
        sheet, _, number = key.removeprefix("row|").rpartition("|")
        return f"工作表“{sheet}”第{number}行"
    if asked is None:
        return ""
    about = "，".join(dict.fromkeys((asked["unit"], asked["found"])))
    return f"{kind_of_code(asked['code']).title}：{about}（{asked['sheet']} {asked['cell']}）"


def words_of(key: str, choice: str, asked: KeptQuestion | None) -> str:
    """A choice in the words it was offered in."""
    if key.startswith("row|"):
        return "本行不导入"
    if key.startswith("*"):
        kind = KINDS.get(key.removeprefix("*"))
        return kind.choices.get(choice, choice) if kind else choice
    return str(asked["choices"].get(choice, choice)) if asked else choice


def kind_of_code(code: str) -> Kind:
    """Title and advice of a question's code."""
    kind = kind_of(_PUBLIC.get(code, code))
    return replace(kind, title=_TITLES.get(code, kind.title))
