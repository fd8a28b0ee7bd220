"""Heavy calls in a child process: while it computes, the threads of this one go on.

`python -m shared.apart` is the child. It imports nothing but what the functions need that it is asked to run, reads one
question after the other from its standard input, and ends with it.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")
logger = logging.getLogger("mentoring.apart")
_COMMAND = [sys.executable, "-P", "-m", "shared.apart"]
"""`-P`: nothing is imported from the directory that happens to be the current one."""
_PATIENCE = 5.0
"""Seconds that a child may take to end."""


class Apart:
    """Runs heavy calls of one thread in a child, which is started when it is needed.

    Where that cannot be, or the child dies, the call is run in this process: slower for others, with the same result.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def warm(self) -> bool:
        """Whether there is a child."""
        return self._child is not None

    def __call__(self, function: Callable[..., T], *arguments: object) -> T:
        """What the function returns, or raises."""
        try:
            answers: list[T] = _ask(self._begun(), (function, arguments))
        except Exception as error:  # noqa: BLE001 - no child, a dead one, what cannot be pickled: never the function
            logger.warning("a heavy call is run here: %s %s", type(error).__name__, error)
            self.rest()
            answers = []
        # What raised there raises here, too, with its own traceback.
        return answers[0] if answers else function(*arguments)

    def rest(self) -> None:
        """End the child; the next call starts another."""
        child, self._child = self._child, None
        if child is None:
            return
        try:
            child.communicate(timeout=_PATIENCE)
        except (subprocess.TimeoutExpired, OSError, ValueError):
            child.kill()
            child.wait()

    def _begun(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - this very Python
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(_path())},
                start_new_session=True,  # Ctrl-C is for this process, which ends the child in order
            )
        return self._child


def _path() -> list[str]:
    """Where this process looks for modules; an empty entry is the current directory."""
    return [place or str(Path.cwd()) for place in sys.path]


def _ask(child: subprocess.Popen[bytes], question: object) -> list[T]:
    """The answer; none when it raised."""
    if child.stdin is None or child.stdout is None:
        raise EOFError("a child without pipes")
    pickle.dump(question, child.stdin, pickle.HIGHEST_PROTOCOL)
    child.stdin.flush()
    answers: list[T] = pickle.load(child.stdout)  # noqa: S301 - our own child
    return answers


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """The child: answer until there are no more questions."""
    while True:
        try:
            function, arguments = pickle.load(questions)  # noqa: S301 - our own parent
        except EOFError:
            return
        pickle.dump(_answer(function, arguments), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _answer(function: Callable[..., T], arguments: tuple[object, ...]) -> list[T]:
    try:
        return [function(*arguments)]
    except Exception:  # noqa: BLE001 - the parent finds out by itself
        return []


if __name__ == "__main__":
    # Nothing that Python or a library prints gets between the answers.
    pipe = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(pipe, "wb") as out:
        serve(sys.stdin.buffer, out)
