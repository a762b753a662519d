"""The work plan as a paper."""

from metrostd.common.rendering import render_pdf
from metrostd.common.shapes import Context


def plan(context: Context) -> bytes:
    """工作计划 in official layout (GB/T 9704, A4)."""
    return render_pdf("plans/pdf/plan.html", context)
