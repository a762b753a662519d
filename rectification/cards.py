"""One card for each finding: fact and photos before, what the unit did, what the office may decide."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Prefetch, prefetch_related_objects

from inspections.models import Evidence, Finding
from inspections.moves import finding as finding_moves
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict

from . import policies, queries, separation
from .enums import ExtensionState, ReviewMethod, ReviewResult
from .forms import ReviewForm
from .models import ExtensionRequest, OrderItem, Rectification, RectificationFile

Row = TypeVar("Row")


@dataclass(slots=True)
class Card:
    """Everything a page shows about one finding, fetched for all cards of the page at once."""

    finding: Finding
    certificate: str
    requirement: str
    before_photos: list[Evidence]
    before_files: list[Evidence]
    files: list[RectificationFile]
    rounds: list[Rectification]
    requests: list[ExtensionRequest]
    missing: list[str]
    edit: Verdict
    review: Verdict
    review_form: ReviewForm | None = None

    @property
    def draft(self) -> Rectification | None:
        """The round being written."""
        return next((row for row in reversed(self.rounds) if row.submitted_at is None), None)

    @property
    def reported(self) -> list[Rectification]:
        """What has been submitted, the newest first."""
        return [row for row in reversed(self.rounds) if row.submitted_at is not None]

    @property
    def shown(self) -> Rectification | None:
        """The round whose words and files stand beside the fact."""
        return self.reported[0] if self.reported else None

    @property
    def sent_back(self) -> Rectification | None:
        """The round sent back before the one that now waits for its decision."""
        waits = len(self.reported) > 1 and self.reported[0].outcome is None
        outcome = self.reported[1].outcome if waits else None
        returned = outcome is not None and outcome.result == ReviewResult.RETURNED
        return self.reported[1] if returned else None

    @property
    def changed_since(self) -> str:
        """What the unit changed after the round was sent back, in one sentence."""
        then, now = self.sent_back, self.shown
        if then is None or now is None:
            return ""
        parts = {"原因分析": "cause", "整改措施": "action", "预防措施": "prevention"}
        same = [
            name for name, field in parts.items() if getattr(then, field) == getattr(now, field)
        ]
        new = [name for name in parts if name not in same]
        files = sum(file.rectification_id == now.pk for file in self.files)
        told = [f"已修改{'、'.join(new)}" if new else "文字没有修改"]
        told += [f"未修改{'、'.join(same)}"] if new and same else []
        told.append(f"新增证明材料 {files} 份" if files else "没有新增证明材料")
        return "；".join(told) + "。"

    @property
    def photos(self) -> list[RectificationFile]:
        return [row for row in self.files if row.file.is_picture]

    @property
    def papers(self) -> list[RectificationFile]:
        return [row for row in self.files if not row.file.is_picture]

    @property
    def asked(self) -> ExtensionRequest | None:
        """The request for an extension that waits for a decision."""
        return next((row for row in self.requests if row.state == ExtensionState.ASKED), None)


def with_requests(rows: list[Finding]) -> None:
    """Fetch the requests for later days of all rows at once; what is overdue is asked of them."""
    asked = ExtensionRequest.objects.select_related("asked_by").order_by("pk")
    prefetch_related_objects(rows, Prefetch("extensions", queryset=asked))


class _Once:
    """Whether a person may decide on rectifications: asked once for those of one task by the same reporters."""

    def __init__(self, user: Actor) -> None:
        self._user = user
        self._known: dict[tuple[int, frozenset[int | None]], Verdict] = {}

    def review(self, row: Finding) -> Verdict:
        key = (row.task_id, frozenset(separation.reporters(row)))
        if key not in self._known:
            self._known[key] = policies.may_review(self._user, row)
        return self._known[key]


def cards(findings: Iterable[Finding], *, user: Actor, with_forms: bool = False) -> list[Card]:
    """Cards in the order of the findings; a fixed number of queries however many there are.

    Drafts and their files are in the card only for the unit itself.
    """
    rows = list(findings)
    pks = [row.pk for row in rows]
    own = bool(user.scope.casework.unit_ids)
    certificates = queries.certificate_numbers(row.standard_id for row in rows)
    requirements = dict(
        OrderItem.objects.filter(finding__in=pks).values_list("finding_id", "requirement")
    )
    evidence = _grouped(
        Evidence.objects.filter(answer__finding__in=pks, withdrawn_at=None)
        .select_related("file", "answer__finding", "captured_by")
        .order_by("pk"),
        lambda row: row.answer.finding.pk,
    )
    rounds = Rectification.objects.select_related("submitted_by", "review__reviewed_by")
    prefetch_related_objects(rows, Prefetch("rectifications", queryset=rounds.order_by("round")))
    files = queries.files_by_finding(pks)
    with_requests(rows)
    made, may = [], _Once(user)
    for row in rows:
        seen = [r for r in row.rectifications.all() if own or r.submitted_at]
        mine = [f for f in files.get(row.pk, []) if own or f.rectification.submitted_at]
        before = evidence.get(row.pk, [])
        review = policies.can_review(user, row, may=may.review(row))
        made.append(
            Card(
                finding=row,
                certificate=certificates.get(row.standard_id or 0, ""),
                requirement=requirements.get(row.pk, ""),
                before_photos=[e for e in before if e.file.is_picture],
                before_files=[e for e in before if not e.file.is_picture],
                files=mine,
                rounds=seen,
                requests=list(row.extensions.all()),
                missing=queries.missing_parts(seen[-1] if seen else None, len(mine)),
                edit=policies.can_edit(user, row),
                review=review,
                review_form=_review_form(row) if with_forms and review else None,
            )
        )
    return made


def _review_form(finding: Finding) -> ReviewForm:
    form = ReviewForm(
        prefix=f"f{finding.pk}",
        initial={"method": ReviewMethod.DOCUMENTS.value},
    )
    if not (verdict := finding_moves.SEND_BACK.verdict(finding)):
        form.without_returning(verdict.reason)
    return form


def _grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
