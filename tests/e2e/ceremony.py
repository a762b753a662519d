"""A draw that waits for its two witnesses, made through the services inside the portal's own environment."""

import json

from campaigns import announcing
from campaigns.models import Campaign, DrawRun, DrawTerms
from campaigns.verifying import verify_draw
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.demo.people import PASSWORD
from metrostd.registry.models import Authority
from tests import draws
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, RoutedStandardFactory
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory

from .numbers import count_from


def build() -> None:
    """Terms of a bureau with two witnesses, acknowledged in time, the moment is now; prints ids and names."""
    city = Authority.objects.get(code="120000")
    campaign, bureau = _six_units("97", city)
    other = AuthorityFactory(code="970002", parent=city)
    people = {
        "watch": MembershipFactory(role=Role.DISCIPLINE, authority=city, user__username="c-watch"),
        "other": MembershipFactory(authority=other, user__username="c-other"),
        "office": MembershipFactory(authority=bureau, user__username="c-office"),
    }
    _told(_acknowledged(campaign, bureau, [people["watch"], people["other"]]), people)


def alone() -> None:
    """Terms of another bureau with the lottery as source, due now; prints ids, names and what was announced."""
    city = Authority.objects.get(code="120000")
    campaign, bureau = _six_units("96", city)
    people = {
        "office": MembershipFactory(authority=bureau, user__username="a-office"),
        "above": MembershipFactory(role=Role.CITY_ADMIN, authority=city, user__username="a-above"),
    }
    row = draws.announce(draws.freeze(campaign, bureau))
    draws.acknowledge(row)
    _told(row, people, numbers=draws.NUMBERS)


def _six_units(mark: str, city: Authority) -> tuple[Campaign, Authority]:
    """A campaign and a bureau that inspects six units; the mark keeps numbers apart."""
    count_from(int(mark) * 100)
    bureau = AuthorityFactory(code=f"{mark}0001", parent=city)
    campaign = CampaignFactory(code=f"2021-{mark}", organiser=city)
    for n in range(6):
        unit = UnitFactory(name=f"天津示例{mark}见证{n}厂", territorial_authority=bureau)
        standard = StandardFactory(unit=unit, issuing_authority=city)
        number = f"〔2018〕津量标企证字第{mark}{n}号"
        standard.certificates.update(number=number, identity=number)
        RoutedStandardFactory(campaign=campaign, standard=standard, inspecting_authority=bureau)
    return campaign, bureau


def _told(row: DrawTerms, people: dict[str, Membership], **more: str) -> None:
    for membership in people.values():
        membership.user.set_password(PASSWORD)
        membership.user.save()
    found = {who: each.user.username for who, each in people.items()}
    found |= {"url": row.get_absolute_url(), "terms": row.pk} | more
    print(json.dumps(found))  # noqa: T201 -- read by the test


def _acknowledged(campaign, bureau: Authority, witnesses: list) -> DrawTerms:
    now = clock.now()
    frame = draws.freeze(campaign, bureau)
    with clock.pinned(now - 2 * draws.DAY):
        row = announcing.announce_draw(
            frame, ratio=20, ratio_reason="示例", issue=draws.ISSUE, moment=now, floor=20,
            actor=None, witnesses=witnesses, fallback_at=now + draws.DAY / 2,
        )  # fmt: skip
    draws.acknowledge(row)
    return row


def drawn(terms: int) -> None:
    """What was drawn, and what is wrong with it; prints both."""
    run = DrawRun.objects.get(terms=terms)
    told = [run.terms.value, run.drawn.count(), verify_draw(run)]
    print(json.dumps(told))  # noqa: T201 -- read by the test
