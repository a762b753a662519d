"""Every kind of job stands in the script that kills workers while they do it."""

from benchmarks.killed_workers import Kinds
from metrostd.common import jobs


def test_no_kind_of_job_is_spared():
    assert jobs.kinds() == Kinds.MAKERS.keys()
    assert all(hasattr(Kinds, maker) for maker in Kinds.MAKERS.values())
