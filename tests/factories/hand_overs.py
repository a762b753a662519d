"""Lists handed over, without reading a workbook."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from metrostd.common import clock
from metrostd.common.uploads import store_bytes
from metrostd.registry.models import HandOver, HandOverReturn, ImportBatch, ImportRow

from .registry import AuthorityFactory, StandardFactory


class BatchFactory(DjangoModelFactory):
    """A committed list of the city."""

    class Meta:
        model = ImportBatch

    file = factory.LazyFunction(lambda: store_bytes(b"list", media_type="text/csv"))
    filename = factory.Sequence(lambda n: f"名单{n}.xlsx")
    issuing_authority = factory.SubFactory(AuthorityFactory, level="city")
    state = "committed"
    summary = factory.LazyFunction(
        lambda: {
            "on": "2021-04-20",
            "rows": {
                "new": 0,
                "changed": 0,
                "unchanged": 0,
                "error": 0,
                "conflict": 0,
                "skipped": 0,
            },
            "conflicts": {"open": 0},
            "issues": {"error": 0, "warning": 0, "info": 0},
            "units": {"new": 0, "changed": 0, "unchanged": 0},
            "standards": {"new": 0, "changed": 0, "unchanged": 0},
            "sheets": [],
        }
    )


class HandOverFactory(DjangoModelFactory):
    """Waiting in a district; ``acknowledged`` makes one with a receipt."""

    class Meta:
        model = HandOver

    class Params:
        acknowledged = factory.Trait(
            state="acknowledged",
            acknowledged_at=factory.LazyFunction(clock.now),
            receipt_no=factory.Sequence(lambda n: f"示例名单签收〔2021〕{n + 1}号"),
            receipt={"accepted": [], "returned": []},
        )

    batch = factory.SubFactory(BatchFactory)
    authority = factory.SubFactory(AuthorityFactory)
    due_on = dt.date(2021, 5, 10)


class HandedRowFactory(DjangoModelFactory):
    """A row of a hand-over; its unit lies in the district."""

    class Meta:
        model = ImportRow

    hand_over = factory.SubFactory(HandOverFactory)
    batch = factory.SelfAttribute("hand_over.batch")
    sheet = "名单"
    row_no = factory.Sequence(lambda n: n + 3)
    change = "new"
    standard = factory.SubFactory(
        StandardFactory,
        unit__territorial_authority=factory.SelfAttribute("...hand_over.authority"),
        issuing_authority=factory.SelfAttribute("..hand_over.batch.issuing_authority"),
    )
    unit = factory.SelfAttribute("standard.unit")


class ReturnFactory(DjangoModelFactory):
    """A row sent back after the acknowledgement, waiting for the city."""

    class Meta:
        model = HandOverReturn

    row = factory.SubFactory(HandedRowFactory, hand_over__acknowledged=True)
    hand_over = factory.SelfAttribute("row.hand_over")
    reason = "elsewhere"
    state = "open"
