"""The result of an import as operators' scripts read it; the shape is fixed."""

from metrostd.registry.enums import ImportState
from metrostd.registry.models import ImportBatch

from .previews import Preview


def to_report(batch: ImportBatch) -> dict[str, object]:
    """File, counts, whether it was committed, and every issue of a stored import."""
    return _report(
        name=batch.filename,
        sha256=batch.file.sha256,
        summary=batch.summary,
        issues=batch.issues,
        committed=batch.state == ImportState.COMMITTED,
    )


def preview_report(found: Preview, *, name: str) -> dict[str, object]:
    """The same for a list that was only looked at."""
    return _report(
        name=name, sha256=found.sha256, summary=found.summary, issues=found.issues, committed=False
    )


def _report(
    *, name: str, sha256: str, summary: dict, issues: list, committed: bool
) -> dict[str, object]:
    return {
        "file": {"name": name, "sha256": sha256, "format": summary["format"]},
        "units": summary["units"],
        "standards": summary["standards"],
        "committed": committed,
        "issues": issues,
    }
