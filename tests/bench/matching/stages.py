"""Where a contestant's time goes: its threads are looked at every few milliseconds, and told by module.

No code of the services is touched. The time between two looks goes in equal parts to the threads that are at
work; each counts for the innermost module of `services/matching` on its stack. A call into C++ that holds the
interpreter delays the next look, which then finds that thread where it was: its time is counted whole.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread, get_ident
from types import FrameType
from typing import Self

EVERY = 0.01
"""Seconds between two looks."""
_HOMES = ("/services/matching/", "/tests/bench/matching/")
_WAITING = ("threading.py", "thread.py", "queue.py", "_base.py", "selectors.py")


class Stages:
    """Looks on for as long as the block lasts."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._over = Event()
        self._thread = Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def seconds(self) -> Mapping[str, float]:
        """Seconds by module, the longest first."""
        ordered = sorted(self._seconds.items(), key=lambda item: -item[1])
        return {stage: round(seconds, 3) for stage, seconds in ordered}

    def _look_on(self) -> None:
        last = time.perf_counter()
        while not self._over.wait(EVERY):
            frames = [frame for at, frame in sys._current_frames().items() if at != get_ident()]
            busy = [frame for frame in frames if not is_waiting(frame)] or frames[:1]
            now = time.perf_counter()
            for frame in busy:
                self._seconds[stage_of(frame)] += (now - last) / len(busy)
            last = now


def is_waiting(frame: FrameType) -> bool:
    """Whether a thread waits for another one."""
    return Path(frame.f_code.co_filename).name in _WAITING


def stage_of(frame: FrameType | None) -> str:
    """The innermost module of the matching service that this frame belongs to, such as `assignment/sweep`; or `other`.

    What makes values without people stands for the scoring that it replaces.
    """
    while frame is not None:
        for home in _HOMES:
            _, found, module = frame.f_code.co_filename.rpartition(home)
            if found and (home == _HOMES[0] or module == "made.py"):
                return module.removesuffix(".py")
        frame = frame.f_back
    return "other"
