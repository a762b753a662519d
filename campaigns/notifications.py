"""Messages of a campaign: who is told, and in which words."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date, cn_datetime
from metrostd.lists.events import HandOverEvent, ReturnEvent
from metrostd.notifications.services import tell
from metrostd.registry.enums import ReturnDecision
from metrostd.registry.models import Authority, HandOver, HandOverReturn

from .models import Campaign, DrawRun, DrawTerms, RoutedStandard, SamplingFrame


def offices(authority_ids: Collection[int | None]) -> list[Membership]:
    """The people who run a campaign at these authorities."""
    return list(
        Membership.objects.active().filter(role__in=Role.offices, authority__in=authority_ids)
    )


def tell_opened(campaign: Campaign, *, sender: Actor | None) -> int:
    """Tell every office that inspects or receives reports in the campaign; returns how many."""
    return tell(
        offices(_concerned(campaign)),
        subject=f"{campaign}已开启",
        body="任务分工已完成，请在工作台查看本部门的应办事项。",
        url=campaign.get_absolute_url(),
        sender=sender,
    )


def tell_reopened(campaign: Campaign, *, sender: Actor | None, note: str) -> int:
    """Tell the same offices that the campaign goes on; returns how many."""
    return tell(
        offices(_concerned(campaign)),
        subject=f"{campaign}已重新开启",
        body=f"{note}。结束时取消的应办事项已恢复。",
        url=campaign.get_absolute_url(),
        sender=sender,
    )


def _concerned(campaign: Campaign) -> set[int | None]:
    concerned: set[int | None] = {campaign.organiser_id}
    for column in ("inspecting_authority", "issuing_authority", "territorial_authority"):
        ids = campaign.routed.order_by(column).values_list(column, flat=True).distinct()
        concerned.update(pk for pk in ids if pk)
    return concerned


def tell_adjusted(
    campaign: Campaign, authority: Authority | None, said: str, *, sender: Actor | None
) -> int:
    """Tell the organiser, the offices concerned and their people on site; returns how many."""
    concerned = {campaign.organiser_id}
    if authority is not None:
        concerned.add(authority.pk)
    else:
        ids = campaign.routed.order_by("inspecting_authority").distinct()
        concerned.update(pk for pk in ids.values_list("inspecting_authority", flat=True) if pk)
    members = Membership.objects.active().filter(
        role__in=Role.offices | Role.on_site, authority__in=concerned
    )
    return tell(
        members,
        subject=f"{campaign}的方案已调整",
        body=said,
        url=campaign.get_absolute_url(),
        sender=sender,
    )


def tell_checklist(campaign: Campaign, said: str, *, sender: Actor | None) -> int:
    """Tell every office of the campaign and whoever goes on site for it; returns how many."""
    members = Membership.objects.active().filter(
        role__in=Role.offices | Role.on_site, authority__in=_concerned(campaign) - {None}
    )
    return tell(
        members,
        subject=f"{campaign}改用检查表版本",
        body=said,
        url=campaign.get_absolute_url(),
        sender=sender,
    )


def tell_resolved(routed: RoutedStandard, *, sender: Actor | None) -> int:
    """Tell the office that was given a standard by hand."""
    return tell(
        offices([routed.inspecting_authority_id]),
        subject=f"新增检查任务：{routed.unit}的{routed.standard}",
        body="该计量标准经人工确定由本部门组织检查，请按期冻结名单并抽取检查对象。",
        url=routed.campaign.get_absolute_url(),
        sender=sender,
    )


def tell_rerouted(
    campaign: Campaign,
    *,
    gained: Mapping[int, int],
    lost: Mapping[int, int],
    sender: Actor | None,
) -> int:
    """Tell each office how many standards it inspects now or no longer; returns how many were told."""
    told = 0
    for office in {*gained, *lost}:
        said = [
            words
            for words in (
                f"{gained[office]}项计量标准改由本部门组织检查" if office in gained else "",
                f"{lost[office]}项计量标准改由其他部门组织检查" if office in lost else "",
            )
            if words
        ]
        told += tell(
            offices([office]),
            subject=f"{campaign}的任务分工已调整",
            body=f"按新的任务分工表，{'；'.join(said)}。已经冻结名单和抽取的不变。",
            url=campaign.get_absolute_url(),
            sender=sender,
        )
    return told


def tell_void(run: DrawRun, *, sender: Actor | None, note: str) -> int:
    """Tell the office that its draw no longer counts."""
    return tell(
        offices([run.frame.authority_id]),
        subject="抽取结果已作废，须重新录入号码",
        body=note,
        url=run.frame.get_absolute_url(),
        sender=sender,
    )


def tell_lifted(frame: SamplingFrame, *, sender: Actor | None, note: str) -> int:
    """Tell the office and the organiser that a list is not frozen any more."""
    return tell(
        offices([frame.authority_id, frame.campaign.organiser_id]),
        subject=f"{frame.authority}的名单已撤回，须重新公示和冻结",
        body=note,
        url=frame.get_absolute_url(),
        sender=sender,
    )


def discipline(campaign: Campaign) -> list[Membership]:
    """纪检监督 of the office that runs the campaign."""
    desk = Membership.objects.active().filter(role=Role.DISCIPLINE)
    return list(desk.filter(authority=campaign.organiser_id))


def above(drawing: DrawTerms | SamplingFrame) -> list[Membership]:
    """Who acknowledges terms and confirms values: the organiser's office and 纪检监督; these alone for its own."""
    campaign = drawing.campaign
    if drawing.authority_id == campaign.organiser_id:
        return discipline(campaign)
    return [*offices([campaign.organiser_id]), *discipline(campaign)]


def tell_announced(terms: DrawTerms, *, sender: Actor | None) -> int:
    """Ask those above to acknowledge number, terms and commitment."""
    return tell(
        above(terms),
        subject=f"请收悉：{terms}",
        body=(
            f"{terms.get_kind_display()}。请在{cn_datetime(terms.acknowledge_by)}前核对并收悉；"
            f"约定哈希 {terms.hash}，随机数承诺 {terms.commitment}。"
        ),
        url=terms.get_absolute_url(),
        sender=sender,
    )


def tell_acknowledged(terms: DrawTerms, *, sender: Actor | None) -> int:
    """Tell the office from when on it can enter the value."""
    return tell(
        offices([terms.authority_id]),
        subject=f"上级已收悉：{terms}",
        body=f"{cn_datetime(terms.moment)}以后录入第{terms.issue}期的开奖号码。",
        url=terms.get_absolute_url(),
        sender=sender,
    )


def tell_lapsed(terms: DrawTerms) -> int:
    """Both sides learn that terms have come to nothing."""
    return tell(
        [*offices([terms.authority_id]), *above(terms)],
        subject=f"逾期未收悉，已失效：{terms}",
        body="随机数已公布。请在同一份名单上重新公布抽取约定，序号递增。",
        url=terms.get_absolute_url(),
    )


def tell_overdue(terms: DrawTerms) -> int:
    """Those above learn that an office has let its draw pass; they can enter the value."""
    return tell(
        [*above(terms), *discipline(terms.campaign), *offices([terms.authority_id])],
        subject=f"约定的时间已过，还没有抽取：{terms}",
        body="抽取不因逾期作废。上级可以录入公开的号码，由另一人核对后抽取。",
        url=terms.get_absolute_url(),
    )


def tell_entered(terms: DrawTerms, *, sender: Actor | None) -> int:
    """Ask those above to enter the value, too."""
    return tell(
        above(terms),
        subject=f"请核对开奖号码：{terms}",
        body=f"请对照公告，独立录入第{terms.issue}期的号码。两人录入一致后抽取。",
        url=terms.get_absolute_url(),
        sender=sender,
    )


def tell_disputed(terms: DrawTerms, *, sender: Actor | None, said: str) -> int:
    """Tell the office that somebody read another value."""
    return tell(
        offices([terms.authority_id]),
        subject=f"号码核对不一致，请重新录入：{terms}",
        body=said,
        url=terms.get_absolute_url(),
        sender=sender,
    )


def tell_drawn(terms: DrawTerms, run: DrawRun, *, sender: Actor | None) -> int:
    """Tell the office that its draw has been made."""
    return tell(
        offices([terms.authority_id]),
        subject=f"已抽取：{terms}",
        body="结果已固定，随机数已公布。",
        url=run.get_absolute_url(),
        sender=sender,
    )


def tell_left_list(frame: SamplingFrame, left: Collection[dict[str, str]]) -> int:
    """纪检监督 learns what left a list while it was shown."""
    return tell(
        discipline(frame.campaign),
        subject=f"{frame.authority}的名单在公示期间移出{len(left)}项计量标准",
        body="；".join(
            f"{line['unit_name']} {line['standard_name']}：{line['reason']}" for line in left
        ),
    )


def tell_returned(frame: SamplingFrame, back: Collection[dict[str, str]]) -> int:
    """纪检监督 learns that what had left a list just before it was frozen is back."""
    return tell(
        discipline(frame.campaign),
        subject=f"{frame.authority}：公示期间移出的{len(back)}项计量标准，冻结后90天内已恢复",
        body="；".join(f"{line['unit_name']} {line['standard_name']}" for line in back),
    )


#: Subject of the message to a district, by what happened to its hand-over.
_HAND_OVER_WORDS = {
    HandOverEvent.SENT: "请签收单位名单",
    HandOverEvent.ENLARGED: "待签收的单位名单增加了行",
    HandOverEvent.RESCHEDULED: "单位名单的签收期限已调整",
    HandOverEvent.WITHDRAWN: "单位名单已撤回，不用再签收",
}


def tell_hand_overs(
    event: HandOverEvent, hand_overs: list[HandOver], *, sender: Actor | None
) -> int:
    """Tell the districts of hand-overs of one list and one term; returns how many people."""
    words = _HAND_OVER_WORDS.get(event)
    if words is None:
        return 0
    due = f"签收期限{cn_date(hand_overs[0].due_on)}。请核对后签收，不属于本局的行请退回。"
    return tell(
        offices([h.authority_id for h in hand_overs]),
        subject=f"{words}：{hand_overs[0].batch.filename}",
        body="" if event == HandOverEvent.WITHDRAWN else due,
        url=hand_overs[0].get_absolute_url()
        if len(hand_overs) == 1
        else reverse("lists:hand_overs"),
        sender=sender,
    )


def tell_returns(event: ReturnEvent, returns: list[HandOverReturn], *, sender: Actor | None) -> int:
    """Tell the issuing office what came back, the district what was decided."""
    first = returns[0]
    hand_over = first.hand_over
    if event == ReturnEvent.RAISED:
        return tell(
            offices([hand_over.batch.issuing_authority_id]),
            subject=f"{hand_over.authority}退回名单 {len(returns)} 行：{hand_over.batch.filename}",
            body="；".join(f"{r.row.unit or r.row}：{r.reason_words}" for r in returns[:5]),
            url=first.get_absolute_url() if len(returns) == 1 else reverse("lists:hand_overs"),
            sender=sender,
        )
    if first.decision == "" or (event == ReturnEvent.SETTLED and not first.moved_to_id):
        return 0
    return tell(
        offices([hand_over.authority_id]),
        subject=f"退回的行已处理：{first.row.unit or first.row}",
        body=f"{ReturnDecision(first.decision).label}。{first.answer}",
        url=first.get_absolute_url(),
        sender=sender,
    )
