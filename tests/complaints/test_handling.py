"""From the decision to the answer: who sees it, within which days, and what comes of it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns.enums import DrawKind, DutyKind
from campaigns.models import Duty
from campaigns.owners import People
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.complaints import measures, moves, policies, services
from metrostd.complaints.enums import ComplaintState, Recipient
from metrostd.complaints.models import Complaint
from tests import draws
from tests.duties import idle
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import RoutedStandardFactory, routing_rules
from tests.factories.complaints import CONTACT, NAME, WORDS, ComplaintFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 6, 1)


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def office(city):
    return MembershipFactory(authority=AuthorityFactory(code="120111", parent=city))


@pytest.fixture
def colleague(office):
    return MembershipFactory(authority=office.authority)


def received(office, **given):
    statement = services.Statement(
        **{
            "kind": "tip_off",
            "content": WORDS,
            "target": "示例被反映单位",
            "name": NAME,
            "contact": CONTACT,
            "office": office.authority,
        }
        | given
    )
    row, _ = services.receive(statement, sent=uuid.uuid4(), actor=None)
    return row


def owed(row, kind):
    return Duty.objects.open().about_all(Complaint, [row.pk]).filter(kind=kind)


def test_the_days_of_the_law_are_on_the_desk(office):
    with clock.pinned(clock.at_time(DAY)):
        tip_off = received(office)
        complaint = received(office, kind="complaint")

    by = {duty.target_id: duty for duty in Duty.objects.filter(kind=DutyKind.COMPLAINT_DECISION)}
    assert by[tip_off.pk].due_on == add_workdays(DAY, 15)
    assert by[complaint.pk].due_on == add_workdays(DAY, 7)
    assert set(Duty.objects.owed_by(office.user)) == set(by.values())
    assert {duty.campaign for duty in by.values()} == {
        None
    }  # closing a campaign takes none of it back


def test_a_tip_off_from_its_day_to_its_answer(office):
    actor = office.user
    with clock.pinned(clock.at_time(DAY)):
        row = received(office)
    with clock.pinned(clock.at_time(DAY + dt.timedelta(days=2))):
        moves.accept(row, reason="", actor=actor)
        assert not owed(row, DutyKind.COMPLAINT_DECISION)
        assert owed(row, DutyKind.COMPLAINT_NOTICE).get().due_on == add_workdays(clock.today(), 5)
        assert owed(row, DutyKind.COMPLAINT_ANSWER).get().due_on == add_workdays(clock.today(), 45)
        moves.tell_informant(row, told_on=clock.today(), told_how="电话", actor=actor)
        assert not owed(row, DutyKind.COMPLAINT_NOTICE)
        moves.start(row, actor=actor)
        measures.verify(row, note="现场核实，情况属实。", actor=actor)
        moves.answer(row, answer="已责令改正。", actor=actor)
        moves.close(row, actor=actor)

    row.refresh_from_db()
    assert (row.state, row.answer) == (ComplaintState.CLOSED, "已责令改正。")
    assert not Duty.objects.open().about_all(Complaint, [row.pk])
    assert idle() == []
    assert [e.action for e in AuditEntry.objects.about(row).order_by("pk")] == [
        "complaint.receive", "complaint.accept", "complaint.tell", "complaint.start",
        "complaint.verify", "complaint.answer", "complaint.close",
    ]  # fmt: skip


def test_who_puts_on_record_days_later_that_an_informant_was_told_says_why(office):
    with clock.pinned(clock.at_time(DAY)):
        row = received(office)
        moves.accept(row, reason="", actor=office.user)
    told = {"told_on": DAY, "told_how": "电话", "actor": office.user}
    with clock.pinned(clock.at_time(DAY + dt.timedelta(days=3))):
        with pytest.raises(ValidationError) as caught:
            moves.tell_informant(row, **told)
        moves.tell_informant(row, **told, late_reason="经办人出差")

    assert list(caught.value.message_dict) == ["late_reason"]
    assert AuditEntry.objects.about(row).get(action="complaint.tell").note == "补录理由：经办人出差"


def test_the_days_of_a_tip_off_are_extended_once_with_a_reason(office):
    with clock.pinned(clock.at_time(DAY)):
        row = received(office)
        with pytest.raises(ValidationError):
            moves.extend(row, note=" ", actor=office.user)
        moves.extend(row, note="需要外地协查。", actor=office.user)
        with pytest.raises(TransitionError):
            moves.extend(row, note="再延长。", actor=office.user)

    assert owed(row, DutyKind.COMPLAINT_DECISION).get().due_on == add_workdays(DAY, 30)
    assert not moves.extensible(received(office, kind="complaint"))


def test_not_taking_it_up_needs_a_reason_that_is_read_with_the_code(office, colleague):
    row = received(office)
    with pytest.raises(ValidationError):
        moves.decline(row, reason="", actor=office.user)

    moves.decline(row, reason="不属于市场监管部门职责。", actor=office.user)

    assert row.reason == "不属于市场监管部门职责。"
    assert "不属于" not in " ".join(AuditEntry.objects.values_list("note", flat=True))


def test_whoever_entered_it_does_not_decide_alone_that_nothing_comes_of_it(office, colleague):
    row = ComplaintFactory(authority=office.authority, registered_by=office.user)

    refused = policies.may_decline(office.user, row)

    assert colleague.user.display_name in refused.reason
    assert policies.may_decline(colleague.user, row)


@pytest.mark.parametrize(
    "role", [Role.CITY_ADMIN, Role.AUDITOR, Role.SYSTEM_ADMIN, Role.DISCIPLINE]
)
def test_nobody_but_the_handling_office_sees_it(client, office, city, role):
    row = ComplaintFactory(authority=office.authority)
    sign_in(client, MembershipFactory(authority=city, role=role))

    assert client.get(row.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", [Role.DISTRICT_INSPECTOR, Role.DISTRICT_APPROVER, Role.ASSESSOR])
def test_colleagues_who_need_not_know_do_not_see_it(client, office, role):
    row = ComplaintFactory(authority=office.authority)
    sign_in(client, MembershipFactory(authority=office.authority, role=role))

    assert client.get(row.get_absolute_url()).status_code == 404
    assert client.get(reverse("complaints:index")).status_code == 403


def test_what_is_about_the_municipal_office_is_hidden_from_it(client, city):
    desk = MembershipFactory(authority=city, role=Role.CITY_ADMIN)
    watch = MembershipFactory(authority=city, role=Role.DISCIPLINE)
    row = received(desk, target="", about_office=city, name="", contact="")

    duty = Duty.objects.get()
    assert duty.membership == watch
    assert not Duty.objects.visible_to(desk.user).exists()
    assert Duty.objects.visible_to(watch.user).get() == duty
    assert People([duty]).of(duty, above=True) == []
    assert not Complaint.objects.visible_to(desk.user).exists()
    assert Complaint.objects.visible_to(watch.user).get() == row
    sign_in(client, watch)
    assert WORDS in client.get(row.get_absolute_url()).content.decode()
    assert not policies.can_pass_on(watch.user, row)


def test_an_office_that_takes_down_a_call_about_itself_cannot_see_it_afterwards(
    client, office, city
):
    sign_in(client, office)
    answer = client.post(
        reverse("complaints:create"),
        {
            "channel": "phone",
            "received_on": clock.today().isoformat(),
            "kind": "tip_off",
            "about_office": office.authority.pk,
            "content": WORDS,
            "sent": str(uuid.uuid4()),
        },
    )

    row = Complaint.objects.get()
    assert "本部门不能查看" in answer.content.decode()
    assert row.authority == city
    assert client.get(row.get_absolute_url()).status_code == 404


def test_name_and_contact_are_seen_for_a_purpose_on_record(client, office):
    row = ComplaintFactory(authority=office.authority)
    sign_in(client, office)
    page = client.get(row.get_absolute_url()).content.decode()
    assert WORDS in page
    assert NAME not in page

    url = reverse("complaints:identity", args=[row.pk])
    without = client.post(url, {"reason": "看"})
    seen = client.post(url, {"reason": "电话核实举报内容"}).content.decode()

    assert without.status_code == 422
    assert NAME not in without.content.decode()
    assert NAME in seen
    assert CONTACT in seen
    assert NAME not in client.get(row.get_absolute_url()).content.decode()
    kept = AccessEntry.objects.get(kind="查看身份")
    assert kept.purpose == "电话核实举报内容"
    assert AccessEntry.objects.filter(kind="read").count() == 1  # the words, too, once an hour


def test_passing_it_on_keeps_the_days_and_ends_ones_own_sight(client, office, city):
    with clock.pinned(clock.at_time(DAY)):
        row = received(office)
    other = MembershipFactory(authority=AuthorityFactory(code="120112", parent=city))
    sign_in(client, office)
    url = reverse("complaints:pass_on", args=[row.pk])

    given_away = client.post(url, {"office": other.authority.pk, "note": f"{NAME}要求转交"})
    itself = client.post(url, {"office": office.authority.pk, "note": "转交"})
    done = client.post(url, {"office": other.authority.pk, "note": "由单位所在区办理"})

    assert "其中有反映人的姓名" in given_away.content.decode()
    assert "已经由这个部门办理" in itself.content.decode()
    assert done.url == reverse("complaints:index")
    assert client.get(row.get_absolute_url()).status_code == 404
    duty = owed(row, DutyKind.COMPLAINT_DECISION).get()
    assert (duty.authority, duty.due_on) == (other.authority, add_workdays(DAY, 15))


def test_it_is_not_passed_on_to_the_office_it_is_about(office, city):
    desk = MembershipFactory(authority=city, role=Role.CITY_ADMIN)
    row = received(desk, target="", about_office=office.authority)

    with pytest.raises(ValidationError, match="不能转给它自己办理"):
        moves.pass_on(row, office.authority, note="请办理", actor=desk.user)


def test_it_leads_to_a_directed_check_that_does_not_say_why(client):
    routing_rules()
    first = RoutedStandardFactory()
    for _ in range(3):
        RoutedStandardFactory(
            campaign=first.campaign,
            standard__unit__territorial_authority=first.inspecting_authority,
        )
    run = draws.draw(draws.freeze(first.campaign, first.inspecting_authority))
    office = MembershipFactory(authority=run.frame.authority)
    routed = run.frame.campaign.routed.filter(inspecting_authority=office.authority)
    unit = routed.exclude(unit__in=run.drawn.values("unit")).first().unit
    row = ComplaintFactory(authority=office.authority, unit=unit, state=ComplaintState.HANDLING)
    sign_in(client, office)
    url = reverse("complaints:direct", args=[row.pk])
    standards = [s.pk for s in measures.standards_of(row, run)]

    assert client.get(url).status_code == 200
    nothing = client.post(url, {})
    done = client.post(url, {"standards": standards})

    assert nothing.status_code == 422
    assert done.url == row.get_absolute_url()
    drawn = run.drawn.get(unit=unit)
    assert (drawn.kind, drawn.reason) == (DrawKind.DIRECTED, measures.REASON)
    assert "投诉" not in drawn.reason
    assert row.measures.get().drawn_unit == drawn
    trail = " ".join(AuditEntry.objects.about(run).values_list("note", flat=True))
    assert "投诉" not in trail
    assert "已在检查对象中" in measures.directable(row).reason


def test_the_corps_sees_what_was_handed_to_it_and_nothing_else(client, office, city):
    row = ComplaintFactory(authority=office.authority, state=ComplaintState.HANDLING)
    kept = ComplaintFactory(authority=office.authority, state=ComplaintState.HANDLING)
    corps = MembershipFactory(authority=city, role=Role.ENFORCEMENT_LIAISON)
    sign_in(client, office)
    url = reverse("complaints:refer", args=[row.pk])

    nowhere = client.post(url, {"recipient": Recipient.OTHER, "note": "涉嫌违法"})
    client.post(url, {"recipient": Recipient.CORPS, "note": "涉嫌违法"})

    assert "请填写移送至哪个机关" in nowhere.content.decode()
    sign_in(client, corps)
    page = client.get(row.get_absolute_url()).content.decode()
    assert WORDS in page
    assert "办理过程" not in page
    assert client.get(kept.get_absolute_url()).status_code == 404
    accept = reverse("complaints:answer", args=[row.pk])
    assert client.post(accept, {"answer": "x"}).status_code == 403


def test_what_belongs_to_another_state_is_a_conflict(client, office):
    row = ComplaintFactory(authority=office.authority, state=ComplaintState.CLOSED)
    sign_in(client, office)

    answers = {
        name: client.post(reverse(f"complaints:{name}", args=[row.pk]), data).status_code
        for name, data in (
            ("accept", {}), ("decline", {"reason": "理由"}), ("start", {}), ("close", {}),
            ("answer", {"answer": "x"}), ("verify", {"note": "x"}), ("extend", {"note": "x"}),
            ("reopen", {"note": "x"}), ("tell", {"told_on": "2021-06-02", "told_how": "电话"}),
        )
    }  # fmt: skip

    assert set(answers.values()) == {409}


def test_answered_too_soon_it_goes_on(client, office):
    row = ComplaintFactory.in_state(ComplaintState.ANSWERED, authority=office.authority)
    sign_in(client, office)

    client.post(reverse("complaints:reopen", args=[row.pk]), {"note": "反映人补充了材料"})

    row.refresh_from_db()
    assert row.state == ComplaintState.HANDLING
    assert owed(row, DutyKind.COMPLAINT_ANSWER).exists()


def test_on_the_word_of_whoever_complained_the_office_erases(client, office):
    row = ComplaintFactory.in_state(ComplaintState.CLOSED, authority=office.authority)
    early = ComplaintFactory(authority=office.authority)
    sign_in(client, office)
    url = reverse("complaints:forget", args=[row.pk])

    assert client.post(url, {"note": ""}).status_code == 422
    client.post(url, {"note": "反映人5月6日来电提出"})

    row.refresh_from_db()
    assert (row.sealed_name, row.sealed_content) == ("", "")
    refused = client.post(reverse("complaints:forget", args=[early.pk]), {"note": "x"})
    assert refused.status_code == 403


def test_an_attachment_is_opened_by_the_handling_office_with_a_record(client, office, city):
    row = ComplaintFactory(authority=office.authority)
    file = services.ComplaintFile(
        complaint=row, sealed_name=services.sealing.seal("现场.pdf"), media_type="application/pdf",
        size=4,
    )  # fmt: skip
    file.content.save("x", services.ContentFile(services.sealing.seal_bytes(b"%PDF")))
    url = reverse("complaints:file", args=[file.pk])
    sign_in(client, MembershipFactory(authority=city, role=Role.CITY_ADMIN))
    assert client.get(url).status_code == 404
    sign_in(client, office)

    answer = client.get(url)

    assert answer.content == b"%PDF"
    assert AccessEntry.objects.filter(kind="file").exists()
    moves.forget_on_word(row, note="来电提出", actor=office.user)
    moves.decline(row, reason="不属于职责", actor=office.user)
    assert not row.files.exists()


def test_the_list_costs_the_same_however_long(client, office, django_assert_num_queries):
    sign_in(client, office)
    ComplaintFactory(authority=office.authority)
    url = reverse("complaints:index")
    client.get(url)
    with django_assert_num_queries(10) as seen:
        client.get(url)
    for _ in range(4):
        received(office)
    with django_assert_num_queries(len(seen)):
        page = client.get(url, {"state": "received", "kind": "tip_off", "q": "诉举"})
    assert len(page.context["rows"]) == 5


def test_channels_are_the_offices_own(client, office, city):
    sign_in(client, office)
    own, other = office.authority, city
    words = {"phone": "022-1", "address": "路1号", "hours": "工作日", "base_version": 0}

    assert client.post(reverse("complaints:desk", args=[other.pk]), words).status_code == 403
    assert client.post(reverse("complaints:desk", args=[own.pk]), words).status_code == 302
    both = client.post(reverse("complaints:desk", args=[own.pk]), words | {"phone": "022-2"})
    assert both.status_code == 409
    assert "022-2" in both.content.decode()
    assert client.get(reverse("complaints:desks")).context["missing"] == 1
