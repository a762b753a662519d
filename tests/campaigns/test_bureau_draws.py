"""The draw of bureaus and of their case files: by the protocol of the units' draws, from the same seed."""

import datetime as dt
import io
import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from campaigns import extension, moves, policies, record, sampling, verifying
from campaigns.enums import DutyKind, FrameSubject
from campaigns.models import DrawnCase, Duty, FrameCase
from campaigns.protocol import order
from campaigns.protocol.order import Holder, Item
from metrostd.common import clock
from metrostd.common.jobs import perform
from metrostd.common.models import Job
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import Category
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import (
    AuthorityFactory,
    StandardFactory,
    UnitFactory,
)
from tests.printing import PURPOSE

NOW = clock.at_time(dt.date(2021, 6, 1), 9)
SINCE = dt.date(2019, 1, 1)


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(NOW):
        yield


@pytest.fixture
def running(city, monkeypatch):
    """Six bureaus below the commission; the first has issued twelve certificates since 2019, one before."""
    monkeypatch.setattr(extension, "_opening", [])
    AuthorityFactory.create_batch(4, parent=city.commission)
    unit = UnitFactory(territorial_authority=city.district)
    city.standard(unit)
    for n in range(13):
        category = Category.ENT_HIGHEST if n % 3 else Category.INST_HIGHEST
        standard = StandardFactory(unit=unit, issuing_authority=city.district, category=category)
        day = dt.date(2018, 5, 4) if n == 12 else dt.date(2020, 1 + n % 12, 3)
        standard.certificates.update(issue_date=day, valid_until=day.replace(year=2025))
    city.watch = MembershipFactory(role=Role.DISCIPLINE, authority=city.commission)
    for member in (city.office, city.bureau, city.watch):
        member.user.act_as(member)
    moves.open_campaign(city.campaign, actor=city.office.user)
    return city


def freeze(city):
    return draws.freeze(city.campaign, city.commission, subject=FrameSubject.BUREAUS, since=SINCE)


def test_the_list_holds_every_bureau_and_the_certificates_since_the_day(running):
    frame = freeze(running)

    assert frame.bureaus.count() == 6
    assert FrameCase.objects.filter(listed__frame=frame).count() == 12
    assert FrameCase.objects.exclude(listed__bureau=running.district).count() == 0


def test_about_a_fifth_is_drawn_with_at_most_ten_case_files_each(running):
    run = draws.draw(freeze(running), ratio=100)

    rows = run.bureaus.order_by("order")
    assert [row.order for row in rows] == [1, 2, 3, 4, 5, 6]
    assert run.required == 6
    cases = DrawnCase.objects.filter(drawn__bureau=running.district)
    assert cases.count() == order.CASES
    # Four institutions' files and eight enterprises': rounds take one of each as long as there are any.
    assert cases.filter(category=Category.INST_HIGHEST).count() == 4
    assert verifying.verify_draw(run) == []


@pytest.mark.parametrize(
    ("total", "percent", "count"), [(16, 20, 3), (16, 25, 4), (1, 20, 1), (0, 20, 0), (6, 20, 1)]
)
def test_about_means_the_nearest_number(total, percent, count):
    assert order.about_count(total, percent) == count


def test_case_files_do_not_depend_on_the_order_of_the_list():
    items = [Item(f"证{n}", category="ab"[n % 2]) for n in range(30)]
    one, other = Holder("120101", tuple(items)), Holder("120101", tuple(reversed(items)))

    assert order.case_files(one, b"seed") == order.case_files(other, b"seed")
    assert order.case_files(one, b"seed") != order.case_files(one, b"another")


def test_the_record_verifies_without_the_portal_and_a_changed_case_does_not(running, tmp_path):
    run = draws.draw(freeze(running), ratio=100)
    kept = record.of_run(run)

    assert _verified(kept, tmp_path).startswith("OK")
    drawn = next(line for line in kept["drawn"] if line["standards"])
    drawn["standards"][0]["id"] = "另一份案卷 2020-01-03"
    assert "drawn" in _verified(kept, tmp_path)


def _verified(kept, tmp_path) -> str:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, settings.BASE_DIR / "docs" / "verify_draw.py", path],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout + told.stderr


def test_a_case_exchanged_afterwards_is_found(running):
    run = draws.draw(freeze(running), ratio=100)
    case = DrawnCase.objects.first()
    case.key = "〔2020〕别的证书 2020-01-03"
    case.save()

    assert len(verifying.verify_draw(run)) == 1


def test_discipline_acknowledges_and_the_office_itself_does_not(running):
    row = draws.announce(freeze(running), ratio=20)

    assert row.required == 1
    assert not policies.may_acknowledge(running.office.user, row)
    assert policies.may_acknowledge(running.watch.user, row)


def test_the_units_of_the_city_and_its_bureaus_are_two_lists(running):
    frame = freeze(running)

    with pytest.raises(TransitionError):
        sampling.show_frame(
            running.campaign,
            running.commission,
            subject=FrameSubject.BUREAUS,
            issued_from=SINCE,
            actor=None,
        )
    # A list of units stays open to the same office.
    assert not running.campaign.frames.of_units().exists()
    assert running.campaign.frames.of_bureaus().get() == frame


def test_only_the_organiser_draws_bureaus_and_from_a_day_that_has_been(running):
    for authority, day, words in (
        (running.district, SINCE, "抽取"),
        (running.commission, None, "起始日期"),
        (running.commission, dt.date(2021, 6, 2), "不能晚于今天"),
    ):
        with pytest.raises(ValidationError, match=words):
            sampling.show_frame(
                running.campaign,
                authority,
                subject=FrameSubject.BUREAUS,
                issued_from=day,
                actor=None,
            )


def test_the_duty_to_draw_bureaus_is_kept_apart_from_that_to_draw_units(running):
    owed = Duty.objects.open().filter(authority=running.commission)
    assert owed.filter(kind=DutyKind.BUREAU_DRAW).count() == 1
    before = owed.filter(kind=DutyKind.DRAW).count()

    run = draws.draw(freeze(running), ratio=20)

    assert not owed.filter(kind=DutyKind.BUREAU_DRAW).exists()
    assert owed.filter(kind=DutyKind.DRAW).count() == before
    moves.void_draw(run, actor=None, note="公告号码录入有误。")
    assert owed.filter(kind=DutyKind.BUREAU_DRAW).count() == 1


def test_what_leaves_the_list_while_it_is_shown_is_kept_with_it(running):
    with clock.pinned(NOW - 3 * draws.DAY):
        frame = sampling.show_frame(
            running.campaign,
            running.commission,
            subject=FrameSubject.BUREAUS,
            issued_from=SINCE,
            actor=None,
        )
    gone = FrameCase.objects.filter(listed__frame=frame).first()
    gone.certificate.issue_date = dt.date(2018, 1, 1)
    gone.certificate.save()

    frozen = sampling.freeze_frame(frame, actor=None)

    assert [line["standard"] for line in frozen.changes["left"]] == [gone.key]


def test_the_city_shows_freezes_and_reads_the_list_of_bureaus_on_its_pages(client, running):
    sign_in(client, running.office)
    page = client.get(reverse("campaigns:sampling"), {"campaign": running.campaign.pk})
    assert "公示区局名单" in page.content.decode()
    address = reverse("campaigns:show_bureaus", args=[running.campaign.pk])
    assert client.get(address).status_code == 200

    refused = client.post(address, {"issued_from": "2021-06-02"})
    assert (refused.status_code, running.campaign.frames.count()) == (422, 0)
    frame_page = client.post(address, {"issued_from": "2019-01-01"}, follow=True)

    frame = running.campaign.frames.of_bureaus().get()
    assert frame_page.context["cases"] == 12
    assert client.get(address).context["live"] == frame
    with clock.pinned(NOW + 3 * draws.DAY):
        client.post(reverse("campaigns:freeze", args=[frame.pk]))
        rehearsed = client.post(reverse("campaigns:rehearse", args=[frame.pk]), {"ratio": 50})
        assert [row["order"] for row in rehearsed.context["preview"]] == [1, 2, 3]
        assert client.get(reverse("campaigns:announce", args=[frame.pk])).context["total"] == 6


def test_the_draw_of_bureaus_has_a_page_a_record_and_a_workbook(client, running):
    run = draws.draw(freeze(running), ratio=100)
    sign_in(client, running.office)

    page = client.get(run.get_absolute_url(), {"verify": 1})

    assert page.context["differences"] == []
    assert page.context["cases"] == order.CASES
    assert not page.context.get("can_strike")
    for name in ("directed", "strike", "supplement"):
        told = client.get(reverse(f"campaigns:{name}", args=[run.pk]))
        assert told.status_code == 403 or "区局只随机抽取" in told.content.decode(), name
    client.get(reverse("campaigns:record", args=[run.pk]))
    job = Job.objects.get()
    perform(job)
    made = client.post(reverse("common:download", args=[job.pk]))
    paper = b"".join(made.streaming_content)
    text = "".join(each.extract_text() for each in PdfReader(io.BytesIO(paper)).pages)
    assert running.district.name in "".join(text.split())
    assert "轮流抽取案卷" in "".join(text.split())
    book = client.get(reverse("campaigns:draw_export", args=[run.pk]), PURPOSE)
    assert load_workbook(io.BytesIO(book.content)).active.max_row == order.CASES + 2


def test_no_bureau_learns_of_the_draw(client, running):
    run = draws.draw(freeze(running), ratio=100)
    sign_in(client, running.bureau)

    assert client.get(run.get_absolute_url()).status_code == 404
    assert client.get(run.frame.get_absolute_url()).status_code == 404
    page = client.get(reverse("campaigns:sampling"), follow=True).content.decode()
    assert "考核工作监督检查" not in page
    address = reverse("campaigns:show_bureaus", args=[running.campaign.pk])
    assert client.get(address).status_code == 403
