"""People and their accounts: the list, one person on one page, opening, naming what they are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.accounts import filters, lockout, oidc, policies, sessions, staffing
from metrostd.accounts.enums import AccountState
from metrostd.accounts.forms.people import CapacityForm, MembershipForm, NewPersonForm, PersonForm
from metrostd.accounts.leaving import held_by
from metrostd.accounts.models import Membership, OneTimeCode, User
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.roles import Role
from metrostd.registry.models import Authority


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Everybody whose account is this person's business."""
    require(policies.may_see_people(request.user))
    people = filters.PeopleFilter(request.GET).apply(User.objects.visible_to(request.user))
    grants = policies.GRANTS[request.user.scope.role]
    context = {
        "page": page_of(request, people),
        "today": clock.today(),
        "roles": [(role.value, role.label) for role in Role if role in grants],
        "states": [
            *AccountState.choices,
            (filters.NEVER, "从未登录"),
            (filters.EXPIRED, "证件已过期"),
            (filters.BOUNCED, "邮箱退信"),
        ],
        "authorities": _authorities(request),
        "bulk": policies.can_open_in_bulk(request.user),
        "is_unit": request.user.scope.role == Role.UNIT_USER,
    }
    return render(request, "accounts/people.html", context)


def _authorities(request: PortalRequest) -> list[tuple[int, str]]:
    scope = request.user.scope
    rows = Authority.objects.order_by("code")
    if scope.role != Role.SYSTEM_ADMIN and not scope.casework.everything:
        rows = rows.filter(pk__in=scope.casework.authority_ids)
    return [(row.pk, str(row)) for row in rows]


def fetch(request: PortalRequest, pk: int) -> User:
    """A person within scope, with what they are."""
    rows = filters.with_memberships(User.objects.visible_to(request.user))
    found = get_object_or_404(rows, pk=pk)
    require(policies.may_see_people(request.user))
    return found


def current(person: User) -> list[Membership]:
    """What somebody is, as ``fetch`` brought it."""
    return person.current  # type: ignore[attr-defined, no-any-return]


@require_safe
def person(request: PortalRequest, pk: int) -> HttpResponse:
    """One person: what they are, how the account stands, what may be done, who did what."""
    return person_page(request, fetch(request, pk))


def person_page(
    request: PortalRequest, row: User, *, code: str = "", status: int = 200
) -> HttpResponse:
    """The page; with a code only on the answer to the POST that made it."""
    user, members = request.user, current(row)
    # What is somebody else's business is not shown, though the person is.
    visible = Membership.objects.visible_to(user).filter(user=row)
    past = visible.filter(awaits_second=False).exclude(pk__in=visible.not_ended().values("pk"))
    waiting = visible.filter(awaits_second=True).select_related(
        "user", "authority", "unit__territorial_authority", "granted_by"
    )
    seen = set(visible.not_ended().values_list("pk", flat=True))
    context = {
        "person": row,
        "members": [
            {
                "row": each,
                "held": held_by(each),
                "change": policies.can_change_membership(user, each),
                "end": policies.can_end_membership(user, each),
                "expired": each.cert_expired(clock.today()),
            }
            for each in members
            if each.pk in seen
        ],
        "waiting": [(each, policies.can_second(user, each)) for each in waiting],
        "past": past.select_related("authority", "unit", "successor__user").order_by("-ended_at"),
        "manage": policies.can_manage(user, row, members),
        "issue": policies.can_issue_code(user, row, members),
        "close": policies.can_close(user, row, members),
        "reopen": policies.can_reopen(user, row, members),
        "wake": policies.can_wake(user, row, members),
        "clear": policies.can_clear_second_factor(user, row, members),
        "linked": oidc.is_on() and oidc.is_linked(row),
        "sessions": sessions.live_of(row),
        "paused_until": lockout.paused_until(row),
        "open_code": OneTimeCode.objects.open().filter(user=row).order_by("-pk").first(),
        "code": code,
        "entries": AuditEntry.objects.about(row, *members)[:50],
    }
    return render(request, "accounts/person.html", context, status=status)


@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Open an account; its code is given on its page."""
    require(policies.may_see_people(request.user))
    form = NewPersonForm(request.POST or None, viewer=request.user)

    def open_it() -> User:
        given = form.cleaned_data
        return staffing.open_account(
            name=given["name"],
            username=given["username"],
            phone=given["phone"],
            email=given["email"],
            capacity=form.capacity(),
            actor=request.user,
        )

    tried = attempt(request, form, open_it)
    if tried.done:
        messages.success(request, "账户已开设。请发放一次性验证码，由本人设置密码。")
        return redirect(tried.made)
    context = {"form": form, "title": "新增人员", "back": "accounts:people"}
    return render(request, "accounts/person_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Name and addresses of somebody whose account one manages."""
    row = fetch(request, pk)
    require(policies.can_manage(request.user, row, current(row)))
    initial = {"name": row.display_name, "phone": row.phone, "email": row.email}
    form = PersonForm(request.POST or None, initial=initial)
    tried = attempt(
        request, form, lambda: staffing.rename(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(request, "已保存。" if tried.made else "没有改动。")
        return redirect(row)
    return _form(request, row, form, "修改资料", tried.status)


@require_http_methods(["GET", "POST"])
def grant(request: PortalRequest, pk: int) -> HttpResponse:
    """One more thing this person is."""
    row = fetch(request, pk)
    form = CapacityForm(request.POST or None, viewer=request.user)
    tried = attempt(request, form, lambda: staffing.grant(row, form.capacity(), actor=request.user))
    if tried.done:
        waits = tried.made.awaits_second
        said = "，须由另一名有权授予的人员确认后生效" if waits else ""
        messages.success(request, f"已授予：{tried.made.label}{said}。")
        return redirect(row)
    return _form(request, row, form, "增加任职身份", tried.status)


@require_http_methods(["GET", "POST"])
def change(request: PortalRequest, pk: int) -> HttpResponse:
    """Certificate, fields, employer and last day of a capacity."""
    membership = fetch_membership(request, pk)
    require(policies.can_change_membership(request.user, membership))
    form = MembershipForm(request.POST or None, viewer=request.user, membership=membership)
    tried = attempt(
        request,
        form,
        lambda: staffing.change_membership(membership, form.capacity(), actor=request.user),
    )
    if tried.done:
        messages.success(request, "已保存。" if tried.made else "没有改动。")
        return redirect(membership.user)
    title = f"任职资料：{membership.label}"
    return _form(request, membership.user, form, title, tried.status)


def fetch_membership(request: PortalRequest, pk: int) -> Membership:
    """A capacity within scope."""
    rows = Membership.objects.visible_to(request.user).select_related(
        "user", "authority", "unit__territorial_authority", "employer"
    )
    found = get_object_or_404(rows, pk=pk)
    require(policies.may_see_people(request.user))
    return found


def _form(
    request: PortalRequest,
    row: User,
    form: PersonForm | CapacityForm,
    title: str,
    status: int,
) -> HttpResponse:
    context = {"form": form, "title": title, "person": row}
    return render(request, "accounts/person_form.html", context, status=status)
