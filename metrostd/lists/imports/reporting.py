"""The result of an import as operators' scripts read it; the shape is fixed."""

from collections.abc import Mapping
from typing import Any, TypedDict

from metrostd.lists.imports.issues import KeptIssue
from metrostd.registry.enums import ImportState
from metrostd.registry.models import ImportBatch

from .previews import Preview


class Report(TypedDict):
    """The shape scripts rely on."""

    file: dict[str, str]
    # Any: counts by kind, see ``previews``
    units: dict[str, Any]
    standards: dict[str, Any]  # Any: as ``units``
    committed: bool
    issues: list[KeptIssue]


def to_report(batch: ImportBatch) -> Report:
    """File, counts, whether it was committed, and every issue of a stored import."""
    return _report(
        name=batch.filename,
        sha256=batch.file.sha256,
        summary=batch.summary,
        issues=batch.issues,
        committed=batch.state == ImportState.COMMITTED,
    )


def preview_report(found: Preview, *, name: str) -> Report:
    """The same for a list that was only looked at."""
    return _report(
        name=name, sha256=found.sha256, summary=found.summary, issues=found.issues, committed=False
    )


def _report(
    *,
    name: str,
    sha256: str,
    summary: Mapping[str, Any],  # Any: counts by kind, see ``previews``
    issues: list[KeptIssue],
    committed: bool,
) -> Report:
    return {
        "file": {"name": name, "sha256": sha256, "format": summary["format"]},
        "units": summary["units"],
        "standards": summary["standards"],
        "committed": committed,
        "issues": issues,
    }
