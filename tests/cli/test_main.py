"""The command as a whole: its help teaches, its errors are words."""

import importlib.metadata
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

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


@pytest.mark.parametrize("command", [["audit"], ["timers", "list"]], ids=" ".join)
def test_a_limit_that_no_database_takes_is_told(mentoring: Mentoring, command: list[str]) -> None:
    answer = mentoring(*command, "--limit", str(2**63))

    assert answer.code == 2
    assert "--limit" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("streams", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_a_caller_that_closed_its_streams_gets_an_exit_code(streams: tuple[int, ...]) -> None:
    done = _run(["replay", "drop", "matching", "--reason", "no more"], lambda: _close(streams))

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_an_answer_for_which_there_is_no_room_is_no_finding() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, "--version"], stdout=full, stderr=PIPE, check=False)

    assert done.returncode == 2
    assert done.stderr == b"error: input or output failed: No space left on device\n"


def test_ctrl_c_at_a_question_ends_at_once() -> None:
    """Within asyncio, whose own handler would wait until the question is answered."""
    script = """
import typer
from services.cli.acting import confirm
from services.cli.output import run
async def work(): confirm("Sure?", yes=False)
try: run(work())
except typer.Exit as end: raise SystemExit(end.exit_code)
"""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", script])
    said = b""
    while b"[y/N]" not in said:
        said += os.read(terminal, 1024)
    time.sleep(0.5)  # the question is asked before the terminal is read
    os.write(terminal, b"\x03")

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    os.close(terminal)


COMMAND = [sys.executable, "-m", "services.cli"]


def _run(arguments: list[str], before: Callable[[], None]) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, preexec_fn=before, check=False)


def _close(streams: tuple[int, ...]) -> None:
    for number in streams:
        os.close(number)


@pytest.mark.parametrize("said", ["main(['--version'])", "output.out().print('told')"])
def test_a_reader_who_has_seen_enough_is_no_finding(said: str) -> None:
    read, write = os.pipe()
    os.close(read)
    program = f"from services.cli import output; from services.cli.main import main; {said}"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, stdout=write, stderr=PIPE, check=False
    )
    os.close(write)

    assert (ended.returncode, ended.stderr) == (0, b"")
