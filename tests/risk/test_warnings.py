"""台账预警 are raised once, given to somebody by a day, handled, closed by another, and counted (clause 49)."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.accounts import leaving
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.risk import moves, raising
from metrostd.risk.enums import WarningState
from metrostd.risk.models import RiskWarning, WarningProcedure
from metrostd.risk.schedule import raise_warnings
from tests.duties import idle
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import routing_rules
from tests.factories.registry import (
    AuthorityFactory,
    InstrumentFactory,
    StandardFactory,
    TraceFactory,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db
TODAY = dt.date(2022, 6, 20)
DUE = dt.date(2022, 6, 30)


@pytest.fixture(autouse=True)
def _in_june():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def city():
    return MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)


@pytest.fixture
def office(city):
    return MembershipFactory(authority=AuthorityFactory(code="120111", parent=city.authority))


@pytest.fixture
def inspector(office):
    return MembershipFactory(authority=office.authority, role=Role.DISTRICT_INSPECTOR)


@pytest.fixture
def instrument(office):
    """Overdue since March."""
    routing_rules()
    standard = StandardFactory(unit__territorial_authority=office.authority)
    made = InstrumentFactory(standard=standard)
    TraceFactory(instrument=made)
    return made


@pytest.fixture
def warning(instrument):
    raise_warnings()
    return RiskWarning.objects.get(kind="main_overdue")


def test_it_is_raised_once_for_the_office_that_supervises(instrument, office):
    assert raising.raise_warnings(TODAY) == RiskWarning.objects.count() > 0
    assert raising.raise_warnings(TODAY) == 0
    row = RiskWarning.objects.get(kind="main_overdue")
    assert (row.authority, row.standard, row.state) == (
        office.authority, instrument.standard, WarningState.RAISED,
    )  # fmt: skip
    assert "溯源已超期" in row.sentence
    assert AuditEntry.objects.about(row).get().action == "risk_warning.raise"
    assert "新增风险预警" in Message.objects.get(membership=office).subject


def test_without_a_routing_table_the_host_answers_for_it(office):
    standard = StandardFactory(unit__territorial_authority=office.authority)
    TraceFactory(instrument=InstrumentFactory(standard=standard))

    raising.raise_warnings(TODAY)

    assert RiskWarning.objects.get(kind="main_overdue").authority == standard.hosting_authority


def test_a_cause_that_goes_before_anybody_took_it_up_lapses(warning, instrument):
    TraceFactory(instrument=instrument, traced_on=TODAY, valid_until=dt.date(2023, 6, 19))

    raising.raise_warnings(TODAY + dt.timedelta(days=1))

    warning.refresh_from_db()
    assert warning.state == WarningState.LAPSED


def test_from_the_register_to_its_closing(client, warning, office, inspector, instrument):
    colleague = MembershipFactory(authority=office.authority)
    sign_in(client, office)
    page = warning.get_absolute_url()
    sent = {"member": inspector.pk, "due_on": DUE.isoformat()}
    assert client.post(reverse("risk:assign", args=[warning.pk]), sent).status_code == 302
    duty = Duty.objects.open().get(kind=DutyKind.RISK_WARNING)
    assert (duty.membership, duty.due_on) == (inspector, DUE)
    assert (
        client.post(reverse("risk:handle", args=[warning.pk]), {"measure": "x"}).status_code == 403
    )

    sign_in(client, inspector)
    assert "处置期限" in client.get(page).content.decode()
    empty = client.post(reverse("risk:handle", args=[warning.pk]), {"measure": " "})
    assert empty.status_code == 422
    client.post(reverse("risk:handle", args=[warning.pk]), {"measure": "已责令停用并送检"})
    assert not Duty.objects.open().filter(kind=DutyKind.RISK_WARNING).exists()
    assert idle() == []

    sign_in(client, colleague)
    client.post(reverse("risk:send_back", args=[warning.pk]), {"note": "请附送检单"})
    assert Duty.objects.open().filter(kind=DutyKind.RISK_WARNING).exists()
    sign_in(client, inspector)
    client.post(reverse("risk:handle", args=[warning.pk]), {"measure": "送检单已收"})
    TraceFactory(instrument=instrument, traced_on=TODAY, valid_until=dt.date(2023, 6, 19))
    sign_in(client, colleague)
    assert "原因已经消除" in client.get(page).content.decode()
    assert (
        client.post(reverse("risk:close", args=[warning.pk]), {"note": "同意"}).status_code == 302
    )

    warning.refresh_from_db()
    assert (warning.state, warning.measure, warning.again_on) == (
        WarningState.CLOSED, "送检单已收", None,
    )  # fmt: skip
    counted = client.get(reverse("risk:warnings")).context
    assert counted["closed"] == 1


def test_as_long_as_the_cause_stands_a_day_to_look_again_is_named(warning, office, inspector):
    moves.give_out(warning, member=inspector, due_on=DUE, actor=office.user)
    moves.handle(warning, measure="单位已停业", actor=inspector.user)
    with pytest.raises(ValidationError, match="再次核查的日期"):
        moves.close(warning, again_on=None, note="", actor=office.user)
    again = TODAY + dt.timedelta(days=30)
    moves.close(warning, again_on=again, note="", actor=office.user)

    kinds = RiskWarning.objects.filter(kind="main_overdue")
    raising.raise_warnings(again - dt.timedelta(days=1))
    assert kinds.count() == 1
    raising.raise_warnings(again)
    assert kinds.count() == 2


def test_whoever_dealt_with_it_does_not_close_it(client, warning, office):
    moves.give_out(warning, member=office, due_on=DUE, actor=office.user)
    moves.handle(warning, measure="已送检", actor=office.user)
    sign_in(client, office)

    refused = client.post(reverse("risk:close", args=[warning.pk]), {})

    assert refused.status_code == 403
    assert "不能自己办结" in client.get(warning.get_absolute_url()).content.decode()


def test_it_is_given_to_people_of_the_office_and_by_a_day_to_come(warning, office):
    with pytest.raises(ValidationError, match="的人员"):
        moves.give_out(warning, member=MembershipFactory(), due_on=DUE, actor=office.user)
    with pytest.raises(ValidationError, match="处置期限"):
        moves.give_out(
            warning, member=office, due_on=TODAY - dt.timedelta(days=1), actor=office.user
        )
    with pytest.raises(TransitionError):
        moves.handle(warning, measure="已送检", actor=office.user)


def test_given_to_another_the_first_owes_it_no_more(warning, office, inspector):
    moves.give_out(warning, member=inspector, due_on=DUE, actor=office.user)
    moves.give_out(warning, member=office, due_on=DUE, actor=office.user)

    assert Duty.objects.open().get(kind=DutyKind.RISK_WARNING).membership == office


def test_who_sees_it(client, warning, inspector, city):
    url = warning.get_absolute_url()
    for member, status in ((inspector, 404), (MembershipFactory(), 404), (city, 200)):
        sign_in(client, member)
        assert client.get(url).status_code == status
    sign_in(client, MembershipFactory(role=Role.DISCIPLINE, authority=city.authority))
    assert client.get(reverse("risk:warnings")).status_code == 403


def test_the_register_of_warnings_is_filtered_and_taken_out(
    client, warning, office, inspector, city
):
    moves.give_out(warning, member=inspector, due_on=DUE, actor=office.user)
    sign_in(client, city)
    url = reverse("risk:warnings")

    assert "main_overdue" in dict(client.get(url).context["kinds"])
    with clock.pinned(clock.at_time(DUE + dt.timedelta(days=1))):
        assert client.get(url, {"state": "late"}).context["page"].paginator.count == 1
    narrowed = {
        "state": "assigned", "kind": "main_overdue", "district": office.authority_id,
        "q": warning.standard.unit.name,
    }  # fmt: skip
    assert client.get(url, narrowed).context["page"].paginator.count == 1
    taken = client.post(reverse("risk:warnings_export"))
    sheet = openpyxl.load_workbook(io.BytesIO(taken.getvalue())).active
    assert any("溯源已超期" in str(cell.value) for row in sheet for cell in row)


def test_procedures_on_file_and_who_has_none(client, office, city):
    sign_in(client, office)
    url = reverse("risk:procedures")
    file = SimpleUploadedFile("程序.pdf", pdf(), "application/pdf")
    sent = {"title": "风险监测和预警工作程序", "adopted_on": "2022-05-01", "file": file}
    sign_in(client, city)
    assert str(office.authority) in client.get(url).content.decode()

    sign_in(client, office)
    assert client.post(url, sent).status_code == 302
    row = WarningProcedure.objects.get()
    assert row.authority == office.authority
    shown = client.get(reverse("risk:procedure_file", args=[row.pk]))
    assert shown.status_code == 200
    assert b"".join(shown.streaming_content).startswith(b"%PDF")
    late = client.post(url, {"title": "x", "adopted_on": "2022-07-01"})
    assert late.status_code == 422
    sign_in(client, city)
    page = client.get(url)
    assert office.authority not in page.context["missing"]
    assert "风险监测和预警工作程序" in page.content.decode()
    sign_in(client, MembershipFactory())
    assert client.get(reverse("risk:procedure_file", args=[row.pk])).status_code == 404


def test_who_takes_over_deals_with_it(client, warning, office, inspector):
    moves.give_out(warning, member=inspector, due_on=DUE, actor=office.user)
    taking = MembershipFactory(authority=office.authority, role=Role.DISTRICT_INSPECTOR)
    held = dict(leaving.held_by(inspector))
    assert held["风险预警"] == [str(warning)]

    leaving.hand_over(inspector, taking, actor=office.user)

    warning.refresh_from_db()
    assert warning.assigned_to == taking
    sign_in(client, taking)
    sent = client.post(reverse("risk:handle", args=[warning.pk]), {"measure": "已送检"})
    assert sent.status_code == 302
    assert idle() == []


def test_whose_move_it_is_has_it_beside_the_menu(client, warning, office, inspector):
    def waiting(member):
        sign_in(client, member)
        menu = client.get(reverse("desk")).context["frame"].menu
        url = reverse("risk:warnings")
        counts = [i.count for section in menu for i in section.items if i.url == url]
        return counts[0]

    raised = RiskWarning.objects.count()
    assert (waiting(office), waiting(inspector)) == (raised, 0)
    moves.give_out(warning, member=inspector, due_on=DUE, actor=office.user)
    assert (waiting(office), waiting(inspector)) == (raised - 1, 1)
    moves.handle(warning, measure="已送检", actor=inspector.user)
    assert (waiting(office), waiting(inspector)) == (raised, 0)
