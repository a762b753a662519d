"""Acts over a whole campaign of 20,000 units: how long each lets others wait for its transaction.

    python benchmarks/acts.py [UNITS] [--engine sqlite|postgres] [--database URL]

Run by hand, on a register of its own of invented units with four standards each and a person each (`country.py`). A
list of all of them is handed to the districts and one acknowledges its rows, a campaign is opened over them, its plan is adjusted,
the municipal office shows, freezes and draws a list of all units, a notice goes to everybody, self-checks become overdue, the city's
table is counted, signed and handed in and the campaign is closed. What is a job is done as a job. For each the clock, CPU, and its longest
transaction: on SQLite others wait for that before they write. Beside it a colleague saves all the while in a process of their own
(`colleague.py`): the longest of these saves, how many there were and how many were refused. Exit status 1 when a transaction is longer
than five seconds of CPU.
"""

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from campaign import watch_transactions
from colleague import Saves, colleague
from country import Country, build_draft, choose_engine

BAR_S = 5


def people_of(made: Country) -> None:
    """A person for each unit, and 纪检监督."""
    from metrostd.accounts.models import Membership, User  # noqa: PLC0415
    from metrostd.common.roles import Role  # noqa: PLC0415

    users = User.objects.bulk_create(
        [User(username=f"unit{unit.pk}", display_name="示例人") for unit in made.units],
        batch_size=1000,
    )
    Membership.objects.bulk_create(
        [
            Membership(user=user, role=Role.UNIT_USER, unit=unit)
            for user, unit in zip(users, made.units, strict=True)
        ],
        batch_size=1000,
    )
    above = User.objects.create(username="above", display_name="示例人")
    Membership.objects.create(user=above, role=Role.DISCIPLINE, authority=made.city)


def acts(made: Country) -> list[tuple[str, dt.datetime, Callable[[], object]]]:
    """What is done, in its order, and when."""
    from campaigns import adjusting, announcing, moves, sampling, settling, terms  # noqa: PLC0415
    from campaigns.enums import AdjustmentCause, PlanField  # noqa: PLC0415
    from metrostd.accounts.models import User  # noqa: PLC0415
    from metrostd.common import clock  # noqa: PLC0415
    from metrostd.notices import delivering  # noqa: PLC0415
    from metrostd.notices.models import Notice  # noqa: PLC0415
    from rectification.schedule import fail_overdue_findings  # noqa: PLC0415
    from selfcheck.schedule import mark_overdue  # noqa: PLC0415

    campaign, who = made.campaign, made.office.user
    above = User.objects.get(username="above")
    kept: dict = {}

    def at(month: int, day: int, hour: int = 9) -> dt.datetime:
        return clock.at_time(dt.date(2021, month, day), hour)

    def keep(name: str, act: Callable[[], object]) -> Callable[[], object]:
        return lambda: kept.__setitem__(name, act())

    evening = terms.known_at(dt.date(2021, 5, 30))
    issue, numbers = "2021061", "01 05 09 13 22 30 07"
    notice = Notice.objects.create(
        campaign=campaign,
        title="示例通知",
        body="示例",
        number="示例〔2021〕1号",
        issued_on=dt.date(2021, 4, 23),
        to_units=True,
        state="issued",
        published_at=at(4, 23),
        published_by=who,
    )
    return [
        ("(make a committed list)", at(4, 20, 8), keep("list", lambda: committed_list(made))),
        (
            "hand it to the districts",
            at(4, 20),
            lambda: hand_over(kept["list"], made),
        ),
        ("acknowledge a district's rows", at(4, 21), lambda: sign_for(kept["list"], made)),
        ("open", at(4, 23), lambda: moves.open_campaign(campaign, actor=who)),
        ("deliver a notice", at(4, 23, 10), lambda: delivering.deliver(notice)),
        (
            "adjust the day self-checks are due",
            at(5, 10),
            by_job(
                adjusting.request,
                campaign,
                authority=None,
                wanted={PlanField.UNIT_SELF_CHECK_DUE: dt.date(2021, 5, 28)},
                cause=AdjustmentCause.EPIDEMIC,
                note="示例",
                actor=who,
            ),
        ),
        (
            "show a list",
            at(5, 24),
            by_job(sampling.request_showing, campaign, made.city, actor=who),
        ),
        (
            "freeze it",
            at(5, 27, 10),
            lambda: by_job(sampling.request_freezing, frame(), actor=who)(),
        ),
        (
            "announce the draw",
            at(5, 27, 11),
            keep(
                "terms",
                lambda: announcing.announce_draw(
                    frame(), ratio=20, floor=20, issue=issue, moment=evening, actor=who
                ),
            ),
        ),
        ("acknowledge it", at(5, 28), lambda: terms.acknowledge(kept["terms"], actor=above)),
        (
            "enter the value",
            at(5, 31),
            lambda: settling.enter_value(kept["terms"], issue=issue, numbers=numbers, actor=who),
        ),
        (
            "draw",
            at(5, 31, 10),
            lambda: by_job(
                settling.request_confirming,
                kept["terms"],
                issue=issue,
                numbers=numbers,
                actor=above,
            )(),
        ),
        ("self-checks become overdue", at(6, 1, 0), mark_overdue),
        ("orders lapse", at(6, 2, 0), fail_overdue_findings),
        ("count the city's table", at(10, 11), lambda: count(made)),
        ("(sign it)", at(10, 12), lambda: sign(made)),
        ("hand it in, signed", at(10, 13), lambda: hand_in(made)),
        ("a district counts, signs and hands in its own", at(10, 14), lambda: whole(made)),
        (
            "close",
            at(10, 20),
            lambda: close(made),
        ),
    ]


def by_job(ask: Callable[..., object], *given: object, **named: object) -> Callable[[], object]:
    """Ask for an act as its page does, and do the job it was left to."""

    def act() -> None:
        from metrostd.common import jobs  # noqa: PLC0415
        from metrostd.common.models import Job  # noqa: PLC0415

        job = ask(*given, **named)
        if not isinstance(job, Job):
            print("         at once:", end="")
            return
        jobs.perform(job)
        job.refresh_from_db()
        if job.state != "done":
            raise RuntimeError(job.failure)

    return act


def frame() -> object:
    from campaigns.models import SamplingFrame  # noqa: PLC0415

    return SamplingFrame.objects.select_related("campaign", "authority").get()


def committed_list(made: Country) -> object:
    """A list of every standard, for which the register stands."""
    from metrostd.common.uploads import store_bytes  # noqa: PLC0415
    from metrostd.registry.models import (  # noqa: PLC0415
        ImportBatch,
        ImportRow,
        MeasurementStandard,
    )

    file = store_bytes(b"list", media_type="text/plain")
    batch = ImportBatch.objects.create(
        file=file, filename="list.xlsx", issuing_authority=made.city, state="committed"
    )
    held = MeasurementStandard.objects.filter(in_scope=True).values_list("pk", "unit")
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                batch=batch,
                sheet="名单",
                row_no=n,
                change="new",
                unit_id=unit,
                standard_id=standard,
            )
            for n, (standard, unit) in enumerate(held)
        ),
        batch_size=1000,
    )
    return batch


def hand_over(batch: object, made: Country) -> None:
    """In a transaction, as in that of the commit of a list."""
    from django.db import transaction  # noqa: PLC0415

    from metrostd.lists.services import hand_overs  # noqa: PLC0415

    with transaction.atomic():
        hand_overs.send(batch, actor=made.office.user, on=dt.date(2021, 4, 20))


def sign_for(batch: object, made: Country) -> None:
    from metrostd.lists.services import hand_overs  # noqa: PLC0415
    from metrostd.registry.models import HandOver  # noqa: PLC0415

    district = made.bureau.authority
    row = HandOver.objects.get(batch=batch, authority=district)
    hand_overs.confirm_rows(row, None, actor=made.bureau.user)
    many = row.rows.for_district().count()
    hand_overs.acknowledge(row, accepted=many, returned=0, actor=made.bureau.user)


def report_of(made: Country, office: object) -> object:
    from reporting.models import StatReport  # noqa: PLC0415

    return StatReport.objects.get(campaign=made.campaign, authority=office)


def count(made: Country) -> None:
    from reporting import services  # noqa: PLC0415

    services.compute(report_of(made, made.city), actor=made.office.user)


def sign(made: Country, office: object = None) -> None:
    """As signed by the head of the office: five chapters and reasons nobody has written are not what is measured."""
    from metrostd.common import clock  # noqa: PLC0415
    from metrostd.common.uploads import store_bytes  # noqa: PLC0415
    from reporting import drafts, frozen  # noqa: PLC0415
    from reporting.models import StatReport  # noqa: PLC0415

    report = report_of(made, office or made.city)
    report.reasons = {one.id: "示例" for one in drafts.draft_of(report).warned}
    StatReport.objects.filter(pk=report.pk).update(
        state="signed",
        reasons=report.reasons,
        signer_name="示例人",
        signer_position="处长",
        signature=store_bytes(b"png", media_type="image/png"),
        signed_at=clock.now(),
        content_hash=frozen.digest(drafts.content(report)),
    )


def hand_in(made: Country, office: object = None) -> None:
    from reporting import moves  # noqa: PLC0415

    member = made.bureau if office else made.office
    moves.submit(report_of(made, office or made.city), actor=member.user)


def whole(made: Country) -> None:
    from reporting import services  # noqa: PLC0415

    office = made.bureau.authority
    services.compute(report_of(made, office), actor=made.bureau.user)
    sign(made, office)
    hand_in(made, office)


def close(made: Country) -> None:
    """As if the visits had been written off and the tables accepted: they are not what is measured."""
    from campaigns import moves  # noqa: PLC0415
    from inspections.models import InspectionTask  # noqa: PLC0415
    from reporting.models import StatReport  # noqa: PLC0415

    InspectionTask.objects.update(state="closed")
    StatReport.objects.filter(state="submitted").update(state="accepted")
    made.campaign.refresh_from_db()
    code = made.campaign.code
    by_job(moves.request_closing, made.campaign, actor=made.office.user, code=code, note="示例")()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=20_000)
    options = choose_engine(parser)
    from django.db import connections  # noqa: PLC0415

    from metrostd.common import table_statistics  # noqa: PLC0415
    from metrostd.common.workers import be_patient  # noqa: PLC0415

    be_patient()
    connections.close_all()
    made = build_draft(options.units)
    people_of(made)
    table_statistics.refresh()
    spans = watch_transactions()
    print(
        f"{'clock':>7} {'cpu':>6} {'longest':>8} {'of cpu':>7} {'saves: longest, many, refused':>31}   on {options.engine}"
    )
    with colleague(made.city, Path(os.environ["METROSTD_VAR"])) as saves:
        long = do_all(made, spans, saves)
    print(f"\n{long} longer than {BAR_S} s of CPU")
    return int(long > 0)


def do_all(made: Country, spans: list[tuple[float, float]], saves: Saves) -> int:
    """Do one act after the other and tell what each cost; returns how many had too long a transaction."""
    from metrostd.common import clock  # noqa: PLC0415

    long = 0
    for name, moment, act in acts(made):
        saves.since()
        spans.clear()
        start, used = time.perf_counter(), time.process_time()
        failed = ""
        with clock.pinned(moment):
            try:
                act()
            except Exception as error:
                failed = f"  {type(error).__name__}: {error}"[:300]
        passed, spent = time.perf_counter() - start, time.process_time() - used
        waited, many, refused = saves.since()
        longest, computed = max(spans, default=(0.0, 0.0)), max((s[1] for s in spans), default=0.0)
        long += computed > BAR_S
        print(
            f"{passed:7.1f} {spent:6.1f} {longest[0]:8.1f} {computed:7.1f} "
            f"{waited:17.1f} {many:6} {refused:6}   {name}{failed}",
            flush=True,
        )
    return long


if __name__ == "__main__":
    sys.exit(main())
