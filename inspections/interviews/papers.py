"""What a 现场笔录 says on paper, its hash, and the paper on file."""

import base64
import hashlib
import json

from inspections.models import Interview
from metrostd.common.models import Paper, StoredFile
from metrostd.common.papers import Words, paper_of, plain
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_datetime

KIND = "inspections.interview"


def content(interview: Interview) -> dict[str, object]:
    """Everything that is signed: who asked whom where and when, each question and answer, the person's own words."""
    task = interview.task
    team = task.team.select_related("membership__user").order_by("pk")
    return {
        "number": interview.number,
        "campaign": task.campaign.title,
        "unit": task.subject.name,
        "authority": task.authority.name,
        "person": interview.person,
        "position": interview.position,
        "place": interview.place,
        "began_at": cn_datetime(interview.began_at),
        "recorder": str(interview.recorder.user),
        "team": [
            f"{row.membership.user}（{row.get_role_display()}"
            f"{f'，执法证 {row.officer_cert_no}' if row.officer_cert_no else ''}）"
            for row in team
        ],
        "lines": interview.lines,
        "remark": interview.remark,
    }


def content_hash(interview: Interview) -> str:
    """The hash of what is signed."""
    text = json.dumps(plain(content(interview)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _picture(file: StoredFile) -> str:
    with file.content.open("rb") as stored:
        return base64.b64encode(stored.read()).decode()


def words_of(interview: Interview) -> dict[str, object]:
    """The paper's words with the signatures on it."""
    signed = interview.signatures.filter(void_at=None).select_related("image", "collected_by")
    return content(interview) | {
        "ended_at": cn_datetime(interview.ended_at),
        "hash": content_hash(interview),
        "refusal": interview.refusal_reason,
        "witness": interview.refusal_witness,
        "signatures": [
            {
                "party": "执法人员" if row.membership_id else "被询问人",
                "name": row.name,
                "signed_at": cn_datetime(row.signed_at),
                "taken_by": "" if row.membership_id else str(row.collected_by or ""),
                "image": _picture(row.image),
            }
            for row in signed
        ],
    }


def paper(interview: Interview) -> Paper:
    """The paper on file; made when first asked for, of the words kept when it was closed."""
    return paper_of(KIND, interview.words, title=f"{interview} {interview.task.subject}")


def interview_pdf(words: Words) -> bytes:
    """Lay out 现场笔录 (A4)."""
    return render_pdf("inspections/pdf/interview.html", {"words": words})
