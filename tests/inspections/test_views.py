"""The pages of a visit: lists, moves through the browser, the sheet, what a GET leaves untouched."""

import base64
import datetime as dt
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from inspections.enums import FindingState, StopState, TaskState
from inspections.forms import ConclusionForm
from inspections.models import ChecklistAnswer, Evidence, InspectionTask, Signature
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import stop as stop_moves
from metrostd.common import clock
from metrostd.common.enums import Conclusion
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from tests.e2e.pages import words_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import (
    STROKES,
    TaskFactory,
    TaskStandardFactory,
    TeamMemberFactory,
    png,
)
from tests.printing import PURPOSE, pages_of

from .story import FACT, VISIT, make_visit

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Requested-With": "autosave"}


def url(name, *args):
    return reverse(f"inspections:{name}", args=args)


def units(response):
    return [task.unit.name for task in response.context["page"]]


class TestOfficeList:
    @pytest.fixture
    def office(self, client):
        visit = make_visit(unit__name="甲单位", state="planned")
        for name, state, day in [("乙单位", "assigned", 10), ("丙单位", "concluded", 12)]:
            TaskFactory(
                campaign=visit.task.campaign,
                authority=visit.task.authority,
                unit__name=name,
                unit__pinyin=name[0] + "DW",
                state=state,
                arrived_at=VISIT,
                credential_shown=True,
                planned_on=dt.date(2021, 6, day),
            )
        TaskFactory(campaign=visit.task.campaign, unit__name="别区单位")
        TaskFactory(
            authority=visit.task.authority,
            unit__name="别次行动单位",
            campaign__notice_on=dt.date(2019, 4, 1),
        )
        sign_in(client, visit.office)
        return client

    def test_shows_the_offices_own_tasks_of_the_campaign(self, office):
        assert sorted(units(office.get(url("index")))) == ["丙单位", "乙单位", "甲单位"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"state": "assigned"}, ["乙单位"]),
            ({"q": "丙"}, ["丙单位"]),
            ({"q": "示例"}, ["甲单位"]),
            ({"q": "没有"}, []),
            ({"sort": "-planned_on", "state": "concluded"}, ["丙单位"]),
            ({"sort": "unit"}, ["丙单位", "乙单位", "甲单位"]),
            ({"sort": "nonsense", "district": "x", "state": "?"}, None),
        ],
    )
    def test_filters_and_sorts(self, office, query, expected):
        found = units(office.get(url("index"), query))

        assert len(found) == 3 if expected is None else found == expected

    def test_overdue_is_what_a_duty_says(self, office):
        task = InspectionTask.objects.get(unit__name="乙单位")
        not_performed_moves.record_not_performed(
            task,
            actor=None,
            reason="suspended",
            detail="到场后大门关闭，已停产多日。",
            attempted_at=VISIT,
            follow_up_due=dt.date(2021, 6, 20),
        )
        assert units(office.get(url("index"), {"overdue": "1"})) == []

        with clock.pinned(clock.at_time(dt.date(2021, 6, 21))):
            assert units(office.get(url("index"), {"overdue": "1"})) == ["乙单位"]

    def test_exports_what_is_shown_and_leaves_a_trace(self, office):
        answer = office.get(url("export"), {"state": "assigned", **PURPOSE})

        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert [row[0].value for row in sheet.iter_rows(min_row=3)] == ["乙单位"]
        assert AccessEntry.objects.get().kind == "export"

    def test_a_name_that_looks_like_a_formula_stays_text(self, office):
        task = InspectionTask.objects.get(unit__name="乙单位")
        type(task.unit).objects.filter(pk=task.unit_id).update(name="=1+1")

        answer = office.get(url("export"), {"state": "assigned", **PURPOSE})

        assert load_workbook(io.BytesIO(answer.content)).active["A3"].value == "'=1+1"


@pytest.mark.parametrize(
    ("state", "planned", "group"),
    [
        ("signing", 10, "待签字"),
        ("in_progress", 1, "今天"),
        ("assigned", 15, "今天"),
        ("notified", 14, "今天"),
        ("assigned", 20, "本周"),
        ("assigned", 21, "以后"),
        ("assigned", None, "以后"),
        ("concluded", 15, "已结束"),
        ("not_performed", 15, "已结束"),
    ],
)
def test_the_day_of_people_on_site(client, state, planned, group):
    day = dt.date(2021, 6, planned) if planned else None
    place = TeamMemberFactory(task__state=state, task__planned_on=day)
    TaskFactory(campaign=place.task.campaign, authority=place.task.authority)
    sign_in(client, place.membership)

    groups = client.get(url("index")).context["groups"]

    assert [each.title for each in groups] == [group]
    assert groups[0].cards[0].task == place.task


def test_the_unit_lists_the_visits_it_knows_of(client):
    visit = make_visit(state="notified")
    TaskFactory(campaign=visit.task.campaign, unit=visit.unit.unit, state="assigned")
    sign_in(client, visit.unit)

    assert list(client.get(url("index")).context["page"]) == [visit.task]


class TestMovesInTheBrowser:
    def test_assigning_a_team(self, client, visit):
        sign_in(client, visit.office)
        data = {
            "planned_on": "2021-06-16",
            "place": "示例路1号",
            f"role-{visit.leader.pk}": "leader",
            f"role-{visit.officer.pk}": "officer",
        }

        answer = client.post(url("assign", visit.task.pk), data)

        assert answer.status_code == 302
        visit.task.refresh_from_db()
        assert (visit.task.state, visit.task.planned_on) == ("assigned", dt.date(2021, 6, 16))

    def test_a_broken_team_comes_back_with_the_rules_and_the_input(self, client, visit):
        sign_in(client, visit.office)

        answer = client.post(
            url("assign", visit.task.pk),
            {"planned_on": "2021-06-16", "place": "原样保留", f"role-{visit.leader.pk}": "officer"},
        )

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "执法人员不得少于两人" in page
        assert "原样保留" in page

    def test_people_with_a_conflict_cannot_be_chosen(self, client, visit):
        expert = MembershipFactory(
            role=Role.ASSESSOR, authority=visit.task.authority, employer=visit.task.unit
        )
        sign_in(client, visit.office)

        answer = client.get(url("assign", visit.task.pk))

        found = {each.membership: each for each in answer.context["candidates"]}
        assert found[expert].reason == "任职于被检查单位，应当回避"
        assert found[expert].bound.field.disabled

    def test_changing_the_team_needs_a_reason(self, client, visit):
        visit.assign()
        sign_in(client, visit.office)
        data = {
            "planned_on": "2021-06-20",
            f"role-{visit.officer.pk}": "leader",
            f"role-{visit.leader.pk}": "officer",
        }

        assert client.post(url("assign", visit.task.pk), data).status_code == 422
        assert (
            client.post(url("assign", visit.task.pk), data | {"note": "换组长"}).status_code == 302
        )
        assert visit.task.team.get(role="leader").membership == visit.officer

    def test_starting_without_credentials_is_refused_beside_the_field(self, client, visit):
        visit.assign()
        sign_in(client, visit.leader)

        answer = client.post(
            url("start", visit.task.pk), {"arrived_at": "2021-06-15T09:00", "attendees": "示例人"}
        )

        assert answer.status_code == 422
        assert "应当主动出示执法证件" in answer.content.decode()

    def test_recording_a_failed_visit_and_following_up(self, client, visit):
        visit.assign()
        sign_in(client, visit.office)
        data = {
            "reason": "suspended",
            "detail": "到场后大门关闭，物业证实已停产。",
            "attempted_at": "2021-06-15T09:00",
            "follow_up_due": "2021-07-10",
            "follow_up_owner": visit.officer.pk,
        }

        client.post(url("not_performed", visit.task.pk), data)
        assert client.get(url("follow_up", visit.task.pk)).status_code == 200
        answer = client.post(url("follow_up", visit.task.pk), {"due_on": "2021-07-12"})

        new = InspectionTask.objects.get(follows=visit.task)
        assert answer.url == new.get_absolute_url()
        assert client.get(new.get_absolute_url()).status_code == 200

    def test_review_reopen_close(self, client, visit):
        visit.concluded()
        sign_in(client, visit.office)

        assert client.post(url("reopen", visit.task.pk), {"note": ""}).status_code == 422
        client.post(url("review", visit.task.pk))
        client.post(url("close", visit.task.pk))

        visit.task.refresh_from_db()
        assert visit.task.state == TaskState.CLOSED

    def test_closing_with_open_findings_says_why(self, client, visit):
        visit.concluded({"E03": ("deficient", FACT)})
        result_moves.review(visit.task, actor=None)
        sign_in(client, visit.office)

        answer = client.post(url("close", visit.task.pk), follow=True)

        assert "还有 1 个问题没有销号" in answer.content.decode()

    def test_a_reviewed_visit_leads_to_the_order_and_then_to_its_end(self, client, visit):
        visit.concluded({"E03": ("deficient", FACT)})
        result_moves.review(visit.task, actor=None)
        sign_in(client, visit.office)
        issue = reverse("rectification:issue", args=[visit.task.pk])

        before = client.get(visit.task.get_absolute_url()).context["actions"]
        visit.task.findings.update(state=FindingState.ORDERED, due_on="2021-07-15")
        after = client.get(visit.task.get_absolute_url()).context["actions"]

        assert [(a.label, a.url, a.tone) for a in before[:1]] == [
            ("下达整改文书", issue, "primary")
        ]
        assert [(a.label, a.verdict.reason) for a in after[:1]] == [
            ("办结", "还有 1 个问题没有销号，不能办结。")
        ]

    def test_the_gravest_conclusion_needs_no_reason(self, client, visit):
        visit.assign().notify().start()
        sheet = visit.task.sheets.exclude(standard=None).first()
        graver = ConclusionForm(sheet=sheet, suggested=Conclusion.DEFICIENT)
        gravest = ConclusionForm(sheet=sheet, suggested=Conclusion.NONCONFORM)

        assert list(graver.fields) == ["conclusion", "reason"]
        assert list(gravest.fields) == ["conclusion"]

    def test_a_stop_order_from_proposal_to_service(self, client, visit):
        visit.concluded({"A03": ("nonconform", FACT)})
        sign_in(client, visit.leader)
        form = client.get(url("propose_stop", visit.task.pk)).context["form"]
        assert FACT in form.initial["basis"]
        client.post(url("propose_stop", visit.task.pk), form.initial)
        order = visit.task.stop_orders.get()
        sign_in(client, visit.office)

        too_early = client.get(url("stop_paper", order.pk))
        client.post(url("approve_stop", order.pk))
        words = words_of(pages_of(client, url("stop_paper", order.pk)))
        client.post(
            url("serve_stop", order.pk),
            {"served_on": clock.today().isoformat(), "how": "direct", "by": "甲", "to": "乙"},
        )

        order.refresh_from_db()
        assert order.state == StopState.IN_FORCE
        assert too_early.status_code == 409
        for part in (order.number, order.standard.name, visit.task.unit.name, FACT):
            assert part in words
        assert AccessEntry.objects.filter(what__contains=order.number).exists()
        sign_in(client, visit.leader)
        again = client.get(url("propose_stop", visit.task.pk), follow=True)
        assert "都已提出过停止量值传递" in again.content.decode()
        sign_in(client, visit.office)
        refused = client.post(url("lift_stop", order.pk), {"note": "验收合格"}, follow=True)
        assert "还有 1 个问题没有销号" in refused.content.decode()
        sign_in(client, visit.unit)
        assert "责令停止量值传递" in client.get(visit.task.get_absolute_url()).content.decode()

    def test_a_rejected_stop_order_is_not_shown_to_the_unit(self, client, visit):
        visit.concluded({"A03": ("nonconform", FACT)})
        standard = visit.task.standards.get().standard
        order = stop_moves.propose_stop(visit.task, standard=standard, basis=FACT, actor=None)
        sign_in(client, visit.office)

        client.post(url("reject_stop", order.pk), {"note": "已停用"})

        sign_in(client, visit.unit)
        assert "责令停止量值传递" not in client.get(visit.task.get_absolute_url()).content.decode()


class TestSheet:
    @pytest.fixture
    def filling(self, client, visit):
        visit.assign().start()
        sign_in(client, visit.leader)
        return visit

    def save(self, client, row, **data):
        values = {"answer": "conform", "note": "", "version": row.version} | data
        return client.post(url("answer", row.pk), values, headers=AUTOSAVE)

    def item(self, visit, code):
        return ChecklistAnswer.objects.get(sheet=visit.standard_sheet(), item__code=code)

    def test_opens_at_the_first_section_that_is_not_complete(self, client, filling):
        for code in ("A01", "A02", "A03", "A04", "A05"):
            filling.answer(code, "conform")

        page = client.get(filling.standard_sheet().get_absolute_url())

        assert page.context["section"] == "B"
        assert page.context["onward"].label == "下一节：C 环境"
        assert page.context["back"].label == "上一节"

    @pytest.mark.parametrize("section", ["A", "B", "C", "D", "E", "F", "G", "H", "conclude"])
    def test_every_section_renders(self, client, filling, section):
        page = client.get(filling.standard_sheet().get_absolute_url(), {"section": section})

        assert page.status_code == 200
        assert page.context["section"] == section

    def test_the_units_sheet_renders(self, client, filling):
        for section in ("U", "H", "conclude"):
            page = client.get(filling.sheet(None).get_absolute_url(), {"section": section})
            assert page.status_code == 200

    def test_choices_follow_the_item(self, client, filling):
        cards = {
            card.row.item.code: [label for _, label in card.choices]
            for section in "AH"
            for card in client.get(
                filling.standard_sheet().get_absolute_url(), {"section": section}
            ).context["cards"]
        }

        assert cards["A01"] == ["符合", "有缺陷", "不符合"]
        assert cards["A02"] == ["符合", "有缺陷", "不符合", "不适用"]
        assert cards["H01"] == ["未发现", "发现"]

    def test_a_save_answers_with_version_and_progress(self, client, filling):
        answer = self.save(client, self.item(filling, "D02"), client_id=str(uuid.uuid4()))

        data = answer.json()
        assert (data["version"], data["saved_at"]) == (1, "16:30")
        assert (data["progress"]["done"], data["progress"]["total"]) == (1, 42)
        assert {"code": "D", "done": 1, "total": 3} in data["progress"]["sections"]
        assert "需要" not in data["html"]

    def test_a_save_says_what_is_still_needed_and_suggests_a_stop(self, client, filling):
        answer = self.save(client, self.item(filling, "A03"), answer="nonconform", note="过期")

        html = answer.json()["html"]
        assert "事实记录不少于10个字、缺少证据" in html
        assert "建议责令停止量值传递" in html

    def test_a_stale_save_shows_both_values(self, client, filling):
        filling.answer("D02", "deficient", FACT, actor=filling.officer)

        stale = self.save(client, self.item(filling, "D02"), version=0)

        assert stale.status_code == 409
        data = stale.json()
        assert data["mine"] == {"answer": "conform", "note": ""}
        assert data["theirs"] == {"answer": "deficient", "note": FACT}
        assert (data["version"], data["theirs_by"]) == (1, str(filling.officer.user))

    def test_the_same_save_twice_is_one(self, client, filling):
        item, client_id = self.item(filling, "D02"), str(uuid.uuid4())

        first = self.save(client, item, client_id=client_id)
        second = self.save(client, item, client_id=client_id)

        assert first.json()["version"] == second.json()["version"] == 1

    @pytest.mark.parametrize(
        "data",
        [{"version": ""}, {"version": "x"}, {"client_id": "x"}, {"answer": "not_applicable"}],
    )
    def test_a_broken_save_is_422(self, client, filling, data):
        answer = self.save(client, self.item(filling, "D02"), **data)

        assert answer.status_code == 422
        assert answer.json()["errors"]

    def test_a_locked_sheet_is_409(self, client, visit):
        visit.to_signing()
        sign_in(client, visit.leader)

        answer = self.save(client, self.item(visit, "D02"))

        assert answer.status_code == 409

    def test_without_script_a_save_comes_back_to_the_item(self, client, filling):
        item = self.item(filling, "D02")

        answer = client.post(url("answer", item.pk), {"answer": "conform", "version": "0"})

        assert answer.url.endswith("?section=D#item-D02")
        assert self.item(filling, "D02").answer == "conform"

    def test_an_upload_answers_with_the_items_evidence(self, client, filling):
        item = self.item(filling, "D02")
        files = {"file": SimpleUploadedFile("证明.png", png("red"))}

        answer = client.post(
            url("upload", item.pk), {**files, "client_id": str(uuid.uuid4())}, headers=AUTOSAVE
        )

        assert "证明.png" in answer.content.decode()
        picture = client.get(Evidence.objects.get().get_absolute_url())
        assert picture.headers["Content-Type"] == "image/png"
        assert b"".join(picture.streaming_content) == png("red")

    @pytest.mark.parametrize(
        ("name", "data"),
        [("假.png", b"<script>alert(1)</script>"), ("真.exe", png()), ("空.jpg", b"")],
    )
    def test_a_refused_upload_says_why(self, client, filling, name, data):
        item = self.item(filling, "D02")

        answer = client.post(
            url("upload", item.pk),
            {"file": SimpleUploadedFile(name, data), "client_id": str(uuid.uuid4())},
            headers=AUTOSAVE,
        )

        assert answer.status_code == 422
        assert name in answer.json()["errors"]["__all__"][0]

    def test_files_sent_again_after_a_lost_answer_count_once(self, client, filling):
        client_id = str(uuid.uuid4())
        for _ in range(2):
            files = [SimpleUploadedFile(f"{n}.png", png(n)) for n in ("red", "blue")]
            client.post(
                url("upload", self.item(filling, "D02").pk),
                {"file": files, "client_id": client_id},
                headers=AUTOSAVE,
            )

        assert sorted(Evidence.objects.values_list("name", flat=True)) == ["blue.png", "red.png"]

    def test_an_upload_without_a_file_says_so(self, client, filling):
        answer = client.post(url("upload", self.item(filling, "D02").pk), {}, headers=AUTOSAVE)

        assert answer.status_code == 422

    def test_taking_evidence_off(self, client, filling):
        evidence = filling.prove(filling.answer("D02", "deficient", FACT))

        answer = client.post(url("withdraw_evidence", evidence.pk))

        assert answer.url.endswith("#item-D02")
        assert Evidence.objects.get().withdrawn_at is not None

    def test_who_is_filling_right_now(self, client, filling):
        filling.answer("C01", "conform", actor=filling.officer)
        filling.answer("D01", "conform", actor=filling.leader)
        sheet = filling.standard_sheet()
        line = f"{filling.officer.user} 在填 C 环境"

        assert line in client.get(url("peers", sheet.pk)).content.decode()
        elsewhere = client.get(url("peers", filling.sheet(None).pk)).content.decode()
        assert f"{filling.officer.user} 在填 {sheet.standard} C" in elsewhere
        with clock.pinned(clock.now() + dt.timedelta(minutes=6)):
            assert line not in client.get(url("peers", sheet.pk)).content.decode()

    def test_concluding_a_sheet(self, client, filling):
        filling.fill({"E03": ("deficient", FACT)})
        sheet = filling.standard_sheet()

        refused = client.post(
            url("conclude_sheet", sheet.pk), {"conclusion": "conform"}, follow=True
        )
        assert "不能轻于建议结论" in refused.content.decode()
        client.post(url("conclude_sheet", sheet.pk), {"conclusion": "deficient"})

        sheet.refresh_from_db()
        assert sheet.conclusion == "deficient"

    def test_members_other_than_the_leader_do_not_conclude(self, client, filling):
        sign_in(client, filling.officer)

        answer = client.post(url("conclude_sheet", filling.standard_sheet().pk))

        assert answer.status_code == 403


class TestSigning:
    def picture(self):
        return "data:image/png;base64," + base64.b64encode(png("black")).decode()

    def sign(self, client, visit, **data):
        values = {
            "client_id": str(uuid.uuid4()),
            "image": self.picture(),
            "image_strokes": json.dumps(STROKES),
        } | data
        return client.post(url("sign", visit.task.pk), values, follow=True)

    def test_lists_what_is_missing_with_links(self, client, visit):
        visit.assign().start().fill()
        visit.answer("D02", "deficient", FACT)
        sign_in(client, visit.leader)

        page = client.get(url("signing", visit.task.pk)).content.decode()

        assert f"/inspections/sheets/{visit.standard_sheet().pk}/?section=D#item-D02" in page
        refused = client.post(url("to_signing", visit.task.pk), follow=True)
        assert "还不能送签" in refused.content.decode()

    def test_from_sending_to_the_end(self, client, visit):
        visit.assign().start().fill().conclude_sheets()
        sign_in(client, visit.leader)
        client.post(url("to_signing", visit.task.pk))

        visit.officer.user.set_password("示例-Signing-2021")
        visit.officer.user.save()
        self.sign(client, visit, who=str(visit.leader.pk))
        self.sign(client, visit, who=str(visit.officer.pk), password="示例-Signing-2021")
        self.sign(client, visit, who="unit", name="示例人", position="主任")
        answer = client.post(url("conclude", visit.task.pk))

        assert answer.url == visit.task.get_absolute_url()
        visit.task.refresh_from_db()
        assert visit.task.state == TaskState.CONCLUDED
        kinds = list(Signature.objects.values_list("kind", flat=True))
        assert kinds == ["team", "team", "unit"]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"who": "unit", "name": "示例人"}, "请填写“职务”"),
            ({"who": "999999"}, "签字人不在检查组内"),
            ({"who": "unit", "name": "示例人", "position": "主任", "image": "x"}, "没有收到签名"),
        ],
    )
    def test_a_broken_signature_is_refused(self, client, visit, data, words):
        visit.to_signing()
        sign_in(client, visit.leader)

        assert words in self.sign(client, visit, **data).content.decode()
        assert not Signature.objects.exists()

    def test_a_signature_without_an_id_is_refused(self, client, visit):
        visit.to_signing()
        sign_in(client, visit.leader)

        assert self.sign(client, visit, who="unit", client_id="").status_code == 422

    def test_the_page_follows_the_signatures(self, client, visit):
        visit.to_signing().sign_team()
        sign_in(client, visit.leader)

        page = client.get(url("signing", visit.task.pk))

        assert page.context["chosen"].key == "unit"
        assert "单位拒绝签字" in page.content.decode()
        # A signature drawn without name or position would be lost on the way to the server.
        form = page.content.decode().split('id="sign"')[1].split("</form>")[0]
        assert "novalidate" not in form.split(">")[0]
        assert form.count("required") >= 2
        picture = client.get(Signature.objects.first().get_absolute_url())
        assert picture.headers["Content-Type"] == "image/png"
        assert b"".join(picture.streaming_content)

    def test_after_the_end_it_leads_to_the_task(self, client, visit):
        visit.concluded()
        sign_in(client, visit.leader)

        assert client.get(url("signing", visit.task.pk)).url == visit.task.get_absolute_url()

    def test_ending_too_early_says_who_is_missing(self, client, visit):
        visit.to_signing()
        sign_in(client, visit.leader)

        answer = client.post(url("conclude", visit.task.pk), follow=True)

        assert "检查组成员尚未签字" in answer.content.decode()

    def test_going_back_to_filling(self, client, visit):
        visit.to_signing()
        sign_in(client, visit.leader)

        client.post(url("resume", visit.task.pk), {"note": "单位补充材料"})

        visit.task.refresh_from_db()
        assert visit.task.state == TaskState.IN_PROGRESS

    def test_records_on_file_open(self, client, visit, django_capture_on_commit_callbacks):
        visit.to_signing().sign_team().sign_unit()
        with django_capture_on_commit_callbacks(execute=True):
            visit.conclude()
        sign_in(client, visit.unit)

        for address in (url("record", visit.task.pk), url("filed_record", visit.task.pk, 1)):
            answer = client.get(address)
            assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        assert client.get(url("filed_record", visit.task.pk, 2)).status_code == 404


def test_looking_writes_nothing(client):
    visit = make_visit().concluded({"A03": ("nonconform", FACT)})
    filling = make_visit(campaign=visit.task.campaign, authority=visit.task.authority)
    filling.assign().start()
    pages = [url("index"), visit.task.get_absolute_url(), url("record", visit.task.pk)]
    pages += [f"{visit.standard_sheet().get_absolute_url()}?section={s}" for s in ("A", "conclude")]
    sign_in(client, visit.office)
    client.get(url("index"))

    with CaptureQueriesContext(connection) as office:
        for page in [*pages, url("follow_up", visit.task.pk)]:
            client.get(page)
    sign_in(client, filling.leader)
    client.get(url("index"))
    with CaptureQueriesContext(connection) as team:
        for page in [
            url("index"),
            filling.standard_sheet().get_absolute_url(),
            url("signing", filling.task.pk),
            url("propose_stop", filling.task.pk),
            url("peers", filling.standard_sheet().pk),
        ]:
            assert client.get(page).status_code == 200

    asked = [q["sql"].lstrip("(") for q in (*office.captured_queries, *team.captured_queries)]
    # That something confidential was read is on record, and nothing else is written.
    noted = 'INSERT INTO "common_accessentry"'
    statements = [sql.split()[0] for sql in asked if not sql.startswith(noted)]
    # The choices of a form are read through a cursor on PostgreSQL.
    assert set(statements) - {"DECLARE"} == {"SELECT"}


def counted(client, address, **kwargs):
    method = kwargs.pop("method", "get")
    client.get(url("index"))
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(address, **kwargs)
    assert answer.status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", ["office", "leader", "unit"])
def test_list_queries_do_not_grow(client, who):
    visit = make_visit(state="notified")
    TeamMemberFactory(task=visit.task, membership=visit.leader, role="leader")
    sign_in(client, getattr(visit, who))
    one = counted(client, url("index"))
    for _ in range(3):
        more = TaskFactory(
            campaign=visit.task.campaign,
            authority=visit.task.authority,
            unit=visit.task.unit,
            state="notified",
        )
        TaskStandardFactory(task=more)
        TeamMemberFactory(task=more, membership=visit.leader, role="leader")
        TeamMemberFactory(task=more)

    assert counted(client, url("index")) == one <= 13  # one of them asks for the pledge


@pytest.mark.parametrize("section", ["A", "D", "G", "conclude"])
def test_sheet_queries_do_not_grow_with_the_sheets(client, section):
    found = []
    for standards in (1, 4):
        visit = make_visit(standards=standards).assign().start()
        visit.prove(visit.answer("A03", "nonconform", FACT))
        visit.prove(visit.answer("D02", "deficient", FACT))
        sign_in(client, visit.leader)
        found.append(
            counted(client, f"{visit.standard_sheet().get_absolute_url()}?section={section}")
        )

    assert found[0] == found[1]
    assert (
        found[0] <= 24
    )  # two note that it was read, two ask what was measured, one brings the rulings


def test_task_queries_do_not_grow_with_the_sheets(client):
    found = []
    for standards in (1, 4):
        visit = make_visit(standards=standards).concluded({"D02": ("deficient", FACT)})
        sign_in(client, visit.office)
        found.append(counted(client, visit.task.get_absolute_url()))

    assert found[0] == found[1]


@pytest.mark.parametrize("standards", [1, 4])
def test_saving_an_answer_takes_fewer_than_twelve_queries(client, standards):
    visit = make_visit(standards=standards).assign().start()
    sign_in(client, visit.leader)
    answer = visit.standard_sheet().answers.get(item__code="A01")

    queries = counted(
        client,
        url("answer", answer.pk),
        method="post",
        data={"answer": "conform", "version": "0", "client_id": str(uuid.uuid4())},
        headers=AUTOSAVE,
    )

    assert queries <= 11
