"""Opening the accounts of many units; slips of units and of offices; who has not signed in yet."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrostd.accounts import bulk, letters, policies, runners
from metrostd.accounts.filters import with_memberships
from metrostd.accounts.models import Membership, SlipPrint, User
from metrostd.common import audit, clock
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of, pdf_response
from metrostd.common.jobs import start_job
from metrostd.common.models import AuditEntry
from metrostd.common.outside import whole
from metrostd.common.policies import not_now, require
from metrostd.common.sealing import unseal_bytes
from metrostd.registry.enums import ImportState
from metrostd.registry.models import ImportBatch

#: So many slips at most in one file; a nation's list is printed district by district.
MOST = 5_000
#: In the address of the page: accounts of offices, not of units.
OFFICE = "office"


def _batch(request: PortalRequest) -> ImportBatch | None:
    """The list the page is narrowed to."""
    wanted = whole((request.POST or request.GET).get("batch", ""))
    if wanted is None:
        return None
    return get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=wanted)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Units without an account, slips that were printed, accounts that wait for their first sign-in."""
    require(policies.can_open_in_bulk(request.user))
    batch = _batch(request)
    lacking = bulk.without_account(bulk.units_in_reach(request.user), batch=batch)
    waiting = _waiting(request)
    page = page_of(request, waiting)
    committed = ImportBatch.objects.visible_to(request.user).filter(state=ImportState.COMMITTED)
    acting = request.user.acting
    prints = SlipPrint.objects.filter(
        made_by=request.user, acting=acting.pk if acting else 0, expires_at__gt=clock.now()
    )
    context = {
        "bulk": policies.can_open_in_bulk(request.user),
        "who": _who(request),
        "batch": batch,
        "batches": [(row.pk, row.filename) for row in committed.order_by("-pk")[:50]],
        "lacking": lacking.count(),
        "examples": lacking.order_by("name")[:5],
        "open_verdict": not_now("" if lacking.exists() else "所有单位都已有账户。"),
        "page": page,
        "rows": _rows(list(page.object_list)),
        "prints": prints.exclude(content=""),
        "printed": whole(request.GET.get("printed", "")),
    }
    return render(request, "accounts/opening.html", context)


def _who(request: PortalRequest) -> str:
    """Whose accounts: of units, or of offices."""
    return OFFICE if (request.POST or request.GET).get("who") == OFFICE else ""


def _waiting(request: PortalRequest) -> QuerySet:
    """Accounts that wait for their first sign-in, of the kind the page shows."""
    if _who(request):
        waiting = bulk.officers_waiting(request.user)
        able = [
            person.pk
            for person in with_memberships(waiting)
            if policies.can_issue_code(request.user, person, person.current)
        ]
        return waiting.filter(pk__in=able)
    return bulk.never_signed_in(request.user, batch=_batch(request))


def _rows(people: list[User]) -> list[dict[str, object]]:
    """Accounts with their unit or office and when they were last urged."""
    keys = [person.pk for person in people]
    members = (
        Membership.objects.not_ended()
        .filter(user__in=keys)
        .select_related("unit__territorial_authority", "authority")
    )
    units = {row.user_id: row.unit for row in members if row.unit}
    offices = {row.user_id: row.label for row in members if row.authority_id}
    urged: dict[int, AuditEntry] = {}
    for entry in AuditEntry.objects.about_all(User, keys).filter(action="account.urge"):
        urged.setdefault(entry.target_id, entry)
    return [
        {
            "person": person,
            "unit": units.get(person.pk),
            "office": offices.get(person.pk, ""),
            "urged": urged.get(person.pk),
        }
        for person in people
    ]


@require_POST
def open_units(request: PortalRequest) -> HttpResponse:
    """Accounts for all units of the filter that have none, in the background."""
    require(policies.can_open_in_bulk(request.user))
    batch = _batch(request)
    lacking = bulk.without_account(bulk.units_in_reach(request.user), batch=batch)
    units = list(lacking.order_by("name", "pk").values_list("pk", flat=True)[:MOST])
    if not units:
        raise ValidationError("所有单位都已有账户，没有要开设的。")
    job = start_job(
        runners.OPEN,
        title=f"为 {len(units)} 家单位开设账户",
        owner=request.user,
        units=units,
    )
    return go(request, reverse("common:job", args=[job.pk]))


def _chosen(request: PortalRequest) -> list[User]:
    """The accounts ticked, or all of the filter; within what the person handles."""
    waiting = _waiting(request)
    if not request.POST.get("everybody"):
        keys = [key for text in request.POST.getlist("people") if (key := whole(text))]
        if not keys:
            raise ValidationError("请先勾选账户。")
        waiting = waiting.filter(pk__in=keys)
    return list(waiting[:MOST])


@require_POST
def slips(request: PortalRequest) -> HttpResponse:
    """Slips anew for accounts that wait; the old ones are void."""
    require(policies.can_open_in_bulk(request.user))
    people = _chosen(request)
    if not people:
        raise ValidationError("所选账户都已启用，不用再打印通知单。")
    job = start_job(
        runners.PRINT,
        title=f"打印 {len(people)} 张启用通知单",
        owner=request.user,
        people=[person.pk for person in people],
    )
    return go(request, reverse("common:job", args=[job.pk]))


@require_POST
def mail_codes(request: PortalRequest) -> HttpResponse:
    """A code each by mail, to those who have an address; the slips sent before are void once it leaves."""
    require(policies.can_open_in_bulk(request.user))
    chosen = _chosen(request)
    mailed = bulk.mail_codes(chosen, actor=request.user)
    left = len(chosen) - len(mailed)
    said = f"{len(mailed)} 个账户的验证码正在寄出，三天内有效，发送情况见“外发通知”。"
    more = f"另外 {left} 个没有邮箱，或者已有一封在发送，请打印通知单。" if left else ""
    (messages.success if mailed else messages.warning)(request, said + more if mailed else more)
    return go(request, f"{reverse('accounts:opening')}?who={_who(request)}")


@require_POST
def urge(request: PortalRequest) -> HttpResponse:
    """催办: on record, once a day; a mail where there is an address, a call where there is none."""
    require(policies.can_open_in_bulk(request.user))
    chosen = _chosen(request)
    text = request.POST.get("text", "")
    now = bulk.urge(chosen, actor=request.user, text=text)
    mailed = letters.urge(now, text=" ".join(text.split()), actor=request.user)
    again = len(chosen) - len(now)
    said = f"已催办 {len(now)} 个账户，其中 {len(mailed)} 个发了邮件，其余请打电话。"
    messages.success(request, said + (f"{again} 个今天已经催办过，没有重复。" if again else ""))
    return go(request, f"{reverse('accounts:opening')}?who={_who(request)}")


@require_POST
def slips_download(request: PortalRequest, pk: int) -> HttpResponse:
    """The file of slips, for whoever had it made, in the capacity of then."""
    row = get_object_or_404(SlipPrint, pk=pk, made_by=request.user)
    acting = request.user.acting
    if acting is None or row.acting != acting.pk or not row.content:
        raise Http404
    if row.expires_at <= clock.now():
        raise Http404
    require(policies.can_open_in_bulk(request.user))
    with row.content.open("rb") as sealed:
        content = unseal_bytes(sealed.read())
    audit.record_access(
        actor=request.user, kind="download", what=f"启用通知单 {row.title}（{row.slips} 张）"
    )
    return pdf_response(content, filename=f"启用通知单{row.created_at:%Y%m%d}.pdf")
