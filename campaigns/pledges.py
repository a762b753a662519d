"""保密承诺: which campaigns ask for one, who still owes it, and which pages wait for it.

An inspector, assessor, expert or officer signs once per campaign, in their own session, before any inspection data
of it (通知三(三), 场景12). The register of confidential pages is filled by the apps that have some; a middleware
asks it for every request, so that a view cannot forget.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.urls import ResolverMatch, reverse

from metrostd.accounts.asked_by import AskedBy
from metrostd.common import audit, watermark
from metrostd.common.actors import Actor
from metrostd.common.http import PortalRequest
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError

from .current import listed_campaigns
from .enums import CampaignState
from .models import AskedPledge, Campaign, Pledge, PledgeWords
from .querysets import CampaignQuerySet

NOT_ASKED = "这次专项行动没有要求签署保密承诺书。"


class PledgeOwedError(PermissionDenied):
    """403, and where the pledge is signed."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(
            f"请先签署“{campaign}”的保密承诺书，签署之前不能查看这次专项行动的检查资料。"
        )
        self.lead = (reverse("campaigns:pledge", args=[campaign.pk]), "阅读并签署保密承诺书")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the rows of an address are, and which of their columns leads to the campaign."""

    model: str
    campaign: str = "campaign"
    #: Which column the number in the address names.
    by: str = "pk"


#: By the head of a route, as far as its first argument.
_routes: dict[str, Kept] = {}
_namespaces: set[str] = set()
#: Single lists of apps whose other pages hold no inspection data.
_lists: set[str] = set()
#: Pages without inspection data in a namespace that is kept.
_free: set[str] = set()


def keep_under_pledge(
    namespace: str, routes: Mapping[str, Kept], *, free: Collection[str] = ()
) -> None:
    """Register the pages of a namespace: those with an argument by their rows, the others as lists.

    ``free`` names pages that show nothing of any inspection, such as what people declare beforehand.
    """
    _namespaces.add(namespace)
    watermark.mark_pages(namespace)
    _routes.update(routes)
    _free.update(free)


def keep_lists_under_pledge(*view_names: str) -> None:
    """Register lists that hold rows of inspections among pages that do not."""
    _lists.update(view_names)
    watermark.mark_pages(*view_names)


def kept_routes() -> tuple[frozenset[str], Mapping[str, Kept], frozenset[str]]:
    """The namespaces and the heads of routes that are registered, and the pages that are free."""
    return frozenset(_namespaces), dict(_routes), frozenset(_free)


def head_of(route: str) -> str:
    """A route as far as its first argument: ``inspections/stops/``."""
    return route.partition("<")[0]


def owed_by(user: Actor) -> CampaignQuerySet:
    """The campaigns whose pledge this person owes before seeing anything of them."""
    if user.acting is None or user.acting.role not in Role.pledged:
        return Campaign.objects.none()
    signed = Pledge.objects.filter(person=user.pk).values("campaign")
    return Campaign.objects.exclude(asked_pledge=None).exclude(pk__in=signed)


_OWED = AskedBy(owed_by)


def owing(user: Actor) -> list[Campaign]:
    """``owed_by``, read."""
    return _OWED.rows(user)


def stop_unpledged(request: PortalRequest, match: ResolverMatch) -> None:
    """PledgeOwedError when a page shows data of a campaign whose pledge its reader owes."""
    user = request.user
    if match.view_name in _free:
        return
    if match.namespace not in _namespaces and match.view_name not in _lists:
        return
    if user.acting is None or user.acting.role not in Role.pledged:
        return
    owed = owing(user)
    if not owed:
        return
    about: Collection[int]
    if match.kwargs and match.view_name not in _lists:
        kept = _routes[head_of(match.route)]
        model: type[models.Model] = apps.get_model(kept.model)
        rows = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        found = rows.filter(**{kept.by: match.kwargs["pk"]}).order_by()
        about = found.values_list(kept.campaign, flat=True)
    else:
        about = [campaign.pk for campaign in listed_campaigns(request)]
    for campaign in owed:
        if campaign.pk in about:
            raise PledgeOwedError(campaign)


def can_sign(user: Actor, campaign: Campaign) -> Verdict:
    """Whoever would see inspection data of the campaign, once."""
    if user.acting is None or user.acting.role not in Role.pledged:
        return not_you("保密承诺书由检查人员、考评员、专家和组织检查的部门的人员签署。")
    if not AskedPledge.objects.filter(campaign=campaign).exists():
        return not_now(NOT_ASKED)
    return YES


@transaction.atomic
def sign(campaign: Campaign, *, actor: Actor) -> Pledge:
    """Sign the words the campaign asks for. TransitionError when signed already or not asked for."""
    asked = AskedPledge.objects.select_related("words").filter(campaign=campaign).first()
    if asked is None or actor.acting is None:
        raise TransitionError(NOT_ASKED, obj=campaign)
    try:
        with transaction.atomic():
            made = Pledge.objects.create(
                campaign=campaign,
                person_id=actor.pk,
                membership=actor.acting,
                words=asked.words,
                named=actor.display_name,
                acting_as=actor.acting_label[:120],
            )
    except IntegrityError as error:
        raise TransitionError("您已签署过这份承诺书。", obj=campaign) from error
    audit.record(
        made,
        actor=actor,
        action="pledge.sign",
        label="签署保密承诺书",
        after={"words": asked.words.version},
        note=f"{campaign}，{asked.words}",
    )
    return made


def ask(campaign: Campaign, *, actor: Actor | None) -> int:
    """Ask for the newest words from now on; returns how many campaigns ask more than before (1 or 0)."""
    words = PledgeWords.objects.first()
    if words is None or AskedPledge.objects.filter(campaign=campaign).exists():
        return 0
    AskedPledge.objects.create(campaign=campaign, words=words)
    audit.record(
        campaign, actor=actor, action="pledge.ask", label="要求签署保密承诺书", note=str(words)
    )
    return 1


def can_ask(user: Actor, campaign: Campaign, *, may: Verdict) -> Verdict:
    """For a campaign that was opened before there were pledges; ``may`` is who runs campaigns."""
    if campaign.state != CampaignState.OPEN:
        return not_now("只有进行中的专项行动可以要求签署承诺书。")
    asked = AskedPledge.objects.filter(campaign=campaign).exists()
    return may and not_now("已经要求签署承诺书。" if asked else "")


def words_of(pledge: Pledge) -> dict[str, object]:
    """What the paper of a signed pledge says."""
    words = pledge.words
    return {
        "title": words.title,
        "basis": words.basis,
        "lines": list(words.lines),
        "version": words.version,
        "campaign": pledge.campaign.title,
        "organiser": pledge.campaign.organiser.name,
        "named": pledge.named,
        "acting_as": pledge.acting_as,
        "signed_at": pledge.signed_at,
    }
