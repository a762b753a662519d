"""The production shape holds together: services, secrets, volumes and the variables they are told."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = settings.BASE_DIR
PORTAL = {"migrate", "web", "worker", "papers", "beat"}
ENGINES = {"postgres", "redis", "archive", "proxy"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(text("docker-compose.yml"))


def test_every_service_is_there_and_the_portal_is_one_image(compose):
    services = compose["services"]

    assert set(services) == PORTAL | ENGINES
    assert {services[name]["build"] for name in PORTAL} == {"."}


def test_nothing_but_the_proxy_is_published(compose):
    published = {name for name, service in compose["services"].items() if "ports" in service}

    assert published == {"proxy"}


def test_every_queue_has_a_worker_of_its_own_here_and_in_the_demo(compose):
    queues = set(settings.CELERY_TASK_QUEUES)
    commands = [" ".join(service.get("command", [])) for service in compose["services"].values()]

    for started in (" ".join(commands), text("bin/demo")):
        assert set(re.findall(r"worker .*?-Q (\S+)", started)) == queues


def test_what_serves_starts_after_the_migrations(compose):
    for name in PORTAL - {"migrate"}:
        waits_for = compose["services"][name]["depends_on"]["migrate"]["condition"]
        assert waits_for == "service_completed_successfully"
    for engine in ("postgres", "redis"):
        waits_for = compose["services"]["migrate"]["depends_on"][engine]["condition"]
        assert waits_for == "service_healthy"
        assert "healthcheck" in compose["services"][engine]


def test_secrets_and_volumes_in_use_are_declared(compose):
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        mounted = [volume.split(":")[0] for volume in service.get("volumes", [])]
        volumes = {name for name in mounted if not name.startswith("./")}
        assert volumes <= set(compose["volumes"])
        for name, value in service.get("environment", {}).items():
            if name.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_no_secret_stands_in_the_file(compose):
    for service in compose["services"].values():
        for name in service.get("environment", {}):
            assert not re.search(r"SECRET|PASSWORD|DATABASE_URL", name) or name.endswith("_FILE")


def test_uploads_are_kept_in_a_volume_the_portal_owns(compose):
    """A volume takes over the owner of the folder it is mounted on, so the image must have it."""
    mounts = {volume for name in PORTAL for volume in compose["services"][name]["volumes"]}
    var = re.search(r"METROSTD_VAR=(\S+)", text("Dockerfile"))[1]

    assert mounts == {f"{name}:{var}/{name}" for name in ("files", "state")}
    assert f"mkdir -p {var}/files {var}/state" in text("Dockerfile")


def test_every_variable_of_the_settings_is_documented_and_the_other_way_round():
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", text("metrostd/settings.py")))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/environment.md"), re.MULTILINE))

    assert read == documented


def test_the_containers_are_told_only_variables_that_exist(compose):
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/environment.md"), re.MULTILINE))

    for name in PORTAL:
        told = compose["services"][name]["environment"]
        assert {variable.removesuffix("_FILE") for variable in told} <= documented


def test_the_file_keeps_to_the_published_schema():
    told = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            ROOT / "docker-compose.yml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout


def test_everything_that_runs_for_long_is_watched_and_bounded(compose):
    for name, service in compose["services"].items():
        if name != "migrate":
            assert "healthcheck" in service or name == "proxy", name
            assert service["logging"]["options"]["max-size"], name
            assert service["deploy"]["resources"]["limits"]["memory"], name


def test_certificates_come_from_the_office_or_from_the_proxy_never_from_outside(compose):
    told = compose["configs"]["caddyfile"]["content"]

    assert "tls ${SITE_TLS:-internal}" in told
    assert "./certificates:/certificates:ro" in compose["services"]["proxy"]["volumes"]


def test_secrets_are_made_once_closed_to_the_machine_and_readable_in_a_container(tmp_path):
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    make = [tmp_path / "bin" / "secrets"]

    subprocess.run(make, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    first = {path.name: path.read_text() for path in folder.iterdir()}
    again = subprocess.run(make, check=True, capture_output=True, text=True)

    assert set(first) == {"secret_key", "field_keys", "postgres_password", "database_url"}
    assert first["postgres_password"] in first["database_url"]
    assert len(first["secret_key"]) >= 50
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert "stays" in again.stderr
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


def test_the_proxy_bounds_bodies_a_little_above_the_portal(compose, settings):
    told = compose["configs"]["caddyfile"]["content"]

    assert int(re.search(r"max_size (\d+)MB", told)[1]) * 10**6 > settings.BODY_MAX_BYTES
    assert {"read_header", "read_body", "idle"} <= set(re.findall(r"^\s+(\w+) \d", told, re.M))


FAKE_PYTHON = """#!/usr/bin/env bash
echo "$*" >>asked
case "$*" in
  *"manage.py migrate"*) mkdir -p var && [ -s var/db.sqlite3 ] || echo rows >var/db.sqlite3 ;;
  *"manage.py simulate"*) echo table >var/demo/t.xlsx; printf 'units 3\\n\\nAccounts:\\n  city\\n\\nFiles:\\n  var/demo/t.xlsx\\n' ;;
  *collectstatic*) mkdir -p var/static ;;
  *secrets*) echo secret ;;
esac
"""


@pytest.fixture
def demo(tmp_path):
    """bin/demo in a tree of its own, without what installs and with a Python that only notes what it is asked."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    apps = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
    for folder in (*apps, "fixtures", "static", "templates", "var/frontend", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("manage.py", "requirements.lock", "package-lock.json", "var/frontend/installed"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    for name, words in (("bin/setup", "#!/bin/sh\n"), (".venv/bin/python", FAKE_PYTHON)):
        (tmp_path / name).write_text(words, encoding="utf-8")
        (tmp_path / name).chmod(0o755)

    def run(*options: str, **environment: str) -> tuple[list[str], str]:
        (tmp_path / "asked").write_text("", encoding="utf-8")
        plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        command = ["bash", "bin/demo", "--no-serve", *options]
        ran = subprocess.run(
            command,
            cwd=tmp_path,
            env=plain | environment,
            text=True,
            capture_output=True,
            check=True,
        )
        asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
        return [line.split()[1] for line in asked if line.startswith("manage.py")], ran.stdout

    return tmp_path, run


def test_a_second_demo_of_the_same_code_and_database_asks_nothing(demo):
    _, run = demo

    assert run()[0] == ["migrate", "simulate", "collectstatic"]
    asked, said = run()
    assert asked == []
    assert "city" in said
    assert "var/demo/t.xlsx" in said


@pytest.mark.parametrize(
    "change", ["code", "template", "database", "no database", "paper", "reset", "elsewhere", "died"]
)
def test_a_demo_looks_again_when_anything_may_be_different(demo, change):
    folder, run = demo
    run()
    options, environment = [], {}
    match change:
        case "code":
            (folder / "campaigns" / "new.py").write_text("", encoding="utf-8")
        case "template":
            (folder / "templates" / "new.html").write_text("x", encoding="utf-8")
        case "database":
            (folder / "var/restored").write_text("other rows", encoding="utf-8")
            (folder / "var/restored").rename(folder / "var/db.sqlite3")
        case "no database":
            (folder / "var/db.sqlite3").unlink()
        case "paper":
            (folder / "var/demo/t.xlsx").unlink()
        case "reset":
            options = ["--reset"]
        case "elsewhere":
            environment = {"DATABASE_URL": "postgres://elsewhere/portal"}
        case "died":  # in the middle of the first run: nothing is on record
            (folder / "var/demo/played").unlink()

    assert run(*options, **environment)[0][:2] == ["migrate", "simulate"]
    if not environment:
        assert run()[0] == []


def test_a_demo_that_died_in_its_first_run_begins_anew_and_one_in_use_does_not(demo):
    folder, run = demo
    python = folder / ".venv/bin/python"
    dies = FAKE_PYTHON.replace('*"manage.py simulate"*) ', '*"manage.py simulate"*) exit 1; ')
    python.write_text(dies, encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        run()
    (folder / "var/db.sqlite3").write_text("half a city", encoding="utf-8")
    python.write_text(FAKE_PYTHON, encoding="utf-8")

    assert run()[0][:2] == ["migrate", "simulate"]
    assert (folder / "var/db.sqlite3").read_text(encoding="utf-8") == "rows\n"
    assert run()[0] == []

    (folder / "var/db.sqlite3").write_text("somebody's work", encoding="utf-8")
    (folder / "campaigns/new.py").write_text("", encoding="utf-8")
    python.write_text(dies, encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        run()
    python.write_text(FAKE_PYTHON, encoding="utf-8")
    run()
    assert (folder / "var/db.sqlite3").read_text(encoding="utf-8") == "somebody's work"
