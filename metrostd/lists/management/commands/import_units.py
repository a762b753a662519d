"""``manage.py import_units``: Annex 4 from the command line, with the rules of the screen."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from metrostd.common import clock
from metrostd.lists.events import require_campaign
from metrostd.lists.imports import (
    commit_import,
    open_workbook,
    preview,
    preview_report,
    start_import,
    to_report,
)
from metrostd.lists.imports.issues import has_errors
from metrostd.lists.imports.reporting import Report
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority

CLEAN, WITH_ERRORS, UNREADABLE = 0, 1, 2
_SEVERITIES = {"error": "错误", "warning": "提醒", "info": "说明"}


class Command(BaseCommand):
    help = "Read a list of units and standards (.xlsx, .xls, .csv); write it only with --commit."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--campaign", default="", help="code of the campaign the list belongs to"
        )
        parser.add_argument("--commit", action="store_true", help="write to the register")
        parser.add_argument(
            "--category", default=Category.ENT_HIGHEST.value, choices=Category.values
        )
        parser.add_argument("--issuer", default="120000", help="code of the issuing authority")
        parser.add_argument("--format", default="text", choices=("text", "json"))

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        issuer = Authority.objects.filter(code=options["issuer"]).first()
        if issuer is None:
            raise CommandError(
                f"没有代码为 {options['issuer']} 的市场监管部门。", returncode=UNREADABLE
            )
        category = options["category"]
        try:
            require_campaign(options["campaign"])
        except ValidationError as error:
            raise CommandError(error.messages[0], returncode=UNREADABLE) from error
        try:
            data = path.read_bytes()
            workbook = open_workbook(data, path.name)
            found = preview(workbook, category=category, issuer=issuer, on=clock.today())
        except OSError as error:
            message = f"无法打开文件 {path}：{error.strerror}。"
            raise CommandError(message, returncode=UNREADABLE) from error
        except ValidationError as error:
            message = f"{path.name}：{'；'.join(error.messages)}"
            raise CommandError(message, returncode=UNREADABLE) from error
        report = preview_report(found, name=path.name)
        wrong = has_errors(found.issues)
        if options["commit"] and not wrong:
            with transaction.atomic():
                batch = start_import(
                    data,
                    path.name,
                    category=category,
                    issuing_authority=issuer,
                    campaign_code=options["campaign"],
                    actor=None,
                )
                commit_import(batch, actor=None)
            report = to_report(batch)
        self._show(report, options["format"])
        if wrong:
            raise SystemExit(WITH_ERRORS)

    def _show(self, report: Report, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for issue in report["issues"]:
            where = " ".join(filter(None, (issue["sheet"], issue["cell"])))
            found = f"“{issue['found']}”" if issue["found"] else ""
            severity = _SEVERITIES[issue["severity"]]
            self.stdout.write(f"{severity} {issue['code']} {where} {found} {issue['advice']}")
        for name, title in (("units", "单位"), ("standards", "计量标准")):
            counts = report[name]
            self.stdout.write(
                f"{title}：新增 {counts['new']}，变更 {counts['changed']}，无变化 {counts['unchanged']}"
            )
        self.stdout.write("已入库。" if report["committed"] else "没有写入台账。")
