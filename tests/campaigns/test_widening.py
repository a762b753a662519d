"""After a draw: missed fields by chance first, further standards of a drawn unit with a reason."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given, settings

from campaigns import drawing, extension, moves, sampling, widening
from campaigns.drawing import draw, uncovered_fields
from campaigns.models import DrawnStandard
from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests.campaigns.test_drawing import SEEDS, frames
from tests.factories.accounts import sign_in
from tests.factories.registry import FieldFactory, UnitFactory


@settings(max_examples=150)
@given(frames(), SEEDS)
def test_a_supplement_covers_every_missed_field_with_units_not_yet_taken(units, seed):
    plan = draw(units, ratio=20, seed=seed)
    taken = [unit.id for unit in plan.drawn]

    extra = drawing.supplement(
        units,
        taken=taken,
        fields=plan.uncovered,
        seed=seed,
        base=plan.result_hash,
        last=len(taken),
    )

    assert uncovered_fields(units, [*plan.drawn, *extra.drawn]) == extra.uncovered == ()
    assert not {unit.id for unit in extra.drawn} & set(taken)
    assert len(extra.drawn) <= len(plan.uncovered)
    assert [unit.order for unit in extra.drawn] == [
        len(taken) + n for n, _ in enumerate(extra.drawn, 1)
    ]
    for unit in extra.drawn:
        fields = {item.field for u in units if u.id == unit.id for item in u.standards}
        assert {pick.field for pick in unit.standards} == fields
    again = drawing.supplement(
        reversed(units),
        taken=reversed(taken),
        fields=plan.uncovered,
        seed=seed,
        base=plan.result_hash,
        last=len(taken),
    )
    assert again == extra


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
    frame = sampling.freeze_frame(city.campaign, city.district, actor=city.bureau.user)
    return sampling.run_draw(frame, ratio=1, seed="42", actor=None, ratio_reason="示例")


def test_missed_fields_are_drawn_for_recorded_and_checked_with_the_draw(city, run):
    missed = [field.code for field in widening.missed_fields(run)]
    assert len(missed) >= 3

    made = widening.supplement(run, seed="7", actor=city.bureau.user, witnesses="见证人甲")

    assert (made.number, made.fields, made.base) == (1, missed, run.result_hash)
    assert not widening.missed_fields(run).exists()
    assert {row.kind for row in made.drawn.all()} == {"random"}
    assert InspectionTask.objects.filter(drawn_unit__supplement=made).count() == len(missed)
    assert sampling.verify_draw(run) == []
    assert AuditEntry.objects.about(run).filter(action="draw.supplement").exists()
    with pytest.raises(TransitionError, match="已全部抽到"):
        widening.supplement(run, seed="8", actor=city.bureau.user)


@pytest.mark.parametrize("change", ["seed", "standard", "unit"])
def test_whoever_touches_a_supplement_is_found_out(city, run, change):
    made = widening.supplement(run, seed="7", actor=None)
    row = made.drawn.first()
    if change == "seed":
        made.seed = "9"
        made.save()
    elif change == "standard":
        row.standards.first().delete()
    else:
        taken = set(run.drawn.values_list("unit", flat=True))
        row.unit = next(unit for unit in city.units if unit.pk not in taken)
        row.save()

    assert any(line.startswith("第1次补充抽取：") for line in sampling.verify_draw(run))


def test_further_standards_of_a_drawn_unit_are_taken_with_a_reason(city, run):
    drawn = run.drawn.get()
    task = InspectionTask.objects.get(drawn_unit=drawn)
    before = task.standards.count()
    more = [row.standard for row in widening.further_standards(drawn)][:1]

    with pytest.raises(ValidationError, match="理由"):
        widening.take_further(drawn, standards=more, reason=" ", actor=None)
    widening.take_further(drawn, standards=more, reason="自查问题较多", actor=city.bureau.user)

    row = DrawnStandard.objects.get(drawn_unit=drawn, standard=more[0])
    assert (row.why, row.reason) == ("extra", "自查问题较多")
    assert task.standards.count() == before + 1
    assert sampling.verify_draw(run) == []
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


def test_both_ways_on_the_screen(client, city, run):
    sign_in(client, city.bureau)
    page = client.get(run.get_absolute_url()).content.decode()
    address = reverse("campaigns:supplement", args=[run.pk])

    assert page.index("补充随机抽取") < page.index("再增加定向检查单位")
    assert client.post(address, {"seed": ""}).status_code == 422
    assert client.post(address, {"seed": "7", "witnesses": "甲"}).url == run.get_absolute_url()
    assert client.post(address, {"seed": "7"}).status_code == 409
    drawn = run.drawn.filter(supplement=None).get()
    further = reverse("campaigns:further", args=[drawn.pk])
    assert client.get(further).status_code == 200
    sent = client.post(further, {"standards": [1], "reason": ""})
    assert sent.status_code == 422
    page = client.get(run.get_absolute_url()).content.decode()
    assert "补充抽取" in page
    assert client.get(reverse("campaigns:record", args=[run.pk])).status_code == 200
    for each in (address, further):
        sign_in(client, city.office)
        assert client.get(each).status_code in (200, 403)
