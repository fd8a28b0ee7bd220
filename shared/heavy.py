"""Heavy calls: long computations in one call of a compiled library, which may keep every other thread from running.

Some libraries hold Python's global lock until they return, and with it the event loop of the whole process. What decide
reaches is pure, so it only says that a call is heavy; who runs it, and where, is the shell's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs a function of a module, and returns or raises what it does."""

    def __call__(self, function: Callable[..., T], *arguments: object) -> T:
        """What `function(*arguments)` returns."""


def here(function: Callable[..., T], *arguments: object) -> T:
    """Run it in this thread, as everybody does whom nobody waits for."""
    return function(*arguments)


_RUNNER: ContextVar[Runner] = ContextVar("runner", default=here)


def heavy(function: Callable[..., T], *arguments: object) -> T:
    """What `function(*arguments)` returns, wherever it is run.

    Args:
        function: of a module, and a function of its arguments alone, so that it can be run in another process.
        arguments: what can be pickled, such as arrays and numbers.
    """
    return _RUNNER.get()(function, *arguments)


def run_by(runner: Runner) -> None:
    """From now on heavy calls of this thread are run so."""
    _RUNNER.set(runner)
