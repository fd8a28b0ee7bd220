"""The command as a whole: its help teaches, its errors are words."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Mentoring

ROOT = Path(__file__).parents[2]
COMMANDS = [["up"], ["down"], ["run"], ["publish"], ["watch"], ["status"], ["cycle"],
            ["log", "apply"], ["log", "diff"], ["log", "info"]]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example(mentoring: Mentoring, command: list[str]) -> None:
    answer = mentoring(*command, "--help")

    assert answer.code == 0
    assert f"mentoring {' '.join(command)}" in answer.out.partition("For example:")[2]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_shows_one_example_a_line(
    mentoring: Mentoring, command: list[str]
) -> None:
    answer = mentoring(*command, "--help")

    examples = answer.out.partition("For example:")[2].partition("─ ")[0].splitlines()
    begun = [line for line in examples if f"mentoring {' '.join(command)}" in line]
    assert [line for line in begun if line.count(f"mentoring {' '.join(command)}") > 1] == []
    assert all(line.startswith("  ") for line in begun)


def test_without_a_command_it_shows_what_there_is(mentoring: Mentoring) -> None:
    answer = mentoring()

    assert all(f" {command[0]} " in answer.out + answer.err for command in COMMANDS)


def test_it_tells_its_version(mentoring: Mentoring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.2.3")

    assert mentoring("--version").out == "mentoring 1.2.3\n"


@pytest.mark.parametrize("wrong", [["marry"], ["run", "billing"], ["publish"], ["cycle", "a/b"]])
def test_what_it_does_not_understand_ends_with_2(mentoring: Mentoring, wrong: list[str]) -> None:
    answer = mentoring(*wrong)

    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "nats://", "nats://127.0.0.1:port", ":"])
def test_an_address_that_is_none_is_told(mentoring: Mentoring, address: str) -> None:
    answer = mentoring("log", "info", "--nats", address)

    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("flags", [["--nats-port", "70000"], ["--http-port", "65534"]])
def test_a_port_that_is_none_is_told(mentoring: Mentoring, flags: list[str]) -> None:
    answer = mentoring("up", *flags)

    assert answer.code == 2
    assert "Invalid value for" in answer.err


def test_run_becomes_the_service(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "run", "matching"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MENTORING_HTTP_PORT": "none"},
        check=False,
    )

    assert ended.returncode == 2
    assert "MENTORING_HTTP_PORT: a port is a number" in ended.stderr
