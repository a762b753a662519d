"""``manage.py annex3 CAMPAIGN``: the statistics table with the result of every arithmetic rule."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.registry.models import Authority
from reporting import documents, rules, workbook
from reporting.annex3 import WHOLE_CITY, build, to_json
from reporting.layout import TITLE, Section, sections
from reporting.table import Annex3


class Command(BaseCommand):
    help = "输出附件3《计量标准监督检查统计表》及数据规则核对结果。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", metavar="CAMPAIGN", help="专项行动编号")
        parser.add_argument(
            "--authority",
            metavar="CODE",
            help=f"检查部门代码；{WHOLE_CITY} 为全市汇总；不填为组织部门自己的表",
        )
        parser.add_argument("--as-of", metavar="DATE", help="数据截至日（含当日），如 2021-10-12")
        parser.add_argument("--format", choices=("text", "json", "xlsx", "pdf"), default="text")
        parser.add_argument("-o", "--output", metavar="FILE", help="写入文件；xlsx 和 pdf 必填")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        annex = self._build(options)
        content = self._render(annex, options["format"])
        if options["output"] is None:
            if isinstance(content, bytes):
                raise CommandError("xlsx 和 pdf 请用 -o 指定文件。")
            self.stdout.write(content)
            return
        target = Path(options["output"])
        try:
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            raise CommandError(f"无法写入 {target}：{error.strerror}") from error
        self.stdout.write(str(target.resolve()))

    # Any: each option is of the type its argument above says
    def _build(self, options: dict[str, Any]) -> Annex3:
        campaign = Campaign.objects.filter(code=options["campaign"]).first()
        if campaign is None:
            raise CommandError(f"没有编号为 {options['campaign']} 的专项行动。")
        authority: Authority | None = campaign.organiser
        code = options["authority"]
        if code == WHOLE_CITY:
            authority = None
        elif code:
            authority = Authority.objects.filter(code=code).first()
            if authority is None:
                raise CommandError(f"没有代码为 {code} 的市场监管部门。")
        return build(campaign, authority, as_of=self._as_of(options["as_of"]))

    def _as_of(self, given: str | None) -> dt.date | dt.datetime:
        if not given:
            return clock.now()
        try:
            return dt.date.fromisoformat(given)
        except ValueError as error:
            raise CommandError(f"日期 {given} 应写成 2021-10-12 的样子。") from error

    def _render(self, annex: Annex3, form: str) -> str | bytes:
        if form == "json":
            return json.dumps(to_json(annex), ensure_ascii=False, indent=2)
        if form == "xlsx":
            return workbook.annex3_xlsx(annex)
        return documents.annex3_pdf(annex) if form == "pdf" else as_text(annex)


def as_text(annex: Annex3) -> str:
    """The table for a terminal: sections one below the other, then the rules."""
    lines = [f"{TITLE}　{annex.authority_name}　数据截至 {cn_datetime(annex.as_of)}"]
    for block in annex.blocks:
        for section in sections(annex, block):
            lines += ["", f"[{block}] {section.title}", *_text_table(section)]
    lines += ["", "数据规则"]
    for result in rules.check(annex):
        mark = "符合" if result.ok else "不符合" if result.severity == "block" else "须说明"
        lines.append(f"{result.id} {_pad(mark, 6)} {result.title}：{result.detail}")
    return "\n".join(lines)


def _text_table(section: Section) -> list[str]:
    head = [section.block.row_heading, *(column.name for column in section.columns)]
    rows = [[line.row.spec.label, *(cell.text for cell in line.cells)] for line in section.lines]
    widths = [max(_width(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return [
        "  ".join(
            _pad(text, width) if at == 0 else " " * (width - _width(text)) + text
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    ]


def _width(text: str) -> int:
    """Columns of a terminal: characters beyond Latin take two."""
    return sum(2 if ord(character) > 0x2000 and character != "–" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
