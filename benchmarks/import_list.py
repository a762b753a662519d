"""A list of 100,000 rows, preview and commit, against reading the file and inserting the same rows.

    python benchmarks/import_list.py [ROWS] [--engine sqlite|postgres] [--again] [--undo] [--profile FILE] [--without-marks]

Run by hand. Each measured part runs in a process of its own on an empty database of its own, and
tells its seconds (and those of its own CPU, which others on the machine disturb less) and the most
memory it held. The floor is python-calamine reading the file into lists and ``bulk_create`` of the
units, standards and certificates it names, in one transaction.
``--again`` also reads and commits the same file a second time: nothing changes then. ``--undo``
takes what was committed back, the newest first. ``--without-marks`` takes the triggers away that note what
was written for 风险分析: what they cost is the difference. Exit status 1 when anything is over its bar.
"""

import argparse
import cProfile
import datetime as dt
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

RATIO, MEGABYTES = 3.0, 500
ON = dt.date(2021, 6, 15)
DISTRICTS = (
    ("120101", "和平区"), ("120102", "河东区"), ("120103", "河西区"), ("120104", "南开区"),
    ("120105", "河北区"), ("120106", "红桥区"), ("120110", "东丽区"), ("120111", "西青区"),
    ("120112", "津南区"), ("120113", "北辰区"), ("120114", "武清区"), ("120115", "宝坻区"),
    ("120116", "滨海新区"), ("120117", "宁河区"), ("120118", "静海区"), ("120119", "蓟州区"),
)  # fmt: skip
STANDARDS = (
    ("示例精密压力表标准装置", "12010100", "(0～60) MPa", "0.4级"),
    ("示例砝码标准装置", "12040300", "1 mg～20 kg", "F1等级"),
    ("示例量块标准装置", "01010200", "(0.5～100) mm", "U=0.10 μm, k=2"),
    ("示例热电偶检定装置", "04020500", "(300～1200) ℃", "二等"),
    ("示例交流电压校准装置", "15030100", "10 mV～750 V", "MPE：±0.05 %"),
    ("示例转速标准装置", "12110400", "(10～10000) r/min", "MPE：±0.02 %"),
    ("示例酸度计检定装置", "46020100", "(0～14) pH", "0.01级"),
)
HEADERS = (
    "序号", "所属区", "单位名称", "统一社会信用代码", "单位地址", "联系人", "联系电话",
    "计量标准名称", "计量标准代码", "计量标准考核证书号", "发证日期", "有效期至", "测量范围",
    "不确定度/准确度等级/最大允许误差", "保存地点",
)  # fmt: skip


def workbook(rows: int) -> Path:
    """A list of so many rows, about five a unit; made once and kept."""
    target = ROOT / "var" / "benchmarks" / f"annex4-{rows}.xlsx"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, rows)
    return target


def _write(target: Path, rows: int) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 -- the measured parts never write

    chance = random.Random(2021)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(["市级办理的企业最高等级计量标准的单位名单"])
    sheet.append(list(HEADERS))
    number = unit = 0
    while number < rows:
        unit += 1
        for line in _unit(unit, min(chance.randint(1, 9), rows - number), chance):
            number += 1
            sheet.append(
                [number, *line[:8], f"〔{line[8]}〕津量标企证字第{number:06d}号", *line[9:]]
            )
    book.save(target)


def _unit(unit: int, standards: int, chance: random.Random) -> list[list]:
    from metrostd.annex4.uscc import check_char, org_check_char  # noqa: PLC0415

    code, district = chance.choice(DISTRICTS)
    org = f"MA{unit:06d}"
    first = f"91{code}{org}{org_check_char(org)}"
    head = [
        district,
        f"天津示例{unit}号精密仪器有限公司",
        first + check_char(first),
        f"天津市{district}示例大街{unit % 999 + 1}号",
        f"示例{chance.choice('甲乙丙丁戊己庚辛')}",
        f"022-{60000000 + unit}",
    ]
    lines = []
    for name, jjf, span, performance in (chance.choice(STANDARDS) for _ in range(standards)):
        year = chance.randint(2017, 2021)
        issued = dt.date(year, chance.randint(1, 5), chance.randint(1, 28))
        until = issued.replace(year=year + 5) - dt.timedelta(days=1)
        written = until if chance.random() < 0.7 else f"{until.year}.{until.month}.{until.day}"
        place = f"示例{unit % 7 + 1}号计量室"
        lines.append([*head, name, jjf, year, issued, written, span, performance, place])
    return lines


# The measured parts, each in its own process ----------------------------------------------------


def _django():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415

    django.setup()


def part_prepare(path: Path) -> dict:
    from django.core.management import call_command  # noqa: PLC0415

    from metrostd.annex4.fields import FIELDS  # noqa: PLC0415
    from metrostd.registry.models import Authority, ProfessionalField  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    city = Authority.objects.create(
        code="120000", name="天津市市场监督管理委员会", short_name="市市场监管委",
        region_name="天津市", level="city",
    )  # fmt: skip
    for code, region in DISTRICTS:
        Authority.objects.create(
            code=code, name=f"天津市{region}市场监督管理局", short_name=f"{region}局",
            region_name=region, level="district", parent=city,
        )  # fmt: skip
    ProfessionalField.objects.bulk_create(
        ProfessionalField(code=code, name=name) for code, name in FIELDS.items()
    )
    return {}


def part_floor(path: Path) -> dict:
    from django.db import transaction  # noqa: PLC0415
    from python_calamine import load_workbook  # noqa: PLC0415

    from metrostd.registry.models import (  # noqa: PLC0415
        Authority,
        MeasurementStandard,
        ProfessionalField,
        StandardCertificate,
        Unit,
    )  # fmt: skip

    start = time.perf_counter()
    lines = load_workbook(path).get_sheet_by_index(0).to_python()[2:]
    read = time.perf_counter()
    regions = {a.region_name: a.pk for a in Authority.objects.all()}
    fields = {f.code: f.pk for f in ProfessionalField.objects.all()}
    city = regions["天津市"]
    units, standards, certificates = {}, [], []
    for line in lines:
        unit = units.get(line[3])
        if unit is None:
            unit = units[line[3]] = Unit(
                name=line[2],
                name_key=line[2],
                uscc=line[3],
                unit_type="enterprise",
                territorial_authority_id=regions[line[1]],
                actual_address=line[4],
                contact_name=line[5],
                contact_phone=line[6],
            )
        standard = MeasurementStandard(
            unit=unit, name=line[7], jjf1022_code=line[8], field_id=fields[line[8][:2]],
            category="ent_highest", measuring_range=line[12], performance=line[13],
            storage_place=line[14], hosting_authority_id=city, issuing_authority_id=city,
        )  # fmt: skip
        until = line[11]
        if isinstance(until, str):
            until = dt.date(*map(int, until.split(".")))
        standards.append(standard)
        certificates.append(
            StandardCertificate(
                standard=standard,
                number_raw=line[9],
                number=line[9],
                identity=line[9],
                first_year=int(line[9][1:5]),
                issue_date=line[10],
                valid_until=until,
            )
        )
    with transaction.atomic():
        Unit.objects.bulk_create(units.values(), batch_size=1000)
        MeasurementStandard.objects.bulk_create(standards, batch_size=1000)
        StandardCertificate.objects.bulk_create(certificates, batch_size=1000)
    return {"read": read - start, "seconds": time.perf_counter() - start, "units": len(units)}


def part_import(path: Path) -> dict:
    from metrostd.lists.imports import commit_import, start_import  # noqa: PLC0415
    from metrostd.registry.models import Authority, ImportBatch  # noqa: PLC0415

    start = time.perf_counter()
    batch = start_import(
        path.read_bytes(), path.name, category="ent_highest",
        issuing_authority=Authority.objects.get(code="120000"), actor=None, on=ON,
    )  # fmt: skip
    seen = time.perf_counter()
    counts = commit_import(ImportBatch.objects.get(pk=batch.pk), actor=None)
    end = time.perf_counter()
    issues = batch.summary["issues"]
    return {"preview": seen - start, "commit": end - seen, "seconds": end - start,
            "issues": issues, "counts": counts}  # fmt: skip


def part_undo(path: Path) -> dict:
    """Take the newest list back, whatever its size."""
    from metrostd.lists.imports import undo_import  # noqa: PLC0415
    from metrostd.registry.models import ImportBatch  # noqa: PLC0415

    batch = ImportBatch.objects.filter(filename=path.name, state="committed").latest("pk")
    start = time.perf_counter()
    undo_import(batch, actor=None, note="传错文件")
    return {"seconds": time.perf_counter() - start}


def part_unmark(path: Path) -> dict:
    from metrostd.risk import watching  # noqa: PLC0415

    watching.remove()
    return {}


PARTS = {
    "prepare": part_prepare,
    "unmark": part_unmark,
    "floor": part_floor,
    "import": part_import,
    "undo": part_undo,
}


def _run(part: str, path: Path, database: str, profile: str = "") -> dict:
    command = [sys.executable, __file__, "--part", part, str(path)]
    if profile:
        command += ["--profile", profile]
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _part(options: argparse.Namespace) -> None:
    _django()
    watch = cProfile.Profile()
    if options.profile:
        watch.enable()
    before = time.process_time()
    found = PARTS[options.part](Path(options.file))
    found["cpu"] = time.process_time() - before
    if options.profile:
        watch.disable()
        watch.dump_stats(options.profile)
    held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps(found | {"megabytes": int(held[1]) / 1024 if held else 0}))


def _databases(engine: str, folder: str) -> list[str]:
    """The addresses of two empty databases."""
    if engine == "sqlite":
        return [f"sqlite:///{folder}/{name}.sqlite3" for name in ("floor", "import")]
    import psycopg  # noqa: PLC0415

    from tests.services import start_postgres  # noqa: PLC0415

    server = start_postgres()
    _until_ready(server)
    with psycopg.connect(server, autocommit=True) as connection:
        for name in ("floor", "import"):
            connection.execute(f"CREATE DATABASE {name}")
    return [server.removesuffix("/postgres") + f"/{name}" for name in ("floor", "import")]


def _until_ready(server: str) -> None:
    """It listens before it has started up."""
    import psycopg  # noqa: PLC0415

    for _ in range(60):
        try:
            psycopg.connect(server).close()
        except psycopg.OperationalError:
            time.sleep(0.5)
        else:
            return


def measure(
    engine: str, path: Path, *, again: bool, undo: bool, profile: str, marks: bool = True
) -> bool:
    with tempfile.TemporaryDirectory(prefix="import-bench-") as folder:
        for_floor, for_import = _databases(engine, folder)
        for address in (for_floor, for_import):
            _run("prepare", path, address)
        if not marks:
            _run("unmark", path, for_import)
        floor = _run("floor", path, for_floor)
        rounds = [_run("import", path, for_import, profile)]
        if again:
            rounds.append(_run("import", path, for_import))
        undone = [_run("undo", path, for_import) for _ in rounds] if undo else []
    print(f"{engine}: floor {floor['seconds']:.1f} s (reading {floor['read']:.1f} s), "
          f"{floor['cpu']:.1f} s of CPU, {floor['units']} units, {floor['megabytes']:.0f} MB")  # fmt: skip
    for found in rounds:
        ratio, held = found["seconds"] / floor["seconds"], found["megabytes"]
        holds = ratio < RATIO and held < MEGABYTES
        print(f"{engine}: preview {found['preview']:.1f} s + commit {found['commit']:.1f} s "
              f"= {found['seconds']:.1f} s, ratio {ratio:.2f} (bar {RATIO:.0f}), "
              f"{held:.0f} MB (bar {MEGABYTES}): {'holds' if holds else 'DOES NOT HOLD'}; "
              f"{found['cpu']:.1f} s of CPU, ratio {found['cpu'] / floor['cpu']:.2f}")  # fmt: skip
        print(f"  {found['counts']}, issues {found['issues']}")
    for found in undone:
        print(f"{engine}: taken back in {found['seconds']:.1f} s, "
              f"{found['cpu']:.1f} s of CPU, {found['megabytes']:.0f} MB (bar {MEGABYTES})")  # fmt: skip
    ratios = [found["seconds"] / floor["seconds"] for found in rounds]
    held = [found["megabytes"] for found in (*rounds, *undone)]
    return max(ratios) < RATIO and max(held) < MEGABYTES


def main() -> None:
    if "--part" in sys.argv:
        inner = argparse.ArgumentParser()
        inner.add_argument("--part", choices=PARTS)
        inner.add_argument("file")
        inner.add_argument("--profile", default="")
        _part(inner.parse_args())
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--engine", choices=("sqlite", "postgres"))
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--without-marks", action="store_true")
    parser.add_argument("--profile", default="", help="write cProfile's statistics of the import")
    options = parser.parse_args()
    engines = [options.engine] if options.engine else ["sqlite", "postgres"]
    _django()
    path = workbook(options.rows)
    held = [
        measure(
            e,
            path,
            again=options.again,
            undo=options.undo,
            profile=options.profile,
            marks=not options.without_marks,
        )
        for e in engines
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
