"""Papers of a review: the notice to the bureau and the demand for measures, in the words of the day they were sent."""

from metrostd.common import clock
from metrostd.common.models import Paper
from metrostd.common.papers import Words, paper_of
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_date

from .models import CertificationReview

#: The kinds of papers.
NOTICE, DEMAND = "inspections.review_notice", "inspections.review_demand"


def _head(review: CertificationReview) -> dict[str, object]:
    return {
        "campaign": review.campaign.title,
        "authority": review.authority.name,
        "office": review.authority.office,
        "bureau": review.bureau.name,
    }


def notice_words(review: CertificationReview) -> dict[str, object]:
    """What the notice says: who comes when, and where the case files come from."""
    task = review.task
    frame = review.drawn.run.frame
    team = task.team.select_related("membership__user").order_by("pk")
    return _head(review) | {
        "record_no": review.drawn.run.record_no,
        "planned_on": cn_date(task.planned_on) or "另行通知",
        "place": task.place,
        "issued_from": cn_date(frame.issued_from),
        "cases": review.drawn.cases.count(),
        "team": [f"{row.membership.user}（{row.get_role_display()}）" for row in team],
        "sent_on": cn_date(clock.today()),
    }


def demand_words(review: CertificationReview) -> dict[str, object]:
    """What the demand says: each problem with its ground, and by when measures are due."""
    rows = review.problems.counted().select_related("item", "sheet")
    return _head(review) | {
        "visited_on": cn_date(review.task.arrived_at),
        "due_on": cn_date(review.measures_due_on),
        "requirement": review.requirement,
        "problems": [
            {
                "code": row.item.code,
                "text": row.item.text,
                "about": str(row.sheet),
                "severity": row.get_severity_display(),
                "fact": row.fact,
                "basis": row.basis,
            }
            for row in rows
        ],
        "sent_on": cn_date(clock.today()),
    }


def notice_paper(review: CertificationReview) -> Paper:
    """The notice on file; made when first asked for."""
    return paper_of(NOTICE, review.notice, title=f"考核工作监督检查通知书 {review.bureau}")


def demand_paper(review: CertificationReview) -> Paper:
    """The demand on file; made when first asked for."""
    return paper_of(DEMAND, review.demand, title=f"考核工作整改要求 {review.bureau}")


def notice_pdf(words: Words) -> bytes:
    """Lay out 考核工作监督检查通知书 (A4)."""
    return render_pdf("inspections/pdf/review_notice.html", {"words": words})


def demand_pdf(words: Words) -> bytes:
    """Lay out 考核工作整改要求 (A4)."""
    return render_pdf("inspections/pdf/review_demand.html", {"words": words})
