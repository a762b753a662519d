"""Take out access rows that have been kept long enough; the chain stays whole. For the owner of the tables."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrostd.trail.retention import take_out


class Command(BaseCommand):
    help = "清理保存满3年的访问记录；封存块和校验值不动，verify_audit 照常核验。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--before", required=True, type=dt.date.fromisoformat, metavar="日期")
        parser.add_argument("--note", required=True, help="清理的依据，写入审计记录")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        try:
            count = take_out(options["before"], actor=None, note=options["note"])
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        self.stdout.write(f"已清理 {count} 条访问记录。")
