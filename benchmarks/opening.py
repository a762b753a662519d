"""Accounts for many units and their slips: `python -m benchmarks.opening [UNITS]`, on a database of its own.

Prints seconds of CPU for opening and for the PDF.
"""

import os
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")
os.environ.setdefault("DEBUG", "true")
os.environ["METROSTD_VAR"] = tempfile.mkdtemp(prefix="metrostd-opening-")

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from metrostd.accounts import bulk, codes, slips  # noqa: E402
from metrostd.accounts.enums import CodePurpose  # noqa: E402
from metrostd.accounts.models import Membership, User  # noqa: E402
from metrostd.common.roles import Role  # noqa: E402
from metrostd.registry.models import Authority, Unit  # noqa: E402


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    city = Authority.objects.get(level="city")
    admin = User.objects.create(username="admin", display_name="示例管理员")
    Membership.objects.create(user=admin, role=Role.SYSTEM_ADMIN, authority=city)
    Unit.objects.bulk_create(
        Unit(
            name=f"天津示例仪器厂{n}",
            name_key=f"天津示例仪器厂{n}",
            unit_type="enterprise",
            contact_name="示例甲",
            contact_phone="13800138000",
        )
        for n in range(count)
    )
    began = time.process_time()
    people = bulk.open_for_units(Unit.objects.values_list("pk", flat=True), actor=admin)
    opened = time.process_time()
    made = codes.issue_many(people, CodePurpose.ACTIVATE, actor=admin, valid_for=codes.BY_SLIP)
    content = slips.render(people, made, issued_by=admin, progress=lambda *_: None)
    printed = time.process_time()
    print(f"{count} units: opened in {opened - began:.1f} s")
    print(f"{len(made)} slips in {printed - opened:.1f} s, {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
