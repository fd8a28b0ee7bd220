"""deploy/compose.yaml: what it starts, as whom, reachable from where, and with which secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.backends.images import NATS_IMAGE, POSTGRES_IMAGE

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
CONTAINERS: dict[str, dict[str, Any]] = DOCUMENT["services"]
SERVICES = ("matching", "scheduling", "feedback")
each_container = pytest.mark.parametrize("name", CONTAINERS)
each_service = pytest.mark.parametrize("name", SERVICES)


def test_it_starts_the_servers_the_services_and_what_prepares_them() -> None:
    prepared = {f"{name}-migrate" for name in SERVICES} | {"log", "nats-volume"}

    assert set(CONTAINERS) == {"nats", "postgres", *SERVICES} | prepared


@each_container
def test_an_image_has_an_exact_version(name: str) -> None:
    assert re.fullmatch(r"[a-z-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", CONTAINERS[name]["image"])


def test_servers_are_the_ones_that_the_tests_use() -> None:
    assert CONTAINERS["nats"]["image"] == NATS_IMAGE
    assert CONTAINERS["postgres"]["image"] == POSTGRES_IMAGE


@each_container
def test_nothing_runs_as_root_but_the_one_that_gives_a_volume_away(name: str) -> None:
    user = CONTAINERS[name]["user"].partition(":")[0]

    assert (user in {"0", "root"}) is (name == "nats-volume")
    assert name != "nats-volume" or CONTAINERS[name]["network_mode"] == "none"


@each_container
def test_a_container_can_neither_write_its_root_nor_gain_rights(name: str) -> None:
    container = CONTAINERS[name]

    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container


@each_container
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in CONTAINERS[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_no_two_containers_publish_one_port() -> None:
    published = [port.split(":")[1] for c in CONTAINERS.values() for port in c.get("ports", [])]

    assert len(published) == len(set(published))


def test_the_database_is_not_published() -> None:
    assert "ports" not in CONTAINERS["postgres"]


@each_container
def test_no_variable_holds_a_secret(name: str) -> None:
    for variable, value in CONTAINERS[name].get("environment", {}).items():
        assert leaks(variable, value) is False, variable


@pytest.mark.parametrize(
    "variable,value,leak",
    [
        ("POSTGRES_PASSWORD", "x", True),
        ("MENTORING_KEK", "x", True),
        ("MENTORING_CALENDAR_KEY", "x", True),
        ("MENTORING_TOKEN_KEY", "x", True),
        ("MENTORING_DATABASE_URL", "postgresql+psycopg://matching:x@postgres/matching", True),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/postgres_password", False),
        ("MENTORING_DATABASE_URL", "postgresql+psycopg:///?service=matching", False),
        ("MENTORING_HTTP_PORT", "8000", False),
    ],
)
def test_a_secret_in_a_variable_would_be_seen(variable: str, value: str, leak: bool) -> None:
    assert leaks(variable, value) is leak


@each_container
def test_a_secret_that_is_read_is_given_and_declared(name: str) -> None:
    container = CONTAINERS[name]
    given = set(container.get("secrets", []))
    read = set(re.findall(r"/run/secrets/(\w+)", str(container.get("environment", {}))))

    assert read <= given
    assert given <= set(DOCUMENT["secrets"])


@each_service
def test_a_service_reaches_no_other_services_database(name: str) -> None:
    others = {
        f"{other}_{kind}"
        for other in SERVICES
        if other != name
        for kind in ("password", "connection")
    }

    for container in (name, f"{name}-migrate"):
        assert set(CONTAINERS[container]["secrets"]) & others == set()


def test_only_scheduling_has_the_key_of_the_calendars() -> None:
    with_key = {name for name, c in CONTAINERS.items() if "calendar_key" in c.get("secrets", [])}

    assert with_key == {"scheduling", "scheduling-migrate"}


@pytest.mark.parametrize("key", ["key_encryption_key", "token_key"])
def test_only_feedback_has_the_key_of_the_key_ring_and_that_of_the_tokens(key: str) -> None:
    with_key = {name for name, c in CONTAINERS.items() if key in c.get("secrets", [])}

    assert with_key == {"feedback", "feedback-migrate"}


@each_service
def test_a_service_starts_behind_its_tables_and_the_stream(name: str) -> None:
    wanted = {"log", f"{name}-migrate"}

    assert CONTAINERS[name]["command"] == ["run", name]
    assert set(CONTAINERS[name]["depends_on"]) == wanted
    assert {d["condition"] for d in CONTAINERS[name]["depends_on"].values()} == {
        "service_completed_successfully"
    }


@each_service
def test_a_service_is_healthy_when_it_is_ready(name: str) -> None:
    assert "/health/ready" in CONTAINERS[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", ["nats", "postgres"])
def test_a_server_says_when_it_is_ready(name: str) -> None:
    assert CONTAINERS[name]["healthcheck"]["test"][0] == "CMD"


@each_container
def test_what_is_waited_for_exists_and_can_say_so(name: str) -> None:
    for other, wait in CONTAINERS[name].get("depends_on", {}).items():
        assert wait["condition"] != "service_healthy" or "healthcheck" in CONTAINERS[other]


@each_container
def test_what_is_mounted_exists(name: str) -> None:
    for volume in CONTAINERS[name].get("volumes", []):
        source, target = volume.split(":")[:2]
        assert target.startswith("/")
        assert source in DOCUMENT["volumes"] or (COMPOSE.parent / source).is_file()


def test_the_image_is_built_from_this_tree() -> None:
    build = CONTAINERS["matching"]["build"]

    assert (COMPOSE.parent / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def leaks(variable: str, value: str) -> bool:
    """Whether a variable holds a secret itself: by its name, or as a password inside an address."""
    by_file = variable.endswith("_FILE") and value.startswith("/run/secrets/")
    secret_name = re.search(r"(PASSWORD|SECRET|TOKEN|KEK|KEY)(_FILE)?$", variable) is not None
    return (secret_name and not by_file) or re.search(r"//[^/@]*:[^/@]*@", value) is not None
