"""The data the portal is delivered with: complete, loaded once, never rewritten under a sheet."""

import copy
import datetime as dt
import json
from collections import Counter

import pytest
from django.core.management import call_command

from campaigns import reference
from campaigns.models import ChecklistItem, ChecklistTemplate, RoutingRule
from metrostd.common.models import CalendarYear, SpecialDay
from metrostd.registry.models import Authority, LegalBasis, ProfessionalField

pytestmark = pytest.mark.django_db

TABLES = (
    Authority,
    ProfessionalField,
    CalendarYear,
    SpecialDay,
    RoutingRule,
    LegalBasis,
    ChecklistTemplate,
    ChecklistItem,
)


def snapshot():
    return {model: list(model.objects.order_by("pk").values()) for model in TABLES}


def items(kind):
    return ChecklistItem.objects.filter(section__template__kind=kind)


@pytest.fixture
def annex1():
    return json.loads((reference.FIXTURES / "checklist_annex1.json").read_text("utf-8"))


class TestLoading:
    def test_everything_arrives(self):
        made = reference.load_reference()

        assert {name: done.made for name, done in made.items()} == {
            "authorities": 18,
            "professional_fields": ProfessionalField.objects.count(),
            "special_days": 291,
            "routing_rules": 6,
            "legal_basis": LegalBasis.objects.count(),
            "checklist_items": 50 + 41,
            "pledge_words": 1,
            "reminder_rules": 120,
        }

    def test_loading_again_changes_nothing(self):
        reference.load_reference()
        before = snapshot()

        made = reference.load_reference()

        assert {(d.made, d.updated, tuple(d.kept)) for d in made.values()} == {(0, 0, ())}
        assert snapshot() == before

    def test_the_command_loads_it(self, capsys):
        call_command("load_reference")

        assert ChecklistItem.objects.count() == 91
        assert capsys.readouterr().out

    def test_what_an_administrator_changed_is_kept_and_said(self, capsys):
        reference.load_reference()
        Authority.objects.filter(code="120111").update(short_name="西青局（新）")
        ProfessionalField.objects.filter(code="10").update(name="长度（含角度）")

        call_command("load_reference")

        assert Authority.objects.get(code="120111").short_name == "西青局（新）"
        said = capsys.readouterr().out
        assert "authorities: 0 new, 0 updated, 1 kept as changed by hand" in said
        assert "西青局（新）：" in said

    def test_a_new_edition_reaches_what_nobody_changed(self):
        rows = [{"code": "x1", "name": "甲"}, {"code": "x2", "name": "乙"}]
        reference.load_rows(ProfessionalField, rows, ("code",))
        ProfessionalField.objects.filter(code="x2").update(name="乙，改过")

        done = reference.load_rows(
            ProfessionalField,
            [{"code": "x1", "name": "甲（新版）"}, {"code": "x2", "name": "乙（新版）"}],
            ("code",),
        )

        assert dict(
            ProfessionalField.objects.filter(code__startswith="x").values_list("code", "name")
        ) == {
            "x1": "甲（新版）",
            "x2": "乙，改过",
        }
        assert (done.made, done.updated, len(done.kept)) == (0, 1, 1)

    def test_a_change_by_hand_stays_through_every_later_edition(self):
        for name in ("甲", "甲（二版）", "甲（三版）"):
            reference.load_rows(ProfessionalField, [{"code": "x1", "name": name}], ("code",))
            ProfessionalField.objects.filter(code="x1", name="甲").update(name="甲，改过")

        assert ProfessionalField.objects.get(code="x1").name == "甲，改过"


class TestCalendar:
    def test_every_year_names_its_notice(self):
        reference.load_reference()

        years = dict(CalendarYear.objects.values_list("year", "notice"))

        assert list(years) == list(range(2019, 2027))
        assert years[2026] == "国办发明电〔2025〕7号"

    def test_what_an_administrator_put_right_stays(self):
        reference.load_reference()
        SpecialDay.objects.filter(day=dt.date(2026, 5, 5)).update(name="改")

        reference.load_reference()

        assert SpecialDay.objects.get(day=dt.date(2026, 5, 5)).name == "改"


class TestCity:
    @pytest.fixture(autouse=True)
    def loaded(self):
        reference.load_reference()

    def test_one_commission_and_the_bureaus_of_sixteen_districts(self):
        city = Authority.objects.get(level="city")
        districts = Authority.objects.filter(level="district")

        assert (city.code, city.name) == ("120000", "天津市市场监督管理委员会")
        assert districts.count() == districts.filter(parent=city).count() == 16

    def test_work_days_of_2021(self):
        assert SpecialDay.objects.get(day=dt.date(2021, 5, 8)).is_workday
        assert not SpecialDay.objects.get(day=dt.date(2021, 10, 1)).is_workday

    def test_who_inspects_what(self):
        assert dict(RoutingRule.objects.values_list("category", "inspector")) == {
            "sp_statutory": "city",
            "sp_authorised": "city",
            "dept_highest": "city",
            "ent_highest": "district",
            "inst_highest": "district",
            "other": "manual",
        }


class TestChecklists:
    @pytest.fixture(autouse=True)
    def loaded(self):
        reference.load_reference()

    def test_items_per_level(self):
        assert Counter(items("annex1").values_list("level", flat=True)) == {
            "unit": 6,
            "standard": 44,
        }
        assert Counter(items("annex2").values_list("level", flat=True)) == {
            "bureau": 14,
            "case": 27,
        }

    def test_the_thirteen_key_items_of_annex_1(self):
        keys = items("annex1").filter(is_key=True).values_list("code", flat=True)

        assert " ".join(sorted(keys)) == "A01 A03 B01 B02 C01 D02 E02 F01 G01 G02 H01 H02 H03"

    def test_the_items_of_a_unit_are_u01_to_u05_and_h05(self):
        codes = items("annex1").filter(level="unit").values_list("code", flat=True)

        assert sorted(codes) == ["H05", "U01", "U02", "U03", "U04", "U05"]

    def test_codes_are_unique_and_problem_categories_follow_the_annex(self):
        assert items("annex1").values("code").distinct().count() == 50
        assert items("annex2").values("code").distinct().count() == 41
        assert set(items("annex1").values_list("problem_category", flat=True)) == set("ABCDEFGH")
        assert set(items("annex2").values_list("problem_category", flat=True)) == {"J"}

    def test_prohibited_conducts_are_section_h(self):
        prohibited = items("annex1").filter(is_prohibition=True)

        assert set(prohibited.values_list("section__code", flat=True)) == {"H"}
        assert set(items("annex1").filter(section__code="H")) == set(prohibited)

    def test_of_the_key_items_only_b02_and_f01_may_be_inapplicable(self):
        """Annex 1, conclusion rule 1."""
        rows = items("annex1").filter(is_key=True, may_be_inapplicable=True)

        assert sorted(rows.values_list("code", flat=True)) == ["B02", "F01"]


class TestVersions:
    def test_a_changed_checklist_is_a_new_version_and_the_old_one_stays(self, annex1):
        reference.load_reference()
        before = list(items("annex1").values())
        changed = copy.deepcopy(annex1) | {"version": 2, "edition": "JJF 1033-2023"}
        changed["sections"][0]["items"][0]["text"] = "修改后的检查要点"

        made = reference.load_checklist(changed)

        old, new = ChecklistTemplate.objects.filter(kind="annex1").order_by("version")
        assert (made.made, made.kept) == (50, [])
        assert (old.is_current, new.is_current) == (False, True)
        assert list(items("annex1").filter(section__template=old).values()) == before
        assert items("annex1").filter(section__template=new, text="修改后的检查要点").count() == 1
        assert ChecklistTemplate.objects.get(kind="annex2").is_current

    def test_a_version_that_is_there_is_never_rewritten(self, annex1):
        reference.load_reference()
        changed = copy.deepcopy(annex1)
        changed["sections"][0]["items"][0]["text"] = "偷偷修改"

        made = reference.load_checklist(changed)

        assert (made.made, len(made.kept)) == (0, 1)
        assert "（第1版）：已有同号的版本，内容与随系统提供的不同" in made.kept[0]
        assert not items("annex1").filter(text="偷偷修改").exists()

    def test_a_number_taken_by_hand_before_the_delivered_version_is_said(self, annex1, capsys):
        template = ChecklistTemplate.objects.create(
            kind="annex1", version=1, title="本地", edition="甲"
        )

        call_command("load_reference")

        assert f"{template}：已有同号的版本" in capsys.readouterr().out
        assert ChecklistTemplate.objects.filter(kind="annex1").get() == template

    def test_the_delivered_version_does_not_push_a_newer_one_aside(self, annex1):
        reference.load_checklist(annex1 | {"version": 2})

        reference.load_reference()

        assert ChecklistTemplate.objects.get(kind="annex1", is_current=True).version == 2
        assert ChecklistTemplate.objects.filter(kind="annex1").count() == 2
