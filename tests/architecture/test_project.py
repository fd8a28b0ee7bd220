"""What the project promises about its own files."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SERVICES = ("matching", "scheduling", "feedback")
SAME_FILES = ("__init__", "__main__", "api", "app", "decide", "evolve", "model", "store")
PINS = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if not line.startswith("#")
)


def test_the_distribution_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PYPROJECT["project"]["classifiers"]


def test_constraints_are_exact_and_name_no_host() -> None:
    text = (ROOT / "constraints.txt").read_text()

    assert re.findall(r"://|@|--|<|>|~=", text) == []
    assert all(PINS.values())


def test_everything_that_gets_installed_is_pinned() -> None:
    wanted = [*PYPROJECT["project"]["dependencies"]]
    for extra in PYPROJECT["project"]["optional-dependencies"].values():
        wanted += extra

    unpinned = installed_by(wanted) - {canonicalize_name(name) for name in PINS}

    assert unpinned == set()


def test_a_requirement_that_is_not_pinned_would_be_seen() -> None:
    assert "pluggy" in installed_by(["pytest"])


def test_every_ignored_lint_rule_has_a_reason_beside_it() -> None:
    assert rules_without_reason((ROOT / "pyproject.toml").read_text()) == []


def test_an_ignored_lint_rule_without_a_reason_would_be_seen() -> None:
    assert rules_without_reason('  "E501",\n  "D104", # why\n') == ["E501"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    there = {path.stem for path in (ROOT / "services" / service).glob("*.py")}

    assert set(SAME_FILES) - there == set()
    assert (ROOT / "services" / service / "migrations").is_dir()


def test_every_init_is_empty() -> None:
    filled = [path for top in ("services", "shared") for path in (ROOT / top).rglob("__init__.py")
              if path.read_text()]  # fmt: skip

    assert filled == []


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "chaos", "fuzz"])
def test_make_help_lists_every_target(target: str) -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert re.search(rf"^  make {target} +\w", listed.stdout, re.MULTILINE)


def test_a_change_has_to_pass_the_check_and_the_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()

    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]


def rules_without_reason(text: str) -> list[str]:
    """The rules that stand alone on a line of pyproject without a comment behind them."""
    return re.findall(r'^  "([A-Z]+\d*)",?\s*$', text, re.MULTILINE)


def installed_by(requirements: list[str]) -> set[str]:
    """The canonical names of everything that `requirements` bring with them in this environment."""
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *sorted(requirement.extras)):
            key = (canonicalize_name(requirement.name), extra)
            if key not in seen and applies(requirement, ""):
                seen.add(key)
                waiting += required_by(*key)
    return {name for name, _ in seen}


def required_by(name: str, extra: str) -> list[Requirement]:
    """What the distribution `name` with `extra` requires here."""
    listed = [Requirement(text) for text in importlib.metadata.requires(name) or []]
    return [requirement for requirement in listed if applies(requirement, extra)]


def applies(requirement: Requirement, extra: str) -> bool:
    """Whether the requirement's marker holds in this environment."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
