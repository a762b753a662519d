"""Acceptance after rectification: asked for, examined, accepted or not; only then a stop order is lifted (§7.4, §7.5)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inspections.enums import StopState
from inspections.moves import stop as stop_moves
from metrostd.common import clock
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import sign_in
from tests.factories.inspections import FindingFactory, StopOrderFactory

from .story import VISIT, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped(visit):
    standard = visit.task.standards.get().standard
    type(visit.task).objects.filter(pk=visit.task.pk).update(
        state="reviewed", arrived_at=VISIT, credential_shown=True
    )
    visit.task.refresh_from_db()
    return StopOrderFactory(
        task=visit.task, standard=standard, state="in_force", in_force_from=VISIT.date()
    )


def finding(order, state):
    return FindingFactory(sheet__task=order.task, sheet__standard=order.standard, state=state)


def test_rectified_findings_alone_do_not_lift_an_order(stopped):
    finding(stopped, "verified")

    with pytest.raises(ValidationError, match="还没有验收合格"):
        stop_moves.lift_stop(stopped, actor=None, basis="已整改")


def test_nobody_asks_or_accepts_while_a_problem_is_open(stopped):
    finding(stopped, "submitted")

    with pytest.raises(TransitionError, match="没有销号"):
        stop_moves.ask_acceptance(stopped, actor=None, note="已整改")
    with pytest.raises(TransitionError, match="没有销号"):
        stop_moves.accept_standard(
            stopped, accepted_on=clock.today(), acceptance="现场复核", actor=None
        )


def test_the_whole_way_from_the_request_to_the_lifting(client, visit, stopped):
    finding(stopped, "verified")
    sign_in(client, visit.unit)
    assert "申请验收" in client.get(visit.task.get_absolute_url()).content.decode()
    ask = reverse("inspections:ask_acceptance", args=[stopped.pk])
    client.post(ask, {"note": "已重新溯源，自行核验合格。"})
    assert Message.objects.filter(
        membership=visit.office, body="已重新溯源，自行核验合格。"
    ).exists()
    assert client.post(ask, {"note": "再次申请"}).status_code == 409

    sign_in(client, visit.office)
    accept = reverse("inspections:accept_standard", args=[stopped.pk])
    examined = {"accepted_on": clock.today().isoformat(), "acceptance": "现场复核示值误差超差。"}
    client.post(accept, examined | {"meets": "no"})
    stopped.refresh_from_db()
    assert (stopped.state, stopped.accepted_on) == (StopState.IN_FORCE, None)
    assert stopped.not_accepted_on == clock.today()
    assert Message.objects.filter(membership=visit.unit, subject__startswith="验收不合格").exists()
    lift = reverse("inspections:lift_stop", args=[stopped.pk])
    refused = client.post(lift, {"note": "验收"}, follow=True).content.decode()
    assert "还没有验收合格" in refused

    with clock.pinned(clock.now() + dt.timedelta(days=3)):
        sign_in(client, visit.unit)
        client.post(ask, {"note": "更换标准器后再次申请。"})
        sign_in(client, visit.office)
        again = {"accepted_on": clock.today().isoformat(), "acceptance": "现场复核合格。"}
        client.post(accept, again | {"meets": "yes"})
        client.post(lift, {"note": "验收合格"})
    stopped.refresh_from_db()
    assert stopped.state == StopState.LIFTED
    assert stopped.not_accepted_why == "现场复核示值误差超差。"


def test_it_is_not_accepted_on_a_day_before_it_failed(stopped):
    finding(stopped, "verified")
    with clock.pinned(clock.at_time(dt.date(2021, 6, 20))):
        stop_moves.accept_standard(
            stopped,
            accepted_on=clock.today(),
            acceptance="现场复核不合格",
            actor=None,
            meets=False,
        )
        with pytest.raises(ValidationError, match="不能早于"):
            stop_moves.accept_standard(
                stopped,
                accepted_on=dt.date(2021, 6, 19),
                acceptance="合格",
                late_reason="补记",
                actor=None,
            )


def test_only_the_unit_asks(client, visit, stopped):
    address = reverse("inspections:ask_acceptance", args=[stopped.pk])
    other = make_visit(campaign=visit.task.campaign)

    assert sign_in(client, visit.office).post(address, {"note": "代为申请"}).status_code == 403
    assert sign_in(client, other.unit).post(address, {"note": "别家申请"}).status_code == 404
