"""台账变动: what changed, within what the viewer sees of the register."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import audit, clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.registry import services
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.registry import (
    AuthorityFactory,
    InstrumentFactory,
    StandardFactory,
    TraceFactory,
    UnitFactory,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
URL = "registry:trail"


@pytest.fixture
def office(client):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, user__display_name="示例甲"))


def rename(standard, name="示例新名装置", actor=None):
    services.update_standard(
        standard,
        base_version=standard.version,
        values={"name": name},
        domains=[],
        actor=actor,
    )


def seen(client, **query):
    return [entry for entry, _, _ in client.get(reverse(URL), query).context["rows"]]


def test_old_and_new_values_stand_in_words(office):
    standard = StandardFactory(name="示例旧名装置")
    rename(standard)

    page = office.get(reverse(URL))

    _, changes, note = page.context["rows"][0]
    assert changes == [("计量标准名称", "示例旧名装置", "示例新名装置")]
    assert note == ""  # it would only name the field once more
    assert standard.get_absolute_url() in page.content.decode()


def test_a_new_record_is_told_by_its_fields_alone(office):
    record = TraceFactory.build(instrument=InstrumentFactory(), traced_on=dt.date(2021, 3, 5))
    services.create_record(record, actor=None)

    response = office.get(reverse(URL), {"kind": "trace"})

    ((_, changes, _),) = response.context["rows"]
    told = {label: new for label, _, new in changes}
    assert "ID" not in told
    assert "2021年3月5日" in told.values()
    assert "（空）" not in response.content.decode()


def test_an_office_reads_the_trail_of_what_it_sees_and_no_case_work(client):
    bureau = AuthorityFactory()
    mine = StandardFactory(unit__territorial_authority=bureau)
    other = StandardFactory()
    rename(mine)
    rename(other)
    task = TaskFactory(unit=mine.unit)
    audit.record(task, actor=None, action="x", label="案件", note="示例")

    district = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=bureau))

    assert [entry.target for entry in seen(district)] == [mine]


def test_a_unit_reads_its_own_and_others_nothing(client):
    mine, other = StandardFactory(), StandardFactory()
    rename(mine)
    rename(other)
    own = sign_in(client, MembershipFactory(role=Role.UNIT_USER, unit=mine.unit, authority=None))
    assert [entry.target for entry in seen(own)] == [mine]

    assessor = sign_in(client, MembershipFactory(role=Role.ASSESSOR))
    assert assessor.get(reverse(URL)).status_code == 403


def test_the_trail_is_filtered(office):
    standard, unit = StandardFactory(), UnitFactory(contact_name="甲")
    actor = MembershipFactory(user__display_name="示例乙").user
    rename(standard, actor=actor)
    services.write_changes(unit, base_version=1, values={"contact_name": "乙"}, actor=None)
    with clock.pinned(clock.at_time(dt.date(2020, 5, 1), 9)):
        services.write_changes(unit, base_version=2, values={"contact_name": "丙"}, actor=None)

    assert [e.target for e in seen(office, kind="unit")] == [unit]
    assert [e.target for e in seen(office, unit=standard.unit_id)] == [standard]
    assert [e.target for e in seen(office, who="乙")] == [standard]
    assert [e.target for e in seen(office, q="示例新名")] == [standard]
    assert len(seen(office)) == 2
    assert len(seen(office, since="2020-04-30", until="2020-05-01")) == 1
    assert len(seen(office, since="2020-01-01")) == 3


def test_the_export_holds_what_the_page_shows(office):
    standard = StandardFactory(name="示例旧名装置")
    rename(standard, name="=危险示例")

    response = office.post(reverse("registry:trail_export"))

    cells = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert cells[2][6:9] == ("计量标准名称", "示例旧名装置", "'=危险示例")
    assert AccessEntry.objects.get().kind == "export"


def test_the_page_asks_the_same_number_of_questions(office):
    counts = []
    office.get(reverse(URL))  # what a process looks up once
    for _ in range(2):
        for standard in StandardFactory.create_batch(3):
            rename(standard)
            services.write_changes(
                standard.unit, base_version=1, values={"contact_name": "乙"}, actor=None
            )
            certificate = standard.certificates.get()
            audit.record(certificate, actor=None, action="x", label="示例")
        counts.append(queries_of(lambda: office.get(reverse(URL))))

    assert AuditEntry.objects.count() == 18
    assert counts[0] == counts[1]
    assert counts[0] <= 16
