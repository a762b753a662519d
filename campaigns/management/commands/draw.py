"""``manage.py draw``: rehearse or run the draw of one office (docs/commands.md)."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from campaigns import adjusting, drawing, frames, routing, sampling
from campaigns.drawing import DrawPlan, FrameUnit
from campaigns.models import Campaign, SamplingFrame
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority, Unit

UNKNOWN = 2


class Command(BaseCommand):
    help = "Draw units and standards of one authority. Without --commit nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="code of the campaign")
        parser.add_argument("authority", help="code of the inspecting authority")
        parser.add_argument("--seed", help="default: a random one")
        parser.add_argument("--ratio", type=int, help="percent; default: the campaign's")
        parser.add_argument("--ratio-reason", default="", help="for a ratio below the campaign's")
        parser.add_argument("--witnesses", default="")
        parser.add_argument("--commit", action="store_true", help="freeze if needed, draw for real")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        campaign = Campaign.objects.filter(code=options["campaign"]).first()
        authority = Authority.objects.filter(code=options["authority"]).first()
        if campaign is None or authority is None:
            what = f"专项行动{options['campaign']}" if campaign is None else options["authority"]
            raise CommandError(f"没有“{what}”。", returncode=UNKNOWN)
        try:
            units, plan = self._draw(campaign, authority, options)
        except TransitionError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(units, plan), ensure_ascii=False, indent=2))
        else:
            self._print(plan, committed=options["commit"])

    def _draw(
        self,
        campaign: Campaign,
        authority: Authority,
        # Any: each option is of the type its argument above says
        options: dict[str, Any],
    ) -> tuple[list[FrameUnit], DrawPlan]:
        seed = sampling.propose_seed() if options["seed"] is None else options["seed"]
        ratio = (
            adjusting.ratio_of(campaign, authority)
            if options["ratio"] is None
            else options["ratio"]
        )
        frame = (
            SamplingFrame.objects.frozen().filter(campaign=campaign, authority=authority).first()
        )
        if options["commit"]:
            # A draw that is refused leaves the list as it was, too.
            with transaction.atomic():
                frame = frame or sampling.freeze_frame(campaign, authority, actor=None)
                sampling.run_draw(
                    frame,
                    ratio=ratio,
                    seed=seed,
                    actor=None,
                    witnesses=options["witnesses"],
                    ratio_reason=options["ratio_reason"],
                )
        if frame:
            return frames.units_of(frame), sampling.rehearse_draw(frame, ratio=ratio, seed=seed)
        sampling.require_parameters(ratio, seed)
        units = frames.contents(campaign, authority, routing.Rules.newest()).units
        return units, drawing.draw(units, ratio=ratio, seed=seed)

    def _print(self, plan: DrawPlan, *, committed: bool) -> None:
        names = _names(unit.id for unit in plan.drawn)
        self.stdout.write("正式抽取" if committed else "预演，未保存")
        self.stdout.write(f"名单 {plan.total} 家，比例 {plan.ratio}%，抽取 {plan.required} 家")
        self.stdout.write(f"种子 {plan.seed}  算法 {plan.algorithm}")
        self.stdout.write(f"抽样框哈希 {plan.frame_hash}")
        for unit in plan.drawn:
            self.stdout.write(f"{unit.order:>5}  {names[unit.id]}  {len(unit.standards)} 项")
        self.stdout.write(f"结果哈希 {plan.result_hash}")
        if plan.uncovered:
            self.stdout.write(f"未抽到的专业领域 {'、'.join(plan.uncovered)}")


def _as_json(units: list[FrameUnit], plan: DrawPlan) -> dict[str, object]:
    names = _names(unit.id for unit in units)
    return {
        "algorithm": plan.algorithm,
        "seed": plan.seed,
        "ratio": plan.ratio,
        "required": plan.required,
        "frame": {
            "hash": plan.frame_hash,
            "units": [
                {
                    "id": unit.id,
                    "name": names[unit.id],
                    "standards": [{"id": s.id, "field": s.field} for s in unit.standards],
                }
                for unit in units
            ],
        },
        "drawn": [
            {
                "unit": unit.id,
                "order": unit.order,
                "kind": "random",
                "standards": [{"id": p.id, "field": p.field, "why": p.why} for p in unit.standards],
            }
            for unit in plan.drawn
        ],
        "result_hash": plan.result_hash,
    }


def _names(ids: Iterable[int]) -> dict[int, str]:
    wanted = set(ids)
    rows = Unit.with_merged.values_list("pk", "name")
    # SQLite takes only so many parameters; a large frame reads all names at once.
    return dict(rows.filter(pk__in=wanted) if len(wanted) < 500 else rows)
