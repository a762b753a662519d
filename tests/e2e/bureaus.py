"""A draw of bureaus that waits for its numbers, made inside the portal's own environment, and what screens show elsewhere."""

import datetime as dt
import json

from campaigns.current import choose_campaign
from campaigns.enums import FrameSubject, StageKind
from campaigns.models import DrawRun, Stage
from inspections.models import CertificationReview, ChecklistAnswer
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.demo.people import PASSWORD
from metrostd.registry.models import Authority
from tests import draws
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.inspections.bureau_story import BureauVisit

from .numbers import count_from

START = 9200


def build() -> None:
    """Terms of the city over its bureaus, acknowledged, the moment is now; prints ids, accounts and names."""
    count_from(START)
    city = Authority.objects.get(code="120000")
    campaign = CampaignFactory(code="2021-92", organiser=city)
    today = clock.today()
    Stage.objects.filter(campaign=campaign, kind=StageKind.ONSITE).update(
        starts_on=today - dt.timedelta(days=20), ends_on=today + dt.timedelta(days=40)
    )
    bureau = AuthorityFactory(parent=city)
    unit = UnitFactory(territorial_authority=bureau)
    standard = StandardFactory(unit=unit, issuing_authority=bureau)
    number = f"〔2020〕津量标企证字第{START}号"
    standard.certificates.update(
        issue_date=dt.date(2020, 1, 1), valid_until=dt.date(2099, 1, 1), issue_kind="new",
        number=number, identity=number,
    )  # fmt: skip
    frame = draws.freeze(campaign, city, subject=FrameSubject.BUREAUS, since=dt.date(2019, 1, 1))
    row = draws.announce(frame, ratio=100)
    draws.acknowledge(row)
    people = {
        "office": MembershipFactory(role=Role.CITY_ADMIN, authority=city),
        "watch": MembershipFactory(role=Role.DISCIPLINE, authority=city),
        "leader": _inspector(city, "津执9201"),
        "officer": _inspector(city, "津执9202"),
        "bureau": MembershipFactory(role=Role.DISTRICT_ADMIN, authority=bureau),
    }
    choose_campaign(people["office"].user, campaign)
    for member in people.values():
        member.user.set_password(PASSWORD)
        member.user.save()
    found = {who: member.user.username for who, member in people.items()}
    found |= {f"{who}_name": str(member.user) for who, member in people.items()}
    found |= {
        "url": row.get_absolute_url(),
        "terms": row.pk,
        "numbers": draws.NUMBERS,
        "name": str(bureau),
        "code": bureau.code,
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test


def _inspector(city: Authority, number: str) -> Membership:
    return MembershipFactory(role=Role.CITY_INSPECTOR, authority=city, officer_cert_no=number)


def _review(terms: int, code: str) -> CertificationReview:
    return DrawRun.objects.get(terms=terms).bureaus.get(bureau__code=code).review


def rest(terms: int, code: str) -> None:
    """What is left of the visit, whose screens other stories walk: the other items, signatures, costs."""
    row = _review(terms, code)
    member = {
        each.role: each.membership for each in row.task.team.select_related("membership__user")
    }
    made = BureauVisit(
        task=row.task,
        office=Membership.objects.filter(role=Role.CITY_ADMIN).first(),
        leader=member["leader"],
        officer=member["officer"],
        unit=Membership.objects.get(authority=row.bureau),
    )
    for each in (made.leader, made.officer):
        each.user.act_as(each)
    # 符合 against what the portal has counted needs words.
    ChecklistAnswer.objects.filter(sheet__task=row.task, answer="").update(
        note="示例：核对原始材料。"
    )
    made.fill().conclude_sheets().send().sign_team().sign_unit().conclude()
