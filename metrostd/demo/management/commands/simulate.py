"""``manage.py simulate``: fill a database by playing a finished and a running campaign."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.reference import load_reference
from campaigns.stages import stage_steps
from metrostd.common import clock, table_statistics
from metrostd.demo.city import SCALES
from metrostd.demo.papers import write_annex3
from metrostd.demo.people import PASSWORD, accounts
from metrostd.demo.simulator import UNTIL, Simulator, counts
from metrostd.registry.models import Unit
from metrostd.trail import sealing


class Command(BaseCommand):
    help = "Play a sample campaign from an Annex 4 workbook to Annex 3 files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", choices=sorted(SCALES), default="city")
        parser.add_argument("--seed", type=int, default=2021)
        parser.add_argument("--until", choices=list(UNTIL), default="onsite")
        parser.add_argument("--no-history", action="store_true", help="only the running campaign")
        parser.add_argument("--keep", action="store_true", help="leave an existing sample as it is")
        parser.add_argument("--output", type=Path, default=Path(settings.VAR_DIR) / "demo")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        load_reference()
        played = not Unit.objects.exists()
        if not played:
            if not options["keep"]:
                raise CommandError("The database holds units already; simulate needs an empty one.")
        else:
            self.stderr.write("Playing the sample campaigns …")
            simulator = Simulator(
                scale=options["scale"],
                seed=options["seed"],
                today=clock.today(),
                folder=options["output"],
                until=options["until"],
            )
            simulator.play(history=not options["no_history"])
            table_statistics.refresh()
        files = write_annex3(options["output"], keep=not played)
        # No worker need have run for what was played to be sealed: verify_audit holds at once.
        sealing.seal()
        if options["format"] == "json":
            self.stdout.write(json.dumps(self._report(), ensure_ascii=False, indent=1))
        else:
            self._print(files)

    def _report(self) -> dict[str, object]:
        return {
            "campaigns": [
                {"code": row.code, "stage": _stage(row)}
                for row in Campaign.objects.order_by("code")
            ],
            "counts": counts(),
            "accounts": [{**asdict(row), "password": PASSWORD} for row in accounts()],
        }

    def _print(self, files: list[Path]) -> None:
        for name, number in counts().items():
            self.stdout.write(f"{name:20} {number:>8}")
        self.stdout.write(f"\nAccounts (password {PASSWORD}):")
        for row in accounts():
            self.stdout.write(f"  {row.username:18} {row.role}  {row.authority or row.unit}")
        self.stdout.write("\nFiles:")
        for path in files:
            self.stdout.write(f"  {path}")


def _stage(campaign: Campaign) -> str:
    """The stage a campaign is in today, or the state it has outside its stages."""
    steps = stage_steps(campaign, authority=None, on=clock.today())
    current = next((step.kind for step in steps if step.status == "current"), "")
    return current if campaign.state == CampaignState.OPEN and current else campaign.state
