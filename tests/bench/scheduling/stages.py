"""Where ours spends its time: the planning thread is looked at every few milliseconds, and told by function.

No code of the service is touched. Each look counts for the innermost function of `services/` or `shared/` on the
stack, so what the standard library does for it is its own.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from threading import Event, Thread, get_ident
from types import FrameType
from typing import Self

EVERY = 0.002
"""Seconds between two looks."""
_HOMES = ("/services/", "/shared/")


class Stages:
    """Looks at the thread that opens the block, for as long as the block lasts."""

    def __init__(self) -> None:
        self._looks: Counter[str] = Counter()
        self._watched = get_ident()
        self._over = Event()
        self._thread = Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def shares(self) -> Mapping[str, float]:
        """The share of the looks by function, the largest first."""
        whole = self._looks.total()
        return {name: looks / whole for name, looks in self._looks.most_common()}

    def _look_on(self) -> None:
        while not self._over.wait(EVERY):
            frame = sys._current_frames().get(self._watched)
            self._looks[function_of(frame)] += 1


def function_of(frame: FrameType | None) -> str:
    """The innermost function of the project that a frame belongs to, such as `scheduling/plan: _place`; or `other`."""
    while frame is not None:
        for home in _HOMES:
            _, found, module = frame.f_code.co_filename.rpartition(home)
            if found and "/tests/" not in frame.f_code.co_filename:
                return f"{module.removesuffix('.py')}: {_plain(frame.f_code.co_qualname)}"
        frame = frame.f_back
    return "other"


def _plain(name: str) -> str:
    """A comprehension or an inner function belongs to what it stands in."""
    return name.partition(".<locals>")[0]
