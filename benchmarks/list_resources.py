"""What the resource of standards costs as the writer of long lists, against bulk_create of the same rows.

    python benchmarks/list_resources.py [ROWS]

Run by hand. Why ``metrostd/lists/imports/resources.py`` has the shape it has: the first line is that
shape, the others are the same resource with what django-import-export does unless told otherwise, its
row differences (each row copied twice) and ``full_clean`` of each instance (a query for each key).
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
_FOLDER = tempfile.mkdtemp(prefix="import-export-bench-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_FOLDER}/bench.sqlite3")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from import_export import resources  # noqa: E402

from metrostd.lists.imports.register import Register  # noqa: E402
from metrostd.lists.imports.tables import StandardRows  # noqa: E402
from metrostd.registry.models import MeasurementStandard  # noqa: E402
from metrostd.registry.names import set_keys  # noqa: E402
from tests.factories.registry import AuthorityFactory, FieldFactory, UnitFactory  # noqa: E402

PART = 2000


class WithDifferences(StandardRows):
    class Meta:
        model = MeasurementStandard
        skip_diff = False

    @classmethod
    def get_diff_class(cls):
        return resources.Diff


class WithFullClean(StandardRows):
    class Meta:
        model = MeasurementStandard
        clean_model_instances = True


def timed(work):
    start = time.process_time()
    with transaction.atomic():
        work()
        spent = time.process_time() - start
        transaction.set_rollback(True)
    return spent


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    authority, field = AuthorityFactory(city=True), FieldFactory()
    units = [UnitFactory(territorial_authority=authority) for _ in range(50)]
    batch = SimpleNamespace(category="ent_highest", issuing_authority=authority)
    register = Register(set(), set())
    lines = [
        {
            "standard_name": f"示例标准装置{n % 50}", "jjf1022_code": "12010100", "field_name": field.code,
            "measuring_range": "(0～60) MPa", "performance": "0.4级",
            "storage_place": f"{n % 7}号室", "responsible_person": "示例人",
        }
        for n in range(rows)
    ]  # fmt: skip

    def floor():
        made = []
        for n, line in enumerate(lines):
            standard = MeasurementStandard(
                unit=units[n % 50], name=line["standard_name"], jjf1022_code="12010100", field=field,
                category="ent_highest", measuring_range=line["measuring_range"],
                performance=line["performance"], storage_place=line["storage_place"],
                responsible_person="示例人", issuing_authority=authority, hosting_authority=authority,
            )  # fmt: skip
            set_keys(standard)
            made.append(standard)
        MeasurementStandard.objects.bulk_create(made, batch_size=1000)

    def through(kind):
        table = kind(register, batch=batch)
        for first in range(0, rows, PART):
            part = enumerate(lines[first : first + PART], first)
            table.write((SimpleNamespace(unit=units[n % 50]), None, line) for n, line in part)

    base = min(timed(floor) for _ in range(3))
    print(f"{rows} standards, bulk_create: {base:.2f} s of CPU")
    for title, kind in (
        ("resource", StandardRows),
        ("with the library's differences", WithDifferences),
        ("with full_clean", WithFullClean),
    ):
        spent = min(timed(lambda kind=kind: through(kind)) for _ in range(2))
        print(f"{title}: {spent:.2f} s, {spent / base:.1f} x bulk_create")


if __name__ == "__main__":
    main()
