"""What stories around a campaign stand on, made inside the portal's own environment.

A standard whose instrument is overdue, a visit that was reviewed, a notice to be taken over next year, a plan that
was asked for, and a draw that left one unit out.
"""

import datetime as dt
import io
import json

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from campaigns.current import choose_campaign
from campaigns.models import Campaign
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.demo.people import People, actor
from metrostd.demo.play.summing import DEPUTY
from metrostd.notices import moves as notices
from metrostd.notices.enums import NoticeKind
from metrostd.plans import moves as plans
from metrostd.registry.models import Authority, MeasurementStandard
from metrostd.risk import raising
from metrostd.risk.models import RiskWarning
from reporting.models import Bulletin, StatReport
from tests import draws
from tests.factories.campaigns import RoutedStandardFactory
from tests.factories.inspections import TaskFactory
from tests.factories.registry import InstrumentFactory, TraceFactory

from . import world


def pdf() -> bytes:
    """An empty page."""
    made = PdfWriter()
    made.add_blank_page(595, 842)
    made.write(into := io.BytesIO())
    return into.getvalue()


def build() -> None:
    """Prints the warning that was raised and whose result waits to be published."""
    world.build()
    People(seed=1).deputies()
    today = clock.today()
    standard = MeasurementStandard.objects.select_related("unit").get(unit__name=world.OWN)
    instrument = InstrumentFactory(standard=standard)
    TraceFactory(
        instrument=instrument,
        traced_on=today - dt.timedelta(days=500),
        valid_until=today - dt.timedelta(days=40),
    )
    raising.raise_warnings(today)
    office = standard.unit.territorial_authority
    TaskFactory(
        campaign=Campaign.objects.get(), authority=office, unit=standard.unit, state="reviewed",
        conclusion="conform", arrived_at=clock.now() - dt.timedelta(days=3),
        left_at=clock.now() - dt.timedelta(days=3),
    )  # fmt: skip
    campaign = Campaign.objects.get()
    _notice(campaign)
    _told_in_a_table(campaign)
    plans.ask(campaign, due_on=today + dt.timedelta(days=10), actor=actor("city"))
    left_out = _drawn_without(campaign, office)
    # Another campaign that is opened meanwhile does not change what these people look at.
    for name in ("city", f"d{office.code}", f"d{office.code}_1"):
        choose_campaign(User.objects.get(username=name), campaign)
    told = {
        "campaign": campaign.pk,
        "unit_user": f"u{standard.unit_id}",
        "left_out": left_out,
        "office": str(office),
        "report": StatReport.objects.get(campaign=campaign, authority=office).pk,
        "warning": RiskWarning.objects.get(standard=standard, kind="main_overdue").pk,
        "unit": standard.unit.name,
        "deputy": DEPUTY,
        "due": (today + dt.timedelta(days=7)).isoformat(),
        "again": (today + dt.timedelta(days=30)).isoformat(),
    }
    print(json.dumps(told))  # noqa: T201 -- read by the test that started the process


def _told_in_a_table(campaign: Campaign) -> None:
    """A bulletin that was published, with as many columns as Block III of the table has."""
    head = ["问题类别", "发现问题数（条）", "重点项", "整改合格条数", "涉及标准项数"]
    row = ["A 标准器、配套设备与溯源", "1205", "312", "904", "804"]
    table = {"kind": "table", "runs": ["按问题类别统计"], "head": head, "rows": [row]}
    paper = {
        "title": ["示例通报"], "addressee": "", "blocks": [table], "attached": "",
        "office": "示例市场监督管理委员会", "day": "2021年10月15日", "note": "",
    }  # fmt: skip
    Bulletin.objects.create(
        campaign=campaign, title="示例通报", text="示例", basis="示例", visible_from=clock.today(),
        state="published", published_at=clock.now(), published=paper, searched="示例通报",
    )  # fmt: skip


def _notice(campaign: Campaign) -> None:
    """The notice of this year, with an annex, not issued: only its words are taken over."""
    words = {
        "title": f"关于开展{campaign.title}的通知", "number": "示例〔2021〕5号", "addressees": "各区市场监管局，各有关单位",
        "body": f"为强化事中事后监管，{campaign.notice_on.year}年开展计量标准专项监督检查。", "basis": "市监计量发〔2021〕18号",
        "issued_on": campaign.notice_on, "copy_to": "委综合行政执法总队", "is_public": True,
        "without_annexes": False, "to_bureaus": True, "to_institutes": True, "to_units": True,
    }  # fmt: skip
    row = notices.write(campaign, NoticeKind.MAIN, words, file=None, actor=actor("city"))
    file = SimpleUploadedFile("附件1.pdf", pdf())
    notices.add_annex(row, title="现场监督检查表", file=file, actor=actor("city"))


def _drawn_without(campaign: Campaign, office: Authority) -> str:
    """A draw of the office; the name of a unit of its list that chance left out."""
    for _ in range(2):
        RoutedStandardFactory(campaign=campaign, standard__unit__territorial_authority=office)
    run = draws.draw(draws.freeze(campaign, office))
    drawn = run.drawn.values_list("unit", flat=True)
    routed = campaign.routed.filter(inspecting_authority=office).exclude(unit__in=drawn)
    return str(routed.select_related("unit").first().unit.name)  # type: ignore[union-attr]
