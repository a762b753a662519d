"""Experiments and environment measured on site: judged, kept with the sheet, part of what is signed."""

import datetime as dt
import uuid
from decimal import Decimal as N

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from inspections import completeness, documents
from inspections.measured import acts
from inspections.measured.lines import environment_lines, measured_of
from inspections.models import SiteEnvironment, SiteExperiment
from inspections.signed_content import content_hash
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.registry.capability import Entry, Given, Group, judge, rounded
from metrostd.registry.capability.workings import verdict, working
from metrostd.registry.enums import LimitBasis, TestMethod
from tests.factories.accounts import sign_in
from tests.factories.capability import CapabilityTestFactory

DAY = dt.date(2021, 6, 15)
SUBJECT = "0.4级精密压力表，6 MPa"
EN = {
    "base_version": "1",
    "subject": SUBJECT,
    "unit_symbol": "MPa",
    "day_0": "2021-06-15",
    "readings_0": "6.010 6.012 6.014",
    "reference": "6.002",
    "source": "传递标准",
    "u_lab": "0.006",
    "u_ref": "0.008",
    "k": "2",
}


@pytest.fixture
def started(visit):
    return visit.assign().start()


def entry(*readings, method=TestMethod.CHECK_EN, **known):
    known = known or {"reference": N("6.002"), "u_lab": N("0.006"), "u_ref": N("0.008"), "k": N(2)}
    return Entry(method, (Group(DAY, tuple(map(N, readings))),), Given(**known))


def add(visit, made=None, **kwargs):
    return acts.add_experiment(
        visit.standard_sheet(),
        made or entry("6.010", "6.012", "6.014"),
        client_id=kwargs.pop("client_id", None) or uuid.uuid4(),
        values={"subject": SUBJECT, "unit_symbol": "MPa", "note": ""},
        actor=visit.leader.user,
    )


def surround(visit, base=0, **values):
    acts.save_environment(
        visit.standard_sheet(), values, base_version=base, actor=visit.leader.user
    )


numbers = st.decimals(-1000, 1000, places=3)
widths = st.decimals(N("0.001"), 10, places=3)


@given(st.lists(numbers, min_size=1, max_size=5), numbers, widths, widths)
def test_en_is_satisfactory_when_the_square_of_the_difference_is_within_both_squares(
    readings, reference, u_lab, u_ref
):
    """Counted in whole thousandths, without a root or a division."""
    found = judge(
        Entry(
            TestMethod.CHECK_EN,
            (Group(DAY, tuple(readings)),),
            Given(reference=reference, u_lab=u_lab, u_ref=u_ref, k=N(2)),
        )
    )
    n, (total, ref, lab, other) = (
        len(readings),
        (int(each * 1000) for each in (sum(readings), reference, u_lab, u_ref)),
    )
    apart, both = (total - n * ref) ** 2, n * n * (lab**2 + other**2)
    if apart * 10**10 not in range(
        both * 10**10 - both, both * 10**10 + both
    ):  # not at the very edge
        assert verdict(found.outcome, found.basis) == ("满意" if apart <= both else "不满意")


def test_the_formula_shows_its_numbers():
    made = entry("-1.5", reference=N("-1.2"), u_lab=N("0.3"), u_ref=N("0.4"), k=N(2))
    found = judge(made)
    assert working(
        made, mean=found.mean, statistic=found.statistic, limit=found.limit, unit="℃"
    ) == ("|En| = |ȳ − y参考| ÷ √(U实验² + U参考²) = |-1.5 − (-1.2)| ÷ √(0.3² + 0.4²) = 0.6 ≤ 1")


@pytest.mark.django_db
def test_an_unsatisfactory_experiment_speaks_against_conforming(started):
    row = add(started)
    line = measured_of([row.sheet_id])[row.sheet_id].experiments[0]
    assert (row.statistic, line.verdict, line.tone) == (N(1), "满意", "ok")

    add(started, entry("6.013"))
    started.answer("F01", "conform")

    gaps = completeness.gaps_of(started.task)
    [said] = [gap.text for gap in gaps if gap.item_code == "F01" and "判定符合" in gap.text]
    assert said.startswith("现场实验结果为“|En| = ")
    assert "台账" not in said
    assert AuditEntry.objects.about(row).get().after["测得值"] == "6.012"


@pytest.mark.django_db
def test_repeatability_is_compared_with_the_register_and_stays_as_it_was_compared(started):
    sheet = started.standard_sheet()
    known = CapabilityTestFactory(
        standard=sheet.standard, outcome="baseline", limit=None, limit_basis=""
    )
    row = add(
        started,
        entry(*["6.00", "6.01", "6.02", "6.00", "6.01", "6.02"], method=TestMethod.REPEATED),
    )

    assert row.outcome == "reassess"
    assert N(row.values["given"]["established"]) == row.limit == rounded(known.statistic)
    known.delete()
    words = measured_of([sheet.pk])[sheet.pk].experiments[0].words
    assert "s = 0.00894427 MPa > 0.0010328 MPa（新建（或上次重新评定）时的重复性）" in words


@pytest.mark.django_db
def test_stability_is_compared_with_the_year_before(started):
    CapabilityTestFactory(
        standard=started.standard_sheet().standard,
        kind="stability",
        method="stability_yearly",
        tested_on=dt.date(2020, 6, 1),
        mean=N("6.001"),
    )
    limit = {"limit": N("0.01"), "limit_basis": LimitBasis.MPE}
    good = add(started, entry("6.005", "6.007", method=TestMethod.YEARLY, **limit))
    bad = add(started, entry("6.011", "6.011", method=TestMethod.YEARLY, **limit))
    assert [(r.statistic, r.outcome) for r in (good, bad)] == [
        (N("0.005"), "passed"),
        (N("0.01"), "failed"),
    ]


@pytest.mark.django_db
def test_the_same_save_twice_counts_once_and_an_old_page_is_refused(started):
    key = uuid.uuid4()
    row = add(started, client_id=key)
    assert add(started, client_id=key).pk == row.pk
    assert SiteExperiment.objects.count() == 1
    words = {"subject": SUBJECT, "unit_symbol": "MPa", "note": ""}

    acts.update_experiment(row, entry("6.1"), base_version=1, values=words, actor=None)
    with pytest.raises(StaleError) as stale:
        acts.update_experiment(row, entry("6.2"), base_version=1, values=words, actor=None)
    assert stale.value.payload["fields"]["测得值"] == ["6.1", "6.2"]


@pytest.mark.django_db
def test_what_is_measured_is_part_of_what_is_signed_and_of_the_record(started):
    plain = content_hash(started.task)
    row = add(started)
    with_one = content_hash(started.task)
    surround(
        started,
        temperature=N("23.5"),
        temperature_high=N(22),
        basis="JJG 52-2013",
        instrument="温度计001号",
    )
    assert len({plain, with_one, content_hash(started.task)}) == 3

    form = documents.record_of(started.task).sheets
    assert ["现场环境：温度", f"现场实验1：与参考值之差的En值（{SUBJECT}）"] == [
        line.title for line in form[1].measured
    ]
    assert form[1].measured[0].told == (
        "仪表：温度计001号；温度 23.5 ℃，规定不大于 22 ℃（JJG 52-2013），超出规定"
    )
    acts.withdraw_experiment(row, actor=None)
    SiteEnvironment.objects.all().delete()
    assert content_hash(started.task) == plain
    with pytest.raises(ValidationError):
        acts.update_experiment(
            row, entry("6.1"), base_version=1, values={"subject": ""}, actor=None
        )


@pytest.mark.django_db
def test_nothing_is_measured_once_the_sheets_go_to_signing(started):
    row = add(started)
    started.fill().conclude_sheets().send()
    with pytest.raises(TransitionError):
        add(started)
    with pytest.raises(TransitionError):
        acts.withdraw_experiment(row, actor=None)
    with pytest.raises(TransitionError):
        surround(started, temperature=N(20))


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        ("18", "18", "22", "符合规定"),
        ("22", "18", "22", "符合规定"),
        ("22.1", "18", "22", "超出规定"),
        ("17.9", "18", None, "超出规定"),
        ("30", "18", None, "符合规定"),
        ("30", None, "22", "超出规定"),
        ("30", None, None, "没有登记限值"),
    ],
)
def test_limits_belong_to_what_is_allowed(value, low, high, said):
    row = SiteEnvironment(
        temperature=N(value),
        temperature_low=N(low) if low else None,
        temperature_high=N(high) if high else None,
    )
    assert [line.verdict for line in environment_lines(row)] == [said]


@pytest.mark.django_db
def test_the_page_of_an_experiment_judges_and_tells_beside_the_item(client, started):
    sign_in(client, started.officer)
    sheet = started.standard_sheet()
    address = reverse("inspections:experiment", args=[sheet.pk])
    page = client.get(address)
    sent = EN | {"client_id": str(page.context["form"].initial["client_id"])}
    assert client.post(address, sent | {"readings_0": "６．０１３"}).status_code == 302

    shown = client.get(sheet.get_absolute_url(), {"section": "F"}).content.decode()
    assert "|6.013 − 6.002| ÷ √(0.006² + 0.008²) = 1.1 &gt; 1" in shown
    assert "不满意" in shown
    kept = client.get(f"{address}?no=1").content.decode()
    assert "撤下这项实验" in kept
    assert "6.013" in kept
    assert client.post(f"{address}?no=1", sent).status_code == 302
    assert SiteExperiment.objects.get().outcome == "passed"
    assert client.post(f"{address}?no=1", sent | {"reference": "6.1"}).status_code == 409
    assert client.get(f"{address}?no=7").status_code == 404
    away = reverse("inspections:withdraw_experiment", args=[sheet.pk])
    assert client.post(away, {"no": "1"}).status_code == 302
    assert client.get(f"{address}?no=1").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"u_lab": "0"}, "扩展不确定度应当大于零。"),
        ({"u_ref": "-0.1"}, "不能是负数"),
        ({"readings_0": "约6"}, "第1组第1个读数“约6”不是数。"),
        ({"readings_0": "6.0123456789012345"}, "位数过多"),
        ({"readings_0": ""}, "没有读数"),
        ({"reference": "1,000"}, "含有逗号"),
        ({"reference": ""}, "请填写参考值。"),
        ({"k": "0"}, "包含因子k应当大于零。"),
        ({"day_0": "2021-06-16"}, "2021"),
    ],
)
def test_what_cannot_be_computed_is_told_in_a_sentence(client, started, wrong, said):
    sign_in(client, started.officer)
    address = reverse("inspections:experiment", args=[started.standard_sheet().pk])
    answer = client.post(address, EN | {"client_id": str(uuid.uuid4())} | wrong)
    assert (answer.status_code, SiteExperiment.objects.count()) == (422, 0)
    assert said in answer.content.decode()


@pytest.mark.django_db
def test_the_page_of_the_environment_judges_and_the_second_editor_sees_both(client, started):
    sign_in(client, started.officer)
    sheet = started.standard_sheet()
    address = reverse("inspections:environment", args=[sheet.pk])
    sent = {
        "base_version": "0",
        "temperature": "２３．５",
        "temperature_high": "22",
        "basis": "规程",
    }
    for wrong, said in (
        ({"temperature_low": "25"}, "下限不能大于上限"),
        ({"basis": ""}, "请写明依据"),
        ({"humidity": "120"}, "0到100"),
        ({"other": "3"}, "请填写另一项的名称"),
        ({"temperature": ""}, "请至少填写一项现场读数"),
        ({"temperature": "热"}, "不是数"),
    ):
        answer = client.post(address, sent | wrong)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    assert client.post(address, sent).status_code == 302
    shown = client.get(sheet.get_absolute_url(), {"section": "C"}).content.decode()
    assert "温度 23.5 ℃，规定不大于 22 ℃（规程）" in shown
    assert "超出规定" in shown
    late = client.post(address, sent | {"temperature": "21"})
    assert late.status_code == 409
    assert "23.5" in late.content.decode()


@pytest.mark.django_db
def test_only_the_team_measures_and_only_on_the_sheet_of_a_standard(client, started):
    sheet = started.standard_sheet()
    names = ("experiment", "environment")
    for member, status in ((started.office, 403), (started.unit, 404)):
        sign_in(client, member)
        for name in names:
            address = reverse(f"inspections:{name}", args=[sheet.pk])
            assert client.post(address, EN).status_code == status
    sign_in(client, started.officer)
    for name in names:
        assert (
            client.get(reverse(f"inspections:{name}", args=[started.sheet().pk])).status_code == 404
        )
