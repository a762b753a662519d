"""Components of list pages: pages, sorting, filters. Registered together with the rest in ``ui``."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

register = template.Library()

_FILTER_KINDS = ("search", "date")


def query_string(request: HttpRequest, **changes: object) -> str:
    """The address's query with ``changes`` applied; None or "" takes a parameter out."""
    query = request.GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


def page_of_kept(path: str, query: str) -> str:
    """The page of one's own views of a list, which is left as ``query`` says."""
    return f"{reverse('kept_lists:index')}?{urlencode({'list': path, 'query': query})}"


@register.simple_tag
def query_link(*, request: HttpRequest, **changes: object) -> str:
    """The address's own query with some parameters changed: a figure that narrows the list below it."""
    return query_string(request, **changes)


@register.inclusion_tag("components/pager.html")
def pager(*, page: Page, request: HttpRequest) -> dict:
    gap = page.paginator.ELLIPSIS
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    links = [
        {
            "label": number,
            "gap": number == gap,
            "current": number == page.number,
            "url": "" if number == gap else query_string(request, page=number),
        }
        for number in numbers
    ]
    before = page.previous_page_number() if page.has_previous() else None
    after = page.next_page_number() if page.has_next() else None
    return {
        "page": page,
        "more": getattr(page.paginator.object_list, "more", False),
        "links": links,
        "before_url": query_string(request, page=before) if before else "",
        "after_url": query_string(request, page=after) if after else "",
    }


@register.inclusion_tag("components/sort_link.html")
def sort_link(*, field: str, label: str, request: HttpRequest) -> dict:
    now = request.GET.get("sort", "")
    direction = {field: "asc", f"-{field}": "desc"}.get(now, "")
    target = f"-{field}" if direction == "asc" else field
    return {
        "label": label,
        "direction": direction,
        "url": query_string(request, sort=target, page=None),
    }


@register.simple_block_tag
def filter_bar(content: str, *, request: HttpRequest, label: str = "查询") -> SafeString:
    own = {"page", "sort", "hide"}
    active = any(value for key, value in request.GET.items() if key not in own)
    context = {
        "content": content,
        "action": request.path,
        "sort": request.GET.get("sort", ""),
        "hide": request.GET.get("hide", ""),
        "kept_url": page_of_kept(request.path, request.GET.urlencode()),
        "active": active,
        "label": label,
    }
    return render_to_string("components/filter_bar.html", context)


@register.inclusion_tag("components/filter_search.html")
def filter_search(
    *, name: str, label: str, request: HttpRequest, placeholder: str = "", kind: str = "search"
) -> dict:
    if kind not in _FILTER_KINDS:
        raise template.TemplateSyntaxError(f"filter kind {kind!r} is not one of {_FILTER_KINDS}")
    return {
        "name": name,
        "label": label,
        "value": request.GET.get(name, ""),
        "placeholder": placeholder,
        "kind": kind,
    }


@register.inclusion_tag("components/filter_select.html")
def filter_select(
    *,
    name: str,
    label: str,
    choices: Iterable[tuple[object, str]],
    request: HttpRequest,
    default: str = "",
) -> dict:
    """``default``: what holds where nothing is chosen; such a list is never about all of them."""
    chosen = request.GET.get(name) or default
    options = [
        {"value": value, "label": text, "chosen": str(value) == chosen} for value, text in choices
    ]
    return {"name": name, "label": label, "options": options, "is_all_offered": not default}
