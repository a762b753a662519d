"""What the sample does with a failed rectification is what the portal lets its people do."""

import datetime as dt
from random import Random

import pytest

from campaigns.dates import Calendar
from campaigns.enums import StageKind
from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.demo.play.afterwards import handle_failures
from metrostd.demo.play.setting import Setting
from rectification.models import CaseReferral, CertificateDisposition
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.inspections import FindingFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("runs_out", "disposed"),
    [("before", False), ("between", False), ("later", True)],
)
def test_a_certificate_that_runs_out_meanwhile_is_not_sealed(runs_out, disposed):
    finding = FindingFactory(state=FindingState.FAILED)
    calendar = Calendar.of_notice(2021)
    start = calendar.stages[StageKind.HANDLE_SUMMARY][0]
    after = {"before": 1, "between": 7, "later": 400}[runs_out]
    certificate = finding.standard.certificates.get()
    certificate.valid_until = start + after * dt.timedelta(days=1)
    certificate.save()
    for authority in {finding.task.authority, finding.standard.issuing_authority}:
        name = "city" if authority.level == "city" else f"d{authority.code}"
        MembershipFactory(authority=authority, user=UserFactory(username=name))
    MembershipFactory(user=UserFactory(username="enforcement"))

    handle_failures(Setting(finding.campaign, calendar, dt.date(2022, 6, 1), Random(1)))

    assert CertificateDisposition.objects.exists() is disposed
    assert CaseReferral.objects.exists() is not disposed
    assert Finding.objects.filter(pk=finding.pk).exclude(state=FindingState.FAILED).exists()
