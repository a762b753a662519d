"""What a device sends of 现场笔录: begun, written down and signed there, through the moves of the page."""

from collections.abc import Callable
from itertools import zip_longest

from django.core.exceptions import ValidationError
from django.http import QueryDict

from inspections.enums import InterviewState
from inspections.interviews import moves, papers, policies
from inspections.interviews.forms import BeginForm, WriteForm
from inspections.models import Interview, TaskLease
from inspections.policies import may_take_part
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.handwriting import handwriting
from metrostd.common.http import StaleError
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from .entries import require_valid
from .records import Content, Sent, moment_of, number_in, pairs_in, stands_on, text_in

_PERSON = "person"


def _known(lease: TaskLease, data: Content) -> tuple[Interview | None, str]:
    """The record that is spoken of and the words the device saw; None for one that begins now."""
    earlier = stands_on(lease, data)
    if earlier is None and "interview" not in data:
        return None, ""
    found = earlier if earlier is not None else data
    rows = lease.task.interviews.select_related("task__authority", "task__campaign", "recorder")
    row: Interview = get_object_or_404(rows, pk=number_in(found, "interview"))
    return row, text_in(found, "seen")


def _write(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    del sent
    require(may_take_part(actor, lease.task))
    lines = pairs_in(data, "lines")[: WriteForm.MOST]
    remark = text_in(data, "remark")
    row, seen = _known(lease, data)
    if row is None:
        row = _begin(lease, data, actor)
        seen = papers.content_hash(row)
    _require_fresh(row, seen, lines, remark)
    moves.write(row, actor=actor, lines=_cut(lines), remark=remark, seen=seen)
    if "lost" in data:
        _settled(row, data, actor)
    return _said(row)


def _settled(row: Interview, data: Content, actor: Actor) -> None:
    """A conflict was settled on the device: the words that gave way stay on record."""
    before = data.get("lost")
    audit.record(row, actor=actor, action="interview.settle", label="处理冲突", before=before)


def _cut(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(question[:1000], answer[:4000]) for question, answer in lines]


def _said(row: Interview) -> Context:
    return {"interview": row.pk, "seen": papers.content_hash(row), "title": str(row)}


def _begin(lease: TaskLease, data: Content, actor: Actor) -> Interview:
    fields = QueryDict(mutable=True)
    for name, value in pairs_in(data, "fields"):
        fields[name] = value
    form = BeginForm(fields, task=lease.task)
    require_valid(form)
    return moves.begin(lease.task, actor=actor, **form.cleaned_data)


def _require_fresh(row: Interview, seen: str, lines: list[tuple[str, str]], remark: str) -> None:
    """Somebody else's words are not written over: both are told."""
    if row.state != InterviewState.DRAFT or papers.content_hash(row) == seen:
        return
    fields: dict[str, list[str]] = {}
    for number, (theirs, mine) in enumerate(zip_longest(row.lines, lines), start=1):
        said = [f"问：{pair[0]}\n答：{pair[1]}" if pair else "" for pair in (theirs, mine)]
        if said[0] != said[1]:
            fields[f"第{number}问"] = said
    if row.remark != remark:
        fields["被询问人意见"] = [row.remark, remark]
    payload: Context = {
        "fields": fields,
        "about": f"interview:{row.pk}",
        "seen": papers.content_hash(row),
    }
    raise StaleError("笔录刚刚被他人修改，请核对后再改。", payload=payload)


def give_way(lease: TaskLease, data: Content, actor: Actor) -> Context:
    """The colleague's words were chosen: one's own stay on record."""
    require(may_take_part(actor, lease.task))
    row, _ = _known(lease, data)
    if row is None:
        raise ValidationError("记录的内容不完整，请导出后重新填写。")
    _settled(row, data, actor)
    return _said(row)


def _sign(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    """Signed are the words the device showed: those of the record it names, or what it had taken along."""
    row, seen = _known(lease, data)
    if row is None:
        raise ValidationError("记录的内容不完整，请导出后重新填写。")
    require(policies.may_sign(actor, row))
    made = moves.sign(
        row,
        actor=actor,
        membership=None if text_in(data, "who") == _PERSON else actor.acting,
        hand=handwriting(text_in(data, "image"), text_in(data, "strokes")),
        seen=seen,
        at=moment_of(lease, sent),
    )
    return _said(row) | {"signature": made.pk}


ACTS: dict[str, Callable[[TaskLease, Sent, Content, Actor], Context]] = {
    "interview": _write,
    "undersign": _sign,
}
