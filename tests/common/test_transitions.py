"""The engine of all state machines, tried on a campaign with moves of its own."""

import dataclasses
import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import Transition, TransitionError, bulk_apply
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db

START = Transition("start", "开始", frozenset({"draft"}), "open")
FINISH = Transition("finish", "办结", frozenset({"draft", "open"}), "closed")
SEND_BACK = Transition("send_back", "退回", frozenset({"open"}), "draft", needs_note=True)


@pytest.fixture
def actor():
    return MembershipFactory().user


def stored(campaign):
    return Campaign.objects.get(pk=campaign.pk)


def test_a_move_changes_the_row_and_the_object_and_the_time(actor):
    campaign = CampaignFactory(state="draft")
    moment = clock.at_time(dt.date(2021, 4, 23), 10)

    with clock.pinned(moment):
        START.apply(campaign, actor=actor)

    assert (campaign.state, campaign.state_since) == ("open", moment)
    assert (stored(campaign).state, stored(campaign).state_since) == ("open", moment)


def test_further_columns_are_set_with_the_move(actor):
    campaign = CampaignFactory(state="draft")

    START.apply(campaign, actor=actor, basis="津市场监管量〔2021〕1号")

    assert campaign.basis == stored(campaign).basis == "津市场监管量〔2021〕1号"


def test_the_trail_names_both_states_in_words(actor):
    campaign = CampaignFactory(state="draft")

    START.apply(campaign, actor=actor, note="通知已印发")

    row = AuditEntry.objects.about(campaign).get()
    assert (row.action, row.action_label, row.note) == ("start", "开始", "通知已印发")
    assert row.before == {"state": "draft", "state_label": "筹备中"}
    assert row.after == {"state": "open", "state_label": "进行中"}
    assert (row.before_label, row.after_label) == ("筹备中", "进行中")
    assert (row.actor, row.acting_as) == (actor, actor.acting.label)
    assert row.target == campaign


def test_without_an_actor_the_clock_did_it():
    campaign = CampaignFactory(state="draft")

    START.apply(campaign, actor=None)

    row = AuditEntry.objects.about(campaign).get()
    assert (row.actor, row.acting_as, row.actor_label) == (None, "", "系统")


def test_a_wrong_source_is_refused_and_leaves_no_trace(actor):
    campaign = CampaignFactory(state="closed")

    with pytest.raises(TransitionError, match="目前是“已结束”，不能“开始”") as refused:
        START.apply(campaign, actor=actor)

    assert refused.value.obj is campaign
    assert stored(campaign).state == "closed"
    assert not AuditEntry.objects.exists()


def test_the_second_of_two_people_loses_although_both_states_are_sources(actor):
    campaign = CampaignFactory(state="draft")
    stale = stored(campaign)
    START.apply(campaign, actor=actor)

    with pytest.raises(TransitionError, match="刚刚被他人更新"):
        FINISH.apply(stale, actor=actor, basis="被覆盖")

    assert (stored(campaign).state, stored(campaign).basis) == ("open", "")
    assert stale.state == "draft"
    assert AuditEntry.objects.about(campaign).count() == 1


@pytest.mark.parametrize("note", ["", "  \n", "\u200b", "\u3164", "。", "……", "\u3000-"])
def test_a_move_that_needs_a_reason_is_refused_without_one(actor, note):
    campaign = CampaignFactory(state="open")

    with pytest.raises(ValidationError) as refused:
        SEND_BACK.apply(campaign, actor=actor, note=note)

    assert refused.value.message_dict == {"note": ["请说明理由。"]}
    assert stored(campaign).state == "open"


def test_many_rows_move_with_one_update_and_one_trail_row_each(
    actor, django_assert_max_num_queries
):
    campaigns = CampaignFactory.create_batch(5, state="draft")
    moment = clock.at_time(dt.date(2021, 6, 1))

    with clock.pinned(moment), django_assert_max_num_queries(6):
        moved = bulk_apply(START, campaigns, actor=actor, note="到期", basis="通知")

    rows = Campaign.objects.filter(state="open", state_since=moment, basis="通知")
    trail = AuditEntry.objects.filter(action="start", note="到期", acting_as=actor.acting.label)
    assert moved == rows.count() == trail.count() == 5
    assert {row.before_label for row in trail} == {"筹备中"}


def test_rows_that_have_moved_on_are_left_alone_in_bulk():
    ready, gone = CampaignFactory.create_batch(2, state="draft")
    FINISH.apply(stored(gone), actor=None)

    moved = bulk_apply(START, [ready, gone], actor=None, basis="通知")

    assert moved == 1
    assert (stored(ready).state, stored(gone).state) == ("open", "closed")
    assert stored(gone).basis == ""
    assert AuditEntry.objects.get(action="start").target_id == ready.pk


def test_each_row_keeps_the_state_it_came_from_in_bulk():
    draft, opened = CampaignFactory(state="draft"), CampaignFactory(state="open")

    bulk_apply(FINISH, [draft, opened], actor=None)

    before = dict(AuditEntry.objects.values_list("target_id", "before__state"))
    assert before == {draft.pk: "draft", opened.pk: "open"}


def test_the_clock_may_run_twice():
    campaigns = CampaignFactory.create_batch(2, state="draft")

    assert bulk_apply(START, campaigns, actor=None) == 2
    assert bulk_apply(START, campaigns, actor=None) == 0
    assert bulk_apply(START, [], actor=None) == 0
    assert AuditEntry.objects.count() == 2


GUARDED = Transition(
    "campaign.finish",
    "办结",
    frozenset({"open"}),
    "closed",
    guards=(
        lambda campaign: "" if campaign.basis else "没有依据，不能办结。",
        lambda campaign: "文号不对。" if campaign.basis == "误" else "",
    ),
)


def test_the_verdict_is_about_the_state_first_and_says_what_the_object_is():
    campaign = CampaignFactory(state="draft", basis="")

    assert GUARDED.verdict(campaign).reason == "专项行动目前是“筹备中”，不能“办结”。"
    with pytest.raises(TransitionError, match=f"“{campaign}”目前是“筹备中”，不能“办结”。"):
        GUARDED.check(campaign)


def test_a_move_may_say_in_its_own_words_what_a_state_means():
    move = dataclasses.replace(START, otherwise="没有可开始的内容")

    verdict = move.verdict(CampaignFactory(state="closed"))

    assert verdict.reason == "专项行动目前是“已结束”，没有可开始的内容。"


@pytest.mark.parametrize(
    ("basis", "reason"), [("", "没有依据，不能办结。"), ("误", "文号不对。"), ("通知", "")]
)
def test_page_and_move_give_the_same_answer_of_a_guard(actor, basis, reason):
    campaign = CampaignFactory(state="open", basis=basis)

    assert GUARDED.verdict(campaign).reason == reason
    if not reason:
        GUARDED.apply(campaign, actor=actor)
        assert stored(campaign).state == "closed"
        return
    with pytest.raises(ValidationError) as refused:
        GUARDED.apply(campaign, actor=actor)
    assert refused.value.messages == [reason]
    assert stored(campaign).state == "open"
    assert not AuditEntry.objects.exists()


def test_a_guards_reason_stands_beside_the_field_the_caller_names():
    with pytest.raises(ValidationError) as refused:
        GUARDED.check(CampaignFactory(state="open", basis=""), beside="note")

    assert refused.value.message_dict == {"note": ["没有依据，不能办结。"]}


def test_a_guarded_move_is_not_for_many_rows_at_once():
    with pytest.raises(ValueError, match="row by row"):
        bulk_apply(GUARDED, [CampaignFactory(state="open", basis="")], actor=None)


def test_a_guard_with_several_reasons_gives_a_page_the_first_and_the_form_all():
    move = dataclasses.replace(
        GUARDED, guards=(lambda campaign: ["还有2项检查。", "还有1份报告。"],)
    )
    campaign = CampaignFactory(state="open")

    with pytest.raises(ValidationError) as refused:
        move.apply(campaign, actor=None)

    verdict = move.verdict(campaign)
    assert (verdict.reason, len(verdict.reasons)) == ("还有2项检查等2项原因。", 2)
    assert refused.value.messages == ["还有2项检查。", "还有1份报告。"]
