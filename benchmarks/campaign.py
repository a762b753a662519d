"""Opening a campaign over 20,000 units: dividing the work, reports, duties and messages.

    python benchmarks/campaign.py [UNITS] [--engine sqlite|postgres]

Run by hand, on a register of its own of invented units with four standards each (`country.py`). Tells what
was made, seconds by the clock, CPU of this process, the peak of its memory, and the longest of its
transactions: on SQLite others wait for that before they write.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import build_draft, choose_engine


def watch_transactions() -> list[float]:
    """Seconds of every outermost transaction from now on."""
    from django.db import transaction  # noqa: PLC0415

    spans: list[float] = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    began: list[float] = []

    def into(self: transaction.Atomic) -> None:
        enter(self)
        began.append(time.perf_counter())

    def out(self: transaction.Atomic, *error: object) -> None:
        start = began.pop()
        leave(self, *error)
        if not began:
            spans.append(time.perf_counter() - start)

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = into, out  # type: ignore[method-assign]
    return spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=20_000)
    options = choose_engine(parser)

    from campaigns import moves  # noqa: PLC0415
    from campaigns.models import Duty, RoutedStandard  # noqa: PLC0415
    from metrostd.common import clock  # noqa: PLC0415
    from selfcheck.models import SelfCheckReport  # noqa: PLC0415

    made = build_draft(options.units)
    spans = watch_transactions()
    start, used = time.perf_counter(), time.process_time()
    with clock.pinned(clock.at_time(made.campaign.notice_on, 9)):
        moves.open_campaign(made.campaign, actor=made.office.user)
    passed, spent = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.engine}: {options.units} units, {RoutedStandard.objects.count()} standards routed, "
        f"{SelfCheckReport.objects.count()} reports, {Duty.objects.count()} duties: {passed:.1f} s, "
        f"CPU {spent:.1f} s, {peak:.0f} MB, longest transaction {max(spans):.1f} s"
    )


if __name__ == "__main__":
    main()
