"""The import contracts of pyproject.toml hold, and each of them can fail.

A contract that names the wrong module is green for ever. So each one gets a copy of the code with the very import that it
forbids, and has to find it.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

# contract, the module that gets the forbidden line, the line
FORBIDDEN = [
    ("independent-services", "services/matching/decide.py", "import services.scheduling"),
    ("independent-services", "services/scheduling/store.py", "import services.feedback"),
    ("independent-services", "services/feedback/api.py", "import services.matching"),
    ("command-on-top", "services/feedback/planted.py", "import services.cli"),
    ("command-on-top", "services/planted/planted.py", "import json"),
    ("services-above-shared", "shared/planted.py", "import services.matching"),
    ("services-above-shared", "shared/events/planted.py", "import services.cli"),
    ("pure-core", "services/matching/decide.py", "import nats"),
    ("pure-core", "services/scheduling/evolve.py", "from faststream.nats import NatsBroker"),
    ("pure-core", "services/feedback/model.py", "import sqlmodel"),
    ("pure-core", "services/scheduling/decide.py", "import fastapi"),
    ("no-clock-no-chance", "services/matching/evolve.py", "import time"),
    ("no-clock-no-chance", "services/feedback/decide.py", "from random import random"),
    ("inside-a-service", "services/matching/model.py", "import services.matching.decide"),
    ("inside-a-service", "services/scheduling/decide.py", "import services.scheduling.store"),
    ("inside-a-service", "services/feedback/api.py", "import services.feedback.app"),
    ("contracts-stand-alone", "shared/events/planted.py", "import sqlalchemy"),
    ("folding-never-decrypts", "services/feedback/evolve.py", "import services.feedback.sealing"),
    ("folding-never-decrypts", "services/feedback/model.py", "import cryptography"),
]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code and of its contracts."""
    copy = tmp_path_factory.mktemp("pristine")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("services", "shared"):
        shutil.copytree(ROOT / package, copy / package, ignore=only_python)
    return Path(copy)


@pytest.fixture
def code(pristine: Path, tmp_path: Path) -> Path:
    """A copy for one test to spoil."""
    return Path(shutil.copytree(pristine, tmp_path / "code"))


def test_the_contracts_hold(pristine: Path) -> None:
    answer = lint(pristine)

    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.count("KEPT") == len(CONTRACTS)


@pytest.mark.parametrize("contract,module,line", FORBIDDEN)
def test_a_contract_finds_what_it_forbids(
    code: Path, contract: str, module: str, line: str
) -> None:
    plant(code / module, line)

    answer = lint(code)

    assert answer.returncode == 1, answer.stdout
    assert f"{CONTRACTS[contract]} BROKEN" in unwrapped(answer.stdout)


def test_a_detour_through_another_module_is_found_too(code: Path) -> None:
    plant(code / "shared" / "planted.py", "import sqlalchemy")
    plant(code / "services" / "matching" / "decide.py", "import shared.planted")

    answer = lint(code)

    assert f"{CONTRACTS['pure-core']} BROKEN" in unwrapped(answer.stdout)


def test_every_contract_has_a_negative_control() -> None:
    assert {contract for contract, _, _ in FORBIDDEN} == set(CONTRACTS)


def plant(module: Path, line: str) -> None:
    """Add `line` to `module`, which is made with its package when it does not exist."""
    module.parent.mkdir(exist_ok=True)
    (module.parent / "__init__.py").touch()
    with module.open("a") as file:
        file.write(f"\n{line}\n")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in `folder`, not on the installed ones."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def unwrapped(text: str) -> str:
    """The output without its line breaks: long names are wrapped."""
    return " ".join(text.split())


def only_python(folder: str, names: list[str]) -> list[str]:
    """What copytree leaves out: data, caches."""
    keep = {name for name in names if name.endswith(".py") or (Path(folder) / name).is_dir()}
    return [name for name in names if name not in keep or name == "__pycache__"]
