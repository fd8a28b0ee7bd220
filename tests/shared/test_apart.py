"""Heavy calls are run in a child process, and this one goes on meanwhile."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from shared import apart as module
from shared.apart import Apart
from shared.heavy import heavy, run_by

PATIENCE = 30.0
"""Seconds after which a test that has failed gives up."""
PARENT = """
import os, time
from shared.apart import Apart
apart = Apart()
print(apart(os.getpid), flush=True)
time.sleep(600)
"""


@pytest.fixture
def apart() -> Iterator[Apart]:
    made = Apart()
    yield made
    made.rest()


def process() -> int:
    """Who runs it."""
    return os.getpid()


def twice(numbers: np.ndarray) -> np.ndarray:
    print("this is not the answer")
    os.write(1, b"nor is this, which a library prints")
    return numbers * 2


def divide(a: int, b: int) -> float:
    return a / b


def die(parent: int) -> str:
    """Kill the process that runs it, unless that is the one who asked."""
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def wait_with_the_lock(fifo: str) -> bytes:
    """Wait for a writer in a call of C that holds Python's global lock, as some libraries do."""
    opened = ctypes.PyDLL(None).open(fifo.encode(), os.O_RDONLY)
    with os.fdopen(opened, "rb") as file:
        return file.read()


def test_a_heavy_call_is_run_here_where_nobody_said_otherwise() -> None:
    assert heavy(process) == os.getpid()


def test_a_call_is_run_in_another_process_and_the_next_in_the_same(apart: Apart) -> None:
    first = apart(process)
    assert first != os.getpid()
    assert apart(process) == first


def test_arrays_come_back_as_they_are_whatever_the_function_prints(apart: Apart) -> None:
    numbers = np.arange(1_000_000, dtype=np.int64)
    assert np.array_equal(apart(twice, numbers), numbers * 2)


def test_other_threads_go_on_while_a_call_holds_the_lock(apart: Apart, tmp_path: Path) -> None:
    """Run in this process, it would wait for ever for a writer that cannot run."""
    fifo, answers = tmp_path / "fifo", list[bytes]()
    os.mkfifo(fifo)
    asking = threading.Thread(target=lambda: answers.append(apart(wait_with_the_lock, str(fifo))))
    asking.start()
    fifo.write_bytes(b"still here")
    asking.join()
    assert answers == [b"still here"]


def test_what_the_function_raises_is_raised(apart: Apart) -> None:
    with pytest.raises(ZeroDivisionError):
        apart(divide, 1, 0)
    assert apart(divide, 1, 2) == 0.5


def test_a_child_that_dies_costs_nothing_but_time(apart: Apart) -> None:
    assert apart(die, os.getpid()) == "alive"
    assert apart(process) != os.getpid()


def test_where_no_child_can_be_had_the_call_is_run_here(
    apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_COMMAND", ["/nonexistent"])
    assert apart(process) == os.getpid()


def test_a_function_that_cannot_be_named_is_run_here(apart: Apart) -> None:
    assert apart(lambda: os.getpid()) == os.getpid()  # noqa: PLW0108 - a lambda, just that


def test_a_child_that_rests_is_gone_and_another_comes_when_needed(apart: Apart) -> None:
    first = apart(process)
    apart.rest()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert not apart.warm
    assert apart(process) not in {first, os.getpid()}


def test_a_thread_has_its_heavy_calls_run_as_it_was_told_and_others_do_not(apart: Apart) -> None:
    found: list[int] = []

    def work() -> None:
        run_by(apart)
        found.append(heavy(process))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found != [os.getpid()]
    assert heavy(process) == os.getpid()


def test_the_child_imports_what_its_parent_can(apart: Apart) -> None:
    """Tests, and whoever runs from a checkout, have places on their path that no environment names."""
    assert __name__ in sys.modules
    assert apart(process) != os.getpid()


def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    """Both hold the pipe of errors, so that it ends when the last of them has."""
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(module._path())}
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=path
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.communicate(timeout=PATIENCE)
    assert child != parent.pid


def test_children_of_two_partitions_end_each_by_itself(apart: Apart) -> None:
    """A child that held the pipe of another would keep that one from ending, so that it had to be killed."""
    other = Apart()
    assert apart(process) != other(process)
    child = apart._child
    assert child is not None
    apart.rest()
    assert child.returncode == 0
    assert other(process) != os.getpid()
    other.rest()


def test_an_answer_that_cannot_be_read_costs_nothing_but_time(apart: Apart) -> None:
    assert isinstance(apart(Here), Here)
    assert apart(process) != os.getpid()


class Here:
    """What only the process that made it can have."""

    def __init__(self) -> None:
        self.parent = os.getpid()

    def __reduce__(self) -> tuple[object, ...]:
        return only, (self.parent,)


def only(process_: int) -> int:
    if os.getpid() != process_:
        raise IndexError(process_)
    return process_
