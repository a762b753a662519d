"""带走: a visit lent to a device, what the device sends back, and the devices of a visit (design §12)."""

import uuid
from collections.abc import Callable
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspections import policies
from inspections.enums import LeaseState
from inspections.models import InspectionTask, TaskLease
from inspections.moves import lease as lease_moves
from inspections.offline import pieces, receiving
from inspections.offline.moments import from_millis
from inspections.offline.records import Sent
from metrostd.accounts.confirming import Confirmed, confirm
from metrostd.accounts.models import Membership
from metrostd.accounts.sessions import browser_of
from metrostd.common import audit, clock
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, StaleError
from metrostd.common.outside import LARGEST_SMALL, whole
from metrostd.common.policies import require
from metrostd.common.refused_access import note_refusal
from metrostd.common.shapes import Context
from metrostd.common.transitions import TransitionError

from .bundle import bundle_of
from .bundle_forms import fresh
from .found import task_or_404


def _lease_or_404(request: PortalRequest, pk: int) -> TaskLease:
    rows = TaskLease.objects.visible_to(request.user).select_related(
        "membership__user", "task__unit", "task__bureau", "task__authority", "task__campaign"
    )
    return get_object_or_404(rows, pk=pk)


@require_POST
def take(request: PortalRequest, pk: int) -> HttpResponse:
    """Lend the visit to the device that asks; answers with the lease and its key."""
    row = task_or_404(request, pk)
    require(policies.can_take_along(request.user, row))
    member = request.user.acting
    assert member is not None  # noqa: S101 -- it is on the team
    lease = lease_moves.take(row, actor=request.user, membership=member, device=browser_of(request))
    return JsonResponse(_lease(lease, key=lease_moves.key_of(lease, actor=request.user)))


@require_POST
def key(request: PortalRequest, pk: int) -> HttpResponse:
    """The key again, for its member after signing in: a PIN was forgotten, or the days were over."""
    lease = _lease_or_404(request, pk)
    require(policies.may_use_lease(request.user, lease))
    return JsonResponse(_lease(lease, key=lease_moves.key_of(lease, actor=request.user)))


def _lease(lease: TaskLease, *, key: str) -> Context:
    return {
        "id": lease.pk,
        "task": lease.task_id,
        "state": lease.state,
        "key": key,
        "expires_at": int(lease.expires_at.timestamp() * 1000),
        "now": int(clock.now().timestamp() * 1000),
    }


@require_safe
def bundle(request: PortalRequest, pk: int) -> HttpResponse:
    """The visit as the device keeps it."""
    lease = _lease_or_404(request, pk)
    require(policies.may_use_lease(request.user, lease))
    if lease.state != LeaseState.HELD:
        return _shut_out(lease)
    require(policies.may_take_part(request.user, lease.task))
    audit.record_access(actor=request.user, kind="带走", what=f"{lease.task}：{lease}")
    return JsonResponse(bundle_of(lease, user=request.user))


@require_POST
def record(request: PortalRequest, pk: int) -> HttpResponse:
    """One record of the queue. ``outcome`` says what became of it; only ``done`` lets the device forget it."""
    lease = _lease_or_404(request, pk)
    require(policies.may_use_lease(request.user, lease))
    _seen(lease, request)
    return _outcome(
        request, lease, lambda: receiving.receive(lease, _sent(request), actor=request.user)
    )


def _outcome(request: PortalRequest, lease: TaskLease, act: Callable[[], Context]) -> HttpResponse:
    """What became of it, in a form a script reads; a state that is in the way says which."""
    try:
        return JsonResponse({"outcome": "done", "result": act()})
    except receiving.ShutOutError:
        return _shut_out(lease)
    except pieces.MissingError as error:
        return JsonResponse({"outcome": "parts", "parts": error.parts}, status=409)
    except StaleError as error:
        return JsonResponse({"outcome": "conflict", **_conflict(request, lease, error)}, status=409)
    except TransitionError as error:
        task = InspectionTask.objects.get(pk=lease.task_id)
        said = {"state": task.state, "state_label": task.get_state_display()}
        return _refused(str(error), 409, **said)
    except ValidationError as error:
        asks = "password" in getattr(error, "error_dict", {})
        return _refused("；".join(error.messages), 422, outcome="confirm" if asks else "refused")
    except PermissionDenied as error:
        note_refusal(request, error)
        return _refused(f"{error}未送达的内容可以导出，交给现在的检查组。", 403)
    except Http404 as error:
        note_refusal(request, error)
        return _refused("这一项不在这张检查表里了，内容可以导出。", 404)


def _conflict(request: PortalRequest, lease: TaskLease, error: StaleError) -> Context:
    """Both values; of a form also what stands now, to be gone on from."""
    about = error.payload.get("about")
    more = {"fresh": fresh(lease, about, request.user)} if about else {}
    return {**error.payload, **more, "sentence": str(error)}


def _refused(sentence: str, status: int, **more: str) -> HttpResponse:
    return JsonResponse({"outcome": "refused", "sentence": sentence} | more, status=status)


def _shut_out(lease: TaskLease) -> HttpResponse:
    sentence = f"这台设备上的任务{lease.get_state_display()}，不再接收内容。"
    return JsonResponse({"outcome": "shut_out", "sentence": sentence}, status=410)


def _seen(lease: TaskLease, request: PortalRequest) -> None:
    waiting = whole(request.headers.get("X-Waiting"), most=LARGEST_SMALL) or 0
    TaskLease.objects.filter(pk=lease.pk).update(seen_at=clock.now(), waiting=waiting)


def _sent(request: PortalRequest) -> Sent:
    post = request.POST
    seq = whole(post.get("seq"), most=LARGEST_SMALL)
    try:
        ids = [uuid.UUID(each) for each in post.get("after", "").split()]
        own = uuid.UUID(post.get("id", ""))
    except ValueError:
        seq = None
    if seq is None:
        raise ValidationError("记录不完整，请导出后重新填写。")
    password = post.get("password", "")

    def confirmed(member: Membership) -> Confirmed | None:
        return confirm(member.user, password, request) if password else None

    return Sent(
        id=own,
        seq=seq,
        kind=post.get("kind", ""),
        content=post.get("content", ""),
        content_hash=post.get("hash", ""),
        after=ids,
        device_at=from_millis(whole(post.get("at"))),
        device_now=from_millis(whole(post.get("now"))),
        confirm=confirmed,
    )


@require_POST
def piece(request: PortalRequest, pk: int) -> HttpResponse:
    """One piece of a file, as the body; which one, the headers say."""
    lease = _lease_or_404(request, pk)
    require(policies.may_use_lease(request.user, lease))

    def keep() -> Context:
        if lease.state == LeaseState.SHUT_OUT:
            raise receiving.ShutOutError
        number = whole(request.headers.get("X-Piece"), most=LARGEST_SMALL)
        try:
            upload = uuid.UUID(request.headers.get("X-Upload", ""))
        except ValueError:
            number = None
        if number is None:
            raise ValidationError("文件分片不完整，将重新发送。")
        digest = request.headers.get("X-Sha256", "")
        pieces.keep(lease, upload=upload, number=number, sha256=digest, data=request.body)
        return {}

    return _outcome(request, lease, keep)


@require_POST
def give_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Everything is here: the device forgets the visit."""
    lease = _lease_or_404(request, pk)
    require(policies.may_use_lease(request.user, lease))

    def end() -> Context:
        if lease.state == LeaseState.HELD:
            lease_moves.give_back(lease, actor=request.user)
        return {}

    return _outcome(request, lease, end)


# The devices of a visit ---------------------------------------------------------------------------


@require_safe
@confidential(attrgetter("subject"))
def devices(request: PortalRequest, pk: int) -> HttpResponse:
    """Who holds the visit on what, when it was heard of last, and what it said is still waiting there."""
    row = task_or_404(request, pk)
    require(policies.may_see_leases(request.user, row))
    leases = list(row.leases.select_related("membership__user").order_by("-pk"))
    for lease in leases:
        lease.task = row
    context = {
        "task": row,
        "rows": [(lease, policies.can_shut_out(request.user, lease)) for lease in leases],
        "take": policies.can_take_along(request.user, row),
        "now": clock.now(),
    }
    return render(request, "inspections/devices.html", context)


@require_POST
def shut_out(request: PortalRequest, pk: int) -> HttpResponse:
    """A lost device: shut it out, with the reason."""
    lease = _lease_or_404(request, pk)
    require(policies.may_shut_out(request.user, lease))
    try:
        lease_moves.shut_out(lease, actor=request.user, note=request.POST.get("note", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"{lease}已停用，门户不再接收它的内容。")
    return redirect(reverse("inspections:devices", args=[lease.task_id]))
