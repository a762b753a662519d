"""附件3 as a printed form, from the same dataclass the screen shows; ``workbook`` makes the other file."""

import base64
import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_datetime

from . import layouts, rules
from .layout import sections
from .table import OVERRIDE_MARK, Annex3


def filename(annex: Annex3, suffix: str) -> str:
    """E.g. 附件3-120111-20211012.xlsx."""
    return named(annex.authority, annex.as_of, suffix)


def named(authority: str, as_of: dt.date | dt.datetime, suffix: str) -> str:
    """The file of a table that is not computed yet."""
    day = timezone.localtime(as_of) if isinstance(as_of, dt.datetime) else as_of
    return f"附件3-{authority}-{day:%Y%m%d}.{suffix}"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a table that is handed in carries besides: who signed it, and the receipt."""

    receipt_no: str
    signer: str
    position: str
    image: bytes
    signed_on: dt.date
    #: Where the seal on the trail stood when it was handed in.
    trail_head: str = ""

    @property
    def picture(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.image).decode()}"


def remarks(annex: Annex3) -> list[str]:
    """What people added to the figures, as the form prints it: the edition, cells by hand (R34)."""
    said = annex.corrections
    found = []
    if annex.edition:
        origin = "（由外部填写的统计表导入，未经系统统计）" if said.is_imported else ""
        found.append(
            f"第{annex.edition}版{origin}。" + (f"更正理由：{said.note}" if said.note else "")
        )
    found += [
        f"{OVERRIDE_MARK}{one.words}统计数为 {one.was}，手工改为 {one.stands}：{one.reason}"
        for one in said.overrides
    ]
    return found


def annex3_pdf(annex: Annex3, *, signed: Signed | None = None) -> bytes:
    """The form on A4 landscape, block I cut into tables that can be read."""
    return render_pdf("reporting/pdf/annex3.html", pdf_context(annex, signed=signed))


def pdf_context(annex: Annex3, *, signed: Signed | None = None) -> dict[str, object]:
    form, results = layouts.of(annex.layout), rules.check(annex)
    reasons = annex.corrections.reasons
    return {
        "annex": annex,
        "signed": signed,
        "remarks": remarks(annex),
        "title": form.title,
        "as_of": cn_datetime(annex.as_of),
        "sections": [
            s
            for block in form.blocks
            if block.id in annex.blocks
            for s in sections(annex, block.id)
        ],
        "broken": [(result, reasons.get(result.id, "")) for result in results if not result.ok],
        "checked": len(results),
        "signers": form.signers,
        "legend": form.legend,
    }
