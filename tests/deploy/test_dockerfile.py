"""deploy/docker/Dockerfile, as far as it can be checked without an engine."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "docker"
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in (FOLDER / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
IGNORE = [
    line
    for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    if line and not line.startswith("#")
]


def values(instruction: str) -> list[str]:
    """The arguments of every `instruction`, in order."""
    return [value for word, value in INSTRUCTIONS if word == instruction]


def copied() -> list[str]:
    """What is copied from the source tree."""
    sources = [value.split()[:-1] for value in values("COPY") if not value.startswith("--from")]
    return [name for names in sources for name in names]


def test_everything_that_is_copied_exists() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_everything_that_is_copied_reaches_the_engine() -> None:
    assert IGNORE[0] == "*"
    assert {f"!{name}" for name in copied()} <= set(IGNORE)


def test_every_package_of_the_distribution_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied())
    assert {"pyproject.toml", project["project"]["readme"]} <= set(copied())


def test_what_is_built_is_not_what_is_shipped() -> None:
    stages = values("FROM")

    assert len(stages) == 2
    assert stages[0].endswith(" AS build")
    assert any(value.startswith("--from=build ") for value in values("COPY"))


def test_base_images_name_a_version() -> None:
    assert all(re.match(r"python:3\.\d+-slim-\w+\b", stage) for stage in values("FROM"))


def test_it_installs_what_is_pinned() -> None:
    assert any("pip install -c constraints.txt" in value for value in values("RUN"))


def test_it_does_not_run_as_root() -> None:
    assert values("USER") == ["10001:10001"]


def test_nothing_changes_behind_the_user() -> None:
    words = [word for word, _ in INSTRUCTIONS]

    assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :])


def test_it_runs_the_command() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

    assert values("ENTRYPOINT") == ['["mentoring"]']
    assert "mentoring" in scripts
    assert values("HEALTHCHECK") == ["NONE"]
