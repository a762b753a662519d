"""Who is told of a matter: who has to answer, who is asked, who waits for the answer."""

from collections.abc import Iterable

from inspections.models import Opinion, SingleIssueReport
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.services import tell


def _office(authority_id: int) -> list[Membership]:
    people = Membership.objects.of_authority(authority_id).active()
    return list(people.filter(role__in=Role.offices))


def tell_reported(issue: SingleIssueReport, *, sender: Actor | None) -> None:
    """The office that answers, and by when."""
    tell(
        _office(issue.reported_to_id),
        subject=f"一事一报（{issue.get_urgency_display()}）：{issue.subject}",
        body=f"{issue.authority}请示：{issue.question} 请于{cn_date(issue.due_on)}前答复。",
        url=issue.get_absolute_url(),
        sender=sender,
    )


def tell_asked(
    issue: SingleIssueReport, people: Iterable[Membership], *, sender: Actor | None
) -> None:
    """The people asked for an opinion."""
    tell(
        people,
        subject=f"征求意见：{issue.subject}",
        body=f"{issue.question} 请于{cn_date(issue.due_on)}前提出意见。",
        url=issue.get_absolute_url(),
        sender=sender,
    )


def tell_opinion(opinion: Opinion, *, sender: Actor | None) -> None:
    """Whoever has to answer: an opinion is there."""
    issue = opinion.issue
    tell(
        _office(issue.reported_to_id),
        subject=f"{opinion.membership.user}对一事一报提出意见：{issue.subject}",
        body=opinion.text,
        url=issue.get_absolute_url(),
        sender=sender,
    )


def tell_answered(issue: SingleIssueReport, *, sender: Actor | None) -> None:
    """Whoever reported it, their office and the team of the visit, each once."""
    waiting = [issue.reported_by, *_office(issue.authority_id)]
    if issue.task is not None:
        waiting += [row.membership for row in issue.task.team.select_related("membership")]
    tell(
        {member.pk: member for member in waiting}.values(),
        subject=f"一事一报已答复：{issue.subject}",
        body=issue.answer,
        url=issue.get_absolute_url(),
        sender=sender,
    )
