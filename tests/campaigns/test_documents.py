"""The printed record of a draw."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from campaigns import frames, moves
from campaigns.protocol import hashing
from metrostd.common import clock, watermark
from metrostd.registry.models import Authority, Unit
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DrawnStandardFactory, DrawRunFactory, FrameStandardFactory
from tests.printing import pages_of

pytestmark = pytest.mark.django_db


def test_signatures_of_a_draw_stand_below_what_is_signed(client):
    run = DrawRunFactory()
    sign_in(client, MembershipFactory(authority=run.frame.authority))
    pages = []

    # One more until the signatures no longer fit below the table.
    while len(pages) < 2:
        DrawnStandardFactory(drawn_unit__run=run, drawn_unit__unit__name="天津末位厂")
        paper = pages_of(client, reverse("campaigns:record", args=[run.pk]))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages]

    assert "抽取人" in pages[-1]
    assert "天津末位厂" in pages[-1]


def frozen():
    """One row of a list with the hash it was frozen with."""
    entry = FrameStandardFactory()
    frame = entry.frame
    frame.hash = hashing.hash_of("frame", frames.json_of(frame)).hex()
    frame.save()
    return entry, frame


def test_a_record_says_what_was_so_when_the_draw_was_made(client):
    entry, frame = frozen()
    name = entry.unit.name
    on = dt.date(2021, 6, 1)
    with clock.pinned(clock.at_time(on)):
        run = draws.draw(frame, ratio=100)
    Unit.objects.filter(pk=entry.unit_id).update(name="改名后的单位")
    Authority.objects.filter(pk=frame.authority_id).update(name="改名后的局")
    reader = MembershipFactory(authority=frame.authority)
    sign_in(client, reader)

    with clock.pinned(clock.at_time(dt.date(2021, 9, 9))):
        paper = pages_of(client, reverse("campaigns:record", args=[run.pk]))
        mine = "".join(watermark.text_for(reader.user).split())

    pages = PdfReader(io.BytesIO(paper)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert run.record_no == f"{frame.authority.document_prefix}市监抽取〔2021〕1号"
    assert run.record_no in text
    assert name in text
    assert "改名后的" not in text
    assert text.count("2021年6月1日") >= 2
    assert mine in text  # whose copy it is; nothing else is of that day
    assert "2021年9月9日" not in text.replace(mine, "")


def test_records_are_numbered_by_office_and_year():
    _, frame = frozen()

    first = draws.draw(frame, ratio=100)
    moves.void_draw(first, actor=None, note="录错一位")
    second = draws.draw(frame, ratio=100, numbers="02 07 12 18 25 33 09")

    assert first.record_no.endswith("〕1号")
    assert second.record_no.endswith("〕2号")
