"""Older majors are read for ever: named steps `upcast_v1_v2` turn their data into the next major's.

A step is pure and gets data that its own major's model has accepted, as JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Step = Callable[[dict[str, Any]], dict[str, Any]]


class Upcasters:
    """The steps, by word and the major that they start from."""

    def __init__(self) -> None:
        """Begin without steps."""
        self._steps: dict[tuple[str, int], Step] = {}

    def step(self, word: str, version: int) -> Callable[[Step], Step]:
        """Register the decorated function as the step from `version` to the next; ValueError for a second one."""

        def register(step: Step) -> Step:
            if (word, version) in self._steps:
                msg = f"a second upcaster for {word} v{version}"
                raise ValueError(msg)
            self._steps[word, version] = step
            return step

        return register

    def upcast(self, word: str, data: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
        """Return `data` of major `start` as data of major `end`; KeyError when a step is missing."""
        current = dict(data)
        for version in range(start, end):
            current = self._steps[word, version](current)
        return current


UPCASTERS = Upcasters()
upcaster = UPCASTERS.step
"""`@upcaster("requested", 1)` above `def upcast_v1_v2(data: dict) -> dict`."""
