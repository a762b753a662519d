"""Two visits on tablets and an order to decide on, made through the services inside the portal's own environment."""

import json

from inspections.models import ChecklistAnswer
from metrostd.common import clock
from metrostd.demo.people import PASSWORD
from tests.factories.campaigns import TemplateFactory
from tests.factories.rectification import issue, office_of, submitted
from tests.inspections.story import VISIT, make_visit


def build() -> None:
    """A sheet two inspectors may fill in, a visit that waits for signatures, an order that was reported; prints ids and names."""
    with clock.pinned(VISIT.replace(hour=16)):
        filling = make_visit().assign().start()
        signing = make_visit().to_signing()
    # Its items stand on a list of their own: one put into the list in use would be on every sheet of other stories.
    apart = TemplateFactory(version=900, is_current=False)
    order = submitted(issue(findings=3, item__section__template=apart))
    office = office_of(order.task.authority)
    people = {
        "office": office,
        "first": filling.leader,
        "second": filling.officer,
        "signer": signing.leader,
    }
    for membership in people.values():
        membership.user.set_password(PASSWORD)
        membership.user.save()
    found = {role: membership.user.username for role, membership in people.items()}
    found |= {
        "second_name": str(filling.officer.user),
        "first_stamp": f"{filling.leader.user_id}.{filling.leader.pk}",
        "order": order.pk,
        "findings": list(order.items.order_by("pk").values_list("finding_id", flat=True)),
        "task": filling.task.pk,
        "sheet": filling.standard_sheet().pk,
        "signing": signing.task.pk,
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def answered(sheet: int) -> None:
    """Who answered what on a sheet; prints names of accounts by item."""
    rows = ChecklistAnswer.objects.filter(sheet=sheet, answered_by__isnull=False)
    values = rows.values_list("item__code", "answered_by__username", "answer")
    print(json.dumps([list(row) for row in values]))  # noqa: T201 -- read by the test
