"""``manage.py draw``: rehearse the draw of one office (docs/commands.md). Real draws are made by two people."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import adjusting, frames, sampling
from campaigns.models import Campaign, SamplingFrame
from metrostd.registry.models import Authority

UNKNOWN = 2
REHEARSAL = "预演"


class Command(BaseCommand):
    help = "Rehearse a draw with a throw-away seed; every line says so, and the trail has a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="code of the campaign")
        parser.add_argument("authority", help="code of the inspecting authority")
        parser.add_argument("--ratio", type=int, help="percent; default: the campaign's")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        campaign = Campaign.objects.filter(code=options["campaign"]).first()
        authority = Authority.objects.filter(code=options["authority"]).first()
        if campaign is None or authority is None:
            what = f"专项行动{options['campaign']}" if campaign is None else options["authority"]
            raise CommandError(f"没有“{what}”。", returncode=UNKNOWN)
        frame = campaign.frames.live().filter(authority=authority).first()
        if frame is None:
            raise CommandError(f"{authority}还没有公示名单，不能预演。")
        ratio = options["ratio"]
        if ratio is None:
            ratio = adjusting.ratio_of(campaign, authority)
        try:
            plan = sampling.rehearse(frame, ratio=ratio, actor=None)
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(plan), ensure_ascii=False, indent=2))
        else:
            self._print(frame, plan)

    def _print(self, frame: SamplingFrame, plan: sampling.Rehearsal) -> None:
        names = {holder.id: holder.name for holder in frames.holders_of(frame)}
        lines = [
            "一次性种子，与正式抽取无关",
            f"名单 {plan.total} 家，比例 {plan.ratio}%，抽取 {plan.required} 家",
            *(f"{row.order:>5}  {names[row.id]}  {len(row.standards)} 项" for row in plan.drawn),
        ]
        if plan.uncovered:
            lines.append(f"未抽到的专业领域 {'、'.join(plan.uncovered)}")
        for line in lines:
            self.stdout.write(f"{REHEARSAL}  {line}")


def _as_json(plan: sampling.Rehearsal) -> dict[str, object]:
    return {
        "rehearsal": True,
        "seed": plan.seed,
        "ratio": plan.ratio,
        "required": plan.required,
        "drawn": [row.as_json() | {"rehearsal": True} for row in plan.drawn],
    }
