"""What django-import-export would cost as the writer of long lists, against bulk_create of the same rows.

    python benchmarks/list_resources.py [ROWS]

Run by hand. One standard per row goes through a resource in the fastest shape the library has:
``use_bulk``, an instance loader that answers from memory, no transaction of its own, no validation,
widgets that look keys up in a dictionary; then with what a preview would need of it: the row
differences, and ``full_clean`` of each instance. The floor is ``bulk_create`` of the same standards.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
_FOLDER = tempfile.mkdtemp(prefix="import-export-bench-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_FOLDER}/bench.sqlite3")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402
from import_export.instance_loaders import BaseInstanceLoader  # noqa: E402
from tablib import Dataset  # noqa: E402

from metrostd.registry.models import MeasurementStandard  # noqa: E402
from tests.factories.registry import AuthorityFactory, FieldFactory, UnitFactory  # noqa: E402

COLUMNS = (
    "unit", "name", "jjf1022_code", "field", "category", "measuring_range", "performance",
    "storage_place", "responsible_person", "issuing_authority", "hosting_authority",
)  # fmt: skip


class Nothing(BaseInstanceLoader):
    """A register that knows none of the rows: the cheapest answer there is."""

    def get_instance(self, row):
        return None


class Known(widgets.Widget):
    """A related row looked up in memory."""

    def __init__(self, rows):
        super().__init__()
        self._rows = {row.pk: row for row in rows}

    def clean(self, value, row=None, **kwargs):
        return self._rows[value]


def resource(units, field, authority, **options):
    keys = {"unit": units, "field": [field], "issuing_authority": [authority],
            "hosting_authority": [authority]}  # fmt: skip
    meta = {
        "model": MeasurementStandard, "fields": COLUMNS, "import_id_fields": (),
        "instance_loader_class": Nothing, "use_bulk": True, "batch_size": 1000,
        "use_transactions": False, "skip_diff": True, "skip_html_diff": True,
        "report_skipped": False, "store_row_values": False, "store_instance": False, **options,
    }  # fmt: skip
    declared = {name: fields.Field(name, name, Known(rows)) for name, rows in keys.items()}
    kind = type("Trial", (resources.ModelResource,), {**declared, "Meta": type("Meta", (), meta)})
    return kind()


def timed(work):
    start = time.perf_counter()
    with transaction.atomic():
        work()
        spent = time.perf_counter() - start
        transaction.set_rollback(True)
    return spent


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    authority, field = AuthorityFactory(city=True), FieldFactory()
    units = [UnitFactory(territorial_authority=authority) for _ in range(50)]
    lines = [
        (units[n % 50].pk, f"示例标准装置{n}", "12010100", field.pk, "ent_highest", "(0～60) MPa",
         "0.4级", f"{n % 7}号室", "示例人", authority.pk, authority.pk)
        for n in range(rows)
    ]  # fmt: skip
    data = Dataset(*lines, headers=COLUMNS)

    def floor():
        MeasurementStandard.objects.bulk_create(
            [
                MeasurementStandard(
                    unit=units[n % 50], name=line[1], jjf1022_code=line[2], field=field,
                    category=line[4], measuring_range=line[5], performance=line[6],
                    storage_place=line[7], responsible_person=line[8],
                    issuing_authority=authority, hosting_authority=authority,
                )
                for n, line in enumerate(lines)
            ],
            batch_size=1000,
        )  # fmt: skip

    base = min(timed(floor) for _ in range(3))
    print(f"{rows} standards, bulk_create: {base:.2f} s")
    for title, options in (
        ("resource, bulk only", {}),
        ("resource, with differences", {"skip_diff": False, "skip_html_diff": False}),
        ("resource, with full_clean", {"clean_model_instances": True}),
    ):
        trial = resource(units, field, authority, **options)
        spent = timed(lambda trial=trial: trial.import_data(data, raise_errors=True))
        print(f"{title}: {spent:.2f} s, {spent / base:.1f} x bulk_create")


if __name__ == "__main__":
    main()
