"""我的视图: a list as one person likes to see it, kept under a name. Whoever opens it sees what they may see then."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.urls import Resolver404, resolve

from metrostd.common.actors import Actor

from . import audit
from .models import KeptList

MOST, LONGEST_NAME, LONGEST_QUERY = 20, 30, 1000
#: What an address says besides: where in the list somebody stood is no part of how it looks.
_PASSING = ("page", "csrfmiddlewaretoken")


def cleaned(query: str) -> str:
    """Filter, order and columns of an address."""
    asked = QueryDict(query.removeprefix("?"), mutable=True)
    for name in _PASSING:
        asked.pop(name, None)
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if given := [value for value in values if value]:
            kept.setlist(name, given)
    return kept.urlencode()


def is_list(path: str) -> bool:
    """Whether a path leads to a page of this portal."""
    if not path.startswith("/") or path.startswith("//") or len(path) > KeptList.LONGEST_PATH:
        return False
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@transaction.atomic
def keep(*, path: str, query: str, name: str, actor: Actor) -> KeptList:
    """Keep a view under a name; one of that name is replaced.

    Raises ValidationError for no name, an address that is none, or one view too many.
    """
    name, query = name.strip(), cleaned(query)
    if not name or len(name) > LONGEST_NAME:
        raise ValidationError({"name": f"请填写名称，最多 {LONGEST_NAME} 字。"})
    if not is_list(path) or len(query) > LONGEST_QUERY:
        raise ValidationError("这个列表或者它的条件不能保存为视图，请回到列表重新打开本页。")
    own = KeptList.objects.visible_to(actor).filter(path=path)
    before = own.select_for_update().filter(name=name).first()
    if before is None and own.count() >= MOST:
        raise ValidationError(f"每个列表最多保存 {MOST} 个视图，请先删除不用的。")
    row = before or KeptList(user_id=actor.pk, path=path, name=name)
    was, row.query = row.query, query
    row.save()
    audit.record(
        row, actor=actor, action="kept_list.keep", label="保存列表视图",
        before={"query": was} if before else None, after={"path": path, "name": name, "query": query},
    )  # fmt: skip
    return row


@transaction.atomic
def remove(row: KeptList, *, actor: Actor) -> None:
    audit.record(
        row, actor=actor, action="kept_list.remove", label="删除列表视图",
        before={"path": row.path, "name": row.name, "query": row.query},
    )  # fmt: skip
    row.delete()
