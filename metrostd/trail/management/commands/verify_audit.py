"""Compute the whole seal of the trail again; exit 1 and name the first bad row."""

import json
import sys
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrostd.trail.anchors import known_heads, read
from metrostd.trail.checking import problems
from metrostd.trail.models import TrailBlock
from metrostd.trail.rights import changeable

_SHOWN = 20


def _anchor(told: str) -> tuple[int, str]:
    try:
        return read(told)
    except ValueError as error:
        raise CommandError(f"“{told}”不是“块号:校验值”。", returncode=2) from error


class Command(BaseCommand):
    help = "重新计算审计记录的全部校验值，有问题时返回 1 并先列出第一处。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", action="append", default=[], metavar="块号:校验值",
            help="库外留存的校验值（文书、每日通知），可多次给出",
        )  # fmt: skip
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        anchors = [_anchor(told) for told in options["anchor"]]
        anchors += known_heads()
        found = list(islice(problems(anchors), _SHOWN))
        last = TrailBlock.objects.order_by("-number").first()
        if options["format"] == "json":
            first = found[0] if found else None
            told = {
                "ok": not found,
                "first_bad": {"block": first.block, "row": first.row} if first else None,
                "blocks": last.number if last else 0,
                "rows": last.total if last else 0,
                "head": last.head if last else "",
                "rights": changeable(),
                "problems": [asdict(problem) for problem in found],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            for problem in found:
                self.stdout.write(f"{problem.what}。")
            if changeable():
                self.stderr.write(
                    "门户的数据库账号是所有者，没有触发器时仍能更改审计表；见 manage.py trail_rights。"
                )
            state = f"第{last.number}块，{last.total} 条记录，{last.head}" if last else "尚无封存"
            self.stdout.write(
                f"{state}：{f'有问题（先列 {len(found)} 处）' if found else '无异常'}。"
            )
        if found:
            sys.exit(1)
