"""``manage.py verify_draw``: compute a stored draw again (docs/commands.md)."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import record
from campaigns.models import DrawRun
from campaigns.verifying import verify_draw

DIFFERENT = 1
UNKNOWN = 2


class Command(BaseCommand):
    help = "Recompute a draw from its record; exit status 1 on any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("draw", type=int, help="number of the draw")
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument(
            "--record", action="store_true", help="print the record for docs/verify_draw.py instead"
        )

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        run = (
            DrawRun.objects.select_related("frame__campaign", "frame__authority", "terms__frame")
            .filter(pk=options["draw"])
            .first()
        )
        if run is None:
            raise CommandError(f"没有编号为{options['draw']}的抽取。", returncode=UNKNOWN)
        if options["record"]:
            if run.terms_id is None:
                raise CommandError("旧算法的抽取没有可供独立验算的记录。", returncode=UNKNOWN)
            self.stdout.write(json.dumps(record.of_run(run), ensure_ascii=False, indent=1))
            return
        differences = verify_draw(run)
        if options["format"] == "json":
            answer = {
                "draw": run.pk,
                "ok": not differences,
                "frame_hash": run.frame.hash,
                "result_hash": run.result_hash,
                "differences": differences,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(differences) or f"抽取{run.pk}与记录一致。")
        if differences:
            sys.exit(DIFFERENT)
