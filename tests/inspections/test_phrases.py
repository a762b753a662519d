"""Every phrase offered passes the rule of the field it goes into; 符合 against the register needs words."""

import datetime as dt
import json

import pytest
from django.conf import settings

from inspections import completeness, conclusions
from inspections.hints import Facts, against
from metrostd.common.enums import Answer
from metrostd.registry.enums import CertificateState
from selfcheck.sheets import INAPPLICABLE_PHRASES
from tests.factories.inspections import ChecklistAnswerFactory, SheetFactory
from tests.factories.registry import CertificateFactory, UnitFactory


def items():
    for name in ("annex1", "annex2"):
        path = settings.BASE_DIR / f"fixtures/checklist_{name}.json"
        for section in json.loads(path.read_text("utf-8"))["sections"]:
            yield from section["items"]


PHRASES = [(item["code"], phrase) for item in items() for phrase in item["stock_phrases"]]


@pytest.mark.parametrize(("code", "phrase"), PHRASES)
@pytest.mark.parametrize("answer", sorted(Answer.problem))
def test_a_phrase_of_a_fault_is_a_fact_by_the_portals_own_rule(code, phrase, answer):
    assert conclusions.gaps(code=code, answer=answer, note=phrase, evidence=1) == []


@pytest.mark.parametrize("phrase", [*conclusions.INAPPLICABLE_PHRASES, *INAPPLICABLE_PHRASES])
@pytest.mark.parametrize("code", ["A01", "F01"])
def test_a_phrase_of_inapplicable_is_a_reason(code, phrase):
    found = conclusions.gaps(code=code, answer=Answer.NOT_APPLICABLE, note=phrase, evidence=1)

    assert found == []
    assert phrase not in {fault for _, fault in PHRASES}


@pytest.mark.parametrize(
    "note", ["　" * 12, "。" * 12, "有误" + "\u200b" * 10, "有误\n\n\n\n\n\n\n\n\n。", "—…" * 8]
)
@pytest.mark.parametrize("answer", sorted(Answer.problem))
def test_signs_that_nobody_reads_are_no_fact(note, answer):
    assert conclusions.gaps(code="A01", answer=answer, note=note, evidence=1) == [
        "事实记录不少于10个字"
    ]
    inapplicable = conclusions.gaps(
        code="A01", answer=Answer.NOT_APPLICABLE, note="。\u200b", evidence=1
    )
    assert inapplicable == ["不适用的理由未填"]


KNOWN = "检查日已过有效期 3 天"


@pytest.mark.parametrize(
    ("answer", "note", "lacks"),
    [
        ("conform", "", True),
        ("conform", "无误", True),
        ("conform", "已于检查前一日取得新证书，台账待更新", False),
        ("nonconform", "考核证书已过有效期三天仍在使用", False),
    ],
)
def test_conform_against_the_register_needs_a_reason(answer, note, lacks):
    found = conclusions.gaps(code="G01", answer=answer, note=note, evidence=1, against=KNOWN)

    assert bool(found) is lacks
    if lacks:
        assert found == [f"台账记载“{KNOWN}”，判定符合的理由不少于10个字"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("until", "note", "missing"),
    [
        (dt.date(2021, 6, 1), "", True),
        (dt.date(2021, 6, 1), "已取得新的考核证书，台账尚未更新", False),
        (dt.date(2026, 6, 1), "", False),
    ],
)
def test_an_expired_certificate_keeps_a_bare_conform_from_signing(until, note, missing):
    sheet = SheetFactory()
    sheet.standard.certificates.update(valid_until=until)
    ChecklistAnswerFactory(
        sheet=sheet, item__hint_rule="certificate_valid", answer=Answer.CONFORM, note=note
    )
    sheet.task.arrived_at = dt.datetime(2021, 6, 15, 9, tzinfo=dt.UTC)

    texts = [gap.text for gap in completeness.gaps_of(sheet.task) if gap.answer_id]

    assert any("台账记载" in text for text in texts) is missing


@pytest.mark.django_db
def test_what_the_certificate_alone_decides():
    ended = CertificateFactory(state=CertificateState.DEREGISTERED)
    facts = Facts(
        on=dt.date(2021, 6, 15), unit=UnitFactory(), standard=ended.standard, certificate=ended
    )

    assert "注销" in against("certificate_exists", facts)
    assert against("storage_place_matches", facts) == ""
    assert against("", facts) == ""
