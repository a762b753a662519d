"""Printed papers keep their shape whatever they have to hold; every one is read back from its PDF."""

import base64
import dataclasses
import io

import pytest
from pypdf import PdfReader

from inspections.documents import (
    AnswerLine,
    EvidenceLine,
    Photo,
    SectionBlock,
    SheetForm,
    SignatureLine,
    TaskRecord,
)
from inspections.stop_papers import StopPaper, stop_pdf
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import unbroken
from rectification.documents import (
    ConfirmationPaper,
    ConfirmedLine,
    FindingLine,
    OrderPaper,
    confirmation_pdf,
    order_pdf,
)
from tests.factories.inspections import png

CODE = "91120111MA00000000"
UNIT = "天津" + "示例精密仪器仪表制造与计量检测技术服务" * 4 + "有限责任公司"
SIGNED = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
LONG = "".join(
    f"第{n}台的溯源证书所载测量范围与考核证书不一致，记录中未作说明。" for n in range(1, 81)
)


def pages_of(data: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def lines_of(data: bytes) -> list[str]:
    pages = PdfReader(io.BytesIO(data)).pages
    return [line for page in pages for line in page.extract_text().splitlines()]


def order(findings: int, *, fact: str = "标准器的溯源证书已过有效期。") -> OrderPaper:
    return OrderPaper(
        kind="责令改正通知书",
        number="津西青市监责改〔2021〕12号",
        authority="天津市西青区市场监督管理局",
        unit=UNIT,
        credit_code=CODE,
        address="天津市西青区示例路18号",
        representative="示例法人",
        opening="2021年7月8日，本机关检查人员出示执法证件后，对你单位实施计量标准监督检查，发现存在下列问题。",
        findings=tuple(
            FindingLine(f"计量标准“示例{n}”", fact, "JJF 1033-2016 4.1.2") for n in range(findings)
        ),
        demand_title="责令改正的内容",
        demand="责令你单位于2021年8月15日前（含当日）完成整改：",
        requirements=("1.查明原因，逐项整改。",),
        consequence="逾期不改正的，视为整改不合格。",
        remedy_title="救济途径",
        remedy="如不服本通知，可以申请行政复议。",
        contact="计量科",
        phone="022-12345678",
        issued_on="2021年7月16日",
    )


def stop(facts: int) -> StopPaper:
    return StopPaper(
        number="津西青市监停〔2021〕3号",
        authority="天津市西青区市场监督管理局",
        unit=UNIT,
        credit_code=CODE,
        address="天津市西青区示例路18号",
        representative="示例法人",
        opening="2021年7月8日，本机关检查人员查明下列事实。",
        standard="二等铂电阻温度计标准装置",
        facts=("标准器的溯源证书已过有效期，仍在使用。",) * facts,
        reviewers="西青区人民政府",
        contact="计量科",
        phone="022-12345678",
        issued_on="2021年7月16日",
    )


def confirmation(findings: int, *, action: str = "送检并取得新证书。") -> ConfirmationPaper:
    line = ConfirmedLine(
        subject="计量标准“示例”",
        fact="标准器的溯源证书已过有效期。",
        cause="送检计划没有落实。",
        action=action,
        prevention="建立到期提醒。",
        files=2,
        submitted_on="2021年8月1日",
        is_late=False,
        method="书面审查",
        result="合格",
        opinion="同意销号。",
        reviewed_on="2021年8月5日",
        reviewer="示例甲",
    )
    return ConfirmationPaper(
        number="津西青市监责改〔2021〕12号",
        unit=UNIT,
        credit_code=CODE,
        authority="天津市西青区市场监督管理局",
        due_on="2021年8月15日",
        requirement="查明原因，逐项整改。",
        lines=(line,) * findings,
        confirmed_on="2021年8月5日",
    )


def record(
    *, sheets: int = 1, items: int = 10, note: str = "", signatures: int = 4, photos: int = 0
) -> TaskRecord:
    lines = [
        AnswerLine(f"A{n:02}", f"第{n}项检查要点", False, "符合", False, "", 0)
        for n in range(1, items + 1)
    ]
    if note:
        lines[1] = dataclasses.replace(lines[1], answer="不符合", is_problem=True, note=note)
    proof = EvidenceLine("A02", "照片", "现场.jpg", "a" * 64, "2021年7月8日 10:00", "示例甲")
    form = SheetForm(
        subject="二等铂电阻温度计标准装置",
        certificate="〔2019〕津量标企证字第055号",
        valid_until="2024年5月1日",
        category="企业最高计量标准",
        sections=(SectionBlock("A 计量标准器及配套设备", tuple(lines)),),
        case=(),
        measured=(),
        evidence=(proof,),
        suggested="符合",
        conclusion="符合",
        override_reason="",
    )
    return TaskRecord(
        title="计量标准现场监督检查表",
        edition="JJF 1033-2016",
        campaign="2021年计量标准专项监督检查",
        unit=UNIT,
        credit_code=CODE,
        authority="天津市西青区市场监督管理局",
        kind="现场检查",
        place="示例路18号",
        arrived_at="2021年7月8日 9:00",
        left_at="2021年7月8日 16:00",
        attendees="示例人",
        joint="",
        team=("示例甲（组长）",),
        sheets=(form,) * sheets,
        conclusion="符合",
        refusal="",
        signatures=tuple(
            SignatureLine(
                "检查组", f"签字人{n}", "", "2021年7月8日 16:00", "本人登录签字", SIGNED, "b" * 64
            )
            for n in range(signatures)
        ),
        content_hash="b" * 64,
        is_draft=False,
        photos=(Photo("示例装置", "A02", "现场.jpg", "a" * 64, "2021年7月8日", "示例甲", SIGNED),)
        * photos,
    )


def record_pdf(paper: TaskRecord) -> bytes:
    return render_pdf("inspections/pdf/record.html", {"record": paper})


@pytest.mark.parametrize("findings", [3, 5, 6])
def test_a_seal_and_a_service_record_never_stand_alone(findings):
    for pages in (pages_of(order_pdf(order(findings))), pages_of(stop_pdf(stop(findings)))):
        last = pages[-1]
        assert "行政复议" in last, "the last section comes along"
        assert "联系人：计量科" in last
        assert "（盖章）" in last
        assert "本文书一式两份" in last


@pytest.mark.parametrize("findings", [4, 6, 7])
def test_the_seal_of_a_confirmation_stands_below_what_is_confirmed(findings):
    last = pages_of(confirmation_pdf(confirmation(findings)))[-1]

    assert "（盖章）" in last
    assert "送检并取得新证书。" in last


@pytest.mark.parametrize(
    ("items", "sheets", "signatures"), [(n, 1, 4) for n in (22, 26, 30)] + [(8, 30, 9)]
)
def test_signatures_of_a_record_stand_with_the_conclusions(items, sheets, signatures):
    pages = pages_of(record_pdf(record(items=items, sheets=sheets, signatures=signatures)))

    signed = [page for page in pages if "签字人" in page]
    assert all("二等铂电阻温度计标准装置" in page for page in signed)
    assert "单位结论符合" in signed[0].replace("：", "")


@pytest.mark.parametrize(
    "made",
    [
        lambda: order_pdf(order(12)),
        lambda: stop_pdf(stop(30)),
        lambda: confirmation_pdf(confirmation(14)),
        lambda: record_pdf(record(items=60)),
    ],
    ids=["order", "stop", "confirmation", "record"],
)
def test_every_page_says_which_paper_it_is_and_whose(made):
    data = made()
    pages = pages_of(data)

    assert len(pages) > 1
    for page in pages[1:]:
        # Nothing but the header names number and unit after the first page.
        assert any(word in page for word in ("号" + UNIT[:20], "9:00" + UNIT[:20])), page[-60:]
    assert CODE in "".join(pages)
    assert any(CODE in line for line in lines_of(data)), "a credit code is read as one"


def test_a_long_note_goes_on_inside_its_row():
    pages = pages_of(record_pdf(record(note=LONG)))
    confirmed = pages_of(confirmation_pdf(confirmation(2, action=LONG)))

    for found in (pages, confirmed):
        assert "第1台的溯源" in found[0], "it begins where it stands, not on a page of its own"
        assert "第80台的溯源" not in found[0]
        assert "第80台的溯源" in "".join(found)
        assert all(len(page) > 300 for page in found[:-1]), "no page is left white"


def test_photographs_follow_the_record_with_what_they_show():
    reader = PdfReader(io.BytesIO(record_pdf(record(photos=3))))

    at = [n for n, page in enumerate(reader.pages) if "证据照片" in page.extract_text()]
    shown = [page.images for page in list(reader.pages)[at[0] :]]
    text = "".join("".join(page.extract_text().split()) for page in list(reader.pages)[at[0] :])
    assert sum(len(images) for images in shown) >= 1
    assert [f"照片{n}示例装置A02现场.jpg" in text for n in (1, 2, 3)] == [True] * 3
    assert text.count("SHA-256：" + "a" * 64) == 3
    assert all("签字人" not in page.extract_text() for page in list(reader.pages)[at[0] :])


def test_a_text_with_a_code_stays_text():
    assert unbroken(f"<b>{CODE}</b>，无") == (
        f'&lt;b&gt;<span class="unbroken">{CODE}</span>&lt;/b&gt;，无'
    )
    assert unbroken("X" + CODE) == "X" + CODE
