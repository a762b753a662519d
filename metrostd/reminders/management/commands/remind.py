"""``manage.py remind``: what the clock sends on a day (docs/commands.md)."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrostd.common import clock
from metrostd.notifications import delivery, packing
from metrostd.notifications.models import Line
from metrostd.reminders import running


def _day(given: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise CommandError(f"“{given}”不是日期，请写成 2021-05-28 的样子。", returncode=2) from None


class Command(BaseCommand):
    help = "Send what is due on a day and print it; the same day again sends and prints nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", help="the day, e.g. 2021-05-28; default: today")
        parser.add_argument("--dry-run", action="store_true", help="print, send nothing")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        on = _day(options["on"]) if options["on"] else clock.today()
        # Another day than today is played from its morning, when people may be written to.
        moment = clock.now() if on == clock.today() else clock.at_time(on)
        with clock.pinned(moment):
            outcome = running.rehearse(on) if options["dry_run"] else running.remind(on)
            if outcome.trouble:
                raise CommandError(outcome.trouble)
            if not options["dry_run"]:
                packing.pack(moment)
                delivery.deliver(moment)
        if options["format"] == "json":
            found = {"on": on.isoformat(), "messages": [_as_json(line) for line in outcome.lines]}
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self._print(outcome.lines)

    def _print(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.stdout.write(f"{line.get_channel_display()}  {line.user}  {line.subject}")


def _as_json(line: Line) -> dict[str, object]:
    return {
        "recipient": line.user.username,
        "channel": line.channel,
        "rule": line.origin,
        "duty": line.target_id,
        "subject": line.subject,
    }
