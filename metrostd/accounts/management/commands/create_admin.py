"""``manage.py create_admin``: the first administrator of an empty installation, asked or by variables."""

import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrostd import env
from metrostd.accounts.opening import open_first_administrator
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority

_WORDS = {"username": "用户名", "password": "密码", "display_name": "姓名"}


class Command(BaseCommand):
    help = (
        "Open the first system administrator. What is not given is asked; without a terminal it comes from "
        "ADMIN_USERNAME, ADMIN_NAME and ADMIN_PASSWORD (or ADMIN_PASSWORD_FILE)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="")
        parser.add_argument("--name", default="", help="the person's name as pages show it")
        parser.add_argument("--authority", default="", help="code; by default the municipal office")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        authority = self._authority(options["authority"])
        username = options["username"] or self._ask("ADMIN_USERNAME", "用户名：")
        name = options["name"] or self._ask("ADMIN_NAME", "姓名：")
        given = env.text("ADMIN_PASSWORD", "")
        password = given or self._password()
        try:
            user = open_first_administrator(
                username=username,
                name=name,
                password=password,
                authority=authority,
                is_own=not given,
            )
        except ValidationError as error:
            told = [
                f"{_WORDS.get(field, field)}：{message}"
                for field, messages in error.message_dict.items()
                for message in messages
            ]
            raise CommandError("\n".join(told)) from error
        self.stdout.write(f"已开设系统管理员 {user}（{user.username}），{authority}。")

    def _authority(self, code: str) -> Authority:
        rows = (
            Authority.objects.filter(code=code)
            if code
            else Authority.objects.filter(level=Level.CITY)
        )
        if (found := rows.order_by("code").first()) is None:
            words = f"没有代码为“{code}”的机关。" if code else "还没有机关。"
            raise CommandError(f"{words}请先运行 manage.py load_reference。")
        return found

    def _ask(self, variable: str, prompt: str) -> str:
        if given := env.text(variable, ""):
            return given
        if not sys.stdin.isatty():
            raise CommandError(f"请在终端中运行，或以变量 {variable} 给出{prompt.rstrip('：')}。")
        return input(prompt).strip()

    def _password(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError(
                "请在终端中运行，或以变量 ADMIN_PASSWORD、ADMIN_PASSWORD_FILE 给出密码。"
            )
        first = getpass.getpass("密码（至少10位）：")
        if first != getpass.getpass("再输入一次："):
            raise CommandError("两次输入的密码不一致。")
        return first
