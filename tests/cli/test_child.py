"""Supervised processes: started again, ended in the end, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from services.cli.child import LEASH, Child
from tests.backends.process import wait_until_gone

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, sys.argv[1], str(os.getpid()), *sys.argv[2:]], stdout=subprocess.DEVNULL
)
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    child = Child("it", SLEEPS, tmp_path / "log", tell=told.append)
    await child.start()
    first = child.pid

    os.kill(first, signal.SIGKILL)
    await until(lambda: child.deaths == 1 and child.pid not in {0, first})
    second = child.pid
    await child.stop()

    assert told == [f"it was ended by SIGKILL and is started again; see {tmp_path / 'log'}"]
    wait_until_gone(first, second)


async def test_a_disk_that_is_full_ends_no_supervision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.child._LONGEST", 0.01)
    told: list[str] = []
    child = Child("it", SLEEPS, tmp_path / "folder" / "log", tell=told.append)
    child.log.parent.mkdir()
    await child.start()
    child.changed = lambda: child.log.with_name("absent").joinpath("up.json").touch()
    first = child.pid

    child.log.unlink()
    child.log.parent.rmdir()
    os.kill(first, signal.SIGKILL)
    await until(lambda: any("cannot be started again yet" in words for words in told))
    child.log.parent.mkdir()
    await until(lambda: "nobody can be told where" in told[-1])
    second = child.pid
    await child.stop()

    assert second not in {0, first}
    wait_until_gone(first, second)


async def test_one_that_dies_at_once_is_started_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(pause: float) -> None:
        if pause >= 0.2:
            pauses.append(pause)
        await sleep(0.01)

    monkeypatch.setattr(asyncio, "sleep", note)
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    child = Child("it", command, tmp_path / "log", tell=lambda words: None)
    await child.start()

    await until(lambda: child.deaths == 8)
    await child.stop()

    assert pauses[:7] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0]


async def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    told: list[str] = []
    child = Child("it", STUBBORN, tmp_path / "log", tell=told.append)
    await child.start()
    await until(lambda: "up" in child.last_words())
    pid = child.pid

    await child.stop(patience=0.1)

    assert told == ["it did not end within 0.1 s and is killed"]
    wait_until_gone(pid)
    assert child.pid == 0


async def test_its_output_and_environment_are_its_own(tmp_path: Path) -> None:
    script = "import os, time; print(os.environ['MINE'], flush=True); time.sleep(600)"
    child = Child("it", [sys.executable, "-c", script], tmp_path / "log", {"MINE": "yes"})
    await child.start()

    await until(lambda: child.last_words() == "yes")
    await child.stop()


def test_a_command_on_the_leash_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(LEASH), *SLEEPS], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    while "leash.py" in " ".join(psutil.Process(child).cmdline()):
        pass

    parent.kill()
    parent.wait()

    wait_until_gone(child)


def test_a_leash_whose_parent_is_gone_starts_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, str(LEASH), "1", sys.executable, "-c", "print('up')"],
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, b"")


async def until(true: object) -> None:
    """Wait for something to become true; the test's own time limit ends what would wait for ever."""
    assert callable(true)
    while not true():
        await asyncio.sleep(0.01)
