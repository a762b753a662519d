"""A district whose table is accepted, with everything of the dossier's worked example behind it."""

import datetime as dt
import json
import uuid

from metrostd.common import clock
from metrostd.demo.people import People, actor
from reporting import edition_files, moves, services
from reporting.models import StatReport
from reporting.narrative import writing
from tests.factories.inspections import hand
from tests.reporting import dossier
from tests.reporting.handing_in import TEXTS


def build() -> None:
    """The table of the district, handed in and taken; prints the campaign."""
    people = People(seed=1)
    people.offices()
    people.deputies()
    made = dossier.build()
    clerk = actor(f"d{made.bureau.code}")
    with clock.pinned(clock.at_time(dt.date(2021, 10, 12), 10)):
        services.prepare(made.campaign, actor=None)
        report = StatReport.objects.get(authority=made.bureau)
        services.compute(report, actor=clerk)
        for chapter, text in TEXTS.items():
            writing.save_chapter(report, chapter, text, writing.Save(0, uuid.uuid4(), clerk))
        moves.check(report, actor=clerk)
        moves.sign(report, actor=clerk, name="示例局长", position="局长", hand=hand())
        edition_files.make(moves.submit(report, actor=clerk))
        moves.accept(report, actor=actor("city"))
    print(json.dumps({"campaign": made.campaign.code}))  # noqa: T201 -- read by the test that started the process
