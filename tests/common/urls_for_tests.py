"""Views that fail in every way a domain function can fail."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.urls import include, path

from campaigns.models import Campaign
from metrostd.common import audit
from metrostd.common.http import StaleError
from metrostd.common.policies import Verdict, require
from metrostd.common.transitions import TransitionError


def wrong_state(request):
    raise TransitionError("“示例专项行动”目前是“进行中”，不能“开启”。", obj=Campaign(pk=7))


def wrong_state_of_nothing(request):
    raise TransitionError("这条记录已经不在了。")


def stale(request):
    raise StaleError("这一项刚刚被他人修改。", payload={"yours": "conform", "theirs": "nonconform"})


def broken_rule(request):
    raise ValidationError({"note": "“不符合”需要说明。", "value": "请选择结论。"})


def refused(request):
    require(Verdict("只有检查组长可以提交检查结论。"))


def refused_without_reason(request):
    raise PermissionDenied


def fault(request):
    raise ZeroDivisionError


def address(request):
    return HttpResponse(audit.origin.get() or "none")


urlpatterns = [
    path("wrong-state/", wrong_state),
    path("wrong-state-of-nothing/", wrong_state_of_nothing),
    path("stale/", stale),
    path("broken-rule/", broken_rule),
    path("refused/", refused),
    path("refused-without-reason/", refused_without_reason),
    path("fault/", fault),
    path("address/", address),
    path("", include("metrostd.urls")),
]
