"""Opening a campaign over 20,000 units: dividing the work, reports, duties and messages.

    python benchmarks/campaign.py [UNITS] [--engine sqlite|postgres] [--kill SECONDS ...] [--notice]

Run by hand, on a register of its own of invented units with four standards each (`country.py`). Tells what
was made, seconds by the clock, CPU of this process, the peak of its memory, and the longest of its
transactions: on SQLite others wait for that before they write. With ``--kill`` processes are killed so long after
they began to open it; the last one opens it, and what everybody owes is looked at for gaps and doubles (exit status 1).
With ``--notice`` the notice is then delivered to all of them, killed as often and as late as the opening was.
"""

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import Country, build_draft, choose_engine


def watch_transactions() -> list[tuple[float, float]]:
    """Seconds of every outermost transaction from now on, by the clock and of CPU.

    Not of those that only read (``turns.only_reading``): on SQLite they keep nobody waiting.
    """
    from django.db import connection, transaction  # noqa: PLC0415

    spans: list[tuple[float, float]] = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    began: list[tuple[float, float]] = []

    reading: list[bool] = []

    def into(self: transaction.Atomic) -> None:
        enter(self)
        reading.append(getattr(connection, "transaction_mode", "") is None)
        began.append((time.perf_counter(), time.process_time()))

    def out(self: transaction.Atomic, *error: object) -> None:
        start, used = began.pop()
        leave(self, *error)
        if not reading.pop() and not began:
            spans.append((time.perf_counter() - start, time.process_time() - used))

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = into, out  # type: ignore[method-assign]
    return spans


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=20_000)
    parser.add_argument("--kill", type=float, nargs="*", default=[], metavar="SECONDS")
    parser.add_argument("--notice", action="store_true")
    options = choose_engine(parser)

    from campaigns import moves  # noqa: PLC0415
    from campaigns.models import Duty, RoutedStandard  # noqa: PLC0415
    from metrostd.common import clock  # noqa: PLC0415
    from selfcheck.models import SelfCheckReport  # noqa: PLC0415
    from tests.opened import gaps_and_doubles  # noqa: PLC0415

    made = build_draft(options.units)
    for seconds in options.kill:
        over = killed(
            lambda: moves.open_campaign(made.campaign, actor=made.office.user), made, seconds
        )
        made.campaign.refresh_from_db()
        print(
            f"killed after {seconds} s{over}: {made.campaign.state}, "
            f"{RoutedStandard.objects.count()} standards routed, {Duty.objects.count()} duties"
        )
    spans = watch_transactions()
    start, used = time.perf_counter(), time.process_time()
    with clock.pinned(clock.at_time(made.campaign.notice_on, 9)):
        moves.open_campaign(made.campaign, actor=made.office.user)
    passed, spent = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.engine}: {options.units} units, {RoutedStandard.objects.count()} standards routed, "
        f"{SelfCheckReport.objects.count()} reports, {Duty.objects.count()} duties: {passed:.1f} s, "
        f"CPU {spent:.1f} s, {peak:.0f} MB, longest transaction {max(spans)[0]:.1f} s "
        f"(CPU {max(span[1] for span in spans):.1f} s)"
    )
    wrong = gaps_and_doubles(made.campaign)
    if options.notice:
        wrong += deliver(made, options.kill)
    print("\n".join(wrong) or "every report and every duty is there once")
    return int(bool(wrong))


def killed(work: Callable[[], object], made: Country, seconds: float) -> str:
    """A process of its own begins the work and is killed with SIGKILL; says whether that came too late."""
    from django.db import connections  # noqa: PLC0415

    from metrostd.common import clock  # noqa: PLC0415

    connections.close_all()
    if (child := os.fork()) == 0:
        with clock.pinned(clock.at_time(made.campaign.notice_on, 9)):
            work()
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return "" if os.WIFSIGNALED(status) else " (it was over)"


def deliver(made: Country, kills: list[float]) -> list[str]:
    """The notice goes to every unit, each of which has somebody; returns who got it twice or not at all."""
    from metrostd.accounts.models import Membership, User  # noqa: PLC0415
    from metrostd.common import clock  # noqa: PLC0415
    from metrostd.notices import delivering  # noqa: PLC0415
    from metrostd.notices.models import Notice  # noqa: PLC0415
    from metrostd.notifications.models import Message  # noqa: PLC0415
    from metrostd.registry.models import Unit  # noqa: PLC0415

    units = Unit.objects.all()
    people = User.objects.bulk_create(User(username=f"n{unit.pk}") for unit in units)
    Membership.objects.bulk_create(
        Membership(user=user, role="unit_user", unit=unit)
        for user, unit in zip(people, units, strict=True)
    )
    notice = Notice.objects.create(
        campaign=made.campaign, kind="main", title="示例通知", body="示例", state="issued",
        issued_on=made.campaign.notice_on, published_by=made.office.user,
    )  # fmt: skip
    for seconds in kills:
        over = killed(lambda: delivering.deliver(notice), made, seconds)
        print(f"delivery killed after {seconds} s{over}: {notice.deliveries.count()} recipients")
    start, used = time.perf_counter(), time.process_time()
    with clock.pinned(clock.at_time(made.campaign.notice_on, 10)):
        delivering.deliver(notice)
    print(
        f"delivered to {notice.deliveries.count()}: {time.perf_counter() - start:.1f} s, "
        f"CPU {time.process_time() - used:.1f} s"
    )
    told = Message.objects.filter(url=notice.get_absolute_url(), membership__unit__isnull=False)
    sent = notice.deliveries.filter(unit__isnull=False)
    found = {
        "units without delivery": len(people) - sent.values("unit").distinct().count(),
        "deliveries twice": sent.count() - sent.values("unit").distinct().count(),
        "people not told": len(people) - told.values("membership").distinct().count(),
        "people told twice": told.count() - told.values("membership").distinct().count(),
    }
    return [f"{words}: {many}" for words, many in found.items() if many]


if __name__ == "__main__":
    sys.exit(main())
