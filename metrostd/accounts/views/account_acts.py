"""What is done to somebody's account: codes, locking out, leaving, a lost phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from metrostd.accounts import codes, lockout, moves, policies, second_factor, services, staffing
from metrostd.accounts.forms.people import LeaveForm
from metrostd.accounts.leaving import held_by
from metrostd.accounts.models import User
from metrostd.accounts.telling import tell_person
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import YES, require

from .people import current, fetch, fetch_membership, person_page


@require_POST
def give_code(request: PortalRequest, pk: int) -> HttpResponse:
    """A one-time code, on this answer and nowhere else."""
    row = fetch(request, pk)
    require(policies.can_issue_code(request.user, row, current(row)))
    code = staffing.give_code(row, actor=request.user)
    return person_page(request, row, code=codes.shown(code))


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    """Nobody signs in with this account from now on."""
    row = fetch(request, pk)
    require(policies.can_close(request.user, row, current(row)))
    moves.close(row, actor=request.user, note=request.POST.get("note", ""))
    staffing.close_sessions_of(row, actor=request.user)
    messages.success(request, f"{row}的账户已停用，已登录的也已退出。")
    return go(request, row)


@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.can_reopen(request.user, row, current(row)))
    moves.reopen(row, actor=request.user, note=request.POST.get("note", ""))
    return _told(request, row, "账户已恢复")


@require_POST
def wake(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.can_wake(request.user, row, current(row)))
    moves.wake(row, actor=request.user)
    return _told(request, row, "账户已从休眠唤醒")


@require_POST
def unlock(request: PortalRequest, pk: int) -> HttpResponse:
    """Let somebody who mistyped too often try again at once."""
    row = fetch(request, pk)
    require(policies.can_manage(request.user, row, current(row)))
    ended = lockout.unlock(row, actor=request.user)
    said = f"已解除{row}的登录暂停。" if ended else "没有登录失败的记录，无须解除。"
    messages.success(request, said)
    return go(request, row)


@require_POST
def end_sessions(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.can_manage(request.user, row, current(row)))
    ended = staffing.close_sessions_of(row, actor=request.user)
    messages.success(request, f"已退出 {ended} 处登录。")
    return go(request, row)


@require_POST
def clear_second_factor(request: PortalRequest, pk: int) -> HttpResponse:
    """The phone is lost: the next sign-in sets up another."""
    row = fetch(request, pk)
    require(policies.can_clear_second_factor(request.user, row, current(row)))
    note = request.POST.get("note", "").strip()
    second_factor.clear(row, actor=request.user, note=note)
    staffing.close_sessions_of(row, actor=request.user)
    return _told(request, row, "动态口令已解除，下次登录须重新启用")


@require_POST
def confirm_phone(request: PortalRequest, pk: int) -> HttpResponse:
    """The office has called the number."""
    row = fetch(request, pk)
    require(policies.can_manage(request.user, row, current(row)))
    services.confirm_phone(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "手机已登记为核实过。")
    return go(request, row)


def _told(request: PortalRequest, row: User, what: str) -> HttpResponse:
    """Tell the person, and the one who did it."""
    actor = request.user
    tell_person(row, subject=what, body=f"由{actor}（{actor.acting_label}）办理。", sender=actor)
    messages.success(request, f"{row}：{what}。")
    return go(request, row)


@require_POST
def second(request: PortalRequest, pk: int) -> HttpResponse:
    """The second person confirms a capacity, or gives it back with a reason."""
    membership = fetch_membership(request, pk)
    if "note" in request.POST:
        allowed = policies.can_second(request.user, membership)
        mine = membership.granted_by_id == request.user.pk and membership.awaits_second
        require(YES if mine else allowed)
        staffing.decline(membership, actor=request.user, note=request.POST["note"])
        messages.success(request, "已退回。")
        return go(request, membership.user)
    require(policies.can_second(request.user, membership))
    staffing.second(membership, actor=request.user)
    messages.success(request, f"已确认，{membership.user}现在可以使用这项身份。")
    return go(request, membership.user)


@require_http_methods(["GET", "POST"])
def leave(request: PortalRequest, pk: int) -> HttpResponse:
    """The last day of a capacity, and who takes over what is held."""
    membership = fetch_membership(request, pk)
    require(policies.can_end_membership(request.user, membership))
    form = LeaveForm(
        request.POST or None, membership=membership, initial={"ends_on": clock.today()}
    )

    def end() -> None:
        given = form.cleaned_data
        staffing.end_membership(
            membership,
            on=given["ends_on"],
            at_once=given["at_once"],
            successor=given["successor"],
            note=given["note"],
            actor=request.user,
        )

    tried = attempt(request, form, end)
    if tried.done:
        messages.success(request, "离任已登记。" if membership.is_active else "任职已结束。")
        return redirect(membership.user)
    context = {"membership": membership, "form": form, "held": held_by(membership)}
    return render(request, "accounts/leave.html", context, status=tried.status)
