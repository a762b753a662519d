"""Every word of an order that no person wrote, and phrases one may start from; with their sources."""

import datetime as dt
from collections.abc import Iterable, Mapping

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry import legal

from .enums import OrderKind

#: Offered when an order is issued; the person chooses and edits.
STOCK_REQUIREMENTS = (
    "查明原因，逐项整改到位，按期书面报送原因分析、整改措施、预防措施和证明材料。",
    "整改完成并经本机关确认合格前，不得使用上述计量标准开展量值传递。",
    "对已出具的检定、校准证书进行追溯，评估影响并采取补救措施。",
)
DEFAULT_REQUIREMENT = STOCK_REQUIREMENTS[0]

STOCK_OPINIONS = (
    "整改措施已落实，证明材料齐全，同意销号。",
    "证明材料不足以说明整改效果，请补充。",
    "原因分析未触及根源，预防措施不具体，请补充完善。",
)

_DEMAND = {
    # Supervision, checking that licence holders keep to it, and the rules of the examination.
    OrderKind.CORRECTION: (
        "依据{supervision}、{checked}和{examination}的规定，责令你单位立即改正上述行为，于{due}前（含当日）完成整改，并将整改情况书面报送本机关："
    ),
    OrderKind.NOTICE: (
        "请你单位对上述问题及时整改，于{due}前（含当日）完成，并将整改情况书面报送本机关："
    ),
}
_CONSEQUENCE = {
    # 通知二(三): not meeting requirements counts as failed; 通知二(四): what follows.
    OrderKind.CORRECTION: (
        "逾期不改正或者整改不符合要求的，视为整改不合格。对达不到原核准条件的计量标准，"
        "将依照{violations}等规定处理，并提请发证部门依法处置计量标准考核证书。"
    ),
    OrderKind.NOTICE: "逾期未报送或者整改不符合要求的，视为整改不合格，本机关将依照有关规定处理。",
}


DEMAND_TITLES = {OrderKind.CORRECTION: "责令改正的内容", OrderKind.NOTICE: "整改要求"}
REMEDY_TITLES = {OrderKind.CORRECTION: "救济途径", OrderKind.NOTICE: "陈述申辩"}


def opening(*, visited_on: dt.date | dt.datetime, place: str, campaign: str) -> str:
    """Who found it, when, where and in which campaign, with credentials shown (行政处罚法第五十五条)."""
    where = f"在{place}" if place else ""
    return (
        f"{cn_date(visited_on)}，本机关检查人员出示执法证件后，{where}"
        f"对你单位实施计量标准监督检查（{campaign}），发现存在下列问题。"
    )


def replacing(numbers: Iterable[str]) -> str:
    """Which papers taken back the order takes the place of."""
    named = "、".join(numbers)
    return f"此前下达的{named}已经撤回，以本文书为准。" if named else ""


def subject(standard: str, certificate: str) -> str:
    """The standard a finding is about, by name and certificate."""
    return f"计量标准“{standard}”" + (f"（证书号：{certificate}）" if certificate else "")


def own_demand(place: int, requirement: str) -> str:
    """What has to be done about one finding beyond what is demanded of all."""
    return f"对第{place}项问题：{sentence(requirement)}"


def sentence(text: str) -> str:
    """The text ending in a full stop."""
    return f"{text.strip().rstrip('。；;')}。"


#: What an order names, and what it is called in the sentences above.
LAWS = {
    "supervision": legal.SUPERVISION,
    "checked": legal.LICENCE_CHECKED,
    "examination": legal.EXAMINATION,
    "violations": legal.VIOLATIONS,
}


def laws(*, on: dt.date) -> dict[str, str]:
    """What an order of this day calls the provisions it rests on."""
    return dict(zip(LAWS, legal.named(*LAWS.values(), on=on, formal=True), strict=True))


def demand(kind: str, due_on: dt.date, *, laws: Mapping[str, str]) -> str:
    """What has to be done by when; the due day is part of the time limit."""
    return _DEMAND[OrderKind(kind)].format(due=cn_date(due_on), **laws)


def consequence(kind: str, *, laws: Mapping[str, str]) -> str:
    """What follows when the time passes or the rectification does not do."""
    return _CONSEQUENCE[OrderKind(kind)].format(**laws)


def remedy(kind: str, *, reviewer: str) -> str:
    """复议 within sixty days (行政复议法第九条，2024年起第二十条), 诉讼 within six months (行政诉讼法第四十六条)."""
    if kind == OrderKind.CORRECTION:
        return (
            f"如不服本通知，可以自收到本通知书之日起六十日内向{reviewer}申请行政复议，"
            "也可以自收到本通知书之日起六个月内依法向人民法院提起行政诉讼。"
        )
    return "对本通知有异议的，可以向本机关陈述、申辩，并提交相关材料。"
