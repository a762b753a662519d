"""The component gallery and the previews of the error pages; both exist in debug mode only."""

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from metrostd.common.http import PortalRequest
from metrostd.common.shapes import Context

from . import gallery as samples
from .day_fields import AnyDay

#: Composition shown by ``?show=``: template and the sample data it takes.
_SHOWN = {
    "parts": ("common/gallery.html", samples.parts, ""),
    "desk": ("common/gallery_desk.html", samples.desk, "工作台"),
    "sheet": ("common/gallery_sheet.html", samples.sheet, ""),
    "annex": ("common/gallery_annex.html", samples.annex, "统计表（附件3）"),
}
_ERROR_CONTEXT: dict[int, Context] = {
    403: {"exception": "只有检查组长可以提交检查结论。"},
    409: {"reasons": ["这份检查表已由示例乙提交，不能再次提交。"], "current_url": "/_gallery/"},
    422: {"reasons": ["“不符合”需要至少 10 个字的事实记录。"], "current_url": ""},
}
_ERROR_TEMPLATES = {
    "400": 400,
    "403": 403,
    "403_csrf": 403,
    "404": 404,
    "409": 409,
    "422": 422,
    "500": 500,
}


class SampleForm(forms.Form):
    """What crispy makes of each kind of field."""

    title = forms.CharField(label="单位名称", help_text="与营业执照一致。")
    kind = forms.ChoiceField(
        label="单位性质", choices=[("", "请选择"), ("q", "企业"), ("s", "事业单位")]
    )
    due = AnyDay(label="到期日")
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="我已核对以上内容")


@login_not_required
@require_safe
def gallery(request: PortalRequest) -> HttpResponse:
    """Each component in each state, and whole pages made of them (``?show=desk|sheet|annex``)."""
    if not settings.DEBUG:
        raise Http404
    template, sample, active = _SHOWN.get(request.GET.get("show", ""), _SHOWN["parts"])
    context = {
        "frame": samples.frame(active),
        "today": samples.TODAY,
        "page": samples.page(),
        "form": SampleForm(),
        "bad_form": SampleForm({"title": "", "kind": "x", "due": "2021-02-30", "note": "草稿"}),
        **sample(),
    }
    return render(request, template, context)


@login_not_required
@require_safe
def error_preview(request: PortalRequest, name: str) -> HttpResponse:
    """An error page as it would be answered, for instance ``409`` or ``403_csrf``."""
    if not settings.DEBUG or name not in _ERROR_TEMPLATES:
        raise Http404
    status = _ERROR_TEMPLATES[name]
    context = _ERROR_CONTEXT.get(status, {})
    return render(request, f"{name}.html", context, status=status)
