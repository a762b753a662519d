"""Who sees which visit, and what of it: strangers get a 404, the unit sees step by step."""

import uuid

import pytest
from django.urls import reverse

from inspections import one_answer
from inspections.enums import TaskState, TeamRole
from inspections.models import ChecklistAnswer, Evidence, Signature
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import StopOrderFactory
from tests.factories.registry import AuthorityFactory

from .story import FACT, VISIT, make_visit

pytestmark = pytest.mark.django_db

GET = ["task", "assign", "start", "not_performed", "follow_up", "signing", "record", "propose_stop"]
POST = [
    "assign",
    "notify",
    "start",
    "review",
    "reopen",
    "close",
    "not_performed",
    "follow_up",
    "refuse",
    "close_not_performed",
    "to_signing",
    "resume",
    "sign",
    "conclude",
    "propose_stop",
]


def status(client, membership, name, pk, method="get", *args):
    sign_in(client, membership)
    answer = getattr(client, method)(reverse(f"inspections:{name}", args=[pk, *args]))
    if answer.streaming:
        b"".join(answer)  # closes the file; closing the answer would end PostgreSQL's transaction
    return answer.status_code


@pytest.fixture
def signed():
    return make_visit().concluded({"D02": ("deficient", FACT)})


def strangers(visit):
    return [
        MembershipFactory(role=Role.DISTRICT_ADMIN),
        MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=visit.task.authority),
        MembershipFactory(role=Role.DISTRICT_APPROVER, authority=visit.task.authority),
        MembershipFactory(as_unit=True),
        MembershipFactory(role=Role.ASSESSOR, authority=visit.task.authority),
        MembershipFactory(role=Role.AUDITOR, authority=AuthorityFactory()),
    ]


def test_strangers_find_nothing(client, signed):
    task = signed.task
    sheet = signed.standard_sheet()
    answer = sheet.answers.first()
    evidence, signature = Evidence.objects.get(), Signature.objects.first()

    for stranger in strangers(signed):
        for name in GET:
            assert status(client, stranger, name, task.pk) == 404, name
        for name in POST:
            assert status(client, stranger, name, task.pk, "post") == 404, name
        for name, obj in [
            ("sheet", sheet),
            ("peers", sheet),
            ("evidence", evidence),
            ("signature", signature),
        ]:
            assert status(client, stranger, name, obj.pk) == 404, name
        for name, obj in [
            ("answer", answer),
            ("upload", answer),
            ("conclude_sheet", sheet),
            ("withdraw_evidence", evidence),
        ]:
            assert status(client, stranger, name, obj.pk, "post") == 404, name
        assert status(client, stranger, "filed_record", task.pk, "get", 1) == 404
        page = client.get(reverse("inspections:index")).content.decode()
        assert task.unit.name not in page


def test_a_member_of_the_team_of_another_visit_is_a_stranger_here(client, signed):
    other = make_visit().assign()

    assert status(client, other.leader, "task", signed.task.pk) == 404
    assert status(client, other.leader, "task", other.task.pk) == 200


def test_office_and_team_and_city_see_the_visit(client, signed):
    city = MembershipFactory(role=Role.CITY_ADMIN, authority=signed.task.campaign.organiser)

    for member in (signed.office, signed.leader, signed.officer, city):
        assert status(client, member, "task", signed.task.pk) == 200
        assert status(client, member, "sheet", signed.standard_sheet().pk) == 200


#: What the unit gets in each state: the visit itself, and what was found.
SEEN = {
    "planned": (404, 404),
    "assigned": (404, 404),
    "notified": (200, 404),
    "in_progress": (200, 404),
    "signing": (200, 200),
    "concluded": (200, 200),
    "reviewed": (200, 200),
    "not_performed": (404, 404),
}


def test_what_the_unit_sees_grows_with_the_visit(client, signed):
    sheet, evidence = signed.standard_sheet().pk, Evidence.objects.get().pk
    for state, (visit, found) in SEEN.items():
        type(signed.task).objects.update(state=state)

        got = [
            status(client, signed.unit, name, pk)
            for name, pk in [
                ("task", signed.task.pk),
                ("sheet", sheet),
                ("evidence", evidence),
                ("record", signed.task.pk),
            ]
        ]
        # Before the end the record is a draft, made by a job to whose page one is led; then it is kept,
        # and a page waits until it is made.
        record = {"signing": 302, "concluded": 202, "reviewed": 202}.get(state, found)
        assert (state, got) == (state, [visit, found, found, record])


def test_the_unit_sees_no_result_before_signing(client):
    visit = make_visit().assign().notify().start()
    visit.prove(visit.answer("D02", "nonconform", FACT))
    sign_in(client, visit.unit)

    page = client.get(visit.task.get_absolute_url()).content.decode()

    assert FACT not in page
    assert "办理过程" not in page
    assert str(visit.leader.user) in page


def test_the_unit_reads_its_sheet_without_hints_or_buttons(client, signed):
    sign_in(client, signed.unit)

    page = client.get(f"{signed.standard_sheet().get_absolute_url()}?section=D").content.decode()

    assert FACT in page
    assert "系统预判" not in page
    assert "拍照取证" not in page
    assert status(client, signed.unit, "signing", signed.task.pk) == 403


#: Moves and who of the insiders may not make them, with the state they are for.
NOT_THEIRS = [
    ("notify", "leader", "assigned"),
    ("start", "officer", "assigned"),
    ("start", "office", "assigned"),
    ("to_signing", "officer", "in_progress"),
    ("resume", "officer", "signing"),
    ("review", "leader", "concluded"),
    ("reopen", "leader", "concluded"),
    ("close", "leader", "reviewed"),
    ("not_performed", "officer", "assigned"),
    ("refuse", "office", "in_progress"),
    ("follow_up", "leader", "not_performed"),
    ("propose_stop", "office", "in_progress"),
    ("sign", "office", "signing"),
    ("conclude", "office", "signing"),
    ("review", "unit", "concluded"),
]


def test_insiders_without_the_part_are_told_why(client, signed):
    for name, who, state in NOT_THEIRS:
        type(signed.task).objects.update(state=state)
        sign_in(client, getattr(signed, who))

        answer = client.post(reverse(f"inspections:{name}", args=[signed.task.pk]))

        assert (name, who, answer.status_code) == (name, who, 403)
        assert "办理" in answer.content.decode()
        signed.task.refresh_from_db()
        assert signed.task.state == state


def test_the_city_reads_a_districts_visit_but_does_not_run_it(client, signed):
    city = MembershipFactory(role=Role.CITY_ADMIN, authority=signed.task.campaign.organiser)

    assert status(client, city, "review", signed.task.pk, "post") == 403


def test_only_the_team_fills_in(client):
    visit = make_visit().assign().start()
    answer = visit.standard_sheet().answers.first()
    sign_in(client, visit.office)

    reply = client.post(
        reverse("inspections:answer", args=[answer.pk]),
        {"answer": "conform", "version": "0"},
        headers={"X-Requested-With": "autosave"},
    )

    assert reply.status_code == 403
    assert "由检查组成员办理" in reply.json()["errors"]["__all__"][0]


@pytest.mark.parametrize(
    ("name", "who", "state"),
    [
        ("assign", "office", "in_progress"),
        ("notify", "office", "notified"),
        ("start", "leader", "in_progress"),
        ("to_signing", "leader", "signing"),
        ("resume", "leader", "in_progress"),
        ("sign", "officer", "concluded"),
        ("conclude", "officer", "concluded"),
        ("review", "office", "reviewed"),
        ("reopen", "office", "in_progress"),
        ("close", "office", "concluded"),
        ("not_performed", "office", "concluded"),
        ("refuse", "leader", "refused"),
        ("follow_up", "office", "follow_up"),
        ("close_not_performed", "office", "closed"),
    ],
)
def test_a_move_that_has_been_made_meanwhile_is_a_conflict(client, signed, name, who, state):
    type(signed.task).objects.update(state=state)
    form = {
        "note": "示例理由",
        "planned_on": "2021-06-20",
        f"role-{signed.leader.pk}": "leader",
        f"role-{signed.officer.pk}": "officer",
        "arrived_at": "2021-06-15T09:30",
        "attendees": "示例人",
        "credential_shown": "on",
        "reason": "suspended",
        "detail": "到场后大门关闭，物业证实已停产。",
        "attempted_at": "2021-06-15T09:30",
        "follow_up_due": "2021-07-01",
        "follow_up_owner": signed.officer.pk,
        "due_on": "2021-07-01",
        "who": "unit",
        "client_id": str(uuid.uuid4()),
    }
    sign_in(client, getattr(signed, who))

    answer = client.post(reverse(f"inspections:{name}", args=[signed.task.pk]), form)

    assert answer.status_code == 409
    assert "记录已变化" in answer.content.decode()
    signed.task.refresh_from_db()
    assert signed.task.state == state


def test_a_stop_the_office_has_not_served_is_not_the_units_to_read(client):
    visit = make_visit().to_signing({"A03": ("nonconform", FACT)})
    sheet = visit.standard_sheet()
    order = StopOrderFactory(task=visit.task, standard=sheet.standard)
    sign_in(client, visit.unit)

    page = client.get(f"{sheet.get_absolute_url()}?section=conclude").content.decode()
    answer = client.post(reverse("inspections:approve_stop", args=[order.pk]))

    assert "停止量值传递" not in page
    assert answer.status_code == 404


def test_the_unit_reads_a_stop_that_was_served(client, signed):
    order = StopOrderFactory(
        task=signed.task, standard=signed.standard_sheet().standard, state="in_force"
    )
    sign_in(client, signed.unit)

    page = client.get(signed.task.get_absolute_url()).content.decode()

    assert order.basis in page


def test_a_visit_that_was_never_made_stays_unknown_to_the_unit(client):
    visit = make_visit()
    not_performed_moves.record_not_performed(
        visit.task,
        actor=visit.office.user,
        reason="ended",
        detail="核实证书已由发证部门注销，不再检查。",
        attempted_at=VISIT,
        follow_up_due=None,
    )
    not_performed_moves.close_not_performed(visit.task, actor=visit.office.user, note="证书已注销")

    assert visit.task.state == TaskState.CLOSED
    assert status(client, visit.unit, "task", visit.task.pk) == 404
    assert status(client, visit.office, "task", visit.task.pk) == 200
    units = client.get(reverse("inspections:index")).context["units"]
    assert (units.inspected, units.not_performed) == (0, 1)


def test_why_a_visit_was_given_back_is_between_office_and_team(client, signed):
    result_moves.reopen(signed.task, actor=signed.office.user, note="取证不足，别让单位再拖。")
    signed.conclude_sheets().send().sign_team().sign_unit().conclude()
    finding = signed.task.findings.get()

    pages = {}
    for who in ("unit", "office"):
        sign_in(client, getattr(signed, who))
        pages[who] = client.get(finding.get_absolute_url()).content.decode()

    assert "取证不足" in pages["office"]
    assert "取证不足" not in pages["unit"]
    assert "确认问题" in pages["unit"]


def test_an_assessor_answers_technical_items_and_leaves_prohibitions_to_the_officers(client):
    visit = make_visit()
    assessor = MembershipFactory(role=Role.ASSESSOR, authority=visit.task.authority)
    visit.extra.append((assessor, TeamRole.ASSESSOR))
    visit.assign().start()
    rows = visit.standard_sheet().answers
    sign_in(client, assessor)

    def save(code):
        return client.post(
            reverse("inspections:answer", args=[rows.get(item__code=code).pk]),
            {"answer": "conform", "version": "0"},
            headers={"X-Requested-With": "autosave"},
        )

    assert save("D02").status_code == 200
    refused = save("H01")
    assert refused.status_code == 403
    assert "禁止性行为由组长或者执法人员判定" in refused.json()["errors"]["__all__"][0]
    sheet = visit.standard_sheet().get_absolute_url()
    page = client.get(f"{sheet}?section=H").content.decode()
    assert "禁止性行为由组长或者执法人员判定" in page
    assert "data-autosave" not in page
    assert "拍照取证" in page, "evidence and advice are wanted"
    assert "data-autosave" in client.get(f"{sheet}?section=D").content.decode()
    sign_in(client, visit.officer)
    assert save("H01").status_code == 200


def test_the_save_of_an_item_finds_what_the_queryset_shows(signed):
    other = make_visit().concluded()
    people = [
        row
        for visit in (signed, other)
        for row in (visit.office, visit.leader, visit.officer, visit.unit, *strangers(visit))
    ]
    answers = list(ChecklistAnswer.objects.all())

    for membership in people:
        membership.user.act_as(membership)
        shown = set(ChecklistAnswer.objects.visible_to(membership.user))
        found = {row for row in answers if one_answer.seen_by(membership.user, row.pk) == row}
        assert found == shown

    mine = set(ChecklistAnswer.objects.filter(sheet__task=signed.task))
    assert set(ChecklistAnswer.objects.visible_to(signed.officer.user)) == mine != set(answers)
