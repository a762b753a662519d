"""The command: what it prints, and what it refuses."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from metrostd.accounts.clockwork import put_to_sleep
from metrostd.accounts.models import User
from metrostd.common import audit, clock
from metrostd.demo.people import PASSWORD, People, accounts
from metrostd.registry.models import Authority, Unit
from metrostd.trail.checking import problems
from metrostd.trail.models import TrailBlock
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nearly_empty():
    """Reference data and one unit: something that must not be overwritten."""
    call_command("load_reference", stdout=StringIO())
    return UnitFactory()


def run(tmp_path, **options):
    out = StringIO()
    call_command("simulate", output=tmp_path, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_a_database_with_units_is_refused(nearly_empty, tmp_path):
    with pytest.raises(CommandError, match="empty"):
        run(tmp_path)

    assert Unit.objects.get() == nearly_empty


def test_keep_leaves_it_and_prints_the_fixed_shape(nearly_empty, tmp_path):
    People(seed=1).offices()

    report = json.loads(run(tmp_path, keep=True, format="json"))

    assert set(report) == {"campaigns", "counts", "accounts"}
    assert report["counts"]["units"] == 1
    assert set(report["accounts"][0]) == {"role", "username", "password", "authority", "unit"}
    assert report["accounts"][0]["password"] == PASSWORD


def test_what_was_played_is_sealed_before_any_worker_runs(nearly_empty, tmp_path):
    with clock.pinned(clock.now() - dt.timedelta(days=30)):
        audit.record(nearly_empty, actor=None, action="unit.edit", label="修改")

    run(tmp_path, keep=True)

    assert [p.what for p in problems() if "触发器" not in p.what] == []
    assert TrailBlock.objects.exists()


def test_keep_writes_only_the_papers_that_are_missing(nearly_empty, tmp_path):
    People(seed=1).offices()
    CampaignFactory(code="2021", organiser=Authority.objects.get(code="120000"))
    run(tmp_path, keep=True)
    names = {path.name for path in tmp_path.iterdir()}
    kept, lost = tmp_path / "附件3-2021-全市.pdf", tmp_path / "附件3-2021-全市.xlsx"
    kept.write_bytes(b"as it was")
    lost.unlink()

    told = run(tmp_path, keep=True)

    assert len(names) == 4
    assert {path.name for path in tmp_path.iterdir()} == names
    assert kept.read_bytes() == b"as it was"
    assert lost.stat().st_size > 1000
    assert all(name in told for name in names)


def test_accounts_are_made_once(nearly_empty):
    People(seed=1).offices()
    before = [row.username for row in accounts()]

    People(seed=1).offices()
    People(seed=1).units()

    assert [row.username for row in accounts() if not row.unit] == before
    assert f"u{nearly_empty.pk}" in [row.username for row in accounts()]


def test_the_first_midnight_puts_nobody_of_the_sample_to_sleep(nearly_empty):
    with clock.pinned(clock.at_time(dt.date(2021, 4, 23), 9)):
        People(seed=1).offices()

    assert put_to_sleep(clock.today()) == 0
    assert User.objects.exists()
