"""The production shape holds together: services, secrets, volumes and the variables they are told."""

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
ENGINES = {"postgres", "redis", "proxy"}


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
