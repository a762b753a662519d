"""Compare every stored file with what was stored; exit 1 when one is missing or damaged."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from metrostd.common.verifying import damaged_files


class Command(BaseCommand):
    help = "核对全部已存文件：缺失或内容与登记不符的逐一列出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        checked, found = 0, []
        for damage in damaged_files():
            checked += 1
            if damage:
                found.append(damage)
        if options["format"] == "json":
            told = {"checked": checked, "damaged": [asdict(damage) for damage in found]}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            for damage in found:
                self.stdout.write(f"{damage.name}：{damage.detail}（编号 {damage.pk}）")
            self.stdout.write(f"核对 {checked} 个文件，{len(found)} 个有问题。")
        if found:
            sys.exit(1)
