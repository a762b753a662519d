"""The printed record of a draw."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DrawnStandardFactory, DrawRunFactory

pytestmark = pytest.mark.django_db


def test_signatures_of_a_draw_stand_below_what_is_signed(client):
    run = DrawRunFactory()
    sign_in(client, MembershipFactory(authority=run.frame.authority))
    pages = []

    # One more until the signatures no longer fit below the table.
    while len(pages) < 2:
        DrawnStandardFactory(drawn_unit__run=run, drawn_unit__unit__name="天津末位厂")
        answer = client.get(reverse("campaigns:record", args=[run.pk]))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]

    assert "抽取人" in pages[-1]
    assert "天津末位厂" in pages[-1]
