"""Let the portal's account read and add to the trail and nothing else. For the owner of the tables, after migrate."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from metrostd.trail.rights import changeable, give

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Command(BaseCommand):
    help = "PostgreSQL：门户的数据库账号对审计表只能读取和增加；由表的所有者在 migrate 之后执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, metavar="账号", help="门户连接数据库用的账号")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        role = options["role"]
        if connection.vendor != "postgresql":
            raise CommandError("SQLite 没有数据库账号，审计表由触发器和封存保护。", returncode=2)
        if not _NAME.fullmatch(role):
            raise CommandError(f"“{role}”不是账号名：小写字母、数字和下划线。", returncode=2)
        try:
            give(role)
        except LookupError:
            raise CommandError(f"数据库没有账号“{role}”，请先建立。", returncode=2) from None
        if still := changeable(role):
            raise CommandError(
                f"账号“{role}”是所有者或者超级用户，仍能更改{'、'.join(still)}；请另建账号。"
            )
        self.stdout.write(f"账号“{role}”对审计表只能读取和增加。")
