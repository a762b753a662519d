"""The page of one's own views of a list: opened, kept, deleted."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from . import kept_lists
from .attempts import attempt
from .found import get_object_or_404
from .http import PortalRequest, go
from .kept_list_forms import KeptListForm
from .models import KeptList
from .shapes import Context
from .templatetags.lists import page_of_kept


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """The views of the list the address names, and the one it was left in to be kept."""
    path = request.GET.get("list", "")
    if not kept_lists.is_list(path):
        raise Http404
    query = kept_lists.cleaned(request.GET.get("query", ""))
    form = KeptListForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: kept_lists.keep(
            path=path, query=query, name=form.cleaned_data["name"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, f"已保存为视图“{tried.made.name}”。")
        return go(request, tried.made.address)
    context: Context = {
        "form": form,
        "back": f"{path}?{query}" if query else path,
        "is_narrowed": bool(query),
        "rows": KeptList.objects.visible_to(request.user).filter(path=path),
    }
    return render(request, "common/kept_lists.html", context, status=tried.status)


@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(KeptList.objects.visible_to(request.user), pk=pk)
    kept_lists.remove(row, actor=request.user)
    messages.success(request, f"视图“{row.name}”已删除。")
    return go(request, page_of_kept(row.path, row.query))
