"""``manage.py draw``: rehearse the draw of one office, or hold it with its people at the console (docs/commands.md)."""

import getpass
import json
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import adjusting, frames, record, sampling
from campaigns.enums import FrameSubject
from campaigns.management import ceremony
from campaigns.models import Campaign, DrawRun, DrawTerms, SamplingFrame
from campaigns.protocol.lottery import UnreadableError
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority

UNKNOWN = 2
REHEARSAL = "预演"


class Command(BaseCommand):
    help = (
        "Rehearse a draw with a throw-away seed, every line says so; with --commit make the real one, by the "
        "people who make it on the screens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="code of the campaign")
        parser.add_argument("authority", help="code of the inspecting authority")
        parser.add_argument("--ratio", type=int, help="percent; default: the campaign's")
        parser.add_argument("--seed", default="", help="the same seed gives the same rehearsal")
        parser.add_argument("--commit", action="store_true", help="the real draw")
        parser.add_argument("--public", default="", metavar="VALUE", help="ssq:… or wit:…")
        parser.add_argument("--promise", action="store_true", help="a witness commits to a number")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    # Any: each option is of the type its argument above says
    def handle(self, *args: object, **options: Any) -> None:
        campaign = Campaign.objects.filter(code=options["campaign"]).first()
        authority = Authority.objects.filter(code=options["authority"]).first()
        if campaign is None or authority is None:
            what = f"专项行动{options['campaign']}" if campaign is None else options["authority"]
            raise CommandError(f"没有“{what}”。", returncode=UNKNOWN)
        if options["commit"] != bool(options["public"]):
            raise CommandError("正式抽取须同时给出 --commit 和 --public。")
        if options["commit"] or options["promise"]:
            self._hold(campaign, authority, options)
            return
        frame = campaign.frames.live().of_units().filter(authority=authority).first()
        if frame is None:
            raise CommandError(f"{authority}还没有公示名单，不能预演。")
        ratio = options["ratio"]
        if ratio is None:
            ratio = adjusting.ratio_of(campaign, authority)
        try:
            plan = sampling.rehearse(frame, ratio=ratio, actor=None, told=options["seed"])
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(plan), ensure_ascii=False, indent=2))
        else:
            self._print(frame, plan)

    # Any: each option is of the type its argument above says
    def _hold(self, campaign: Campaign, authority: Authority, options: dict[str, Any]) -> None:
        rows = DrawTerms.objects.live().filter(campaign=campaign, authority=authority)
        row = rows.filter(frame__subject=FrameSubject.UNITS).first()
        if row is None:
            raise CommandError(f"{authority}没有等待抽取的约定。")
        console = ceremony.Console(_ask, _secret)
        try:
            if options["promise"]:
                person, salt = ceremony.promise(row, console)
                self.stdout.write(f"{person}已提交承诺。随机盐 {salt}，请本人抄下，公布时使用。")
                return
            run = ceremony.hold(row, options["public"].strip(), console)
        except (ValidationError, UnreadableError) as error:
            said = error.messages if isinstance(error, ValidationError) else [str(error)]
            raise CommandError("；".join(said)) from error
        except TransitionError as error:
            raise CommandError(str(error)) from error
        self._show(run, options["format"])

    def _show(self, run: DrawRun, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps(record.of_run(run), ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"记录编号 {run.record_no}，种子 {run.seed}，结果哈希 {run.result_hash}")
        for drawn in run.drawn.order_by("order").select_related("unit"):
            self.stdout.write(f"{drawn.order:>5}  {drawn.name_then}  {drawn.standards.count()} 项")

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


def _ask(prompt: str) -> str:
    """A line typed at the console, or the next one of what is piped in."""
    if sys.stdin.isatty():
        return input(prompt)
    return sys.stdin.readline().rstrip("\n")


def _secret(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else _ask(prompt)


def _as_json(plan: sampling.Rehearsal) -> dict[str, object]:
    return {
        "rehearsal": True,
        "seed": plan.seed,
        "ratio": plan.ratio,
        "required": plan.required,
        "drawn": [row.as_json() | {"rehearsal": True} for row in plan.drawn],
    }
