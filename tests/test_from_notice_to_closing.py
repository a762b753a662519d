"""One campaign in one go over the real pages: a unit certified by the city, inspected by its district, without a deficiency."""

import base64
import datetime as dt
import json
import uuid

import pytest
from django.urls import reverse

from campaigns import moves as campaign_moves
from campaigns.models import Campaign, FrameStandard
from inspections.integrity import acts as integrity
from inspections.models import ChecklistAnswer, InspectionTask
from metrostd.common import clock
from metrostd.common.roles import Role
from reporting import drafts
from reporting import services as tables
from reporting.models import StatReport
from selfcheck.models import SelfCheckReport
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import routing_rules
from tests.factories.inspections import STROKES, png
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.inspections.story import annex
from tests.reporting import handing_in

pytestmark = pytest.mark.django_db
PASSWORD = "示例-Closing-2021"
FIELDS = {
    "code": "2021",
    "title": "示例专项监督检查",
    "basis": "",
    "default_ratio": 20,
    "district_review_ratio": 20,
    "notice_on": "2021-04-23",
    "bureau_self_check_due": "2021-05-25",
    "unit_self_check_due": "2021-05-31",
    "summary_due": "2021-10-15",
    "self_check_start": "2021-04-23",
    "self_check_end": "2021-05-31",
    "onsite_start": "2021-06-01",
    "onsite_end": "2021-07-31",
    "rectify_start": "2021-08-01",
    "rectify_end": "2021-08-31",
    "handle_summary_start": "2021-09-01",
    "handle_summary_end": "2021-10-15",
}
HAND = {
    "image": "data:image/png;base64," + base64.b64encode(png("black")).decode(),
    "image_strokes": json.dumps(STROKES),
}


def on(month, day, hour=10):
    return clock.pinned(clock.at_time(dt.date(2021, month, day), hour))


def test_from_the_notice_to_closing_without_a_deficiency(client):
    routing_rules()
    for kind in ("annex1", "annex2"):
        annex(kind)
    city = AuthorityFactory(city=True)
    district = AuthorityFactory(parent=city)
    unit = UnitFactory(territorial_authority=district)
    standard = StandardFactory(unit=unit, issuing_authority=city, hosting_authority=city)
    staff = {"authority": district}
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=city)
    second = MembershipFactory(role=Role.CITY_ADMIN, authority=city)
    clerk = MembershipFactory(role=Role.DISTRICT_ADMIN, **staff)
    leader = MembershipFactory(role=Role.DISTRICT_INSPECTOR, officer_cert_no="津执001", **staff)
    officer = MembershipFactory(role=Role.DISTRICT_INSPECTOR, officer_cert_no="津执002", **staff)
    person = MembershipFactory(as_unit=True, unit=unit)
    officer.user.set_password(PASSWORD)
    officer.user.save()

    def send(member, route, *args, **data):
        sign_in(client, member)
        answer = client.post(reverse(route, args=args), data)
        assert answer.status_code in (200, 302), (route, answer.content.decode()[:3000])
        return answer

    # The notice: a campaign, opened.
    with on(4, 23):
        send(office, "campaigns:create", **FIELDS)
        campaign = Campaign.objects.get(code="2021")
        send(office, "campaigns:open", campaign.pk)
        campaign_moves.open_campaign(campaign, actor=office.user)  # what the worker does
    # The self-check: everything conforms, handed in, accepted by the city, which certified.
    with on(5, 20):
        report = SelfCheckReport.objects.get(unit=unit)
        assert report.receiver == city
        declared = {"summary": "已逐项自查", "declaration_by": "王某", "agreed": "on"}
        # The unit's own, and that of the bureau on its certification work.
        for who, row in ((person, report), (clerk, SelfCheckReport.objects.get(bureau=district))):
            send(who, "selfcheck:start", row.pk)
            row.answers.update(answer="conform")
            send(who, "selfcheck:submit", row.pk, **declared)
            send(office, "selfcheck:accept", row.pk)
    # The draw by the district: one of one.
    with on(6, 1):
        frame = draws.freeze(campaign, district, actor=clerk.user)
        draws.draw(frame, actor=clerk.user)
    # The visit.
    task = InspectionTask.objects.get(unit=unit)
    assert (task.authority, task.drawn_unit.unit) == (district, unit)
    visit = "inspections:{}".format
    with on(6, 10):
        team = {f"role-{leader.pk}": "leader", f"role-{officer.pk}": "officer"}
        send(clerk, visit("assign"), task.pk, planned_on="2021-06-15", place="示例路1号", **team)
    with on(6, 15, 9):
        shown = {"credential_shown": "on", "rules_read": "on", "attendees": "示例人 质量部主任"}
        send(leader, visit("start"), task.pk, arrived_at="2021-06-15T08:50", **shown)
        for sheet in task.sheets.all():
            rows = sheet.answers.select_related("item__section")
            for section in rows.values_list("item__section__code", flat=True).distinct():
                items = [row.pk for row in rows if row.item.section.code == section]
                send(leader, visit("conform_rest"), sheet.pk, section=section, item=items)
            send(leader, visit("conclude_sheet"), sheet.pk, conclusion="conform")
        said = set(
            ChecklistAnswer.objects.filter(sheet__task=task).values_list("answer", flat=True)
        )
        assert said == {"conform"}
        send(leader, visit("to_signing"), task.pk)
        hands = (
            {"who": leader.pk},
            {"who": officer.pk, "password": PASSWORD},
            {"who": "unit", "name": "示例人", "position": "质量部主任"},
        )
        for hand in hands:
            send(leader, visit("sign"), task.pk, client_id=str(uuid.uuid4()), **HAND, **hand)
        send(leader, visit("conclude"), task.pk)
        task.refresh_from_db()
        integrity.declare(task, {}, actor=leader.user)
    with on(6, 17):
        send(clerk, visit("review"), task.pk)
        send(clerk, visit("close"), task.pk)
    task.refresh_from_db()
    assert (task.state, task.conclusion, task.findings.count()) == ("closed", "conform", 0)
    # Annex 3 of the district: handed in, taken.
    with on(10, 12, 9):
        tables.prepare(campaign, actor=None)
        at = handing_in.Desk(
            campaign,
            StatReport.objects.get(campaign=campaign, authority=district),
            clerk,
            office,
            FrameStandard.objects.get(standard=standard),
        )
        handing_in.accepted(at)
        edition = at.report.editions.get()
    table = drafts.table_of(edition)
    counted = [table.value("I", "total", each) for each in ("u_insp", "s_insp", "s_ok", "fd")]
    assert counted == [1, 1, 1, 0]
    # The end: nothing stands against it.
    with on(10, 20):
        sign_in(client, second)
        asked = client.get(reverse("campaigns:close", args=[campaign.pk]))
        assert "reasons" not in asked.context
        # The one bureau has issued nothing that could be drawn.
        assert list(asked.context["unusual"]) == ["抽取监督检查的区局：1 项没有办理，结束后取消。"]
        send(second, "campaigns:close", campaign.pk, code="2021", note="区局没有考核案卷可抽")
    campaign.refresh_from_db()
    assert campaign.state == "closed"
    sign_in(client, person)
    assert client.get(task.get_absolute_url()).status_code == 200
