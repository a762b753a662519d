"""Papers by the hundred: in one process against WeasyPrint alone, or as one job on all cores.

    python benchmarks/papers.py [PAPERS] [--findings N] [--big N] [--cores N]

Run by hand; needs no database. With ``--cores`` they are laid out as an archive does (``common.press``), by so
many processes at once, and what is told is what the largest of them held. The papers are orders as ``rectification`` prints them, each of another
unit with other findings; a big one (``--big`` findings) stands in the middle. The floor renders the same
HTML with WeasyPrint and nothing of ours, in a process of its own, so that neither lives off the other's
caches.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("METROSTD_VAR", tempfile.mkdtemp(prefix="papers-bench-"))

import django

django.setup()

from django.template.loader import render_to_string  # noqa: E402

from metrostd.common.rendering import render_pdf  # noqa: E402
from rectification import wording  # noqa: E402
from rectification.documents import FindingLine, OrderPaper  # noqa: E402
from rectification.enums import OrderKind  # noqa: E402

TEMPLATE = "rectification/pdf/order.html"
BAR_MB = 250
_WORDS = (
    "温度", "压力", "砝码", "量块", "电能表", "检定规程", "溯源证书", "有效期", "环境条件", "原始记录",
    "不确定度", "重复性试验", "稳定性考核", "更换申请", "封存", "保存地点", "检定员", "校准",
)  # fmt: skip


def paper(number: int, findings: int) -> OrderPaper:
    """The order of one unit; the same number gives the same paper."""
    chance = random.Random(number)

    def words(count: int) -> str:
        return "、".join(chance.choices(_WORDS, k=count))

    return OrderPaper(
        kind=OrderKind.CORRECTION.label,
        number=f"津示例市监责改〔2021〕{number}号",
        authority="天津市示例区市场监督管理局",
        unit=f"天津{words(2)}示例有限公司",
        credit_code=f"91120111MA{number:08d}",
        address=f"天津市示例区示例路{number}号",
        representative="示例法人",
        opening=f"2021年7月8日，本局对你单位{words(4)}进行了监督检查。",
        findings=tuple(
            FindingLine(subject=words(3), fact=f"{words(12)}与证书所载不一致。", basis=words(2))
            for _ in range(findings)
        ),
        demand_title="责令改正",
        demand=f"请于2021年8月15日前（含当日）完成{words(3)}的改正。",
        requirements=(f"1.{wording.DEFAULT_REQUIREMENT}",),
        consequence="逾期未改正的，视为整改不合格。",
        remedy_title="救济途径",
        remedy=f"如不服本决定，可以申请行政复议。{words(6)}",
        contact="计量科",
        phone="022-12345678",
        issued_on="2021年7月16日",
    )


def alone(html: str) -> bytes:
    """WeasyPrint without us."""
    from weasyprint import HTML  # noqa: PLC0415

    base = (Path(__file__).resolve().parent.parent / "static").as_uri() + "/"
    return HTML(string=html, base_url=base).write_pdf()


def rendered(context: OrderPaper, *, ours: bool) -> bytes:
    if ours:
        return render_pdf(TEMPLATE, {"order": context})
    return alone(render_to_string(TEMPLATE, {"order": context}))


def megabytes() -> float:
    """What the process holds at this moment."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(options: argparse.Namespace) -> None:
    """Render everything in this process and print what it took."""
    rendered(paper(0, 1), ours=options.ours)
    start, cpu = time.perf_counter(), time.process_time()
    held = []
    for number in range(1, options.papers + 1):
        big = options.big and number == options.papers // 2
        rendered(paper(number, options.big if big else options.findings), ours=options.ours)
        if number % max(1, options.papers // 10) == 0:
            held.append(megabytes())
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("  holds " + " ".join(f"{value:.0f}" for value in held) + " MB")
    print(f"RESULT {wall} {cpu} {peak}", flush=True)


def measured(options: argparse.Namespace, *, ours: bool) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds, peak MB of a process of its own."""
    command = [sys.executable, __file__, str(options.papers), "--findings", str(options.findings)]
    command += ["--big", str(options.big), "--inside", *(["--ours"] if ours else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told, _, figures = done.stdout.partition("RESULT ")
    print(told.rstrip())
    wall, cpu, peak = map(float, figures.split())
    return wall, cpu, peak


def at_once(options: argparse.Namespace) -> None:
    """All of them as one job: how long, and what the largest process held."""
    import dataclasses  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415

    from metrostd.common import press  # noqa: PLC0415
    from rectification.papers import ORDER  # noqa: PLC0415

    settings.PAPER_CORES = options.cores
    made: list[int] = []

    def wanted() -> Iterator[press.Wanted]:
        for number in range(1, options.papers + 1):
            big = options.big and number == options.papers // 2
            words = dataclasses.asdict(paper(number, options.big if big else options.findings))
            yield press.Wanted(ORDER, words, lambda pages: made.append(len(pages)))

    start = time.perf_counter()
    kept = press.press(wanted(), told=lambda done: None)
    wall = time.perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = children.ru_utime + children.ru_stime, children.ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{kept} of {options.papers} papers on {options.cores} cores: {wall:.1f} s, CPU {cpu:.1f} s "
        f"({cpu / kept * 1000:.0f} ms a paper), largest process {peak:.0f} MB (bar {BAR_MB} MB), "
        f"the job itself {own:.0f} MB, {sum(made) / 2**20:.1f} MB of pages"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=int, nargs="?", default=500)
    parser.add_argument("--findings", type=int, default=6)
    parser.add_argument(
        "--big", type=int, default=0, help="findings of one big paper amid the others"
    )
    parser.add_argument("--cores", type=int, default=0, help="as one job of so many processes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run(options)
        return
    if options.cores:
        at_once(options)
        return
    print(f"{options.papers} orders of {options.findings} findings, one process each")
    ours = measured(options, ours=True)
    floor = measured(options, ours=False)
    for name, (wall, cpu, peak) in (("the portal", ours), ("WeasyPrint alone", floor)):
        each = cpu / options.papers * 1000
        print(f"{name}: {wall:.1f} s, CPU {cpu:.1f} s ({each:.0f} ms a paper), peak {peak:.0f} MB")
    print(f"CPU {ours[1] / floor[1]:.2f} × WeasyPrint alone; bar of memory {BAR_MB} MB")


if __name__ == "__main__":
    main()
