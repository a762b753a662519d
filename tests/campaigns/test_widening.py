"""After a draw: missed fields by chance first, further standards of a drawn unit with a reason."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import (
    announcing,
    directing,
    extension,
    moves,
    record,
    sampling,
    settling,
    terms,
    verifying,
    widening,
)
from campaigns.models import DrawnStandard, DrawTerms
from campaigns.protocol import lottery
from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests import draws
from tests.factories.accounts import sign_in
from tests.factories.registry import FieldFactory, UnitFactory


@pytest.fixture
def run(city, monkeypatch):
    """Six units of which one is drawn; three of the others have a field of their own."""
    monkeypatch.setattr(extension, "_opening", [])
    city.units = UnitFactory.create_batch(6, territorial_authority=city.district)
    for unit in city.units:
        city.standard(unit)
        city.standard(unit)
    for n, unit in enumerate(city.units[:5]):
        city.standard(unit, field=FieldFactory(code=f"2{n % 4}", name=f"领域{n % 4}"))
    moves.open_campaign(city.campaign, actor=city.office.user)
    frame = draws.freeze(city.campaign, city.district, actor=city.bureau.user)
    return draws.draw(frame, ratio=1)


def supplement(run):
    """Announced now, acknowledged, drawn at its moment."""
    row = widening.announce_supplement(
        run, issue="2021062", moment=clock.now() + 2 * draws.DAY, actor=None
    )
    terms.acknowledge(row, actor=draws.person("above"))
    with clock.pinned(row.moment):
        settling.enter_value(
            row, issue="2021062", numbers=draws.NUMBERS, actor=draws.person("office")
        )
        settling.confirm_value(
            row, issue="2021062", numbers=draws.NUMBERS, actor=draws.person("above")
        )
    return run.supplements.last()


def test_missed_fields_are_drawn_for_recorded_and_checked_with_the_draw(city, run):
    missed = [field.code for field in widening.missed_fields(run)]
    assert len(missed) >= 3

    made = supplement(run)

    assert (made.number, made.fields, made.base) == (1, missed, run.result_hash)
    assert not widening.missed_fields(run).exists()
    assert {row.kind for row in made.drawn.all()} == {"random"}
    assert InspectionTask.objects.filter(drawn_unit__supplement=made).count() == len(missed)
    assert verifying.verify_draw(run) == []
    assert AuditEntry.objects.about(run).filter(action="draw.supplement").exists()
    with pytest.raises(TransitionError, match="已全部抽到"):
        supplement(run)


@pytest.mark.parametrize("change", ["seed", "standard", "unit"])
def test_whoever_touches_a_supplement_is_found_out(city, run, change):
    made = supplement(run)
    row = made.drawn.first()
    if change == "seed":
        made.seed = "9" * 64
        made.save()
    elif change == "standard":
        row.standards.first().delete()
    else:
        taken = set(run.drawn.values_list("unit", flat=True))
        row.unit = next(unit for unit in city.units if unit.pk not in taken)
        row.save()

    assert any(line.startswith("第1次补充抽取：") for line in verifying.verify_draw(run))


def test_further_standards_of_a_drawn_unit_are_taken_with_a_reason(city, run):
    drawn = run.drawn.get()
    task = InspectionTask.objects.get(drawn_unit=drawn)
    before = task.standards.count()
    more = [row.standard for row in widening.further_standards(drawn)][:1]

    for nothing in (" ", "。", "\u200b\u3164"):
        with pytest.raises(ValidationError, match="理由"):
            widening.take_further(drawn, standards=more, reason=nothing, actor=None)
    widening.take_further(drawn, standards=more, reason="自查问题较多", actor=city.bureau.user)

    row = DrawnStandard.objects.get(drawn_unit=drawn, standard=more[0])
    assert (row.why, row.reason) == ("extra", "自查问题较多")
    assert task.standards.count() == before + 1
    assert verifying.verify_draw(run) == []
    with pytest.raises(ValidationError, match="已列入"):
        widening.take_further(drawn, standards=more, reason="再来一次", actor=None)


def test_no_further_standards_once_the_team_is_at_the_door_or_from_another_office(city, run):
    drawn = run.drawn.get()
    more = [row.standard for row in widening.further_standards(drawn)]
    stranger = city.standard(territory=city.other)

    with pytest.raises(ValidationError, match="不由本部门组织检查"):
        widening.take_further(drawn, standards=[stranger], reason="示例", actor=None)
    InspectionTask.objects.update(
        state=TaskState.IN_PROGRESS, arrived_at=clock.now(), credential_shown=True
    )
    with pytest.raises(TransitionError, match="检查已经开始"):
        widening.take_further(drawn, standards=more, reason="示例", actor=None)


def in_reserve(run):
    """A unit of the list that nothing has picked yet, with a standard of it."""
    entry = run.frame.entries.exclude(unit__in=run.drawn.values("unit")).first()
    return entry.unit, entry.standard


def announced(run):
    return widening.announce_supplement(
        run, issue=draws.ISSUE, moment=clock.now() + 2 * draws.DAY, actor=None
    )


def test_chance_goes_first_while_a_supplement_is_under_way(client, city, run):
    """A unit added meanwhile might be the one chance picks, and the draw could never be made."""
    unit, standard = in_reserve(run)
    row = announced(run)

    with pytest.raises(TransitionError, match="随机抽取在先"):
        sampling.add_directed(run, unit, standards=[standard], reason="投诉举报", actor=None)
    sign_in(client, city.bureau)
    assert "随机抽取在先" in client.get(run.get_absolute_url()).content.decode()
    draws.later(row)

    unit, standard = in_reserve(run)
    sampling.add_directed(run, unit, standards=[standard], reason="投诉举报", actor=None)
    orders = list(run.drawn.values_list("order", flat=True))
    assert orders == list(range(1, len(orders) + 1))
    assert verifying.verify_draw(run) == []


def test_a_supplement_nobody_acknowledged_holds_nobody_up_whether_the_clock_ran_or_not(run):
    row = announced(run)
    unit, standard = in_reserve(run)

    with clock.pinned(row.acknowledge_by + draws.DAY / 24):
        assert widening.open_to_supplement(run)
        again = announced(run)
        row.refresh_from_db()
        assert (row.state, again.number) == ("lapsed", row.number + 1)
        assert AuditEntry.objects.about(row).filter(action="terms.lapse").count() == 1
    with clock.pinned(again.acknowledge_by + draws.DAY / 24):
        sampling.add_directed(run, unit, standards=[standard], reason="投诉举报", actor=None)
        moves.void_draw(run, actor=None, note="示例")
    again.refresh_from_db()
    assert again.state == "lapsed"


def struck(run, drawn):
    row = announcing.announce_substitute(
        run,
        units=[drawn],
        ground="no_standard",
        evidence="封存通知（2021）第3号",
        issue=draws.ISSUE,
        moment=clock.now() + 2 * draws.DAY,
        actor=None,
    )
    draws.later(row)
    drawn.refresh_from_db()


def test_a_struck_unit_is_inspected_by_direction_when_somebody_complains(client, city, run):
    drawn = run.drawn.get()
    standard = drawn.standards.first().standard
    struck(run, drawn)
    sign_in(client, city.bureau)
    page = client.get(reverse("campaigns:directed", args=[run.pk])).content.decode()
    assert drawn.unit.name in page
    assert drawn.unit_id in directing.addable(city.district, [drawn.unit_id])
    assert run in directing.open_draws(city.district, drawn.unit_id)

    made = sampling.add_directed(
        run, drawn.unit, standards=[standard], reason="投诉：封存期内仍在使用", actor=None
    )

    assert (made.kind, drawn.struck_at is None) == ("directed", False)
    visits = InspectionTask.objects.listed().filter(unit=drawn.unit)
    assert [task.drawn_unit for task in visits] == [made]
    assert verifying.verify_draw(run) == []
    told = record.of_run(run)
    assert told["struck"][0]["unit"] == told["directed"][0]["unit"]
    with pytest.raises(ValidationError, match="已在检查对象中"):
        sampling.add_directed(run, drawn.unit, standards=[standard], reason="再来", actor=None)
    assert not directing.open_draws(city.district, drawn.unit_id).exists()
    later = announced(run) if widening.open_to_supplement(run) else None
    assert later is None or len(later.content["taken"]) == len(set(later.content["taken"]))


def test_both_ways_on_the_screen(client, city, run):
    sign_in(client, city.bureau)
    page = client.get(run.get_absolute_url()).content.decode()
    address = reverse("campaigns:supplement", args=[run.pk])

    assert page.index("补充随机抽取") < page.index("再增加定向检查单位")
    assert client.post(address, {"issue": ""}).status_code == 422
    day = client.get(address).context["form"].fields["day"].choices[0][0]
    assert client.post(address, {"day": day, "issue": "2019001"}).status_code == 422
    sent = {"day": day, "issue": lottery.issues_about(dt.date.fromisoformat(day))[1]}
    row = DrawTerms.objects.latest("pk")
    answer = client.post(address, sent)
    made = DrawTerms.objects.latest("pk")
    assert (made.kind, answer.url) == ("supplement", made.get_absolute_url())
    assert made.number == row.number + 1
    assert client.post(address, sent).status_code == 409
    drawn = run.drawn.filter(supplement=None).get()
    further = reverse("campaigns:further", args=[drawn.pk])
    assert client.get(further).status_code == 200
    sent = client.post(further, {"standards": [1], "reason": ""})
    assert sent.status_code == 422
    page = client.get(run.get_absolute_url()).content.decode()
    assert "有一份约定尚未办结" in page
    assert client.get(reverse("campaigns:record", args=[run.pk])).status_code == 302
    for each in (address, further):
        sign_in(client, city.office)
        assert client.get(each).status_code in (200, 403)
